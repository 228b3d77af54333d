//! The access token on a request.

use headwater_records::login::{Grant, Scopes};
use headwater_testkit::{ADMIN, AGENT, PASSWORD, Settings, TestServer};
use jiff::SignedDuration;
use serde_json::json;

use crate::{RESOURCE, access_token, log_in, opens};

#[tokio::test]
async fn a_token_comes_in_each_header_that_clients_use() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    for (name, value) in [
        ("authorization", format!("Bearer {token}")),
        ("authorization", format!("bearer {token}")),
        ("authorization", format!("OAuth {token}")),
        ("x-sfdc-session", token.clone()),
    ] {
        server
            .get(RESOURCE)
            .header(name, &value)
            .send()
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn missing_and_made_up_tokens_are_refused_alike() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    let organization = server.org().organization();
    let opaque = token.split_once('!').unwrap().1;
    let text = "Session expired or invalid";
    let answer = server.get(RESOURCE).send().await;
    assert_eq!(answer.expect_error(401, "INVALID_SESSION_ID"), text);
    for made_up in [
        "garbage".to_owned(),
        format!("{}!{}", organization.short(), "A".repeat(86)),
        format!("00D000000000009!{opaque}"),
        format!("{organization}!{opaque}"),
        format!("{token}x"),
        token.to_uppercase(),
        "x".repeat(4_000),
    ] {
        let answer = server.get(RESOURCE).token(&made_up).send().await;
        assert_eq!(
            answer.expect_error(401, "INVALID_SESSION_ID"),
            text,
            "{made_up}"
        );
    }
}

#[tokio::test]
async fn another_scheme_is_said_to_be_wrong() {
    let server = TestServer::start().await;
    let answer = server
        .get(RESOURCE)
        .header("authorization", "Basic YTpi")
        .send()
        .await;
    let text = answer.expect_error(401, "INVALID_AUTH_HEADER");
    assert_eq!(text, "INVALID_HEADER_TYPE");
}

#[tokio::test]
async fn a_token_in_the_url_opens_no_data() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    let answer = server
        .get(RESOURCE)
        .query("oauth_token", &token)
        .send()
        .await;
    answer.expect_error(401, "INVALID_SESSION_ID");
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    for _ in 0..5 {
        server.clock().advance(SignedDuration::from_mins(119));
        assert!(opens(&server, &token).await);
    }
    server
        .clock()
        .advance(SignedDuration::from_secs(2 * 3600 + 1));
    assert!(!opens(&server, &token).await);
}

#[tokio::test]
async fn a_session_ends_after_a_day_however_much_it_is_used() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    for _ in 0..23 {
        server.clock().advance(SignedDuration::from_hours(1));
        assert!(opens(&server, &token).await);
    }
    server.clock().advance(SignedDuration::from_hours(1));
    assert!(!opens(&server, &token).await);
}

#[tokio::test]
async fn sessions_survive_a_restart_with_their_last_use() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    server.clock().advance(SignedDuration::from_mins(90));
    assert!(opens(&server, &token).await);
    let server = server.restart().await;
    server.clock().advance(SignedDuration::from_mins(90));
    assert!(opens(&server, &token).await);
    log_in(&server, AGENT, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn what_another_process_revoked_is_over_within_seconds() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    assert!(opens(&server, &token).await);
    // A second org on the same store, as a second process has it: nothing it does in memory is
    // seen by the first.
    let (store, settings) = (server.org().store().clone(), Settings::default());
    let clock = std::sync::Arc::new(headwater_testkit::TestClock::at(server.org().now()));
    let other = tokio::task::spawn_blocking(move || {
        let randomness = std::sync::Arc::new(headwater_testkit::SeededRandomness::of(9));
        headwater_records::Org::open_with(store, clock, randomness, settings.login).unwrap()
    });
    other.await.unwrap().revoke(&token).await.unwrap();
    server.clock().advance(SignedDuration::from_secs(5));
    assert!(!opens(&server, &token).await);
}

#[tokio::test]
async fn a_token_that_is_only_for_identity_opens_no_data() {
    let server = TestServer::start().await;
    let org = server.org();
    let grant = Grant {
        user: server.user(AGENT).await,
        app: None,
        scopes: Scopes::parse("openid id"),
    };
    let issued = org.issue_token(&grant).await.unwrap();
    let token = issued.access_token.expose();
    let answer = server.get(RESOURCE).token(token).send().await;
    answer.expect_error(403, "INSUFFICIENT_ACCESS");
    let userinfo = "/services/oauth2/userinfo";
    server.get(userinfo).token(token).send().await.expect(200);
}

#[tokio::test]
async fn a_user_without_the_api_permission_is_told_so() {
    let server = TestServer::start().await;
    let name = "walkin@headwater.example";
    server
        .make_user(name, "Walkin", "Minimum Access", None)
        .await;
    let profile = "SELECT Id FROM PermissionSet WHERE Profile.Name = 'Minimum Access'";
    let records = server.query(profile).as_(ADMIN).send().await.records();
    let id = records[0]["Id"].as_str().unwrap().to_owned();
    let path = format!("/services/data/v67.0/sobjects/PermissionSet/{id}");
    let off = json!({ "PermissionsApiEnabled": false });
    server
        .patch(&path)
        .as_(ADMIN)
        .json(&off)
        .send()
        .await
        .expect(204);
    let token = server.token(name).await;
    let answer = server.get(RESOURCE).token(&token).send().await;
    let text = answer.expect_error(403, "API_CURRENTLY_DISABLED");
    assert_eq!(text, "API is disabled for this User");
}

#[tokio::test]
async fn an_app_that_is_switched_off_is_out_at_once_with_its_sessions() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    assert!(opens(&server, &token).await);
    let app = "/services/data/v67.0/query?q=SELECT Id FROM ConnectedApplication \
               WHERE ClientId = 'PlatformCLI'";
    let records = server.get(app).as_(ADMIN).send().await.records();
    let id = records[0]["Id"].as_str().unwrap().to_owned();
    let path = format!("/services/data/v67.0/sobjects/ConnectedApplication/{id}");
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
    let text = "client identifier invalid";
    crate::expect_refusal(&answer, 400, "invalid_client_id", text);
}
