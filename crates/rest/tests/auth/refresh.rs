//! Refresh tokens.

use headwater_records::login::NewApp;
use headwater_testkit::{ADMIN, AGENT, Answer, PASSWORD, TestServer};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::authorize::Browser;
use crate::{CALLBACK, app, expect_refusal, opens, secret, text, token};

const SECRET: &str = "a secret of sixteen";

async fn server_with_app(rotates_refresh: bool) -> TestServer {
    let server = TestServer::start().await;
    let new = NewApp {
        client_id: Some("web".to_owned()),
        secret: Some(headwater_records::login::Secret::new(SECRET)),
        rotates_refresh,
        ..NewApp::default()
    };
    app(&server, new).await;
    server
}

/// Tokens of the agent, got through the browser.
async fn tokens(server: &TestServer) -> Value {
    let browser = Browser::open(server, "web", "&scope=api%20refresh_token").await;
    let code = browser.allow(AGENT, PASSWORD).await.code();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("client_secret", SECRET),
        ("code", &code),
        ("redirect_uri", CALLBACK),
    ];
    token(server, &form).await.expect(200)
}

async fn refresh(server: &TestServer, refresh_token: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("client_secret", SECRET),
        ("refresh_token", refresh_token),
    ];
    token(server, &form).await
}

const EXPIRED: &str = "expired access/refresh token";

#[tokio::test]
async fn a_refresh_token_gets_access_tokens_as_often_as_needed() {
    let server = server_with_app(false).await;
    let first = tokens(&server).await;
    for _ in 0..3 {
        let body = refresh(&server, text(&first, "refresh_token"))
            .await
            .expect(200);
        assert!(opens(&server, text(&body, "access_token")).await);
        assert_ne!(body["access_token"], first["access_token"]);
        assert_eq!(body.get("refresh_token"), None, "it stays the same");
    }
}

#[tokio::test]
async fn it_outlives_the_access_token() {
    let server = server_with_app(false).await;
    let first = tokens(&server).await;
    server.clock().advance(SignedDuration::from_hours(24 * 30));
    assert!(!opens(&server, text(&first, "access_token")).await);
    let body = refresh(&server, text(&first, "refresh_token"))
        .await
        .expect(200);
    assert!(opens(&server, text(&body, "access_token")).await);
}

#[tokio::test]
async fn it_ends_when_unused_for_half_a_year() {
    let server = server_with_app(false).await;
    let first = tokens(&server).await;
    server.clock().advance(SignedDuration::from_hours(24 * 179));
    refresh(&server, text(&first, "refresh_token"))
        .await
        .expect(200);
    server.clock().advance(SignedDuration::from_hours(24 * 179));
    refresh(&server, text(&first, "refresh_token"))
        .await
        .expect(200);
    server.clock().advance(SignedDuration::from_hours(24 * 180));
    let answer = refresh(&server, text(&first, "refresh_token")).await;
    expect_refusal(&answer, 400, "invalid_grant", EXPIRED);
}

#[tokio::test]
async fn unknown_foreign_and_access_tokens_refresh_nothing() {
    let server = server_with_app(false).await;
    let first = tokens(&server).await;
    let long = "x".repeat(10_000);
    for wrong in ["5Aep861nothing", &long, text(&first, "access_token")] {
        let answer = refresh(&server, wrong).await;
        expect_refusal(&answer, 400, "invalid_grant", EXPIRED);
    }
    let new = NewApp {
        name: "Other".to_owned(),
        ..NewApp::default()
    };
    let other = app(&server, new).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &other.client_id),
        ("client_secret", secret(&other)),
        ("refresh_token", text(&first, "refresh_token")),
    ];
    expect_refusal(&token(&server, &form).await, 400, "invalid_grant", EXPIRED);
}

#[tokio::test]
async fn the_secret_belongs_to_it() {
    let server = server_with_app(false).await;
    let first = tokens(&server).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("refresh_token", text(&first, "refresh_token")),
    ];
    let answer = token(&server, &form).await;
    expect_refusal(&answer, 400, "invalid_client", "invalid client credentials");
}

#[tokio::test]
async fn rotated_each_use_gives_a_new_one_and_an_old_one_ends_them_all() {
    let server = server_with_app(true).await;
    server.expect_log("came again");
    let first = tokens(&server).await;
    let second = refresh(&server, text(&first, "refresh_token"))
        .await
        .expect(200);
    let third = refresh(&server, text(&second, "refresh_token"))
        .await
        .expect(200);
    assert!(opens(&server, text(&third, "access_token")).await);
    let answer = refresh(&server, text(&first, "refresh_token")).await;
    expect_refusal(&answer, 400, "invalid_grant", EXPIRED);
    assert!(!opens(&server, text(&third, "access_token")).await);
    let answer = refresh(&server, text(&third, "refresh_token")).await;
    expect_refusal(&answer, 400, "invalid_grant", EXPIRED);
}

#[tokio::test]
async fn a_user_who_is_switched_off_refreshes_nothing() {
    let server = server_with_app(false).await;
    let first = tokens(&server).await;
    let user = server.user(AGENT).await;
    let path = format!("/services/data/v67.0/sobjects/User/{user}");
    let off = json!({ "IsActive": false });
    server
        .patch(&path)
        .as_(ADMIN)
        .json(&off)
        .send()
        .await
        .expect(204);
    let answer = refresh(&server, text(&first, "refresh_token")).await;
    expect_refusal(&answer, 400, "inactive_user", "user is inactive");
}

#[tokio::test]
async fn expired_tokens_are_swept_out_and_the_others_stay() {
    let server = server_with_app(false).await;
    let first = tokens(&server).await;
    server.clock().advance(SignedDuration::from_hours(25));
    let count = || {
        let org = server.org();
        let object = org.catalogue().object("OauthToken").cloned().unwrap();
        let query = headwater_soql::resolved::Query::of_object(&object);
        org.store().count_blocking(&query).unwrap()
    };
    // The code that was used, the refresh token, the access token; this login sweeps.
    assert_eq!(count(), 3);
    let body = refresh(&server, text(&first, "refresh_token"))
        .await
        .expect(200);
    assert_eq!(count(), 3, "the old access token went, a new one came");
    assert!(opens(&server, text(&body, "access_token")).await);
    server.clock().advance(SignedDuration::from_hours(24 * 181));
    crate::access_token(&server, ADMIN).await;
    assert_eq!(count(), 1, "only the new login is left");
}
