//! Ending tokens, and asking whether one holds.

use headwater_records::login::NewApp;
use headwater_testkit::{AGENT, PASSWORD, TestServer};
use serde_json::json;

use crate::authorize::Browser;
use crate::{CALLBACK, access_token, app, expect_refusal, opens, secret, text, token};

#[tokio::test]
async fn a_revoked_access_token_is_over_at_once() {
    let server = TestServer::start().await;
    let (one, other) = (
        access_token(&server, AGENT).await,
        access_token(&server, AGENT).await,
    );
    assert!(opens(&server, &one).await);
    let form = [("token", one.as_str())];
    let answer = server
        .post("/services/oauth2/revoke")
        .form(&form)
        .send()
        .await;
    answer.expect(200);
    assert_eq!(answer.text, "");
    assert!(!opens(&server, &one).await);
    assert!(opens(&server, &other).await);
    let answer = server
        .get("/services/oauth2/revoke")
        .query("token", &other)
        .send()
        .await;
    answer.expect(200);
    assert!(!opens(&server, &other).await);
}

#[tokio::test]
async fn an_unknown_token_cannot_be_revoked() {
    let server = TestServer::start().await;
    let form = [("token", "00D000000000001!nothing")];
    let answer = server
        .post("/services/oauth2/revoke")
        .form(&form)
        .send()
        .await;
    expect_refusal(&answer, 400, "invalid_token", "invalid token");
    let answer = server.post("/services/oauth2/revoke").send().await;
    assert_eq!(answer.expect(400)["error"], "invalid_request");
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_access_tokens_with_it() {
    let server = TestServer::start().await;
    let new = NewApp {
        client_id: Some("web".to_owned()),
        ..NewApp::default()
    };
    let app = app(&server, new).await;
    let browser = Browser::open(&server, "web", "&scope=api%20refresh_token").await;
    let code = browser.allow(AGENT, PASSWORD).await.code();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("client_secret", secret(&app)),
        ("code", &code),
        ("redirect_uri", CALLBACK),
    ];
    let body = token(&server, &form).await.expect(200);
    let access = text(&body, "access_token");
    assert!(opens(&server, access).await);
    let form = [("token", text(&body, "refresh_token"))];
    server
        .post("/services/oauth2/revoke")
        .form(&form)
        .send()
        .await
        .expect(200);
    assert!(!opens(&server, access).await);
}

#[tokio::test]
async fn an_app_asks_about_its_own_tokens_only() {
    let server = TestServer::start().await;
    let app = app(&server, NewApp::default()).await;
    let form = [
        ("grant_type", "password"),
        ("client_id", &app.client_id),
        ("client_secret", secret(&app)),
        ("username", AGENT),
        ("password", PASSWORD),
    ];
    let body = token(&server, &form).await.expect(200);
    let foreign = access_token(&server, AGENT).await;
    let look_at = async |token: &str| {
        let form = [
            ("client_id", app.client_id.as_str()),
            ("client_secret", secret(&app)),
            ("token", token),
        ];
        server
            .post("/services/oauth2/introspect")
            .form(&form)
            .send()
            .await
            .expect(200)
    };
    let facts = look_at(text(&body, "access_token")).await;
    assert_eq!(facts["active"], true);
    assert_eq!(facts["username"], AGENT);
    assert_eq!(facts["client_id"], app.client_id);
    assert_eq!(facts["token_type"], "access_token");
    assert_eq!(facts["sub"], body["id"]);
    assert!(facts["exp"].as_i64() > facts["iat"].as_i64());
    for token in [foreign.as_str(), "nothing"] {
        assert_eq!(look_at(token).await, json!({ "active": false }));
    }
    let form = [("client_id", app.client_id.as_str()), ("token", "x")];
    let answer = server
        .post("/services/oauth2/introspect")
        .form(&form)
        .send()
        .await;
    expect_refusal(&answer, 400, "invalid_client", "invalid client credentials");
}
