//! Bad input of every sort: refused in Salesforce's form, and the change log stands where it stood.

use headwater_testkit::{ADMIN, AGENT, Settings, TestServer};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::data;

/// Fragments of SQL, as somebody would write them to get out of a text.
const FRAGMENTS: [&str; 5] = [
    "'; DROP TABLE \"Account\"; --",
    "\" OR \"\"=\"",
    "%' OR 1=1 OR Name LIKE '%",
    "x\\'); DELETE FROM Contact; /*",
    "$1 || ?1 || :name",
];

fn last_change(server: &TestServer) -> i64 {
    *server.org().store().changed().borrow()
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "most of it is the table of what is refused"
)]
async fn what_is_refused_changes_nothing_whatever_was_wrong_with_it() {
    let mut settings = Settings::default();
    settings.rest.body_bytes_max = 10_000;
    let server = TestServer::start_with(settings).await;
    let account = server.account("Sample").await;
    let row = format!("/sobjects/Account/{account}");
    let channel = server.channel("Texts").await;
    let user = server.messaging_user(channel, "+1555", None, None).await;
    let user = format!("/sobjects/MessagingEndUser/{user}");
    let new = "/sobjects/Account";
    let long = json!({ "Name": "x".repeat(256) }).to_string();
    let large = json!({ "Description": "x".repeat(20_000) }).to_string();
    let deep = format!(
        "{}Name = 'x'{}",
        "(".repeat(1_000).as_str(),
        ")".repeat(1_000)
    );
    let deep = format!("/query?q=SELECT+Id+FROM+Account+WHERE+{deep}");
    let wide = format!("/query?q=SELECT+Id+FROM+{}", "x".repeat(60_000));
    let cases: &[(&str, &str, &str, u16, &str)] = &[
        // No JSON, or not an object's.
        ("PATCH", &row, "", 400, "JSON_PARSER_ERROR"),
        ("PATCH", &row, "{\"Name\": ", 400, "JSON_PARSER_ERROR"),
        ("PATCH", &row, "{\"Name\": 'x'}", 400, "JSON_PARSER_ERROR"),
        (
            "PATCH",
            &row,
            "[{\"Name\": \"x\"}]",
            400,
            "JSON_PARSER_ERROR",
        ),
        (
            "PATCH",
            &row,
            "{\"Name\": {\"a\": [[[]]]}}",
            400,
            "JSON_PARSER_ERROR",
        ),
        // Wrong types, and too much.
        (
            "PATCH",
            &row,
            "{\"NumberOfEmployees\": \"many\"}",
            400,
            "JSON_PARSER_ERROR",
        ),
        ("PATCH", &row, "{\"Name\": [1]}", 400, "JSON_PARSER_ERROR"),
        ("PATCH", &row, &long, 400, "STRING_TOO_LONG"),
        ("PATCH", &row, &large, 413, "REQUEST_ENTITY_TOO_LARGE"),
        // What is not there.
        ("PATCH", &row, "{\"Nothing\": 1}", 400, "INVALID_FIELD"),
        (
            "POST",
            "/sobjects/Nothing",
            "{\"Name\": \"x\"}",
            404,
            "NOT_FOUND",
        ),
        (
            "PATCH",
            "/sobjects/Account/001HW0000009999AAA",
            "{\"Name\": \"x\"}",
            404,
            "NOT_FOUND",
        ),
        (
            "PATCH",
            "/sobjects/Account/nonsense",
            "{\"Name\": \"x\"}",
            404,
            "NOT_FOUND",
        ),
        (
            "DELETE",
            "/sobjects/Account/nonsense",
            "",
            400,
            "MALFORMED_ID",
        ),
        (
            "PATCH",
            &row,
            "{\"ParentId\": \"nonsense\"}",
            400,
            "MALFORMED_ID",
        ),
        (
            "PATCH",
            &row,
            "{\"ParentId\": \"001HW0000009999AAA\"}",
            400,
            "INVALID_CROSS_REFERENCE_KEY",
        ),
        // Values that may not be.
        (
            "PATCH",
            &user,
            "{\"MessagingConsentStatus\": \"Perhaps\"}",
            400,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
        ("POST", new, "{}", 400, "REQUIRED_FIELD_MISSING"),
        (
            "PATCH",
            &row,
            "{\"Name\": null}",
            400,
            "REQUIRED_FIELD_MISSING",
        ),
        // Queries.
        ("GET", &deep, "", 400, "MALFORMED_QUERY"),
        ("GET", &wide, "", 414, "URI_TOO_LONG"),
        // SQL where a name or an id belongs.
        (
            "PATCH",
            &row,
            "{\"Name\\\" = 'x' --\": \"x\"}",
            400,
            "INVALID_FIELD",
        ),
        (
            "DELETE",
            "/sobjects/Account/'%20OR%20''='",
            "",
            400,
            "MALFORMED_ID",
        ),
        (
            "DELETE",
            "/sobjects/Account\"%20--/001HW0000009999AAA",
            "",
            404,
            "NOT_FOUND",
        ),
        (
            "GET",
            "/query?q=SELECT+Id+FROM+Account;DELETE+FROM+Account",
            "",
            400,
            "MALFORMED_QUERY",
        ),
    ];
    let before = (last_change(&server), read(&server, &row).await);
    let mut unlike = Vec::new();
    for (method, path, body, status, code) in cases {
        let request = server.request(method, &data(path)).as_(ADMIN);
        let request = if body.is_empty() && *method == "GET" {
            request
        } else {
            request.body("application/json", (*body).to_owned())
        };
        let answer = request.send().await;
        let said = serde_json::from_str::<Value>(&answer.text).unwrap_or_default()[0].take();
        let is_so = answer.status == *status && said["errorCode"] == *code;
        if !is_so || said["message"].as_str().is_none_or(str::is_empty) {
            let asked: String = format!("{method} {path} {body}")
                .chars()
                .take(120)
                .collect();
            unlike.push(format!("{asked}: {} {}", answer.status, answer.text));
        }
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
    let after = (last_change(&server), read(&server, &row).await);
    assert_eq!(before, after);
}

async fn read(server: &TestServer, row: &str) -> Value {
    let answer = server.get(&data(row)).as_(ADMIN).send().await;
    answer.expect(200)
}

#[tokio::test]
async fn a_query_of_a_hundred_thousand_characters_is_refused() {
    let server = TestServer::start().await;
    let before = last_change(&server);
    let query = "x".repeat(100_000);
    let token = server.token(ADMIN).await;
    let address = server.url().replace("http://", "");
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let path = data("/query");
    let request = format!(
        "GET {path}?q={query} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         connection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 414 "), "{answer}");
    assert_eq!(last_change(&server), before);
}

#[tokio::test]
async fn a_write_with_an_expired_or_foreign_token_changes_nothing() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    let token = server.token(AGENT).await;
    let opaque = token.split_once('!').unwrap().1;
    let foreign = format!("00D000000000009!{opaque}");
    let before = last_change(&server);
    let write = |token: &str| {
        let request = server.patch(&path).token(token);
        request.json(&json!({ "Name": "Changed" })).send()
    };
    write(&foreign)
        .await
        .expect_error(401, "INVALID_SESSION_ID");
    server.clock().advance(SignedDuration::from_hours(25));
    write(&token).await.expect_error(401, "INVALID_SESSION_ID");
    assert_eq!(last_change(&server), before);
}

