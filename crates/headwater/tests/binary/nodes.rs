//! Several servers on one PostgreSQL database.

use std::time::{Duration, Instant};

use headwater_testkit::Process;
use headwater_testpostgres::{Database, has_postgres};
use serde_json::json;

use crate::headwater::{Client, Headwater, PASSWORD};

const ADMIN: &str = "admin@headwater.example";
const AGENT: &str = "agent@headwater.example";
const VIEWER: &str = "viewer@headwater.example";

/// Longest time until a server knows that another has ended a session: it asks the database about
/// each every five seconds.
const SESSION_LAG_MAX: Duration = Duration::from_secs(7);
/// Longest time until it knows of other changes: it is told at once, and looks each second.
const LAG_MAX: Duration = Duration::from_secs(3);

/// Two servers on a database of the test's own, each with a data directory of its own.
struct Nodes {
    one: Process,
    other: Process,
    places: [Headwater; 2],
    database: Database,
}

impl Nodes {
    /// Both start at the same moment, on an empty database.
    fn start() -> Self {
        let database = Database::new();
        let places = [Headwater::new(), Headwater::new()];
        let start = |place: &Headwater| place.serve(&["--demo", "--database", database.url()]);
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| start(&places[0]));
            let other = start(&places[1]);
            (one.join().unwrap(), other)
        });
        Self {
            one,
            other,
            places,
            database,
        }
    }

    /// Logged in at the one, and with the same token at the other.
    async fn clients(&self, username: &str) -> (Client, Client) {
        let mut one = Client::stranger(self.one.url(), None);
        assert_eq!(one.log_in(username, PASSWORD).await.0, 200, "{username}");
        let other = Client::with(self.other.url(), &one.token);
        (one, other)
    }
}

/// Asks until the answer is as wanted; how long that took.
async fn until(lag_max: Duration, what: &str, mut ask: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !ask().await {
        assert!(begun.elapsed() < lag_max, "{what}: not within {lag_max:?}");
    }
}

