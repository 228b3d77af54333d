//! The commands on a data directory, with a server running on it and without.

use std::os::unix::fs::PermissionsExt as _;

use crate::headwater::{Client, Headwater, PASSWORD};

#[tokio::test]
async fn users_are_made_with_a_server_running_and_without() {
    let headwater = Headwater::new();
    let alone = headwater.run_with(
        &[
            "user",
            "add",
            "ana@example.com",
            "--name",
            "Ana Ruiz",
            "--password-stdin",
        ],
        "first password\n",
    );
    assert_eq!(alone.code, 0, "{}", alone.err);
    let server = headwater.serve(&[]);
    let made = headwater.json(&[
        "user",
        "add",
        "ben@example.com",
        "--generate",
        "--permission-set",
        "Read Only",
    ]);
    let mut client = Client::stranger(server.url(), None);
    assert_eq!(
        client.log_in("ana@example.com", "first password").await.0,
        200
    );
    let generated = made["password"].as_str().unwrap();
    assert_eq!(client.log_in("ben@example.com", generated).await.0, 200);
    let users = headwater.json(&["user", "list"]);
    let ana = users
        .as_array()
        .unwrap()
        .iter()
        .find(|u| u["username"] == "ana@example.com");
    assert_eq!(ana.unwrap()["name"], "Ana Ruiz");
    assert_eq!(ana.unwrap()["profile"], "Support Agent");
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let mut client = Client::stranger(server.url(), None);
    let agent = "agent@headwater.example";
    client.log_in(agent, PASSWORD).await;
    let limits = "/services/data/v67.0/limits";
    assert_eq!(client.get(limits, &[]).await.0, 200);
    let set = headwater.run_with(
        &["user", "password", agent, "--password-stdin"],
        "another one 2",
    );
    assert_eq!(set.code, 0, "{}", set.err);
    assert_eq!(client.get(limits, &[]).await.0, 401);
    assert_eq!(client.log_in(agent, "another one 2").await.0, 200);
}

#[tokio::test]
async fn a_token_for_scripts_opens_the_api() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let said = headwater.run(&["token", "--user", "viewer@headwater.example"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let client = Client::with(server.url(), said.out.trim());
    assert_eq!(client.count("Account").await, 12);
}

#[tokio::test]
async fn an_app_with_a_secret_logs_in_as_its_user() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let app = headwater.json(&[
        "app",
        "add",
        "Nightly",
        "--run-as",
        "agent@headwater.example",
    ]);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", app["client_id"].as_str().unwrap()),
        ("client_secret", app["client_secret"].as_str().unwrap()),
    ];
    let url = format!("{}/services/oauth2/token", server.url());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    let apps = headwater.json(&["app", "list"]);
    assert!(
        apps.as_array()
            .unwrap()
            .iter()
            .any(|one| one["name"] == "Nightly")
    );
}

#[test]
fn what_is_refused_is_said_and_has_a_code_of_its_own() {
    let headwater = Headwater::new();
    headwater.serve(&["--demo"]).stop();
    let refusals: [(&[&str], i32, &str); 6] = [
        (
            &["user", "add", "agent@headwater.example", "--generate"],
            5,
            "duplicate",
        ),
        (
            &[
                "user",
                "add",
                "x@example.com",
                "--generate",
                "--profile",
                "Boss",
            ],
            5,
            "no Profile",
        ),
        (
            &["user", "password", "nobody@example.com", "--generate"],
            5,
            "no User",
        ),
        (
            &["token", "--user", "nobody@example.com"],
            5,
            "no active user",
        ),
        (&["metadata", "load", "nowhere"], 2, "no directory"),
        (&["user", "make", "x"], 2, "make"),
    ];
    for (arguments, code, words) in refusals {
        let said = headwater.run(arguments);
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
    }
    let short = headwater.run_with(
        &["user", "add", "x@example.com", "--password-stdin"],
        "short\n",
    );
    assert_eq!(short.code, 5, "{}", short.err);
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_a_whole_org() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let copied = headwater.json(&["backup", "copy.db"]);
    assert!(copied["bytes"].as_u64().unwrap() > 100_000);
    let again = headwater.run(&["backup", "copy.db"]);
    assert_eq!(again.code, 5, "{}", again.err);
    server.stop();
    let restored = Headwater::new();
    std::fs::create_dir(restored.data()).unwrap();
    std::fs::copy(
        headwater.path("copy.db"),
        restored.data().join("headwater.db"),
    )
    .unwrap();
    let server = restored.serve(&[]);
    let mut client = Client::stranger(server.url(), None);
    assert_eq!(
        client.log_in("agent@headwater.example", PASSWORD).await.0,
        200
    );
    assert_eq!(client.count("MessagingSession").await, 39);
}

#[test]
fn the_doctor_finds_nothing_wrong_with_a_healthy_directory() {
    let headwater = Headwater::new();
    assert_eq!(headwater.run(&["doctor"]).code, 0);
    let server = headwater.serve(&["--demo"]);
    let said = headwater.run(&["doctor"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("whole;"), "{}", said.out);
    assert!(!said.out.contains(PASSWORD), "{}", said.out);
    server.stop();
    assert_eq!(headwater.run(&["doctor"]).code, 0);
}

#[test]
fn the_doctor_finds_an_open_directory_and_a_damaged_database() {
    let headwater = Headwater::new();
    headwater.serve(&["--demo"]).stop();
    std::fs::set_permissions(headwater.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let database = headwater.data().join("headwater.db");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = headwater.run(&["doctor"]);
    assert_eq!(said.code, 7, "{}", said.out);
    assert!(said.out.contains("others of this machine"), "{}", said.out);
    std::fs::write(&database, "this is no database, whatever its name says").unwrap();
    let said = headwater.run(&["doctor"]);
    assert_eq!(said.code, 7, "{}", said.out);
    assert!(said.out.contains("PROBLEM  database"), "{}", said.out);
}

#[test]
fn all_a_directory_holds_is_its_owners_alone() {
    let headwater = Headwater::new();
    let _server = headwater.serve(&["--demo", "--tls-self-signed"]);
    for entry in std::fs::read_dir(headwater.data()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} {mode:o}", entry.path());
    }
}
