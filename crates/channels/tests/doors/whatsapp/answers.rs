//! What goes out through the Graph API.

use headwater_messaging::{Error, Message, NewAccount, Template};
use jiff::SignedDuration;
use serde_json::json;

use super::{NUMBER, by_id, connected, meta, tell, text, waiting};
use crate::stage::{ENTRIES, REASON, SECRET, STATUS, Stage};

#[tokio::test]
async fn an_answer_goes_to_the_number_and_its_reports_never_lead_back() {
    let api = meta().await;
    let stage = waiting(&api).await;
    stage.agent_says("Good day").await.unwrap();
    stage.until(STATUS, "MessageStatus", &["Sent"]).await;
    let asked = api.asked();
    assert_eq!(asked[0].what, format!("POST /v23.0/{NUMBER}/messages"));
    assert_eq!(asked[0].authorization, format!("Bearer {SECRET}"));
    assert_eq!(
        asked[0].body,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "12025550147",
            "type": "text", "text": { "body": "Good day", "preview_url": false },
        })
    );
    let report = |status: &str| json!({ "statuses": [{ "id": "wamid.out", "status": status, "timestamp": "1" }] });
    tell(&stage, &report("read")).await;
    stage.until(STATUS, "MessageStatus", &["Read"]).await;
    for late in ["sent", "delivered", "failed"] {
        tell(&stage, &report(late)).await;
    }
    let done = "SELECT State FROM InboundEvent WHERE Address = 'wamid.out'";
    stage.until(done, "State", &["Done"; 4]).await;
    stage.until(STATUS, "MessageStatus", &["Read"]).await;
}

#[tokio::test]
async fn a_report_of_failure_says_why_at_the_message() {
    let api = meta().await;
    let stage = waiting(&api).await;
    stage.agent_says("Good day").await.unwrap();
    stage.until(STATUS, "MessageStatus", &["Sent"]).await;
    let failed = json!({ "statuses": [{
        "id": "wamid.out", "status": "failed",
        "errors": [{ "code": 131_047, "title": "Re-engagement message", "error_data": { "details": "More than 24 hours have passed." } }],
    }] });
    tell(&stage, &failed).await;
    stage.until(STATUS, "MessageStatus", &["Error"]).await;
    let why = "131047: More than 24 hours have passed. Use a template.";
    stage.until(REASON, "MessageStatusCode", &[why]).await;
}

#[tokio::test]
async fn whoever_has_no_number_is_written_to_by_id() {
    let api = meta().await;
    let stage = Stage::set().await;
    connected(&stage, &api.url).await;
    tell(&stage, &by_id("one", None)).await;
    stage.until(ENTRIES, "Message", &["one"]).await;
    stage.agent_says("Good day").await.unwrap();
    stage.until(STATUS, "MessageStatus", &["Sent"]).await;
    let body = &api.asked()[0].body;
    assert_eq!(body["recipient"], "US.13491208655302741918");
    assert_eq!(body.get("to"), None);
}

#[tokio::test]
async fn a_day_after_the_customers_last_message_only_a_template_goes_out() {
    let api = meta().await;
    let stage = waiting(&api).await;
    stage.server.expect_log("a message could not be sent");
    stage.server.clock().advance(SignedDuration::from_hours(24));
    stage.agent_says("Are you still there?").await.unwrap();
    stage.until(STATUS, "MessageStatus", &["Error"]).await;
    let rows = stage.rows(REASON).await;
    let why = rows.first().unwrap().text("MessageStatusCode");
    assert!(why.contains("use a template"), "{why}");
    assert_eq!(api.asked(), [], "nothing was sent");

    let message = Message {
        template: Some(Template {
            name: "order_update".to_owned(),
            language: "en_US".to_owned(),
            parameters: vec!["Jordan".to_owned(), "42".to_owned()],
        }),
        ..Message::default()
    };
    stage.agent_sends(&message).await.unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Error", "Sent"])
        .await;
    assert_eq!(
        api.asked()[0].body["template"],
        json!({
            "name": "order_update", "language": { "code": "en_US" },
            "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Jordan" }, { "type": "text", "text": "42" }] }],
        })
    );
    let said = "SELECT Message FROM ConversationEntry WHERE ActorType = 'Agent' ORDER BY Seq";
    let wanted = [
        "Are you still there?",
        "[template order_update, en_US] Jordan | 42",
    ];
    stage.until(said, "Message", &wanted).await;

    // The customer writes, and free text goes out again.
    tell(&stage, &text("wamid.2", "12025550147", "Yes")).await;
    stage
        .until(
            "SELECT Message FROM ConversationEntry WHERE MessageIdentifier = 'wamid.2'",
            "Message",
            &["Yes"],
        )
        .await;
    stage.agent_says("Good").await.unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Error", "Sent", "Sent"])
        .await;
}