fn data(path: &str) -> String {
    format!("/services/data/v67.0{path}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_once_on_an_empty_database_make_one_demo_org() {
    if !has_postgres("two servers start at once") {
        return;
    }
    let nodes = Nodes::start();
    for url in [nodes.one.url(), nodes.other.url()] {
        let mut client = Client::stranger(url, None);
        assert_eq!(client.log_in(ADMIN, PASSWORD).await.0, 200);
        for (object, count) in [
            ("Organization", 1),
            ("Profile", 3),
            ("User", 4),
            ("Account", 12),
            ("MessagingSession", 39),
        ] {
            assert_eq!(client.count(object).await, count, "{object}");
        }
    }
    // Commands are done by processes of their own, beside the servers.
    let database = ["--database", nodes.database.url()];
    let mut add = vec!["user", "add", "ana@example.com", "--generate"];
    add.extend(database);
    let made = nodes.places[0].json(&add);
    let mut ana = Client::stranger(nodes.other.url(), None);
    let password = made["password"].as_str().unwrap();
    assert_eq!(ana.log_in("ana@example.com", password).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_gives_out_and_writes_is_good_at_the_other_at_once() {
    if !has_postgres("tokens and records between two servers") {
        return;
    }
    let nodes = Nodes::start();
    let (one, other) = nodes.clients(ADMIN).await;
    for place in 0..20 {
        let name = format!("Account {place}");
        let made = one
            .send("POST", &data("/sobjects/Account"), &json!({ "Name": name }))
            .await;
        assert_eq!(made.0, 201, "{}", made.1);
        let found = format!("Account WHERE Name = '{name}'");
        assert_eq!(other.count(&found).await, 1, "{name}");
    }
    let users = one
        .query("SELECT Id FROM MessagingEndUser WHERE Name = 'Jordan Avery'")
        .await;
    let accounts = one
        .query("SELECT Id FROM Account WHERE Name = 'Account 7'")
        .await;
    let relink = json!({
        "messagingEndUserIds": [users["records"][0]["Id"]],
        "accountId": accounts["records"][0]["Id"],
        "contactId": null,
    });
    let relinked = one
        .send("POST", "/services/headwater/v1/relinks", &relink)
        .await;
    assert!(relinked.0 < 300, "{relinked:?}");
    let sessions = "MessagingSession WHERE EndUserAccount.Name = 'Account 7'";
    assert_eq!(other.count(sessions).await, 16);

    let revoke = format!("/services/oauth2/revoke?token={}", one.token);
    assert_eq!(one.get(&revoke, &[]).await.0, 200);
    assert_eq!(one.get(&data("/limits"), &[]).await.0, 401);
    let ended = async || other.get(&data("/limits"), &[]).await.0 == 401;
    until(SESSION_LAG_MAX, "a revoked token", ended).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_and_users_changed_at_one_server_are_so_at_the_other() {
    if !has_postgres("rights between two servers") {
        return;
    }
    let nodes = Nodes::start();
    let (admin, _) = nodes.clients(ADMIN).await;
    let (_, viewer) = nodes.clients(VIEWER).await;
    let (_, agent) = nodes.clients(AGENT).await;
    assert_eq!(viewer.count("Account").await, 12);
    assert_eq!(agent.count("Account").await, 12);

    let assignments = "SELECT Id FROM PermissionSetAssignment WHERE Assignee.Username";
    let found = admin.query(&format!("{assignments} = '{VIEWER}'")).await;
    let id = found["records"][0]["Id"].as_str().unwrap();
    let path = data(&format!("/sobjects/PermissionSetAssignment/{id}"));
    assert_eq!(admin.send("DELETE", &path, &json!({})).await.0, 204);
    let refused = async || viewer.try_query("SELECT Id FROM Account").await.0 != 200;
    until(LAG_MAX, "a withdrawn right", refused).await;

    let found = admin
        .query(&format!("SELECT Id FROM User WHERE Username = '{AGENT}'"))
        .await;
    let id = found["records"][0]["Id"].as_str().unwrap();
    let path = data(&format!("/sobjects/User/{id}"));
    let inactive = json!({ "IsActive": false });
    assert_eq!(admin.send("PATCH", &path, &inactive).await.0, 204);
    let refused = async || agent.get(&data("/limits"), &[]).await.0 == 401;
    until(LAG_MAX, "a user who was switched off", refused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_made_at_both_servers_at_once_are_at_both() {
    if !has_postgres("metadata between two servers") {
        return;
    }
    let nodes = Nodes::start();
    let (one, other) = nodes.clients(ADMIN).await;
    let add = async |client: &Client, name: String| {
        let field = json!({
            "FullName": format!("Account.{name}__c"),
            "Metadata": { "type": "Text", "label": name, "length": 20 },
        });
        let path = data("/tooling/sobjects/CustomField");
        let (status, body) = client.send("POST", &path, &field).await;
        assert_eq!(status, 201, "{name}: {body}");
    };
    let four = async |client: &Client, prefix: &str| {
        for place in 0..4 {
            add(client, format!("{prefix}{place}")).await;
        }
    };
    tokio::join!(four(&one, "A"), four(&other, "B"));
    let names: Vec<_> = ["A", "B"]
        .iter()
        .flat_map(|prefix| (0..4).map(move |place| format!("{prefix}{place}__c")))
        .collect();
    let select = format!("SELECT {} FROM Account", names.join(", "));
    for client in [&one, &other] {
        let known = async || client.try_query(&select).await.0 == 200;
        until(LAG_MAX, "fields made at the other", known).await;
    }
    // And they hold what is written to them, whoever made them.
    let record = json!({ "Name": "Tiered", "A3__c": "gold", "B3__c": "silver" });
    let made = other
        .send("POST", &data("/sobjects/Account"), &record)
        .await;
    assert_eq!(made.0, 201, "{}", made.1);
    let found = one.query("SELECT A3__c, B3__c FROM Account WHERE Name = 'Tiered'");
    let found = found.await;
    assert_eq!(found["records"][0]["A3__c"], "gold");
    assert_eq!(found["records"][0]["B3__c"], "silver");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_does_not_keep_the_other_from_going_on() {
    if !has_postgres("one of two servers is killed") {
        return;
    }
    let nodes = Nodes::start();
    let (one, other) = nodes.clients(ADMIN).await;
    // In the middle of its work: writers that go on until they are cut off.
    let write = async |place: usize| {
        let mut made = Vec::new();
        for number in 0.. {
            let name = format!("Acknowledged {place} {number}");
            let body = json!({ "Name": name });
            match one.post(&data("/sobjects/Account"), &body).await {
                Some((201, answer)) => made.push(answer["id"].as_str().unwrap().to_owned()),
                Some(answer) => panic!("{answer:?}"),
                None => break,
            }
        }
        made
    };
    let begun = Instant::now();
    let kill = async {
        let some = async || other.count("Account WHERE Name LIKE 'Acknowledged%'").await > 40;
        until(Duration::from_mins(1), "some writes", some).await;
        nodes.one.kill();
    };
    let (first, second, third, ()) = tokio::join!(write(0), write(1), write(2), kill);
    assert!(begun.elapsed() < Duration::from_mins(1));
    for id in [first, second, third].concat() {
        let found = format!("Account WHERE Id = '{id}'");
        assert_eq!(other.count(&found).await, 1, "{id} was acknowledged");
    }
    let record = json!({ "Name": "Afterwards" });
    let made = other
        .send("POST", &data("/sobjects/Account"), &record)
        .await;
    assert_eq!(made.0, 201, "{}", made.1);
    let field = json!({
        "FullName": "Account.Afterwards__c",
        "Metadata": { "type": "Text", "label": "Afterwards", "length": 20 },
    });
    let path = data("/tooling/sobjects/CustomField");
    assert_eq!(other.send("POST", &path, &field).await.0, 201);
}
