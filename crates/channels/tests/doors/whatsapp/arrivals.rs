//! What Meta calls us with.

use axum::body::Body;
use axum::http::Request;
use headwater_messaging::NewAccount;
use headwater_records::Input;
use headwater_records::login::Secret;
use serde_json::{Value, json};

use super::{NUMBER, PATH, by_id, connected, signed, tell, text, told, told_of};
use crate::stage::{APP_SECRET, ENTRIES, Stage};

#[tokio::test]
async fn the_address_is_verified_with_the_channels_own_token() {
    let stage = Stage::set().await;
    let channel = connected(&stage, "http://127.0.0.1:9").await;
    let token = stage.verify_token(channel).await;
    let ask = |path: &str, query: &str| {
        Request::get(format!("{path}?{query}"))
            .body(Body::empty())
            .unwrap()
    };
    let right = format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444");
    let answer = stage.send(ask(PATH, &right)).await.expect(200);
    assert_eq!(answer.text, "1158201444");
    let wrong = "hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1";
    stage.send(ask(PATH, wrong)).await.expect(403);
    stage.send(ask(PATH, "")).await.expect(403);
    stage
        .send(ask("/channels/Nowhere/meta", &right))
        .await
        .expect(404);
    let health = stage.messaging.health(channel).await.unwrap();
    assert!(health.is_failing());
    assert!(health.reason.unwrap().contains("verify token"));
}

#[tokio::test]
async fn only_what_the_app_has_signed_is_taken_and_a_message_is_kept_once() {
    let stage = Stage::set().await;
    connected(&stage, "http://127.0.0.1:9").await;
    // As Meta writes what is not ASCII: the signature is over these very bytes.
    let body = told(&text("wamid.1", "12025550147", "Gr"))
        .replace("Gr", "Gr\\u00fc\\u00dfe \\ud83d\\udc4b");
    for _ in 0..2 {
        stage
            .send(signed(PATH, APP_SECRET, &body))
            .await
            .expect(200);
    }
    stage.until(ENTRIES, "Message", &["Grüße 👋"]).await;
    let user = "SELECT Name, MessagingPlatformKey FROM MessagingEndUser";
    stage.until(user, "Name", &["Jordan"]).await;
    stage
        .until(user, "MessagingPlatformKey", &["+12025550147"])
        .await;

    let health = "SELECT FailureReason FROM ChannelHealth";
    stage.until(health, "FailureReason", &[""]).await;
    let answer = stage.send(signed(PATH, "another", &body)).await.expect(403);
    assert!(answer.text.contains("app secret"), "{}", answer.text);
    let channel = stage.messaging.channel_named("Chat").await.unwrap();
    let health = stage.messaging.health(channel).await.unwrap();
    assert!(
        !health.is_failing(),
        "the carrier is heard, and this was somebody else"
    );
    let unsigned = Request::post(PATH).body(Body::from(body)).unwrap();
    stage.send(unsigned).await.expect(403);
    stage.send(signed(PATH, APP_SECRET, "{")).await.expect(400);
    stage
        .send(signed(
            PATH,
            APP_SECRET,
            r#"{"object":"tomorrow","entry":[]}"#,
        ))
        .await
        .expect(200);
}

/// Messages of every kind, and what the transcript shows of them.
fn kinds() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({ "type": "button", "button": { "text": "Yes, please", "payload": "Y" } }),
            "Yes, please",
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "b", "title": "Tuesday" } } }),
            "Tuesday",
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "l", "title": "Blue", "description": "The blue one" } } }),
            "Blue",
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent", "response_json": "{\"flow_token\":\"t\",\"size\":\"L\",\"count\":2}" } } }),
            "[form] Sent\nsize: L\ncount: 2",
        ),
        (
            json!({ "type": "reaction", "reaction": { "message_id": "wamid.0", "emoji": "👍" } }),
            "[reaction] 👍",
        ),
        (
            json!({ "type": "reaction", "reaction": { "message_id": "wamid.0" } }),
            "[reaction taken back]",
        ),
        (
            json!({ "type": "location", "location": { "latitude": 38.9, "longitude": -77.0, "name": "Dock", "address": "1 Pier" } }),
            "[location 38.9, -77.0] Dock, 1 Pier",
        ),
        (
            json!({ "type": "contacts", "contacts": [{ "name": { "formatted_name": "Avery Lee" }, "phones": [{ "phone": "+1 202-555-0199" }] }] }),
            "[contact] Avery Lee, +1 202-555-0199",
        ),
        (
            json!({ "type": "image", "image": { "id": "m1", "mime_type": "image/jpeg", "caption": "Look" } }),
            "[image]\nLook",
        ),
        (
            json!({ "type": "document", "document": { "id": "m2", "filename": "a.pdf" } }),
            "[document a.pdf]",
        ),
        (
            json!({ "type": "audio", "audio": { "id": "m3", "voice": true } }),
            "[voice message]",
        ),
        (
            json!({ "type": "order", "order": { "text": "Soon, please", "product_items": [{ "product_retailer_id": "SKU1", "quantity": 2, "item_price": 9.5, "currency": "EUR" }] } }),
            "[order] Soon, please\n2 × SKU1 at 9.5 EUR",
        ),
        (
            json!({ "type": "unsupported", "errors": [{ "code": 131_051, "title": "Message type unknown" }] }),
            "[message of a kind that WhatsApp does not pass on] Message type unknown",
        ),
        (
            json!({ "type": "hologram", "hologram": { "caption": 7 } }),
            "[hologram]\n7",
        ),
    ]
}

