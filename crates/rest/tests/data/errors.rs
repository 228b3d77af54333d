//! Bad input: each has a clear refusal, and changes nothing.

use headwater_testkit::{ADMIN, AGENT, TestServer};
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

#[tokio::test]
async fn a_value_outside_a_restricted_picklist_is_refused() {
    let server = TestServer::start().await;
    let channel = server.channel("Texts").await;
    let user = server
        .messaging_user(channel, "+15550100", None, None)
        .await;
    let path = data(&format!("/sobjects/MessagingEndUser/{user}"));
    let body = json!({ "MessagingConsentStatus": "Perhaps" });
    let answer = server.patch(&path).as_(AGENT).json(&body).send().await;
    let code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST";
    let message = answer.expect_error(400, code);
    assert!(
        message.ends_with(": bad value for restricted picklist field: Perhaps"),
        "{message}"
    );
    assert_eq!(
        answer.json()[0]["fields"],
        json!(["MessagingConsentStatus"])
    );
}

#[tokio::test]
async fn a_value_that_must_be_unique_names_the_record_that_has_it() {
    let server = TestServer::start().await;
    let body = json!({
        "FullName": "Account.Code__c",
        "Metadata": { "type": "Text", "label": "Code", "length": 9, "unique": true },
    });
    let path = data("/tooling/sobjects/CustomField");
    server
        .post(&path)
        .as_(ADMIN)
        .json(&body)
        .send()
        .await
        .expect(201);
    let post = || {
        let body = json!({ "Name": "x", "Code__c": "one" });
        server
            .post(&data("/sobjects/Account"))
            .as_(ADMIN)
            .json(&body)
    };
    let first = post().send().await.expect(201)["id"].clone();
    let message = post().send().await.expect_error(400, "DUPLICATE_VALUE");
    let id = &first.as_str().unwrap()[..15];
    let expected =
        format!("duplicate value found: Code__c duplicates value on record with id: {id}");
    assert_eq!(message, expected);
}

#[tokio::test]
async fn numbers_must_be_numbers_and_fit() {
    let server = TestServer::start().await;
    for (value, code) in [
        (json!("many"), "JSON_PARSER_ERROR"),
        (json!(true), "JSON_PARSER_ERROR"),
        (json!(123_456_789_012_i64), "NUMBER_OUTSIDE_VALID_RANGE"),
    ] {
        let body = json!({ "Name": "x", "NumberOfEmployees": value });
        let post = server
            .post(&data("/sobjects/Account"))
            .as_(AGENT)
            .json(&body);
        post.send().await.expect_error(400, code);
    }
}

#[tokio::test]
async fn what_others_need_is_not_deleted() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let fields = [("AccountId", account.into()), ("Subject", "Lost".into())];
    server.create("Case", &fields).await;
    let path = data(&format!("/sobjects/Account/{account}"));
    let answer = server.delete(&path).as_(ADMIN).send().await;
    let message = answer.expect_error(400, "DELETE_FAILED");
    let expected = "Your attempt to delete Sample could not be completed";
    assert!(message.starts_with(expected), "{message}");
    server.get(&path).as_(ADMIN).send().await.expect(200);
}
