//! `/sobjects/User/{id}/password`.

use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};
use serde_json::json;

use crate::data;

#[tokio::test]
async fn an_administrator_sets_and_resets_passwords() {
    let server = TestServer::start().await;
    let user = server.user(VIEWER).await;
    let path = data(&format!("/sobjects/User/{user}/password"));
    let expiry = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(expiry, json!({ "isExpired": false }));
    let body = json!({ "NewPassword": "another horse 2" });
    server
        .post(&path)
        .as_(ADMIN)
        .json(&body)
        .send()
        .await
        .expect(204);
    let org = server.org();
    assert_eq!(
        org.authenticate(VIEWER, "another horse 2").await.unwrap(),
        user
    );
    let reset = server.delete(&path).as_(ADMIN).send().await.expect(200);
    let made = reset["NewPassword"].as_str().unwrap();
    assert_eq!(org.authenticate(VIEWER, made).await.unwrap(), user);
}

#[tokio::test]
async fn others_set_only_their_own_and_not_too_short() {
    let server = TestServer::start().await;
    let body = json!({ "NewPassword": "another horse 2" });
    let path = data(&format!(
        "/sobjects/User/{}/password",
        server.user(VIEWER).await
    ));
    let refused = server.post(&path).as_(AGENT).json(&body).send().await;
    refused.expect_error(403, "INSUFFICIENT_ACCESS");
    let path = data(&format!(
        "/sobjects/User/{}/password",
        server.user(AGENT).await
    ));
    let short = json!({ "NewPassword": "x" });
    let refused = server.post(&path).as_(AGENT).json(&short).send().await;
    refused.expect_error(400, "INVALID_NEW_PASSWORD");
    server
        .post(&path)
        .as_(AGENT)
        .json(&body)
        .send()
        .await
        .expect(204);
}