/// An object's text fields that a caller may fill, with the characters each takes.
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
async fn text_fields(server: &TestServer, object: &str) -> Vec<(String, usize, bool)> {
    let path = data(&format!("/sobjects/{object}/describe"));
    let described = server.get(&path).as_(ADMIN).send().await.expect(200);
    let fields = described["fields"].as_array().unwrap().iter();
    let is_text = |field: &&Value| {
        field["createable"] == true && matches!(field["type"].as_str(), Some("string" | "textarea"))
    };
    let facts = |field: &Value| {
        let name = field["name"].as_str().unwrap().to_owned();
        let length = field["length"].as_u64().unwrap();
        let filterable = field["filterable"] == true;
        (name, usize::try_from(length).unwrap(), filterable)
    };
    fields.filter(is_text).map(facts).collect()
}

#[tokio::test]
async fn sql_in_any_text_of_any_record_is_kept_and_found_as_text() {
    let server = TestServer::start().await;
    let objects = [
        ("Account", json!({})),
        ("Contact", json!({})),
        ("Lead", json!({})),
        ("Case", json!({})),
        ("Task", json!({})),
        ("Campaign", json!({})),
        (
            "Opportunity",
            json!({ "StageName": "Prospecting", "CloseDate": "2026-04-01" }),
        ),
    ];
    for (object, required) in &objects {
        let fields = text_fields(&server, object).await;
        assert!(!fields.is_empty(), "{object}");
        for fragment in FRAGMENTS {
            let fitting = |length: usize| -> String {
                let text: String = fragment.chars().take(length).collect();
                text.trim_end().to_owned()
            };
            let mut body = required.clone();
            for (name, length, _) in &fields {
                body[name] = fitting(*length).into();
            }
            let post = server
                .post(&data(&format!("/sobjects/{object}")))
                .as_(ADMIN);
            let made = post.json(&body).send().await.expect(201);
            let id = made["id"].as_str().unwrap();
            let path = format!("/sobjects/{object}/{id}");
            let row = read(&server, &path).await;
            for (name, length, filterable) in &fields {
                let text = fitting(*length);
                assert_eq!(row[name], text, "{object}.{name}");
                if *filterable {
                    let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
                    let soql = format!("SELECT Id FROM {object} WHERE {name} = '{quoted}'");
                    let found = server.query(&soql).as_(ADMIN).send().await.records();
                    let is_it = |record: &Value| record["Id"] == id;
                    assert!(found.iter().any(is_it), "{soql}");
                }
            }
        }
    }
    for (object, _) in &objects {
        let soql = format!("SELECT COUNT() FROM {object}");
        let count = server.query(&soql).as_(ADMIN).send().await.expect(200);
        assert_eq!(count["totalSize"], FRAGMENTS.len(), "{object}");
    }
}
