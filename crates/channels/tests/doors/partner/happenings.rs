//! What a service is told of beside messages: how a session stands, and who is in its conversation.

use serde_json::{Value, json};

use super::callbacks::is_signed;
use super::{ADDRESS, CUSTOMER, Service};

const MESSAGE: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";

/// What was told, in order: of each callback what kind of entry, and what it says in a word.
fn story(service: &Service) -> Vec<(String, String)> {
    let word = |entry: &Value| {
        let payload = &entry["entryPayload"];
        let word = match entry["entryType"].as_str() {
            Some("SessionStatusChanged") => &payload["sessionStatus"],
            Some("ParticipantChanged") => &payload["entries"][0]["operation"],
            Some("RoutingWorkResult") => &payload["workType"],
            _ => &payload["abstractMessage"]["staticContent"]["text"],
        };
        word.as_str().unwrap_or_default().to_owned()
    };
    let told = service.callback.asked().into_iter().map(|asked| {
        let entry = &asked.body["payload"]["payload"];
        (entry["entryType"].as_str().unwrap().to_owned(), word(entry))
    });
    told.collect()
}

#[tokio::test]
async fn a_service_is_told_how_a_session_stands_and_who_is_in_it_in_order_with_messages() {
    let service = Service::connected().await;
    let written = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    service.until_told("SessionStatusChanged", 1).await;
    service.stage.agent_says("Good day").await.unwrap();
    let agent = service.stage.agent().await;
    let session = service.stage.session().await;
    let messaging = &service.stage.messaging;
    messaging.let_rest(&agent, &session).await.unwrap();
    service.writes("again", "Still me").await.expect(202);
    messaging.end(&agent, &session).await.unwrap();
    service.until_told("SessionStatusChanged", 5).await;
    let wanted = [
        ("SessionStatusChanged", "Waiting"),
        ("SessionStatusChanged", "Active"),
        ("ParticipantChanged", "add"),
        ("Message", "Good day"),
        ("SessionStatusChanged", "Inactive"),
        ("ParticipantChanged", "remove"),
        ("SessionStatusChanged", "Waiting"),
        ("SessionStatusChanged", "Ended"),
    ];
    let wanted = wanted.map(|(kind, word)| (kind.to_owned(), word.to_owned()));
    assert_eq!(story(&service), wanted);

    let asked = service.callback.asked();
    let joined = &asked[2];
    assert!(is_signed(joined), "{joined:?}");
    let event = &joined.body["payload"];
    assert_eq!(joined.body["eventType"], "Interaction");
    assert_eq!(event["channelAddressIdentifier"], ADDRESS);
    assert_eq!(event["recipient"]["subject"], CUSTOMER);
    let conversation = &written["conversationIdentifier"];
    assert_eq!(&event["conversationIdentifier"], conversation);
    let entry = &event["payload"];
    assert_eq!(joined.header("webhook-id"), entry["identifier"]);
    assert_eq!(entry["entryPayload"]["id"], entry["identifier"]);
    let change = json!({
        "operation": "add",
        "displayName": &*agent.name,
        "participant": { "appType": "agent", "subject": agent.user.as_str(), "role": "Agent" },
    });
    assert_eq!(entry["entryPayload"]["entries"], json!([change]));
    let ended = &asked[7].body["payload"]["payload"]["entryPayload"];
    assert_eq!(ended["sessionId"], session);
    assert_eq!(ended["sessionStatusPrev"], "Waiting");
    assert_eq!(ended["sessionEndedByRole"], "Agent");
    assert!(ended["sessionEndTime"].as_i64() >= ended["sessionStartTime"].as_i64());
    assert_eq!(&ended["conversationIdentifier"], conversation);
    assert_eq!(
        asked[1].body["payload"]["payload"]["entryPayload"]["sessionEndTime"],
        Value::Null
    );
}

#[tokio::test]
async fn what_happened_is_told_again_under_the_same_name_until_it_is_heard_and_what_follows_waits()
{
    let service = Service::connected().await;
    service.callback.say(503, Some(3), json!({}));
    service.writes(MESSAGE, "Hi there").await.expect(202);
    service.stage.agent_says("Good day").await.unwrap();
    let sent = "SELECT MessageStatus FROM ConversationEntry WHERE ActorType = 'Agent'";
    service
        .stage
        .until_in_time(sent, "MessageStatus", &["Sent"])
        .await;
    let asked = service.callback.asked();
    let kinds: Vec<_> = story(&service).into_iter().map(|(kind, _)| kind).collect();
    let status = "SessionStatusChanged";
    assert_eq!(
        kinds,
        [status, status, status, "ParticipantChanged", "Message"]
    );
    assert_eq!(asked[0].header("webhook-id"), asked[1].header("webhook-id"));
    assert_eq!(asked[0].body, asked[1].body);
    assert_ne!(asked[1].header("webhook-id"), asked[2].header("webhook-id"));
}

#[tokio::test]
async fn what_a_service_does_not_want_to_hear_holds_nothing_up() {
    let service = Service::connected().await;
    service
        .stage
        .server
        .expect_log("a service could not be told what happened");
    service
        .callback
        .say(400, None, json!({ "message": "what is that?" }));
    service.writes(MESSAGE, "Hi there").await.expect(202);
    service.stage.agent_says("Good day").await.unwrap();
    service.until_told("Message", 1).await;
    assert_eq!(service.told("SessionStatusChanged").len(), 2);
}
