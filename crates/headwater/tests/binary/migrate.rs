//! `headwater migrate`.

use std::collections::BTreeMap;
use std::process::Stdio;

use headwater_testpostgres::{Database, has_postgres};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::headwater::{Client, Headwater};
use crate::metadata::project;

const DATA: &str = "/services/data/v67.0";

/// A data directory with a demo org that has an object and fields of its own, an auto-number in use
/// and a record in the recycle bin; and the token of somebody who was logged in.
async fn filled(headwater: &Headwater) -> (String, BTreeMap<String, Value>) {
    let server = headwater.serve(&["--demo"]);
    let source = headwater.path("project");
    project(&source);
    headwater.json(&["metadata", "load", source.to_str().unwrap()]);
    let token = headwater.json(&["token", "--user", "admin@headwater.example"]);
    let token = token["access_token"].as_str().unwrap();
    let client = Client::with(server.url(), token);
    let account = json!({ "Name": "Straße ΣΑΣ 'quoted' \u{1F30A}", "Description": "a\tb\nc" });
    let account = make(&client, "Account", &account).await;
    for key in ["one", "two"] {
        let invoice = json!({
            "Account__c": account, "Amount__c": 12.34, "Due__c": "2024-02-29", "Key__c": key
        });
        make(&client, "Invoice__c", &invoice).await;
    }
    let file = json!({
        "PathOnClient": "a.txt", "VersionData": "w7wg8J+MigA=", "FirstPublishLocationId": account
    });
    make(&client, "ContentVersion", &file).await;
    let gone = make(&client, "Account", &json!({ "Name": "Gone" })).await;
    let gone = format!("{}{DATA}/sobjects/Account/{gone}", server.url());
    let deleted = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .delete(gone);
    assert_eq!(
        deleted.bearer_auth(token).send().await.unwrap().status(),
        204
    );
    let seen = everything(&client).await;
    assert_eq!(seen["Invoice__c"].as_array().unwrap().len(), 2);
    server.stop();
    (token.to_owned(), seen)
}

