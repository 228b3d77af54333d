//! An app that logs in as itself and acts as its user.

use headwater_records::login::NewApp;
use headwater_testkit::{AGENT, TestServer};

use crate::{app, expect_refusal, opens, secret, text, token};

#[tokio::test]
async fn the_app_acts_as_the_user_it_runs_as() {
    let server = TestServer::start().await;
    let user = server.user(AGENT).await;
    let app = app(
        &server,
        NewApp {
            run_as: Some(user),
            ..NewApp::default()
        },
    )
    .await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_secret", secret(&app)),
    ];
    let body = token(&server, &form).await.expect(200);
    assert!(text(&body, "id").ends_with(user.as_str()));
    assert_eq!(body.get("refresh_token"), None);
    assert!(opens(&server, text(&body, "access_token")).await);
}

#[tokio::test]
async fn the_secret_may_come_by_basic_authentication() {
    let server = TestServer::start().await;
    let user = server.user(AGENT).await;
    let app = app(
        &server,
        NewApp {
            run_as: Some(user),
            ..NewApp::default()
        },
    )
    .await;
    let credentials = format!("{}:{}", app.client_id, secret(&app));
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, credentials);
    let answer = server
        .post("/services/oauth2/token")
        .header("authorization", &format!("Basic {basic}"))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await;
    assert!(opens(&server, text(&answer.expect(200), "access_token")).await);
}

#[tokio::test]
async fn an_app_without_a_user_has_nobody_to_act_as() {
    let server = TestServer::start().await;
    let app = app(&server, NewApp::default()).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_secret", secret(&app)),
    ];
    let answer = token(&server, &form).await;
    expect_refusal(
        &answer,
        400,
        "invalid_grant",
        "no client credentials user enabled",
    );
}

#[tokio::test]
async fn a_public_app_cannot_log_in_by_its_name() {
    let server = TestServer::start().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "PlatformCLI"),
    ];
    let answer = token(&server, &form).await;
    expect_refusal(&answer, 400, "invalid_client", "invalid client credentials");
}

#[tokio::test]
async fn guesses_at_a_secret_are_slowed_down() {
    let server = TestServer::start().await;
    server.expect_log("too many failed logins");
    let user = server.user(AGENT).await;
    let app = app(
        &server,
        NewApp {
            run_as: Some(user),
            ..NewApp::default()
        },
    )
    .await;
    let form = |secret| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", app.client_id.as_str()),
            ("client_secret", secret),
        ]
    };
    for _ in 0..30 {
        token(&server, &form("wrong")).await.expect(400);
    }
    let body = token(&server, &form(secret(&app))).await.expect(400);
    assert_eq!(body["error"], "rate_limit_exceeded");
}
