//! Bad input: each has a clear refusal, and changes nothing.

use headwater_testkit::{AGENT, TestServer};
use serde_json::{Value, json};

use crate::data;

#[tokio::test]
async fn bad_bodies_are_refused_with_their_fields_and_make_no_record() {
    let server = TestServer::start().await;
    let gone = server.account("Gone").await;
    let session = "0MwHW0000000001";
    let cases: [(&str, Value, &str, &str); 8] = [
        (
            "Contact",
            json!({}),
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName]",
        ),
        (
            "Contact",
            json!({ "LastName": "x".repeat(81) }),
            "STRING_TOO_LONG",
            "Last Name: data value too large: ",
        ),
        (
            "Contact",
            json!({ "LastName": "x", "Email": "nobody" }),
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: nobody",
        ),
        (
            "Contact",
            json!({ "LastName": "x", "AccountId": session }),
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 0Mw",
        ),
        (
            "Contact",
            json!({ "LastName": "x", "AccountId": "001HW0000009999" }),
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        (
            "Contact",
            json!({ "LastName": "x", "Birthdate": "soon" }),
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of date from VALUE_STRING value soon",
        ),
        (
            "Contact",
            json!({ "LastName": "x", "Nothing": 1 }),
            "INVALID_FIELD",
            "No such column 'Nothing' on sobject of type Contact",
        ),
        (
            "Contact",
            json!({ "LastName": "x", "Account": { "Name": "x", "Id": "y" } }),
            "JSON_PARSER_ERROR",
            "Cannot deserialize the value of Account",
        ),
    ];
    for (object, body, code, start) in cases {
        let post = server
            .post(&data(&format!("/sobjects/{object}")))
            .as_(AGENT);
        let message = post.json(&body).send().await.expect_error(400, code);
        assert!(message.starts_with(start), "{body}: {message}");
    }
    let count = server
        .query("SELECT COUNT() FROM Contact")
        .as_(AGENT)
        .send()
        .await;
    assert_eq!(count.expect(200)["totalSize"], 0, "{gone}");
}

#[tokio::test]
async fn text_that_looks_like_sql_is_only_text() {
    let server = TestServer::start().await;
    let names = [
        "'; DROP TABLE Account; --",
        "\" OR 1=1 --",
        "%' OR Name LIKE '%",
        "\\",
        "\u{0}x",
    ];
    for name in names {
        let post = server.post(&data("/sobjects/Account")).as_(AGENT);
        let answer = post.json(&json!({ "Name": name })).send().await;
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let row = server
                .get(&data(&format!("/sobjects/Account/{id}")))
                .as_(AGENT);
            assert_eq!(row.send().await.expect(200)["Name"], name);
        }
        let quoted = name.replace('\\', "\\\\").replace('\'', "\\'");
        let soql = format!("SELECT Id FROM Account WHERE Name = '{quoted}'");
        let found = server.query(&soql).as_(AGENT).send().await;
        assert!(matches!(found.status, 200 | 400), "{name}: {}", found.text);
    }
    for path in [
        "/sobjects/Account/'",
        "/sobjects/Account/Name/'%20OR%20'1'='1",
        "/sobjects/';",
    ] {
        let answer = server.get(&data(path)).as_(AGENT).send().await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn objects_that_take_no_writes_say_which_methods_they_take() {
    let server = TestServer::start().await;
    let post = server
        .post(&data("/sobjects/MessagingSessionHistory"))
        .as_(AGENT);
    let answer = post.json(&json!({})).send().await;
    let message = answer.expect_error(405, "METHOD_NOT_ALLOWED");
    assert_eq!(
        message,
        "HTTP Method 'POST' not allowed. Allowed are HEAD,GET"
    );
}

#[tokio::test]
async fn queries_that_are_too_long_or_too_deep_are_refused() {
    let server = TestServer::start().await;
    let deep = format!(
        "SELECT Id FROM Account WHERE {}Name = 'x'{}",
        "(".repeat(2_000),
        ")".repeat(2_000)
    );
    let request = server.get(&data("/query")).query("q", &deep).as_(AGENT);
    request.send().await.expect_error(400, "MALFORMED_QUERY");
}
