//! The username-password flow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_records::login::{NewApp, Scopes};
use headwater_testkit::{ADMIN, AGENT, PASSWORD, Settings, TestServer};
use jiff::SignedDuration;
use serde_json::json;

use crate::{access_token, app, expect_refusal, log_in, opens, password_form, secret, text, token};

#[tokio::test]
async fn the_command_line_s_client_logs_in_by_password_alone() {
    let server = TestServer::start().await;
    let answer = log_in(&server, AGENT, PASSWORD).await;
    let body = answer.expect(200);
    let token = text(&body, "access_token");
    let (organization, opaque) = token.split_once('!').unwrap();
    assert_eq!(organization, server.org().organization().short());
    assert!(opaque.len() > 60);
    assert!(
        opaque
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
    );
    assert_eq!(text(&body, "instance_url"), server.url());
    let user = server.user(AGENT).await;
    let id = format!("{}/id/{}/{user}", server.url(), server.org().organization());
    assert_eq!(text(&body, "id"), id);
    assert_eq!(text(&body, "token_type"), "Bearer");
    let milliseconds = server.org().now().as_millisecond().to_string();
    assert_eq!(text(&body, "issued_at"), milliseconds);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(opens(&server, token).await);
}

/// Clients are led here under names of Salesforce's, and go on to where the answer says.
#[tokio::test]
async fn addresses_in_the_answer_are_of_the_host_that_was_asked() {
    let server = TestServer::start().await;
    let host = "headwater.my.salesforce.com:8443";
    let request = server.post("/services/oauth2/token").header("host", host);
    let body = request
        .form(&password_form(AGENT, PASSWORD))
        .send()
        .await
        .expect(200);
    assert_eq!(text(&body, "instance_url"), format!("http://{host}"));
    let identity = text(&body, "id");
    assert!(
        identity.starts_with(&format!("http://{host}/id/")),
        "{identity}"
    );
    let request = server.get("/services/data/v68.0/").as_(AGENT);
    let body = request.header("host", host).send().await.expect(200);
    assert_eq!(text(&body, "identity"), identity);
}

#[tokio::test]
async fn no_refresh_token_comes_with_a_password_login() {
    let server = TestServer::start().await;
    let form = [
        ("grant_type", "password"),
        ("client_id", "PlatformCLI"),
        ("username", AGENT),
        ("password", PASSWORD),
        ("scope", "api refresh_token"),
    ];
    let body = token(&server, &form).await.expect(200);
    assert_eq!(body.get("refresh_token"), None);
    assert_eq!(body["scope"], "api");
}

