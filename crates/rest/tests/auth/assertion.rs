//! Signed assertions (JWT bearer), in all the forms that real clients send.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headwater_records::login::NewApp;
use headwater_testkit::{AGENT, Answer, PASSWORD, TestServer, start_of_time};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::{app, expect_refusal, opens, text, token};

/// Keys made for these tests alone.
const KEY: &str = include_str!("keys/client.key.pem");
const CERTIFICATE: &str = include_str!("keys/client.cert.pem");
const PUBLIC_KEY: &str = include_str!("keys/client.public.pem");
const STRANGER_KEY: &str = include_str!("keys/stranger.key.pem");

fn signed(key: &str, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_rsa_pem(key.as_bytes()).expect("a key");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256)
        .expect("a signature");
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({ "alg": "RS256", "typ": "JWT" })
}

/// Claims of the app "jwt" about the agent, as the standard has them.
fn claims() -> Value {
    json!({
        "iss": "jwt",
        "sub": AGENT,
        "aud": "https://login.salesforce.com",
        "exp": start_of_time().as_second() + 180,
    })
}

async fn server_with_app(certificate: &str, needs_approval: bool) -> TestServer {
    let server = TestServer::start().await;
    let new = NewApp {
        client_id: Some("jwt".to_owned()),
        certificate: Some(certificate.to_owned()),
        needs_approval,
        ..NewApp::default()
    };
    app(&server, new).await;
    server
}

async fn log_in(server: &TestServer, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", assertion),
    ];
    token(server, &form).await
}

#[tokio::test]
async fn an_assertion_signed_with_the_app_s_key_lets_its_user_in() {
    for certificate in [CERTIFICATE, PUBLIC_KEY] {
        let server = server_with_app(certificate, false).await;
        let body = log_in(&server, &signed(KEY, &header(), &claims()))
            .await
            .expect(200);
        assert!(opens(&server, text(&body, "access_token")).await);
        assert!(text(&body, "id").ends_with(server.user(AGENT).await.as_str()));
        assert_eq!(body.get("refresh_token"), None);
    }
}

#[tokio::test]
async fn clients_stretch_the_expiry_and_the_audience() {
    let server = server_with_app(CERTIFICATE, false).await;
    let now = start_of_time();
    for (key, value) in [
        ("exp", json!((now.as_second() + 180).to_string())),
        ("exp", json!(now.as_millisecond() + 300)),
        ("aud", json!("https://test.salesforce.com")),
        ("aud", json!("https://acme.my.salesforce.com")),
        ("aud", json!(format!("{}/", server.url()))),
        ("aud", json!(["https://other.example", server.url()])),
    ] {
        let mut claims = claims();
        claims[key] = value;
        log_in(&server, &signed(KEY, &header(), &claims))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn assertions_that_are_late_or_for_others_are_refused() {
    let server = server_with_app(CERTIFICATE, false).await;
    let now = start_of_time().as_second();
    for (key, value, error, description) in [
        (
            "exp",
            json!(now - 200),
            "invalid_grant",
            "assertion is expired",
        ),
        (
            "aud",
            json!("https://other.example"),
            "invalid_grant",
            "audience is invalid",
        ),
        (
            "iss",
            json!("nobody"),
            "invalid_client_id",
            "client identifier invalid",
        ),
        (
            "sub",
            json!("nobody@headwater.example"),
            "invalid_grant",
            "user hasn't approved this consumer",
        ),
        ("exp", json!("soon"), "invalid_grant", "invalid assertion"),
        ("sub", json!(7), "invalid_grant", "invalid assertion"),
    ] {
        let mut claims = claims();
        claims[key] = value;
        let answer = log_in(&server, &signed(KEY, &header(), &claims)).await;
        expect_refusal(&answer, 400, error, description);
    }
}

#[tokio::test]
async fn forged_assertions_are_refused_before_anything_is_told_of_the_user() {
    let server = server_with_app(CERTIFICATE, false).await;
    let good = signed(KEY, &header(), &claims());
    let mut other_claims = claims();
    other_claims["sub"] = json!("nobody@headwater.example");
    let other = signed(STRANGER_KEY, &header(), &other_claims);
    let unsigned = signed(KEY, &json!({ "alg": "none" }), &claims());
    let by_certificate = signed(KEY, &json!({ "alg": "HS256" }), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let claims = other.split('.').nth(1).unwrap();
    let swapped = format!("{}.{claims}.{signature}", good.split('.').next().unwrap());
    for forged in [
        signed(STRANGER_KEY, &header(), &self::claims()),
        other.clone(),
        unsigned,
        by_certificate,
        swapped,
        format!("{message}."),
        message.to_owned(),
        "a.b.c".to_owned(),
    ] {
        let answer = log_in(&server, &forged).await;
        expect_refusal(&answer, 400, "invalid_grant", "invalid assertion");
    }
}

#[tokio::test]
async fn an_app_without_a_certificate_cannot_assert_anything() {
    let server = TestServer::start().await;
    let mut claims = claims();
    claims["iss"] = json!("PlatformCLI");
    let body = log_in(&server, &signed(KEY, &header(), &claims))
        .await
        .expect(400);
    assert_eq!(body["error"], "unauthorized_client");
}

#[tokio::test]
async fn an_app_that_needs_approval_waits_for_the_user_s_own_login() {
    let server = server_with_app(CERTIFICATE, true).await;
    let assertion = signed(KEY, &header(), &claims());
    let answer = log_in(&server, &assertion).await;
    let text = "user hasn't approved this consumer";
    expect_refusal(&answer, 400, "invalid_grant", text);
    let app = server.org().app("jwt").await.unwrap();
    let browser = crate::authorize::Browser::open(&server, "jwt", "").await;
    let code = browser.allow(AGENT, PASSWORD).await.code();
    server
        .org()
        .redeem_code(&app, &code, crate::CALLBACK, None)
        .await
        .unwrap();
    log_in(&server, &assertion).await.expect(200);
}
