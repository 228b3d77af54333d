//! Twilio's webhooks, and sending through its API, which is played by a server of the test's.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_catalogue::Id;
use headwater_messaging::{Message, NewAccount};
use headwater_records::login::Secret;
use hmac::{Hmac, KeyInit, Mac as _};
use serde_json::json;
use sha1::Sha1;

use crate::stage::{ENTRIES, PUBLIC_URL, REASON, Stage};
use crate::stand_in::StandIn;

pub(crate) const TOKEN: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";

pub(crate) async fn connected(stage: &Stage, api: Option<String>) -> Id {
    let channel = stage.channel("Texts", "Text", "+12025550100").await;
    let account = NewAccount {
        carrier: "Twilio".to_owned(),
        key: ACCOUNT.to_owned(),
        api_url: api,
        messages_per_second_max: None,
        signing_secret: None,
        secret: Some(Secret::new(TOKEN)),
    };
    let system = stage.server.org().system();
    stage
        .messaging
        .connect_channel(&system, channel, &account)
        .await
        .unwrap();
    channel
}

/// A request as Twilio signs it.
pub(crate) fn signed(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let mut text = format!("{PUBLIC_URL}{path}");
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    request(path, fields, &STANDARD.encode(mac.finalize().into_bytes()))
}

fn request(path: &str, fields: &[(&str, &str)], signature: &str) -> Request<Body> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", signature)
        .body(Body::from(body))
        .unwrap()
}

const MESSAGE: [(&str, &str); 6] = [
    ("MessageSid", "SM1"),
    ("From", "+12025550147"),
    ("To", "+12025550100"),
    ("Body", "Grüße 👋 & more"),
    ("NumMedia", "0"),
    ("SomethingNew", "tomorrow's parameter"),
];

#[tokio::test]
async fn a_signed_message_is_kept_once_and_answered_with_an_empty_response() {
    let stage = Stage::set().await;
    connected(&stage, None).await;
    for _ in 0..2 {
        let answer = stage
            .send(signed("/channels/Texts/twilio", &MESSAGE))
            .await
            .expect(200);
        assert!(answer.text.ends_with("<Response/>"), "{}", answer.text);
    }
    stage.until(ENTRIES, "Message", &["Grüße 👋 & more"]).await;
}

#[tokio::test]
async fn what_was_not_signed_with_the_token_is_refused_and_says_what_to_check() {
    let stage = Stage::set().await;
    connected(&stage, None).await;
    let wrong = request("/channels/Texts/twilio", &MESSAGE, "c2lnbmF0dXJl");
    let answer = stage.send(wrong).await.expect(403);
    assert!(answer.text.contains("auth token"), "{}", answer.text);
    let elsewhere = signed("/channels/Texts/twilio?changed=1", &MESSAGE);
    let (parts, body) = elsewhere.into_parts();
    let mut moved = Request::from_parts(parts, body);
    *moved.uri_mut() = "/channels/Texts/twilio".parse().unwrap();
    stage.send(moved).await.expect(403);
    stage
        .send(signed("/channels/Nowhere/twilio", &MESSAGE))
        .await
        .expect(404);
    let lacking = [("MessageSid", "SM2")];
    let answer = stage
        .send(signed("/channels/Texts/twilio", &lacking))
        .await
        .expect(400);
    assert_eq!(answer.text, "the form lacks From");
    assert!(stage.rows(ENTRIES).await.is_empty());
}

#[tokio::test]
async fn places_stand_in_the_text_and_files_until_they_are_fetched() {
    let stage = Stage::set().await;
    connected(&stage, Some("http://127.0.0.1:9".to_owned())).await;
    let fields = [
        ("MessageSid", "MM1"),
        ("From", "whatsapp:+12025550147"),
        ("ProfileName", "Jordan"),
        ("Body", "Look"),
        ("NumMedia", "1"),
        ("MediaContentType0", "image/jpeg"),
        ("MediaUrl0", "http://127.0.0.1:9/1"),
        ("Latitude", "38.9"),
        ("Longitude", "-77.0"),
        ("Label", "Dock"),
    ];
    stage
        .send(signed("/channels/Texts/twilio", &fields))
        .await
        .expect(200);
    let text = "Look\n[image/jpeg]\n[location 38.9, -77.0] Dock";
    stage.until(ENTRIES, "Message", &[text]).await;
    stage
        .until("SELECT Name FROM MessagingEndUser", "Name", &["Jordan"])
        .await;
}

/// What Twilio was asked to send.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

/// Twilio's API, as far as a message is concerned.
async fn twilio() -> (String, Asked) {
    async fn take(
        State(asked): State<Asked>,
        Path(account): Path<String>,
        body: String,
    ) -> (StatusCode, Json<serde_json::Value>) {
        if body.contains("To=%2B12025550199") {
            let refused = json!({ "code": 21211, "message": "Invalid 'To' Phone Number" });
            return (StatusCode::BAD_REQUEST, Json(refused));
        }
        asked.lock().unwrap().push((account, body));
        (
            StatusCode::CREATED,
            Json(json!({ "sid": "SMout1", "status": "queued" })),
        )
    }
    let asked = Asked::default();
    let routes = Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(take))
        .with_state(Arc::clone(&asked));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, asked)
}