#[tokio::test]
async fn user_names_compare_without_case_and_passwords_with() {
    let server = TestServer::start().await;
    log_in(&server, &AGENT.to_uppercase(), PASSWORD)
        .await
        .expect(200);
    log_in(&server, AGENT, &PASSWORD.to_uppercase())
        .await
        .expect(400);
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_get_the_same_answer() {
    let server = TestServer::start().await;
    let long = "x".repeat(5_000);
    for (username, password) in [
        (AGENT, "wrong"),
        (AGENT, ""),
        (AGENT, long.as_str()),
        ("nobody@headwater.example", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ] {
        let answer = log_in(&server, username, password).await;
        expect_refusal(&answer, 400, "invalid_grant", "authentication failure");
    }
}

#[tokio::test]
async fn a_request_that_lacks_something_is_told_what() {
    let server = TestServer::start().await;
    let missing = |name: &str| format!("missing required parameter: {name}");
    let answer = token(&server, &[("client_id", "PlatformCLI")]).await;
    expect_refusal(&answer, 400, "invalid_request", &missing("grant_type"));
    let answer = token(&server, &[("grant_type", "password")]).await;
    expect_refusal(&answer, 400, "invalid_request", &missing("client_id"));
    let form = [("grant_type", "password"), ("client_id", "PlatformCLI")];
    expect_refusal(
        &token(&server, &form).await,
        400,
        "invalid_request",
        &missing("username"),
    );
    let form = [("grant_type", "magic"), ("client_id", "PlatformCLI")];
    let answer = token(&server, &form).await;
    expect_refusal(
        &answer,
        400,
        "unsupported_grant_type",
        "grant type not supported",
    );
    let answer = server
        .post("/services/oauth2/token")
        .json(&json!({ "grant_type": "password" }))
        .send()
        .await;
    assert_eq!(answer.expect(400)["error"], "invalid_request");
}

#[tokio::test]
async fn an_app_proves_itself_by_its_secret_in_the_form_or_the_header() {
    let server = TestServer::start().await;
    let app = app(&server, NewApp::default()).await;
    let form = |secret| {
        let mut form = vec![
            ("grant_type", "password"),
            ("client_id", app.client_id.as_str()),
            ("username", AGENT),
            ("password", PASSWORD),
        ];
        form.extend(Some(("client_secret", secret)).filter(|(_, s): &(_, &str)| !s.is_empty()));
        form
    };
    let body = token(&server, &form(secret(&app))).await.expect(200);
    assert!(opens(&server, text(&body, "access_token")).await);
    for wrong in ["", "wrong"] {
        let answer = token(&server, &form(wrong)).await;
        expect_refusal(&answer, 400, "invalid_client", "invalid client credentials");
    }
    let basic = STANDARD.encode(format!("{}:{}", app.client_id, secret(&app)));
    let form = [
        ("grant_type", "password"),
        ("username", AGENT),
        ("password", PASSWORD),
    ];
    let answer = server
        .post("/services/oauth2/token")
        .header("authorization", &format!("Basic {basic}"))
        .form(&form)
        .send()
        .await;
    answer.expect(200);
    let answer = server
        .post("/services/oauth2/token")
        .header("authorization", "Basic !!!")
        .form(&form)
        .send()
        .await;
    expect_refusal(&answer, 400, "invalid_client", "invalid client credentials");
}

#[tokio::test]
async fn unknown_apps_and_apps_that_may_not_are_refused() {
    let server = TestServer::start().await;
    let form = [
        ("grant_type", "password"),
        ("client_id", "3MVG9nobody"),
        ("username", AGENT),
        ("password", PASSWORD),
    ];
    let answer = token(&server, &form).await;
    expect_refusal(
        &answer,
        400,
        "invalid_client_id",
        "client identifier invalid",
    );
    let org = server.org();
    let new = NewApp {
        name: "No passwords".to_owned(),
        client_id: Some("web-only".to_owned()),
        ..NewApp::default()
    };
    org.add_app(&org.system(), new).await.unwrap();
    let form = [
        ("grant_type", "password"),
        ("client_id", "web-only"),
        form[2],
        form[3],
    ];
    let body = token(&server, &form).await.expect(400);
    assert_eq!(body["error"], "unauthorized_client");
}

#[tokio::test]
async fn the_signature_is_made_with_the_app_s_secret() {
    use hmac::{Hmac, KeyInit as _, Mac as _};

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
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret(&app).as_bytes()).unwrap();
    mac.update(text(&body, "id").as_bytes());
    mac.update(text(&body, "issued_at").as_bytes());
    let expected = STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(text(&body, "signature"), expected);
}

#[tokio::test]
async fn an_app_is_held_to_its_scopes() {
    let server = TestServer::start().await;
    let new = NewApp {
        scopes: Scopes::parse("api id"),
        ..NewApp::default()
    };
    let app = app(&server, new).await;
    let form = |scope| {
        [
            ("grant_type", "password"),
            ("client_id", app.client_id.as_str()),
            ("client_secret", secret(&app)),
            ("username", AGENT),
            ("password", PASSWORD),
            ("scope", scope),
        ]
    };
    let body = token(&server, &form("api web")).await.expect(200);
    assert_eq!(body["scope"], "api");
    let answer = token(&server, &form("web")).await;
    expect_refusal(
        &answer,
        400,
        "invalid_scope",
        "the requested scope is not allowed",
    );
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_the_user_out_for_a_while() {
    let server = TestServer::start().await;
    server.expect_log("locked out");
    let earlier = access_token(&server, AGENT).await;
    for _ in 0..10 {
        log_in(&server, AGENT, "wrong").await.expect(400);
    }
    let answer = log_in(&server, AGENT, PASSWORD).await;
    expect_refusal(&answer, 400, "invalid_grant", "authentication failure");
    log_in(&server, ADMIN, PASSWORD).await.expect(200);
    assert!(opens(&server, &earlier).await, "a lock-out ends no session");
    server.clock().advance(SignedDuration::from_mins(15));
    log_in(&server, AGENT, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_good_login_forgets_the_wrong_passwords_before_it() {
    let server = TestServer::start().await;
    for _ in 0..3 {
        for _ in 0..8 {
            log_in(&server, AGENT, "wrong").await.expect(400);
        }
        log_in(&server, AGENT, PASSWORD).await.expect(200);
        server.clock().advance(SignedDuration::from_mins(1));
    }
}

#[tokio::test]
async fn a_new_password_unlocks_the_user_and_ends_their_sessions() {
    let server = TestServer::start().await;
    server.expect_log("locked out");
    let earlier = access_token(&server, AGENT).await;
    for _ in 0..10 {
        log_in(&server, AGENT, "wrong").await.expect(400);
    }
    let org = server.org();
    let user = server.user(AGENT).await;
    org.set_password(&org.system(), user, "another good one")
        .await
        .unwrap();
    assert!(!opens(&server, &earlier).await);
    log_in(&server, AGENT, PASSWORD).await.expect(400);
    log_in(&server, AGENT, "another good one").await.expect(200);
}

#[tokio::test]
async fn guesses_at_many_names_from_one_address_are_slowed_down() {
    let mut settings = Settings::default();
    settings.login.attempts.failures_per_minute_per_address_max = 3;
    let server = TestServer::start_with(settings).await;
    server.expect_log("too many failed logins");
    for name in ["a@x.example", "b@x.example", "c@x.example"] {
        log_in(&server, name, "wrong").await.expect(400);
    }
    let answer = log_in(&server, AGENT, PASSWORD).await;
    let text = "too many failed logins, try again in a minute";
    expect_refusal(&answer, 400, "rate_limit_exceeded", text);
    assert_eq!(answer.header("retry-after"), "60");
    server.clock().advance(SignedDuration::from_mins(1));
    log_in(&server, AGENT, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_security_token_may_stand_behind_the_password() {
    let server = TestServer::start().await;
    let org = server.org();
    let user = server.user(AGENT).await;
    let token = org.reset_security_token(&org.system(), user).await.unwrap();
    log_in(&server, AGENT, PASSWORD).await.expect(200);
    let both = format!("{PASSWORD}{}", token.expose());
    log_in(&server, AGENT, &both).await.expect(200);
    log_in(&server, AGENT, &format!("{both}x"))
        .await
        .expect(400);
    log_in(&server, AGENT, token.expose()).await.expect(400);
    log_in(&server, ADMIN, &both).await.expect(400);
}

#[tokio::test]
async fn a_user_who_is_switched_off_is_out_at_once() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    assert!(opens(&server, &token).await);
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
    assert!(!opens(&server, &token).await);
    let answer = log_in(&server, AGENT, PASSWORD).await;
    expect_refusal(&answer, 400, "inactive_user", "user is inactive");
    let answer = log_in(&server, AGENT, "wrong").await;
    expect_refusal(&answer, 400, "invalid_grant", "authentication failure");
}

#[tokio::test]
async fn a_database_keeps_no_token_and_no_password_as_they_are() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    let org = server.org();
    for object in ["OauthToken", "UserCredential", "ConnectedApplication"] {
        let catalogue = org.catalogue();
        let object = catalogue.object(object).unwrap();
        let mut query = headwater_soql::resolved::Query::of_object(object);
        for (field, _) in object
            .fields
            .iter()
            .enumerate()
            .filter(|(_, f)| f.is_column())
        {
            let column = headwater_soql::resolved::Column { source: 0, field };
            query.column(headwater_soql::resolved::Expression::Column(column));
        }
        let rows = org.store().read_rows_blocking(&query).unwrap();
        let rows = format!("{rows:?}");
        assert!(rows.len() > 100, "there are {} rows", object.name);
        let opaque = token.split_once('!').unwrap().1;
        assert!(!rows.contains(opaque) && !rows.contains(PASSWORD), "{rows}");
    }
}

#[tokio::test]
async fn wrong_passwords_at_the_same_moment_are_all_counted() {
    let server = TestServer::start().await;
    server.expect_log("locked out");
    for _ in 0..2 {
        let guess = || log_in(&server, AGENT, "wrong");
        let _ = tokio::join!(guess(), guess(), guess(), guess(), guess());
    }
    log_in(&server, AGENT, PASSWORD).await.expect(400);
}
