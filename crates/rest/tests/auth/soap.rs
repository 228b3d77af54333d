//! SOAP's partner login, in the words of several clients.

use headwater_testkit::{AGENT, Answer, PASSWORD, Settings, TestServer};
use serde_json::json;

use crate::opens;

/// As simple-salesforce writes it.
fn envelope(username: &str, password: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8" ?>
<env:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com">
  <env:Header><urn:CallOptions><urn:client>test</urn:client><urn:defaultNamespace>sf</urn:defaultNamespace></urn:CallOptions></env:Header>
  <env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{username}</n1:username><n1:password>{password}</n1:password></n1:login></env:Body>
</env:Envelope>"#
    )
}

fn with_session(token: &str, body: &str) -> String {
    format!(
        r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><soapenv:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"#
    )
}

async fn send(server: &TestServer, path: &str, envelope: String) -> Answer {
    let request = server.post(path).header("soapaction", "login");
    request
        .body("text/xml; charset=UTF-8", envelope)
        .send()
        .await
}

/// The text of a bare element, as clients cut it out.
#[track_caller]
fn element<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let start = format!("<{name}>");
    let after = answer
        .text
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {start} in {}", answer.text));
    after
        .1
        .split_once(&format!("</{name}>"))
        .expect("its end")
        .0
}

const PATH: &str = "/services/Soap/u/59.0";

#[tokio::test]
async fn a_login_gives_a_session_and_where_to_go_on() {
    let server = TestServer::start().await;
    let answer = send(&server, PATH, envelope(AGENT, PASSWORD)).await;
    answer.expect(200);
    assert!(answer.header("content-type").starts_with("text/xml"));
    let session = element(&answer, "sessionId");
    assert!(opens(&server, session).await);
    let organization = server.org().organization();
    let url = format!(
        "{}/services/Soap/u/59.0/{}",
        server.url(),
        organization.short()
    );
    assert_eq!(element(&answer, "serverUrl"), url);
    assert_eq!(
        element(&answer, "userId"),
        server.user(AGENT).await.as_str()
    );
    assert_eq!(element(&answer, "organizationId"), organization.as_str());
    assert_eq!(element(&answer, "passwordExpired"), "false");
    assert_eq!(element(&answer, "userName"), AGENT);
    assert_eq!(element(&answer, "sessionSecondsValid"), "7200");
}

#[tokio::test]
async fn prefixes_and_paths_are_the_client_s_choice() {
    let server = TestServer::start().await;
    let bare = format!(
        "<Envelope><Body><login><username>{AGENT}</username><password>{PASSWORD}</password>\
         </login></Body></Envelope>"
    );
    for (path, envelope) in [
        (
            "/services/Soap/u/51.0/00D000000000001",
            envelope(AGENT, PASSWORD),
        ),
        (
            "/services/soap/U/42.0/",
            envelope(AGENT, PASSWORD).replace("n1:", "urn:"),
        ),
        (
            PATH,
            envelope(AGENT, PASSWORD)
                .replace("env:", "soapenv:")
                .replace(":env=", ":soapenv="),
        ),
        (PATH, bare),
    ] {
        send(&server, path, envelope).await.expect(200);
    }
}

#[tokio::test]
async fn passwords_with_markup_are_escaped_and_read() {
    let server = TestServer::start().await;
    let user = server.user(AGENT).await;
    let org = server.org();
    org.set_password(&org.system(), user, "a<b>&\"c' d ")
        .await
        .unwrap();
    let escaped = "a&lt;b&gt;&amp;&quot;c&#39; d ";
    send(&server, PATH, envelope(AGENT, escaped))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_wrong_password_is_a_fault_with_status_500() {
    let server = TestServer::start().await;
    for (username, password) in [(AGENT, "wrong"), ("nobody@x.example", PASSWORD), ("", "")] {
        let answer = send(&server, PATH, envelope(username, password)).await;
        answer.expect(500);
        let text = "INVALID_LOGIN: Invalid username, password, security token; or user locked out.";
        assert_eq!(element(&answer, "faultstring"), text);
        assert_eq!(element(&answer, "faultcode"), "sf:INVALID_LOGIN");
        assert_eq!(element(&answer, "sf:exceptionCode"), "INVALID_LOGIN");
        assert!(!element(&answer, "sf:exceptionMessage").is_empty());
    }
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let server = TestServer::start().await;
    let answer = send(&server, PATH, envelope(AGENT, PASSWORD)).await;
    let token = element(&answer, "sessionId").to_owned();
    let info = send(&server, PATH, with_session(&token, "<getUserInfo/>")).await;
    info.expect(200);
    assert_eq!(element(&info, "userFullName"), "Agent");
    let answer = send(&server, PATH, with_session(&token, "<logout/>")).await;
    answer.expect(200);
    assert!(answer.text.contains("<logoutResponse/>"));
    assert!(!opens(&server, &token).await);
    let answer = send(&server, PATH, with_session(&token, "<logout/>")).await;
    answer.expect(500);
    assert_eq!(element(&answer, "faultcode"), "sf:INVALID_SESSION_ID");
}

#[tokio::test]
async fn the_time_is_told() {
    let server = TestServer::start().await;
    let token = server.token(AGENT).await;
    let answer = send(&server, PATH, with_session(&token, "<getServerTimestamp/>")).await;
    assert_eq!(element(&answer, "timestamp"), "2026-01-15T12:00:00.000Z");
}

#[tokio::test]
async fn what_is_no_call_of_ours_is_a_fault() {
    let server = TestServer::start().await;
    for (envelope, part) in [
        (String::new(), "no operation"),
        ("not xml at all".to_owned(), "no operation"),
        ("<a><b></a>".to_owned(), "not XML"),
        (
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><Envelope><Body><login>\
             <username>&b;</username></login></Body></Envelope>"
                .to_owned(),
            "document type",
        ),
        (format!("<Envelope>{}", "<a>".repeat(5_000)), "too many"),
        (
            with_session("x", "<create/>"),
            "INVALID_SESSION_ID: Invalid Session ID",
        ),
    ] {
        let answer = send(&server, PATH, envelope).await;
        answer.expect(500);
        assert!(
            element(&answer, "faultstring").contains(part),
            "{}",
            answer.text
        );
    }
    let answer = send(&server, "/services/Soap/u/7.0", envelope(AGENT, PASSWORD)).await;
    answer.expect(500);
    assert_eq!(element(&answer, "faultcode"), "sf:UNSUPPORTED_API_VERSION");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let server = TestServer::start().await;
    let answer = send(&server, PATH, "x".repeat(5 << 20)).await;
    answer.expect_error(413, "REQUEST_ENTITY_TOO_LARGE");
}

#[tokio::test]
async fn guesses_are_slowed_down_here_too() {
    let mut settings = Settings::default();
    settings.login.attempts.failures_per_minute_per_name_max = 2;
    let server = TestServer::start_with(settings).await;
    server.expect_log("too many failed logins");
    for _ in 0..2 {
        send(&server, PATH, envelope(AGENT, "wrong"))
            .await
            .expect(500);
    }
    let answer = send(&server, PATH, envelope(AGENT, PASSWORD)).await;
    answer.expect(500);
    assert_eq!(element(&answer, "faultcode"), "sf:LOGIN_RATE_EXCEEDED");
}

#[tokio::test]
async fn json_is_not_spoken_here() {
    let server = TestServer::start().await;
    let answer = server
        .post(PATH)
        .json(&json!({ "username": AGENT }))
        .send()
        .await;
    answer.expect(500);
    assert!(answer.text.contains("soapenv:Client"));
}