#[tokio::test]
async fn an_agents_answer_goes_through_the_api_and_its_fate_is_reported() {
    let stage = Stage::set().await;
    let (api, asked) = twilio().await;
    connected(&stage, Some(api)).await;
    stage
        .send(signed("/channels/Texts/twilio", &MESSAGE))
        .await
        .expect(200);
    stage
        .until(
            "SELECT Status FROM MessagingSession",
            "Status",
            &["Waiting"],
        )
        .await;
    let agent = stage.agent().await;
    let message = Message {
        text: "Good day".to_owned(),
        id: None,
        ..Message::default()
    };
    let session = stage.session().await;
    stage
        .messaging
        .send(&agent, &session, &message)
        .await
        .unwrap();
    let status = "SELECT MessageStatus FROM ConversationEntry WHERE ActorType = 'Agent'";
    stage.until(status, "MessageStatus", &["Sent"]).await;
    let (account, form) = asked.lock().unwrap()[0].clone();
    assert_eq!(account, ACCOUNT);
    assert_eq!(
        form,
        "To=%2B12025550147&From=%2B12025550100&Body=Good+day&\
         StatusCallback=https%3A%2F%2Fchat.example.com%2Fchannels%2FTexts%2Ftwilio%2Fstatus"
    );
    let report = [("MessageSid", "SMout1"), ("MessageStatus", "delivered")];
    stage
        .send(signed("/channels/Texts/twilio/status", &report))
        .await
        .expect(204);
    stage.until(status, "MessageStatus", &["Delivered"]).await;
}

const CONSENT: &str = "SELECT MessagingConsentStatus FROM MessagingEndUser";

#[tokio::test]
async fn what_twilio_has_heeded_by_itself_counts_and_is_not_answered_twice() {
    let stage = Stage::set().await;
    connected(&stage, None).await;
    let says = |sid, word, kind| {
        let fields = [
            ("MessageSid", sid),
            ("From", "+12025550147"),
            ("To", "+12025550100"),
            ("Body", word),
            ("NumMedia", "0"),
            ("OptOutType", kind),
        ];
        signed("/channels/Texts/twilio", &fields)
    };
    let consent = "MessagingConsentStatus";
    // A word of the messaging service's own, which means nothing here.
    stage.send(says("SM1", "Halt", "STOP")).await.expect(200);
    stage.until(CONSENT, consent, &["OptedOut"]).await;
    let status = "SELECT Status FROM MessagingSession";
    stage.until(status, "Status", &["Ended"]).await;
    stage.until(ENTRIES, "Message", &["Halt", ""]).await;
    stage.send(says("SM2", "Weiter", "START")).await.expect(200);
    stage.until(CONSENT, consent, &["ExplicitlyOptedIn"]).await;
    stage.send(says("SM3", "Hilfe", "HELP")).await.expect(200);
    // The clock stands still: each session's words come first, and then what they have led to.
    let said = ["Halt", "Weiter", "Hilfe", "", ""];
    stage.until(ENTRIES, "Message", &said).await;
}

#[tokio::test]
async fn who_has_told_twilio_stop_has_opted_out_here_as_soon_as_a_message_is_refused() {
    let stage = Stage::set().await;
    let api = StandIn::start(json!({})).await;
    connected(&stage, Some(api.url.clone())).await;
    let arrives = || signed("/channels/Texts/twilio", &MESSAGE);
    stage.send(arrives()).await.expect(200);
    stage.until(ENTRIES, "Message", &["Grüße 👋 & more"]).await;
    let refused = json!({ "code": 21610, "message": "Attempt to send to unsubscribed recipient" });
    api.say(400, None, refused);
    stage.server.expect_log("a message could not be sent");
    stage.agent_says("Good day").await.unwrap();
    let why = ["21610: Attempt to send to unsubscribed recipient"];
    stage.until(REASON, "MessageStatusCode", &why).await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["OptedOut"])
        .await;
    let status = "SELECT Status FROM MessagingSession";
    stage.until(status, "Status", &["Ended"]).await;
}

#[tokio::test]
async fn a_report_that_somebody_has_told_twilio_stop_counts_as_their_word() {
    let stage = Stage::set().await;
    connected(&stage, None).await;
    let arrives = signed("/channels/Texts/twilio", &MESSAGE);
    stage.send(arrives).await.expect(200);
    stage.until(ENTRIES, "Message", &["Grüße 👋 & more"]).await;
    let report = [
        ("MessageSid", "SMout9"),
        ("MessageStatus", "undelivered"),
        ("ErrorCode", "21610"),
        ("To", "+12025550147"),
    ];
    let report = signed("/channels/Texts/twilio/status", &report);
    stage.send(report).await.expect(204);
    stage
        .until(CONSENT, "MessagingConsentStatus", &["OptedOut"])
        .await;
}

#[tokio::test]
async fn what_twilio_refuses_is_shown_at_the_message() {
    let stage = Stage::set().await;
    let (api, _) = twilio().await;
    connected(&stage, Some(api)).await;
    let mut fields = MESSAGE;
    fields[1].1 = "+12025550199";
    stage
        .send(signed("/channels/Texts/twilio", &fields))
        .await
        .expect(200);
    stage
        .until(
            "SELECT Status FROM MessagingSession",
            "Status",
            &["Waiting"],
        )
        .await;
    stage.server.expect_log("a message could not be sent");
    let agent = stage.agent().await;
    let message = Message {
        text: "Good day".to_owned(),
        id: None,
        ..Message::default()
    };
    let session = stage.session().await;
    stage
        .messaging
        .send(&agent, &session, &message)
        .await
        .unwrap();
    let soql = "SELECT MessageStatusCode FROM ConversationEntry WHERE MessageStatus = 'Error'";
    stage
        .until(
            soql,
            "MessageStatusCode",
            &["21211: Invalid 'To' Phone Number"],
        )
        .await;
}
