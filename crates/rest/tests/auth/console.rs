//! Into the console: by password, by a link that logs in once, and from the API.

use headwater_records::LoginError;
use headwater_records::login::{Grant, Issued, Scopes, Secret};
use headwater_testkit::{AGENT, Answer, PASSWORD, Settings, TestServer};
use jiff::SignedDuration;
use serde_json::Value;
use url::Url;

use crate::{RESOURCE, access_token, expect_refusal, log_in, opens};

const SINGLE_ACCESS: &str = "/services/oauth2/singleaccess";

async fn sign_in(server: &TestServer, password: &str) -> Result<Issued, LoginError> {
    let password = Secret::new(password);
    server.org().sign_in(AGENT, &password, None).await
}

/// Whether a token opens the console.
async fn enters(server: &TestServer, issued: &Issued) -> bool {
    let token = issued.access_token.expose();
    match server.org().console_caller(token).await {
        Ok((caller, session)) => {
            assert_eq!((&*caller.username, session.app), (AGENT, None));
            true
        }
        Err(LoginError::UnknownToken) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn token_for(server: &TestServer, scopes: &str) -> String {
    let grant = Grant {
        user: server.user(AGENT).await,
        app: None,
        scopes: Scopes::parse(scopes),
    };
    let issued = server.org().issue_token(&grant).await.expect("a token");
    issued.access_token.expose().to_owned()
}

#[tokio::test]
async fn a_password_opens_the_console_and_not_the_api() {
    let server = TestServer::start().await;
    let issued = sign_in(&server, PASSWORD).await.unwrap();
    assert!(enters(&server, &issued).await);
    let token = issued.access_token.expose();
    let answer = server.get(RESOURCE).token(token).send().await;
    answer.expect_error(403, "INSUFFICIENT_ACCESS");
}

#[tokio::test]
async fn a_token_for_the_api_alone_does_not_open_the_console() {
    let server = TestServer::start().await;
    for (scopes, let_in) in [("api id", false), ("api web", true), ("full", true)] {
        let token = token_for(&server, scopes).await;
        let entered = server.org().console_caller(&token).await;
        match entered {
            Ok(_) => assert!(let_in, "{scopes}"),
            Err(error) => {
                assert!(
                    !let_in && matches!(error, LoginError::NotForConsole),
                    "{scopes}"
                );
            }
        }
    }
}

#[tokio::test]
async fn failed_logins_count_together_at_both_doors() {
    let mut settings = Settings::default();
    settings.login.attempts.failures_per_minute_per_name_max = 2;
    let server = TestServer::start_with(settings).await;
    server.expect_log("too many failed logins");
    log_in(&server, AGENT, "wrong").await.expect(400);
    let wrong = sign_in(&server, "wrong").await;
    assert!(matches!(wrong, Err(LoginError::Refused)), "{wrong:?}");
    let too_many = sign_in(&server, PASSWORD).await;
    assert!(
        matches!(too_many, Err(LoginError::TooManyAttempts)),
        "{too_many:?}"
    );
    log_in(&server, AGENT, PASSWORD).await.expect(400);
    server.clock().advance(SignedDuration::from_mins(1));
    assert!(sign_in(&server, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn logging_out_ends_the_session_and_may_be_done_twice() {
    let server = TestServer::start().await;
    let (one, other) = (
        sign_in(&server, PASSWORD).await.unwrap(),
        sign_in(&server, PASSWORD).await.unwrap(),
    );
    for _ in 0..2 {
        server
            .org()
            .sign_out(one.access_token.expose())
            .await
            .unwrap();
    }
    assert!(!enters(&server, &one).await);
    assert!(enters(&server, &other).await);
}

#[tokio::test]
async fn a_form_belongs_to_the_session_it_was_shown_in() {
    let server = TestServer::start().await;
    let org = server.org();
    let (one, other) = ("00D!one", "00D!other");
    let token = org.form_token(one).await.unwrap();
    assert!(org.is_form_token(one, &token).await.unwrap());
    assert!(!org.is_form_token(other, &token).await.unwrap());
    for given in ["", "not base64!", &token[1..]] {
        assert!(!org.is_form_token(one, given).await.unwrap(), "{given}");
    }
}

#[tokio::test]
async fn a_link_logs_in_once() {
    let server = TestServer::start().await;
    let org = server.org();
    let link = org.login_link(server.user(AGENT).await).await.unwrap();
    let issued = org.redeem_login_link(link.expose()).await.unwrap();
    assert!(enters(&server, &issued).await);
    let answer = server
        .get(RESOURCE)
        .token(issued.access_token.expose())
        .send()
        .await;
    answer.expect_error(403, "INSUFFICIENT_ACCESS");
}

#[tokio::test]
async fn a_link_that_comes_again_ends_what_it_opened() {
    let server = TestServer::start().await;
    server.expect_log("came again");
    let org = server.org();
    let link = org.login_link(server.user(AGENT).await).await.unwrap();
    let issued = org.redeem_login_link(link.expose()).await.unwrap();
    let again = org.redeem_login_link(link.expose()).await;
    assert!(matches!(again, Err(LoginError::UnknownGrant)), "{again:?}");
    assert!(!enters(&server, &issued).await);
}

#[tokio::test]
async fn a_link_is_over_after_its_time_and_opens_nothing_else() {
    let server = TestServer::start().await;
    let org = server.org();
    let link = org.login_link(server.user(AGENT).await).await.unwrap();
    assert!(!opens(&server, link.expose()).await);
    let seconds = org.login_settings().authorization_code_seconds_max;
    server.clock().advance(SignedDuration::from_secs(seconds));
    for code in [link.expose(), "aLnkx", ""] {
        let late = org.redeem_login_link(code).await;
        assert!(matches!(late, Err(LoginError::UnknownGrant)), "{late:?}");
    }
}

#[tokio::test]
async fn nobody_gets_a_link_for_a_user_who_was_switched_off() {
    let server = TestServer::start().await;
    let org = server.org();
    let agent = server.user(AGENT).await;
    let link = org.login_link(agent).await.unwrap();
    server
        .patch(&format!("/services/data/v67.0/sobjects/User/{agent}"))
        .as_(headwater_testkit::ADMIN)
        .json(&serde_json::json!({ "IsActive": false }))
        .send()
        .await
        .expect(204);
    let late = org.redeem_login_link(link.expose()).await;
    assert!(matches!(late, Err(LoginError::InactiveUser)), "{late:?}");
    let new = org.login_link(agent).await;
    assert!(matches!(new, Err(LoginError::InactiveUser)), "{new:?}");
}

#[tokio::test]
async fn a_client_sends_its_user_into_the_console_by_such_a_link() {
    let server = TestServer::start().await;
    let token = access_token(&server, AGENT).await;
    let form = [("redirect_uri", "/r/MessagingSession/0Mw?tab=related")];
    let answer = server
        .post(SINGLE_ACCESS)
        .token(&token)
        .form(&form)
        .send()
        .await;
    let link = link_of(&answer);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(link.path(), "/secur/frontdoor.jsp");
    assert!(link.as_str().starts_with(&server.url()));
    assert_eq!(parameter(&link, "startURL").as_deref(), Some(form[0].1));
    let code = parameter(&link, "otp").unwrap();
    let issued = server.org().redeem_login_link(&code).await.unwrap();
    assert!(enters(&server, &issued).await);
    assert!(opens(&server, &token).await);
}

#[tokio::test]
async fn the_command_line_asks_for_the_link_with_get() {
    let server = TestServer::start().await;
    let answer = server
        .get(SINGLE_ACCESS)
        .query("redirect_uri", "lightning/setup/SetupOneHome/home")
        .as_(AGENT)
        .send()
        .await;
    let start = parameter(&link_of(&answer), "startURL");
    assert_eq!(start.as_deref(), Some("/lightning/setup/SetupOneHome/home"));
    let plain = server.get(SINGLE_ACCESS).as_(AGENT).send().await;
    assert_eq!(parameter(&link_of(&plain), "startURL"), None);
}

#[tokio::test]
async fn no_link_leads_away_and_none_is_given_to_who_may_not_enter() {
    let server = TestServer::start().await;
    let away = server
        .get(SINGLE_ACCESS)
        .query("redirect_uri", "https://evil.example/")
        .as_(AGENT)
        .send()
        .await;
    let text = "redirect_uri must be a path of this server";
    expect_refusal(&away, 400, "invalid_request", text);
    let token = token_for(&server, "api").await;
    let answer = server.get(SINGLE_ACCESS).token(&token).send().await;
    expect_refusal(&answer, 400, "insufficient_scope", "insufficient scope");
    let answer = server.get(SINGLE_ACCESS).token("00D!x").send().await;
    answer.expect(403);
    assert_eq!(answer.text, "Bad_OAuth_Token");
}

fn link_of(answer: &Answer) -> Url {
    let body: Value = answer.expect(200);
    let link = body["frontdoor_uri"].as_str().expect("a link");
    link.parse().expect("an address")
}

fn parameter(link: &Url, name: &str) -> Option<String> {
    let mut pairs = link.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
