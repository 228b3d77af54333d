//! `/composite`.

use headwater_testkit::{ADMIN, TestServer};
use serde_json::{Value, json};

use super::{count, post};
use crate::data;

fn part(method: &str, path: &str, reference: &str) -> Value {
    json!({ "method": method, "url": data(path), "referenceId": reference })
}

fn with_body(method: &str, path: &str, reference: &str, body: &Value) -> Value {
    let mut part = part(method, path, reference);
    part["body"] = body.clone();
    part
}

/// Makes an account, reads it, makes a contact from what was read, and finds that by a query.
fn story() -> Vec<Value> {
    vec![
        with_body(
            "POST",
            "/sobjects/Account",
            "A",
            &json!({ "Name": "Sample & Son", "NumberOfEmployees": 7 }),
        ),
        part(
            "GET",
            "/sobjects/Account/@{A.id}?fields=Name,NumberOfEmployees",
            "Read",
        ),
        with_body(
            "POST",
            "/sobjects/Contact",
            "C",
            &json!({
                "LastName": "of @{Read.Name}", "AccountId": "@{A.id}",
            }),
        ),
        with_body(
            "PATCH",
            "/sobjects/Account/@{A.id}",
            "Change",
            &json!({ "Phone": "1" }),
        ),
        part(
            "GET",
            "/query?q=SELECT Id, Name, Account.Phone FROM Contact WHERE Account.Name = '@{Read.Name}'",
            "Query",
        ),
        with_body(
            "PATCH",
            "/sobjects/Contact/@{Query.records[0].Id}",
            "Again",
            &json!({ "FirstName": "@{Query.totalSize}" }),
        ),
    ]
}

#[tokio::test]
async fn later_parts_take_values_from_earlier_ones_whether_or_not_all_must_be_done() {
    for all_or_none in [false, true] {
        let server = TestServer::start().await;
        let body = json!({ "allOrNone": all_or_none, "compositeRequest": story() });
        let answer = post(&server, "", &body).await;
        let parts = answer["compositeResponse"].as_array().unwrap();
        let statuses: Vec<_> = parts
            .iter()
            .map(|part| part["httpStatusCode"].as_u64().unwrap())
            .collect();
        assert_eq!(statuses, [201, 200, 201, 204, 200, 204], "{answer}");
        let account = parts[0]["body"]["id"].as_str().unwrap();
        let location = data(&format!("/sobjects/Account/{account}"));
        assert_eq!(parts[0]["httpHeaders"]["Location"], location);
        assert_eq!(parts[0]["referenceId"], "A");
        assert_eq!(parts[1]["body"]["NumberOfEmployees"], 7);
        assert_eq!(parts[3]["body"], json!(null));
        assert_eq!(parts[4]["body"]["records"][0]["Account"]["Phone"], "1");
        let soql = "SELECT Id FROM Contact WHERE Name = '1 of Sample & Son'";
        assert_eq!(count(&server, soql).await, 1, "{all_or_none}");
    }
}

#[tokio::test]
async fn without_all_or_none_what_fails_takes_only_its_dependents_along() {
    let server = TestServer::start().await;
    let body = json!({ "compositeRequest": [
        with_body("POST", "/sobjects/Account", "bad", &json!({})),
        with_body("POST", "/sobjects/Contact", "child", &json!({ "LastName": "x", "AccountId": "@{bad.id}" })),
        with_body("POST", "/sobjects/Account", "good", &json!({ "Name": "Good" })),
        part("GET", "/sobjects/Account/@{good.Id}", "case_matters"),
    ] });
    let answer = post(&server, "", &body).await;
    let parts = &answer["compositeResponse"];
    assert_eq!(parts[0]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    for place in [1, 3] {
        assert_eq!(parts[place]["httpStatusCode"], 400);
        assert_eq!(parts[place]["body"][0]["errorCode"], "PROCESSING_HALTED");
    }
    let message = parts[1]["body"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("Invalid reference specified. No value for bad.id found in bad."));
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 1);
}

#[tokio::test]
async fn with_all_or_none_one_refusal_rolls_back_the_rest_wherever_it_is_found() {
    let server = TestServer::start().await;
    let missing = json!({ "LastName": "x", "AccountId": "001HW0000009999" });
    let nameless = json!({ "FirstName": "x" });
    // What the body alone shows; what only the database knows, at the end; and before a read.
    for (bad, code, last) in [
        (&nameless, "REQUIRED_FIELD_MISSING", None),
        (&missing, "INVALID_CROSS_REFERENCE_KEY", None),
        (
            &missing,
            "INVALID_CROSS_REFERENCE_KEY",
            Some(part("GET", "/sobjects/Account/@{A.id}", "Read")),
        ),
    ] {
        let mut parts = vec![
            with_body("POST", "/sobjects/Account", "A", &json!({ "Name": "A" })),
            with_body("POST", "/sobjects/Contact", "B", bad),
        ];
        parts.extend(last);
        let body = json!({ "allOrNone": true, "compositeRequest": parts });
        let answer = post(&server, "", &body).await;
        let answers = answer["compositeResponse"].as_array().unwrap();
        assert_eq!(answers.len(), parts.len());
        for (place, answer) in answers.iter().enumerate() {
            let expected = if place == 1 {
                code
            } else {
                "PROCESSING_HALTED"
            };
            assert_eq!(answer["body"][0]["errorCode"], expected, "{answer}");
            assert_eq!(answer["httpStatusCode"], 400);
        }
        assert_eq!(count(&server, "SELECT Id FROM Account").await, 0);
    }
}

