//! `/composite/batch`.

use headwater_testkit::{ADMIN, TestServer};
use serde_json::json;

use super::{count, post};
use crate::data;

#[tokio::test]
async fn addresses_come_with_and_without_their_beginning() {
    let server = TestServer::start().await;
    let account = server.account("A").await;
    let body = json!({ "batchRequests": [
        { "method": "PATCH", "url": format!("v62.0/sobjects/Account/{account}"), "richInput": { "Phone": "1" } },
        { "method": "GET", "url": format!("/services/data/v60.0/sobjects/Account/{account}?fields=Phone") },
        { "method": "GET", "url": "v68.0/limits" },
    ] });
    let answer = post(&server, "/batch", &body).await;
    assert_eq!(answer["hasErrors"], false, "{answer}");
    assert_eq!(
        answer["results"][0],
        json!({ "statusCode": 204, "result": null })
    );
    assert_eq!(answer["results"][1]["result"]["Phone"], "1");
    assert!(answer["results"][2]["result"]["DailyApiRequests"]["Max"].is_number());
}

#[tokio::test]
async fn what_fails_halts_the_rest_only_if_asked_to() {
    for (halt, last) in [(false, 201), (true, 412)] {
        let server = TestServer::start().await;
        let create =
            |body| json!({ "method": "POST", "url": "v68.0/sobjects/Account", "richInput": body });
        let body = json!({ "haltOnError": halt, "batchRequests": [
            create(json!({ "Name": "A" })), create(json!({})), create(json!({ "Name": "B" })),
        ] });
        let answer = post(&server, "/batch", &body).await;
        let status = |place: usize| answer["results"][place]["statusCode"].as_u64().unwrap();
        assert_eq!((status(0), status(1), status(2)), (201, 400, last));
        assert_eq!(answer["hasErrors"], true);
        if halt {
            let error = &answer["results"][2]["result"][0];
            assert_eq!(error["errorCode"], "BATCH_PROCESSING_HALTED");
        }
        let made = if halt { 1 } else { 2 };
        assert_eq!(count(&server, "SELECT Id FROM Account").await, made);
    }
}

#[tokio::test]
async fn more_than_twenty_five_are_refused_and_so_are_files() {
    let server = TestServer::start().await;
    let get = json!({ "method": "GET", "url": "v68.0/limits" });
    let body = json!({ "batchRequests": vec![get; 26] });
    let request = server
        .post(&data("/composite/batch"))
        .as_(ADMIN)
        .json(&body);
    request.send().await.expect_error(400, "LIMIT_EXCEEDED");
    let file = json!({ "method": "POST", "url": "v68.0/sobjects/Account", "binaryPartName": "x" });
    let answer = post(&server, "/batch", &json!({ "batchRequests": [file] })).await;
    assert_eq!(
        answer["results"][0]["result"][0]["errorCode"],
        "INVALID_INPUT"
    );
}
