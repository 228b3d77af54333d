//! The demo org.

use crate::headwater::{Client, Headwater, PASSWORD};

const PEOPLE: [&str; 3] = [
    "admin@headwater.example",
    "agent@headwater.example",
    "viewer@headwater.example",
];

async fn client(url: &str) -> Client {
    let mut client = Client::stranger(url, None);
    assert_eq!(client.log_in(PEOPLE[0], PASSWORD).await.0, 200);
    client
}

#[tokio::test]
async fn its_three_users_log_in_with_the_chosen_password() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    for person in PEOPLE {
        assert!(server.printed().contains(person));
        let mut client = Client::stranger(server.url(), None);
        assert_eq!(client.log_in(person, PASSWORD).await.0, 200, "{person}");
    }
}

#[tokio::test]
async fn its_world_is_as_the_story_needs_it() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let client = client(server.url()).await;
    let jordan = "MessagingSession WHERE MessagingEndUser.Name = 'Jordan Avery'";
    assert_eq!(client.count(jordan).await, 16);
    let wrong = "MessagingSession WHERE EndUserAccount.Name = 'Test1'";
    assert_eq!(client.count(wrong).await, 16);
    for status in [
        "Active", "Ended", "Waiting", "New", "Consent", "Inactive", "Error", "Paused",
    ] {
        let sessions = format!("MessagingSession WHERE Status = '{status}'");
        assert!(client.count(&sessions).await > 0, "{status}");
    }
    for kind in ["Text", "WhatsApp", "Facebook", "EmbeddedMessaging"] {
        let users = format!("MessagingEndUser WHERE MessageType = '{kind}'");
        assert!(client.count(&users).await > 0, "{kind}");
    }
    for (object, at_least) in [
        ("Account", 12),
        ("Contact", 25),
        ("Case", 8),
        ("Lead", 4),
        ("Opportunity", 5),
        ("Campaign", 1),
        ("ConversationEntry", 100),
        ("QueueSobject", 4),
    ] {
        assert!(client.count(object).await >= at_least, "{object}");
    }
    let silent = "SELECT Name, EndUserMessageCount, AgentMessageCount FROM MessagingSession";
    let sessions = client.query(silent).await;
    assert!(sessions["records"][0]["EndUserMessageCount"].is_number());
}

#[tokio::test]
async fn nothing_in_it_is_in_the_future_but_what_is_planned() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let client = client(server.url()).await;
    for what in [
        "MessagingSession WHERE StartTime > TOMORROW",
        "MessagingSession WHERE EndTime < 2000-01-01T00:00:00Z",
        "ConversationEntry WHERE EntryTime > TOMORROW",
    ] {
        assert_eq!(client.count(what).await, 0, "{what}");
    }
}

#[tokio::test]
async fn a_second_start_adds_nothing_and_keeps_what_was_changed() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let before = client(server.url()).await;
    let account = serde_json::json!({ "Name": "Test1 again" });
    before
        .post("/services/data/v67.0/sobjects/Account", &account)
        .await
        .unwrap();
    let objects = [
        "User",
        "Account",
        "MessagingSession",
        "ConversationEntry",
        "GroupMember",
    ];
    let mut counts = Vec::new();
    for object in objects {
        counts.push(before.count(object).await);
    }
    server.stop();
    let server = headwater.serve(&["--demo"]);
    let after = client(server.url()).await;
    for (object, count) in objects.into_iter().zip(counts) {
        assert_eq!(after.count(object).await, count, "{object}");
    }
}

#[tokio::test]
async fn a_fill_that_was_cut_off_is_continued() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let whole = client(server.url()).await.count("ConversationEntry").await;
    server.stop();
    // As if the process had ended before the last line of the fill.
    let database = rusqlite::Connection::open(headwater.data().join("headwater.db")).unwrap();
    let unfilled = format!("{{\"filled\":false,\"password\":\"{PASSWORD}\"}}");
    let text = "UPDATE ServerSecret SET Value = ? WHERE Value LIKE '{%'";
    assert_eq!(database.execute(text, [unfilled]).unwrap(), 1);
    drop(database);
    let server = headwater.serve(&["--demo"]);
    let after = client(server.url()).await;
    assert_eq!(after.count("ConversationEntry").await, whole);
    assert_eq!(after.count("MessagingSession").await, 39);
}

#[test]
fn it_makes_a_password_when_none_is_chosen_and_prints_it_each_time() {
    let headwater = Headwater::new();
    let printed = || {
        let command = &mut headwater.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
        let server = headwater_testkit::Process::start(command);
        let line = server
            .printed()
            .lines()
            .find(|line| line.contains("password"));
        line.unwrap().to_owned()
    };
    let first = printed();
    assert_eq!(
        first.trim().len(),
        "password  aaaaa-aaaaa-aaaaa-aaaaa".len(),
        "{first}"
    );
    assert_eq!(first, printed());
}

#[test]
fn it_prints_links_that_log_in_other_ones_each_time() {
    let headwater = Headwater::new();
    let printed = || {
        let server = headwater.serve(&["--demo"]);
        let begin = format!("open      {}/secur/frontdoor.jsp?otp=aLnk", server.url());
        let lines = server.printed().lines();
        let found = lines.filter_map(|line| line.trim().strip_prefix(&begin));
        let found: Vec<_> = found.map(str::to_owned).collect();
        assert!(found[0].contains("as agent@headwater.example, once"));
        assert!(found[1].contains("as admin@headwater.example, once"));
        found
    };
    let first = printed();
    assert_eq!(first.len(), 2);
    assert_ne!(first, printed());
}

#[test]
fn it_does_not_fill_an_org_that_is_not_one() {
    let headwater = Headwater::new();
    headwater.serve(&[]).stop();
    let said = headwater.run(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    assert_eq!(said.code, 5);
    assert!(said.err.contains("not a demo"), "{}", said.err);
}

#[test]
fn it_is_not_exposed_by_accident() {
    let headwater = Headwater::new();
    let said = headwater.run(&["serve", "--demo", "--listen", "0.0.0.0:0"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("--demo-exposed-and-i-understand"),
        "{}",
        said.err
    );
    assert!(!headwater.data().exists());
}