#[tokio::test]
async fn messages_of_every_kind_are_words_in_the_transcript_in_their_order() {
    let stage = Stage::set().await;
    connected(&stage, "http://127.0.0.1:9").await;
    let kinds = kinds();
    let messages = kinds.iter().enumerate().map(|(place, (message, _))| {
        let mut message = message.clone();
        message["id"] = format!("wamid.{place}").into();
        message["from"] = "12025550147".into();
        message["tomorrow"] = json!({ "some": ["thing"] });
        message
    });
    let messages: Vec<_> = messages.collect();
    // Several entries and changes in one request, and what is no message among them.
    let (first, rest) = messages.split_at(3);
    let metadata = json!({ "phone_number_id": NUMBER });
    let change = |messages: &[Value]| json!({ "field": "messages", "value": { "metadata": metadata, "messages": messages } });
    let other = json!({ "field": "account_update", "value": { "event": "VERIFIED" } });
    let (one, two) = rest.split_at(2);
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [change(first), other] }, { "id": "1", "changes": [change(one), change(two)] }],
    });
    stage
        .send(signed(PATH, APP_SECRET, &body.to_string()))
        .await
        .expect(200);
    let wanted: Vec<_> = kinds.iter().map(|(_, words)| *words).collect();
    stage.until(ENTRIES, "Message", &wanted).await;
    let sessions = stage.rows("SELECT Id FROM MessagingSession").await;
    assert_eq!(sessions.rows().len(), 1);
}

const USERS: &str = "SELECT MessagingPlatformKey FROM MessagingEndUser ORDER BY CreatedDate, Id";
const ADDRESSES: &str = "SELECT Address FROM MessagingUserAddress";

#[tokio::test]
async fn a_customer_is_the_same_by_number_and_by_id() {
    let stage = Stage::set().await;
    connected(&stage, "http://127.0.0.1:9").await;
    // Before ids there were, with both, and when the number is hidden.
    tell(&stage, &text("one", "12025550147", "one")).await;
    stage.until(ENTRIES, "Message", &["one"]).await;
    tell(&stage, &by_id("two", Some("12025550147"))).await;
    stage.until(ENTRIES, "Message", &["one", "two"]).await;
    tell(&stage, &by_id("three", None)).await;
    stage
        .until(ENTRIES, "Message", &["one", "two", "three"])
        .await;
    stage
        .until(USERS, "MessagingPlatformKey", &["+12025550147"])
        .await;
    stage
        .until(ADDRESSES, "Address", &["US.13491208655302741918"])
        .await;
}

#[tokio::test]
async fn a_customer_without_a_number_is_known_by_id_and_linked_when_the_number_comes() {
    let stage = Stage::set().await;
    let fields: [(&str, Input); 2] = [
        ("LastName", "Avery".into()),
        ("MobilePhone", "+1 202-555-0147".into()),
    ];
    stage.server.create("Contact", &fields).await;
    let channel = connected(&stage, "http://127.0.0.1:9").await;
    let org = stage.server.org();
    let draft = headwater_records::Draft::new().with("LinkingPreference", "Contact");
    let version = headwater_records::Precondition::default();
    org.update(
        &org.system(),
        "MessagingChannel",
        channel.as_str(),
        draft,
        version,
    )
    .await
    .unwrap();
    tell(&stage, &by_id("one", None)).await;
    stage
        .until(USERS, "MessagingPlatformKey", &["US.13491208655302741918"])
        .await;
    tell(&stage, &by_id("two", Some("12025550147"))).await;
    stage.until(ADDRESSES, "Address", &["+12025550147"]).await;
    let linked = "SELECT Contact.Name FROM MessagingEndUser";
    stage.until(linked, "Contact.Name", &["Avery"]).await;
    let sessions = stage.rows("SELECT Id FROM MessagingSession").await;
    assert_eq!(sessions.rows().len(), 1);
}

#[tokio::test]
async fn an_app_has_one_address_for_all_its_numbers_and_for_no_others() {
    let stage = Stage::set().await;
    connected(&stage, "http://127.0.0.1:9").await;
    let second = stage.channel("Second", "WhatsApp", "+15550101").await;
    stage
        .connect(second, "WhatsApp", "200", "http://127.0.0.1:9")
        .await;
    let foreign = stage.channel("Foreign", "WhatsApp", "+15550102").await;
    let account = NewAccount {
        carrier: "WhatsApp".to_owned(),
        key: "300".to_owned(),
        api_url: None,
        messages_per_second_max: None,
        secret: Some(Secret::new("token")),
        signing_secret: Some(Secret::new("another-app-secret")),
    };
    let system = stage.server.org().system();
    stage
        .messaging
        .connect_channel(&system, foreign, &account)
        .await
        .unwrap();
    stage.server.expect_log("no channel of this app");
    for number in ["200", "300", "400"] {
        let body = told_of(number, &text(number, "12025550147", number));
        stage
            .send(signed(PATH, APP_SECRET, &body))
            .await
            .expect(200);
    }
    let of = "SELECT MessagingChannel.DeveloperName FROM MessagingSession";
    stage
        .until(of, "MessagingChannel.DeveloperName", &["Second"])
        .await;
    stage.until(ENTRIES, "Message", &["200"]).await;
}