#[tokio::test]
async fn a_record_can_be_made_changed_and_deleted_in_one_transaction() {
    let server = TestServer::start().await;
    let body = json!({ "allOrNone": true, "compositeRequest": [
        with_body("POST", "/sobjects/Case", "case", &json!({ "Subject": "x" })),
        part("GET", "/sobjects/Case/@{case.id}?fields=CaseNumber", "read"),
        with_body("PATCH", "/sobjects/Case/@{case.id}", "number", &json!({ "Subject": "@{read.CaseNumber}" })),
        with_body("POST", "/sobjects/Case", "other", &json!({ "Subject": "y" })),
        part("DELETE", "/sobjects/Case/@{other.id}", "gone"),
        part("GET", "/query?q=SELECT COUNT() FROM Case", "count"),
    ] });
    let answer = post(&server, "", &body).await;
    let parts = &answer["compositeResponse"];
    assert_eq!(parts[4]["httpStatusCode"], 204, "{answer}");
    assert_eq!(parts[5]["body"]["totalSize"], 1);
    let cases = server
        .query("SELECT Subject, CaseNumber FROM Case")
        .as_(ADMIN)
        .send()
        .await
        .expect(200);
    let case = &cases["records"][0];
    assert_eq!(
        case["Subject"], case["CaseNumber"],
        "the number that was read is the one it keeps"
    );
}

#[tokio::test]
async fn several_records_in_a_part_undo_the_whole_only_if_they_are_to_be_done_together() {
    for (together, accounts) in [(true, 0), (false, 2)] {
        let server = TestServer::start().await;
        let account = |name: Value| json!({ "attributes": { "type": "Account" }, "Name": name });
        let records = json!({ "allOrNone": together, "records": [account(json!("A")), account(json!(null))] });
        let body = json!({ "allOrNone": true, "compositeRequest": [
            with_body("POST", "/sobjects/Account", "first", &json!({ "Name": "first" })),
            with_body("POST", "/composite/sobjects", "several", &records),
        ] });
        let answer = post(&server, "", &body).await;
        let several = &answer["compositeResponse"][1];
        assert_eq!(
            (&several["httpStatusCode"], &several["body"][1]["success"]),
            (&json!(200), &json!(false))
        );
        assert_eq!(
            count(&server, "SELECT Id FROM Account").await,
            accounts,
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_is_refused_as_a_whole() {
    let server = TestServer::start().await;
    let get = |reference: &str| part("GET", "/sobjects/Account/describe", reference);
    let refused = async |parts: Vec<Value>, code: &str| {
        let request = server.post(&data("/composite")).as_(ADMIN);
        let request = request.json(&json!({ "compositeRequest": parts }));
        request.send().await.expect_error(400, code)
    };
    refused(
        (0..26).map(|n| get(&format!("r{n}"))).collect(),
        "LIMIT_EXCEEDED",
    )
    .await;
    let query = |n: u32| part("GET", "/query?q=SELECT+Id+FROM+User", &format!("q{n}"));
    refused((0..6).map(query).collect(), "LIMIT_EXCEEDED").await;
    refused(vec![get("a"), get("a")], "INVALID_INPUT").await;
    refused(vec![get("not-fit")], "INVALID_INPUT").await;
    let mut with_header = get("a");
    with_header["httpHeaders"] = json!({ "Authorization": "Bearer x" });
    refused(vec![with_header], "INVALID_INPUT").await;
}

#[tokio::test]
async fn a_part_may_not_hold_parts_and_its_headers_hold_for_it_alone() {
    let server = TestServer::start().await;
    let account = server.account("A").await;
    let path = format!("/sobjects/Account/{account}");
    let mut unchanged = part("GET", &path, "unchanged");
    unchanged["httpHeaders"] = json!({ "If-Modified-Since": "Fri, 16 Jan 2026 12:00:00 GMT" });
    let body = json!({ "compositeRequest": [
        unchanged,
        part("GET", &path, "read"),
        with_body("POST", "/composite", "inner", &json!({ "compositeRequest": [] })),
        part("GET", "/limits", "limits"),
        part("GET", "/nowhere", "nowhere"),
    ] });
    let answer = post(&server, "", &body).await;
    let statuses: Vec<_> = answer["compositeResponse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["httpStatusCode"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [304, 200, 404, 404, 404]);
    assert_eq!(
        answer["compositeResponse"][2]["body"][0]["errorCode"],
        "OPERATION_NOT_ALLOWED"
    );
}