#[tokio::test]
async fn a_template_that_cannot_be_is_refused_before_it_is_kept() {
    let api = meta().await;
    let stage = waiting(&api).await;
    for (name, language, parameter) in [
        ("a b", "en", "x"),
        ("", "en", "x"),
        ("a", "en US", "x"),
        ("a", "en", ""),
    ] {
        let template = Template {
            name: name.to_owned(),
            language: language.to_owned(),
            parameters: vec![parameter.to_owned()],
        };
        let message = Message {
            template: Some(template),
            ..Message::default()
        };
        let refused = stage.agent_sends(&message).await;
        assert!(matches!(refused, Err(Error::Template(_))), "{refused:?}");
    }
    assert!(stage.rows(STATUS).await.is_empty());
}

#[tokio::test]
async fn what_meta_refuses_says_why_and_what_may_pass_is_tried_again_when_meta_says() {
    let api = meta().await;
    let stage = waiting(&api).await;
    let error = |code: u32, text: &str| json!({ "error": { "message": text, "code": code } });
    api.say(400, None, error(131_047, "Re-engagement message."));
    stage.server.expect_log("a message could not be sent");
    stage.agent_says("One").await.unwrap();
    stage.until(STATUS, "MessageStatus", &["Error"]).await;
    stage
        .until(
            REASON,
            "MessageStatusCode",
            &["131047: Re-engagement message. Use a template."],
        )
        .await;

    api.say(429, Some(90), error(130_429, "Rate limit hit"));
    stage.agent_says("Two").await.unwrap();
    stage
        .until_in_time(STATUS, "MessageStatus", &["Error", "Sent"])
        .await;
    assert!(api.asked().len() > 2);
}

#[tokio::test]
async fn an_account_sends_no_faster_than_it_may_and_loses_nothing() {
    let api = meta().await;
    let stage = waiting(&api).await;
    let channel = stage.messaging.channel_named("Chat").await.unwrap();
    let account = NewAccount {
        carrier: "WhatsApp".to_owned(),
        key: NUMBER.to_owned(),
        api_url: Some(api.url.clone()),
        messages_per_second_max: Some(1),
        secret: None,
        signing_secret: None,
    };
    let system = stage.server.org().system();
    stage
        .messaging
        .connect_channel(&system, channel, &account)
        .await
        .unwrap();
    stage.agent_says("One").await.unwrap();
    stage.agent_says("Two").await.unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Pending"])
        .await;
    assert_eq!(api.asked().len(), 1);
    stage
        .until_in_time(STATUS, "MessageStatus", &["Sent", "Sent"])
        .await;
    assert_eq!(api.asked()[1].body["text"]["body"], "Two");
}

#[tokio::test]
async fn the_account_is_asked_for_its_name_and_a_test_is_sent_past_all_sessions() {
    let api = meta().await;
    let stage = Stage::set().await;
    let channel = connected(&stage, &api.url).await;
    let system = stage.server.org().system();
    api.say(
        200,
        None,
        json!({ "verified_name": "Shop", "display_phone_number": "+1 555-0100" }),
    );
    let name = stage.messaging.introduce(&system, channel).await.unwrap();
    assert_eq!(name, "Shop · +1 555-0100");
    stage
        .messaging
        .send_test(&system, channel, "+12025550147")
        .await
        .unwrap();
    assert_eq!(api.asked()[1].body["to"], "12025550147");
    assert!(!stage.messaging.health(channel).await.unwrap().is_failing());
    api.say(
        401,
        None,
        json!({ "error": { "message": "Invalid OAuth access token", "code": 190 } }),
    );
    let refused = stage
        .messaging
        .send_test(&system, channel, "+12025550147")
        .await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "190: Invalid OAuth access token"
    );
    let health = stage.messaging.health(channel).await.unwrap();
    assert_eq!(
        health.reason.as_deref(),
        Some("190: Invalid OAuth access token")
    );
    let agent = stage.agent().await;
    assert!(
        stage
            .messaging
            .send_test(&agent, channel, "+12025550147")
            .await
            .is_err()
    );
    assert_eq!(api.asked().len(), 3);
}
