//! What a service is told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_messaging::{Doing, Message, NewFile};
use hmac::{Hmac, KeyInit, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::{ADDRESS, CUSTOMER, DEFINITION, SIGNING, Service};
use crate::stage::{PUBLIC_URL, REASON, STATUS};
use crate::stand_in::Asked;

const MESSAGE: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";

/// Whether a callback was signed with the channel's secret, as Standard Webhooks has it.
pub(super) fn is_signed(asked: &Asked) -> bool {
    let key = STANDARD.decode(SIGNING.strip_prefix("whsec_").unwrap());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.unwrap()).unwrap();
    let (id, time) = (
        asked.header("webhook-id"),
        asked.header("webhook-timestamp"),
    );
    mac.update(format!("{id}.{time}.").as_bytes());
    mac.update(&asked.raw);
    let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    asked.header("webhook-signature") == wanted
}

#[tokio::test]
async fn an_agents_message_is_told_in_the_shape_of_salesforces_event() {
    let service = Service::connected().await;
    let written = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    service.stage.agent_says("Good day").await.unwrap();
    service
        .stage
        .until(STATUS, "MessageStatus", &["Sent"])
        .await;
    let asked = service.told("Message");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].what, "POST /callback");
    assert!(is_signed(&asked[0]), "{asked:?}");
    let event = &asked[0].body;
    assert_eq!(event["eventType"], "Interaction");
    let event = &event["payload"];
    assert_eq!(event["channelAddressIdentifier"], ADDRESS);
    assert_eq!(
        event["conversationIdentifier"],
        written["conversationIdentifier"]
    );
    let to = json!({ "appType": "custom", "subject": CUSTOMER, "role": "EndUser" });
    assert_eq!(event["recipient"], to);
    let entry = &event["payload"];
    let name = entry["identifier"].as_str().unwrap();
    assert_eq!(asked[0].header("webhook-id"), name);
    assert_eq!(entry["entryType"], "Message");
    assert_eq!(entry["sender"]["role"], "Agent");
    let agent = service.stage.agent().await;
    assert_eq!(entry["sender"]["subject"], agent.user.as_str());
    assert_eq!(entry["senderDisplayName"], *agent.name);
    let content = json!({ "formatType": "Text", "text": "Good day" });
    let message = &entry["entryPayload"]["abstractMessage"];
    assert_eq!(message["staticContent"], content);
    assert_eq!(message["id"], name);
}

#[tokio::test]
async fn a_callback_is_made_again_under_the_same_name_until_it_is_taken() {
    let service = Service::connected().await;
    service.writes(MESSAGE, "Hi there").await.expect(202);
    let (agent, session) = (service.stage.agent().await, service.stage.session().await);
    service
        .stage
        .messaging
        .take(&agent, &session)
        .await
        .unwrap();
    service.until_told("ParticipantChanged", 1).await;
    service.callback.say(503, Some(7), json!({}));
    service.stage.agent_says("Good day").await.unwrap();
    service
        .stage
        .until_in_time(STATUS, "MessageStatus", &["Sent"])
        .await;
    let asked = service.told("Message");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].header("webhook-id"), asked[1].header("webhook-id"));
    assert_eq!(asked[0].body, asked[1].body);
    assert!(is_signed(&asked[1]), "signed anew");
    assert_ne!(
        asked[0].header("webhook-timestamp"),
        asked[1].header("webhook-timestamp")
    );
    service
        .callback
        .say(404, None, json!({ "message": "no such customer" }));
    service
        .stage
        .server
        .expect_log("a message could not be sent");
    service.stage.agent_says("Still there?").await.unwrap();
    let why = [
        "",
        "404: the service answered 404 Not Found: no such customer",
    ];
    service.stage.until(REASON, "MessageStatusCode", &why).await;
}

#[tokio::test]
async fn files_are_told_by_addresses_that_open_them_and_answers_as_quick_replies() {
    let service = Service::connected().await;
    service.writes(MESSAGE, "Hi there").await.expect(202);
    let bill = NewFile::new("bill.pdf", "application/pdf", &b"a bill"[..]).unwrap();
    let message = Message {
        text: "Your bill".to_owned(),
        files: vec![bill],
        ..Message::default()
    };
    service.stage.agent_sends(&message).await.unwrap();
    service
        .stage
        .until(STATUS, "MessageStatus", &["Sent"])
        .await;
    let event = service.told("Message")[0].body.clone();
    let message = &event["payload"]["payload"]["entryPayload"]["abstractMessage"];
    let content = &message["staticContent"];
    assert_eq!(content["formatType"], "Attachments");
    assert_eq!(content["text"], "Your bill");
    let file = &content["attachments"][0];
    assert_eq!(
        (&file["name"], &file["mimeType"]),
        (&json!("bill.pdf"), &json!("application/pdf"))
    );
    let address = file["url"].as_str().unwrap();
    let path = address.strip_prefix(PUBLIC_URL).unwrap();
    let get = |path: &str| {
        axum::http::Request::get(path)
            .body(axum::body::Body::empty())
            .unwrap()
    };
    let fetched = service.stage.send(get(path)).await.expect(200);
    assert_eq!(fetched.text, "a bill");
    assert_eq!(fetched.headers["content-type"], "application/pdf");
    let other = path.replace("expires=", "expires=9");
    service.stage.send(get(&other)).await.expect(403);
    service
        .stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_hours(25));
    service.stage.send(get(path)).await.expect(403);

    let message = Message {
        text: "Which size?".to_owned(),
        choices: vec!["Small".to_owned(), "Large".to_owned()],
        ..Message::default()
    };
    service.stage.agent_sends(&message).await.unwrap();
    service
        .stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent"])
        .await;
    let event = service.told("Message")[1].body.clone();
    let message = &event["payload"]["payload"]["entryPayload"]["abstractMessage"];
    assert_eq!(message["messageType"], "ChoicesMessage");
    let choices = &message["choices"];
    assert_eq!(choices["text"], "Which size?");
    assert_eq!(choices["optionItems"][1]["titleItem"]["title"], "Large");
    let shown = "SELECT Message FROM ConversationEntry WHERE ActorType = 'Agent' ORDER BY Seq";
    let said = ["Your bill", "Which size?\n• Small\n• Large"];
    service.stage.until(shown, "Message", &said).await;
}

#[tokio::test]
async fn a_service_is_told_that_an_agent_writes_and_is_called_to_see_that_it_is_there() {
    let service = Service::connected().await;
    service.writes(MESSAGE, "Hi there").await.expect(202);
    let agent = service.stage.agent().await;
    let session = service.stage.session().await;
    let messaging = &service.stage.messaging;
    let writes = messaging.agent_does(&agent, &session, Doing::Writes);
    writes.await.unwrap();
    let told = service.until_told("TypingStartedIndicator", 1).await;
    let told = told[0].clone();
    assert!(is_signed(&told));
    let entry = &told.body["payload"]["payload"];
    assert_eq!(entry["entryType"], "TypingStartedIndicator");
    assert_eq!(entry["sender"]["subject"], agent.user.as_str());

    let system = service.stage.server.org().system();
    let introduced = service.stage.messaging.introduce(&system, service.channel);
    assert_eq!(introduced.await.unwrap(), DEFINITION);
    let ping = service.callback.asked().pop().unwrap();
    assert!(is_signed(&ping));
    assert_eq!(ping.body["eventType"], "Ping");
    service.callback.say(401, None, json!({}));
    let introduced = service.stage.messaging.introduce(&system, service.channel);
    let refused = introduced.await.unwrap_err().to_string();
    assert_eq!(refused, "401: the service answered 401 Unauthorized");
}
