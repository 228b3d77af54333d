//! `/composite/tree/{object}`.

use headwater_testkit::{ADMIN, TestServer};
use serde_json::{Value, json};

use super::count;
use crate::data;

fn record(object: &str, reference: &str, fields: &Value) -> Value {
    let mut record = json!({ "attributes": { "type": object, "referenceId": reference } });
    for (name, value) in fields.as_object().expect("fields are an object") {
        record[name] = value.clone();
    }
    record
}

async fn plant(server: &TestServer, status: u16, records: &Value) -> Value {
    let request = server.post(&data("/composite/tree/Account")).as_(ADMIN);
    let answer = request.json(&json!({ "records": records })).send().await;
    answer.expect(status)
}

#[tokio::test]
async fn parents_and_children_are_made_together() {
    let server = TestServer::start().await;
    let case = record("Case", "case", &json!({ "Subject": "x" }));
    let contact = record(
        "Contact",
        "contact",
        &json!({ "LastName": "x", "Cases": { "records": [case] } }),
    );
    let account = record(
        "Account",
        "account",
        &json!({ "Name": "x", "Contacts": { "records": [contact] } }),
    );
    let answer = plant(
        &server,
        201,
        &json!([account, record("Account", "other", &json!({ "Name": "y" }))]),
    )
    .await;
    assert_eq!(answer["hasErrors"], false);
    let references: Vec<&Value> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["referenceId"])
        .collect();
    assert_eq!(references, ["account", "contact", "case", "other"]);
    let soql = format!(
        "SELECT Id FROM Case WHERE Contact.AccountId = '{}'",
        answer["results"][0]["id"].as_str().unwrap()
    );
    assert_eq!(count(&server, &soql).await, 1);
}

#[tokio::test]
async fn one_wrong_record_leaves_nothing_and_is_the_only_one_told() {
    let server = TestServer::start().await;
    let missing = json!({ "LastName": "x", "ReportsToId": "003HW0000009999" });
    for (bad, code) in [
        (
            json!({ "Email": "a@example.com" }),
            "REQUIRED_FIELD_MISSING",
        ),
        (missing, "INVALID_CROSS_REFERENCE_KEY"),
    ] {
        let contacts = json!([
            record("Contact", "bad", &bad),
            record("Contact", "good", &json!({ "LastName": "x" }))
        ]);
        let account = record(
            "Account",
            "account",
            &json!({ "Name": "x", "Contacts": { "records": contacts } }),
        );
        let answer = plant(&server, 400, &json!([account])).await;
        assert_eq!(answer["hasErrors"], true);
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), 1, "{answer}");
        assert_eq!(results[0]["referenceId"], "bad");
        assert_eq!(results[0]["errors"][0]["statusCode"], code);
        assert_eq!(count(&server, "SELECT Id FROM Account").await, 0);
    }
}

#[tokio::test]
async fn what_the_tree_itself_gets_wrong_is_told() {
    let server = TestServer::start().await;
    let twice = json!([
        record("Account", "a", &json!({ "Name": "x" })),
        record("Account", "a", &json!({ "Name": "x" }))
    ]);
    let other_type = json!([record("Contact", "a", &json!({ "LastName": "x" }))]);
    let child = record("Contact", "b", &json!({ "LastName": "x" }));
    let no_relationship = json!([record(
        "Account",
        "a",
        &json!({ "Name": "x", "Strangers": { "records": [child] } })
    )]);
    for records in [twice, other_type, no_relationship] {
        let answer = plant(&server, 400, &records).await;
        assert_eq!(
            answer["results"][0]["errors"][0]["statusCode"], "INVALID_INPUT",
            "{answer}"
        );
    }
    let many: Vec<Value> = (0..201)
        .map(|n| record("Account", &n.to_string(), &json!({ "Name": "x" })))
        .collect();
    let request = server.post(&data("/composite/tree/Account")).as_(ADMIN);
    let answer = request.json(&json!({ "records": many })).send().await;
    answer.expect_error(400, "LIMIT_EXCEEDED");
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 0);
}