async fn make(client: &Client, object: &str, record: &Value) -> String {
    let path = format!("{DATA}/sobjects/{object}");
    let (status, made) = client.post(&path, record).await.unwrap();
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

/// Every field of every record of every object, deleted ones too.
async fn everything(client: &Client) -> BTreeMap<String, Value> {
    let json = async |path: String| -> Value {
        let (status, text) = client.get(&path, &[]).await;
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    };
    let objects = json(format!("{DATA}/sobjects")).await;
    let mut all = BTreeMap::new();
    for object in objects["sobjects"].as_array().unwrap() {
        let name = object["name"].as_str().unwrap();
        if object["queryable"] != true {
            continue;
        }
        let described = json(format!("{DATA}/sobjects/{name}/describe")).await;
        let fields = described["fields"].as_array().unwrap().iter();
        let fields: Vec<_> = fields
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        // No query shows all of these.
        let about = match name {
            "ContentDocumentLink" => "+WHERE+LinkedEntityId+IN+(SELECT+Id+FROM+Account)",
            _ => "",
        };
        let query = format!("SELECT+{}+FROM+{name}{about}+ORDER+BY+Id", fields.join(","));
        let found = json(format!("{DATA}/queryAll?q={query}")).await;
        assert_eq!(found["done"], true, "{name} fits one page");
        all.insert(name.to_owned(), found["records"].clone());
    }
    let version = &all["ContentVersion"][0];
    let (status, bytes) = client
        .get(version["VersionData"].as_str().unwrap(), &[])
        .await;
    assert_eq!((status, bytes.as_str()), (200, "ü \u{1F30A}\0"));
    assert_eq!(all["ContentDocumentLink"].as_array().unwrap().len(), 1);
    all
}

fn digests(report: &Value) -> BTreeMap<String, String> {
    let tables = report["tables"].as_array().unwrap().iter();
    tables
        .map(|table| {
            let what = format!("{} {}", table["rows"], table["sha256"]);
            (table["name"].as_str().unwrap().to_owned(), what)
        })
        .collect()
}

#[tokio::test]
async fn an_org_that_moved_to_postgresql_is_the_same_one_there() {
    if !has_postgres("an org moves to PostgreSQL and back") {
        return;
    }
    let headwater = Headwater::new();
    let (token, before) = filled(&headwater).await;
    let from = format!("sqlite:{}", headwater.data().join("headwater.db").display());
    let database = Database::new();
    let moved = headwater.json(&["migrate", "--from", &from, "--to", database.url()]);
    assert!(moved["rows"].as_u64().unwrap() > 1_000, "{moved}");

    // Who was logged in still is.
    let server = headwater.serve(&["--database", database.url()]);
    let client = Client::with(server.url(), &token);
    let after = everything(&client).await;
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    for (object, records) in &before {
        assert_eq!(records, &after[object], "{object}");
    }
    // Ids and auto-numbers go on after those that were given out.
    let invoice = make(&client, "Invoice__c", &json!({ "Key__c": "three" })).await;
    let known = before
        .values()
        .flat_map(|records| records.as_array().unwrap());
    assert!(
        known
            .into_iter()
            .all(|record| record["Id"] != invoice.as_str())
    );
    let names = client
        .query("SELECT Name FROM Invoice__c ORDER BY Name")
        .await;
    let names = names["records"].as_array().unwrap().iter();
    let names: Vec<_> = names
        .map(|record| record["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["INV-0001", "INV-0002", "INV-0003"]);
    server.stop();

    let doctor = headwater.run(&["doctor", "--database", database.url()]);
    assert!(!doctor.out.contains("PROBLEM  database"), "{}", doctor.out);

    // And back: a file that holds what the server held.
    let back = format!("sqlite:{}", headwater.path("back.db").display());
    let returned = headwater.json(&["migrate", "--from", database.url(), "--to", &back]);
    assert_ne!(digests(&moved), digests(&returned), "an invoice more");
    let copy = format!("sqlite:{}", headwater.path("copy.db").display());
    let copied = headwater.json(&["migrate", "--from", &back, "--to", &copy]);
    assert_eq!(digests(&returned), digests(&copied));
}

#[tokio::test]
async fn what_was_killed_goes_on_where_it_was() {
    if !has_postgres("a move that is killed goes on") {
        return;
    }
    let headwater = Headwater::new();
    filled(&headwater).await;
    let from = format!("sqlite:{}", headwater.data().join("headwater.db").display());
    let database = Database::new();
    let arguments = ["migrate", "--from", &from, "--to", database.url()];
    let (client, connection) = tokio_postgres::connect(database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);

    let mut rows = 0;
    for table in [1, 9, 22, 33] {
        let mut child = headwater
            .command(&arguments)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while note(&client).await["table"]
            .as_u64()
            .is_none_or(|at| at < table)
        {
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended before table {table}"
            );
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // The server may be at the last thing it was told.
        let noted = note(&client).await["rows"]
            .as_u64()
            .expect("it was killed on its way");
        assert!(noted >= rows);
        rows = noted;
        let refused = headwater.run(&["user", "list", "--database", database.url()]);
        assert_eq!(refused.code, 5, "{}", refused.err);
        assert!(refused.err.contains("headwater migrate"), "{}", refused.err);
    }

    let other = Headwater::new();
    other.serve(&["--demo"]).stop();
    let other = format!("sqlite:{}", other.data().join("headwater.db").display());
    let refused = headwater.run(&["migrate", "--from", &other, "--to", database.url()]);
    assert_eq!(refused.code, 5, "{}", refused.err);
    assert!(refused.err.contains("another source"), "{}", refused.err);

    let moved = headwater.json(&arguments);
    assert!(moved["rows_before"].as_u64().unwrap() >= rows);
    let whole = format!("sqlite:{}", headwater.path("whole.db").display());
    let at_once = headwater.json(&["migrate", "--from", &from, "--to", &whole]);
    assert_eq!(digests(&moved), digests(&at_once));
}

async fn note(client: &tokio_postgres::Client) -> Value {
    let text = "SELECT \"value\" FROM \"_headwater_setting\" WHERE \"name\" = 'moving'";
    // The table is not there at first.
    let Ok(Some(row)) = client.query_opt(text, &[]).await else {
        return Value::Null;
    };
    serde_json::from_str(row.get(0)).unwrap()
}

#[test]
fn it_moves_nothing_over_an_org_and_from_none_in_use() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let from = format!("sqlite:{}", headwater.data().join("headwater.db").display());
    let to = format!("sqlite:{}", headwater.path("copy.db").display());
    let refused = headwater.run(&["migrate", "--from", &from, "--to", &to]);
    assert_eq!(refused.code, 4, "{}", refused.err);
    server.stop();
    headwater.json(&["migrate", "--from", &from, "--to", &to]);
    let refused = headwater.run(&["migrate", "--from", &from, "--to", &to]);
    assert_eq!(refused.code, 5, "{}", refused.err);
    assert!(
        refused.err.contains("name an empty database"),
        "{}",
        refused.err
    );
    let nowhere = format!("sqlite:{}", headwater.path("nowhere.db").display());
    let refused = headwater.run(&["migrate", "--from", &nowhere, "--to", &to]);
    assert_eq!(refused.code, 5, "{}", refused.err);
    assert!(!headwater.path("nowhere.db").exists());
    let wrong = headwater.run(&["migrate", "--from", "mysql://me:hidden@x", "--to", &to]);
    assert_eq!(wrong.code, 2);
    assert!(!wrong.err.contains("hidden"), "{}", wrong.err);
}
