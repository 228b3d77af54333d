//! Facebook Messenger: Meta's webhook for pages, and sending through the Graph API.

use serde_json::{Value, json};

use crate::stage::{APP_SECRET, ENTRIES, STATUS, Stage};
use crate::stand_in::StandIn;
use crate::whatsapp::signed;

const PAGE: &str = "105";
const CUSTOMER: &str = "7120";
const PATH: &str = "/channels/Page/meta";

pub(crate) async fn connected(api: &StandIn) -> Stage {
    let stage = Stage::set().await;
    let channel = stage.channel("Page", "Facebook", PAGE).await;
    stage.connect(channel, "Messenger", PAGE, &api.url).await;
    stage
}

pub(crate) async fn messenger() -> StandIn {
    StandIn::start(json!({ "recipient_id": CUSTOMER, "message_id": "m_out" })).await
}

pub(crate) async fn tell(stage: &Stage, events: &[Value]) {
    let events: Vec<_> = events
        .iter()
        .map(|event| {
            let mut event = event.clone();
            if event.get("sender").is_none() {
                event["sender"] = json!({ "id": CUSTOMER });
                event["recipient"] = json!({ "id": PAGE });
            }
            event
        })
        .collect();
    let entry = json!({ "id": PAGE, "time": 1, "messaging": events });
    let body = json!({ "object": "page", "entry": [entry] }).to_string();
    stage
        .send(signed(PATH, APP_SECRET, &body))
        .await
        .expect(200);
}

fn message(mid: &str, text: &str) -> Value {
    json!({ "timestamp": 1, "message": { "mid": mid, "text": text } })
}

#[tokio::test]
async fn messages_choices_and_files_are_kept_once_and_echoes_are_not() {
    let mut api = messenger().await;
    api.url = "http://127.0.0.1:9".to_owned();
    let stage = connected(&api).await;
    let mut chosen = message("m2", "Red");
    chosen["message"]["quick_reply"] = json!({ "payload": "COLOUR_RED" });
    let postback = json!({ "timestamp": 3, "postback": { "mid": "m3", "title": "Get started", "payload": "START" } });
    let image = json!({ "timestamp": 4, "message": { "mid": "m4", "attachments": [{ "type": "image", "payload": { "url": "http://127.0.0.1:9/1" } }] } });
    let place = json!({ "timestamp": 5, "message": { "mid": "m5", "attachments": [{ "type": "location", "title": "Dock", "payload": { "coordinates": { "lat": 38.9, "long": -77.0 } } }] } });
    let reaction =
        json!({ "timestamp": 6, "reaction": { "mid": "m1", "action": "react", "emoji": "❤" } });
    let mut echo = message("m7", "What we have said");
    echo["message"]["is_echo"] = true.into();
    echo["sender"] = json!({ "id": PAGE });
    let referral = json!({ "timestamp": 8, "referral": { "ref": "ad" } });
    let events = [
        message("m1", "Hello"),
        chosen,
        postback,
        image,
        place,
        reaction,
        echo,
        referral,
    ];
    for _ in 0..2 {
        tell(&stage, &events).await;
    }
    let said = [
        "Hello",
        "Red",
        "Get started",
        "[image]",
        "[location 38.9, -77.0] Dock",
        "[reaction] ❤",
    ];
    stage.until(ENTRIES, "Message", &said).await;
    let user = "SELECT MessagingPlatformKey FROM MessagingEndUser";
    stage.until(user, "MessagingPlatformKey", &[CUSTOMER]).await;
}

#[tokio::test]
async fn how_far_a_customer_has_come_counts_for_all_that_was_sent_before() {
    let api = messenger().await;
    let stage = connected(&api).await;
    tell(&stage, &[message("m1", "Hello")]).await;
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    for text in ["One", "Two"] {
        api.say(200, None, json!({ "message_id": format!("m_{text}") }));
        stage.agent_says(text).await.unwrap();
        stage
            .server
            .clock()
            .advance(jiff::SignedDuration::from_secs(1));
    }
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent"])
        .await;
    let asked = api.asked();
    assert_eq!(asked[0].what, format!("POST /v23.0/{PAGE}/messages"));
    assert_eq!(
        asked[0].body,
        json!({ "recipient": { "id": CUSTOMER }, "messaging_type": "RESPONSE", "message": { "text": "One" } })
    );
    let now = stage.server.org().now().as_millisecond();
    let first = now - 1_500;
    tell(&stage, &[json!({ "delivery": { "watermark": first } })]).await;
    stage
        .until(STATUS, "MessageStatus", &["Delivered", "Sent"])
        .await;
    tell(
        &stage,
        &[json!({ "delivery": { "mids": ["m_Two"], "watermark": first } })],
    )
    .await;
    stage
        .until(STATUS, "MessageStatus", &["Delivered", "Delivered"])
        .await;
    tell(&stage, &[json!({ "read": { "watermark": now } })]).await;
    stage
        .until(STATUS, "MessageStatus", &["Read", "Read"])
        .await;
    // Later, and about what was before.
    tell(&stage, &[json!({ "delivery": { "watermark": now } })]).await;
    let done = "SELECT State FROM InboundEvent WHERE State != 'Done'";
    stage.until(done, "State", &[]).await;
    stage
        .until(STATUS, "MessageStatus", &["Read", "Read"])
        .await;
}

#[tokio::test]
async fn a_page_is_asked_for_its_name_and_has_us_told_what_happens() {
    let api = messenger().await;
    let stage = connected(&api).await;
    api.say(200, None, json!({ "name": "Shop" }));
    let channel = stage.messaging.channel_named("Page").await.unwrap();
    let system = stage.server.org().system();
    assert_eq!(
        stage.messaging.introduce(&system, channel).await.unwrap(),
        "Shop"
    );
    let asked = api.asked();
    assert_eq!(asked[1].what, format!("POST /v23.0/{PAGE}/subscribed_apps"));
    assert!(
        asked[1].body["subscribed_fields"]
            .as_str()
            .unwrap()
            .contains("message_reads")
    );
}
