//! `headwater relink` and `headwater fields`: the real binary against a server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, PASSWORD, TestServer, VIEWER};
use serde_json::{Value, json};

/// A server with two accounts and a Messaging User of the wrong one with two sessions.
struct World {
    server: TestServer,
    user: Id,
    session: Id,
    right: Id,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let channel = server.channel("SMS").await;
        let wrong = server.account("Sample").await;
        let right = server.account("Test1").await;
        let user = server
            .messaging_user(channel, "+15550100", Some(wrong), None)
            .await;
        let session = server.sessions(channel, user, 2).await[0];
        Self {
            server,
            user,
            session,
            right,
        }
    }

    /// Runs the binary against the server, with this user's token in the environment.
    async fn run(&self, user: &str, arguments: &[&str]) -> Ran {
        let token = self.server.token(user).await;
        self.run_with(&[("HEADWATER_TOKEN", &token)], arguments)
            .await
    }

    async fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        command
            .args(arguments)
            .env("HEADWATER_URL", self.server.url());
        command.envs(environment.iter().copied());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await;
        Ran::from(output.unwrap())
    }

    /// The account that the session shows.
    async fn shown(&self) -> Value {
        let soql = "SELECT EndUserAccount.Name FROM MessagingSession LIMIT 1";
        let rows = self.server.query(soql).as_(ADMIN).send().await.records();
        rows[0]["EndUserAccount"]["Name"].clone()
    }
}

/// What a run of the binary gave.
struct Ran {
    code: i32,
    printed: String,
    complained: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            printed: String::from_utf8(output.stdout).unwrap(),
            complained: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    fn done(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.printed, self.complained);
        assert_eq!(self.complained, "");
        self.printed
    }

    #[track_caller]
    fn refused(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.printed, self.complained);
        assert_eq!(self.printed, "");
        self.complained
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_number_and_an_account_s_name_are_enough() {
    let world = World::new().await;
    let arguments = ["relink", "--user", "+1 (555) 0100", "--account", "Test1"];
    let printed = world.run(ADMIN, &arguments).await.done();
    assert!(printed.contains("Sample → Test1"), "{printed}");
    assert!(
        printed.contains("Affects 2 sessions of 1 Messaging User."),
        "{printed}"
    );
    assert_eq!(world.shown().await, "Test1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_the_same_and_changes_nothing() {
    let world = World::new().await;
    let arguments = [
        "relink",
        "--user",
        "+15550100",
        "--account",
        "Test1",
        "--dry-run",
    ];
    let printed = world.run(ADMIN, &arguments).await.done();
    assert!(printed.contains("nothing is changed"), "{printed}");
    assert!(printed.contains("Sample → Test1"), "{printed}");
    assert_eq!(world.shown().await, "Sample");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_command_undoes_it() {
    let world = World::new().await;
    let (user, right) = (world.user.to_string(), world.right.to_string());
    let arguments = ["relink", "--user", &user, "--account", &right];
    let printed = world.run(ADMIN, &arguments).await.done();
    let (_, command) = printed.split_once("To undo it: headwater ").unwrap();
    let arguments: Vec<_> = command.split_whitespace().collect();
    let printed = world.run(ADMIN, &arguments).await.done();
    assert!(printed.contains("Test1 → Sample"), "{printed}");
    assert_eq!(world.shown().await, "Sample");
    let complained = world.run(ADMIN, &arguments).await.refused(5);
    assert!(complained.contains("was undone already"), "{complained}");
}

#[tokio::test(flavor = "multi_thread")]
async fn none_clears_the_link() {
    let world = World::new().await;
    let arguments = ["relink", "--user", "+15550100", "--account", "none"];
    let printed = world.run(ADMIN, &arguments).await.done();
    assert!(printed.contains("Sample → none"), "{printed}");
    assert_eq!(world.shown().await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_get_json() {
    let world = World::new().await;
    let arguments = [
        "relink",
        "--user",
        "+15550100",
        "--account",
        "Test1",
        "--json",
    ];
    let printed = world.run(ADMIN, &arguments).await.done();
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["sessionsAffected"], 2);
    assert_eq!(
        report["messagingUsers"][0]["account"]["after"]["name"],
        "Test1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_name_lists_the_ids_and_changes_nothing() {
    let world = World::new().await;
    let other = world.server.account("Test1").await.to_string();
    let arguments = ["relink", "--user", "+15550100", "--account", "Test1"];
    let complained = world.run(ADMIN, &arguments).await.refused(5);
    assert!(
        complained.contains("'Test1' names 2 accounts"),
        "{complained}"
    );
    assert!(complained.contains(&other), "{complained}");
    assert_eq!(world.shown().await, "Sample");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_nearly_right_is_suggested() {
    let world = World::new().await;
    let arguments = ["relink", "--user", "+15550100", "--account", "est"];
    let complained = world.run(ADMIN, &arguments).await.refused(5);
    assert!(
        complained.contains("there is no account 'est'; did you mean:"),
        "{complained}"
    );
    assert!(complained.contains("Test1"), "{complained}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_is_refused() {
    let world = World::new().await;
    let arguments = ["relink", "--user", "+15550100", "--account", "Test1"];
    let complained = world.run(VIEWER, &arguments).await.refused(5);
    assert!(
        complained.contains("insufficient access rights"),
        "{complained}"
    );
    assert_eq!(world.shown().await, "Sample");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_username_and_password_log_in() {
    let world = World::new().await;
    let arguments = ["fields", "MessagingSession", "--username", ADMIN];
    let printed = world
        .run_with(&[("HEADWATER_PASSWORD", PASSWORD)], &arguments)
        .await
        .done();
    assert!(printed.contains("EndUserAccountId"), "{printed}");
    let wrong = world
        .run_with(&[("HEADWATER_PASSWORD", "wrong")], &arguments)
        .await
        .refused(5);
    assert!(wrong.contains("username or password is wrong"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_a_record_name_the_record_to_edit() {
    let world = World::new().await;
    let session = world.session.to_string();
    let arguments = ["fields", "MessagingSession", "--record", &session, "--json"];
    let printed = world.run(ADMIN, &arguments).await.done();
    let answer: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(answer["id"], session);
    let fields = answer["fields"].as_array().unwrap();
    let account = fields
        .iter()
        .find(|field| field["field"] == "EndUserAccountId")
        .unwrap();
    assert_eq!(
        account["lock"]["editAt"]["id"],
        json!(world.user.to_string())
    );
    let arguments = ["fields", "MessagingSession", "--record", &session];
    let printed = world.run(ADMIN, &arguments).await.done();
    let line = printed
        .lines()
        .find(|line| line.starts_with("EndUserAccountId"))
        .unwrap();
    assert!(
        line.contains(&format!("MessagingEndUser.AccountId of {}", world.user)),
        "{line}"
    );
    assert!(line.contains("2 messaging sessions share it."), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_line_that_asks_for_nothing_says_what_to_add() {
    let world = World::new().await;
    let complained = world
        .run(ADMIN, &["relink", "--user", "x"])
        .await
        .refused(2);
    assert!(
        complained.contains("--account, --contact or both"),
        "{complained}"
    );
    let complained = world.run_with(&[], &["fields", "Case"]).await.refused(2);
    assert!(complained.contains("--username"), "{complained}");
}
