//! What a service tells of our messages.

use serde_json::{Value, json};

use super::{CUSTOMER, Service, entry};
use crate::stage::{REASON, STATUS};

const MESSAGE: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";

/// A customer has written and an agent has answered: the conversation's name, and our message's.
async fn answered(service: &Service) -> (String, String) {
    let written = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    service.stage.agent_says("Good day").await.unwrap();
    service
        .stage
        .until(STATUS, "MessageStatus", &["Sent"])
        .await;
    let told = &service.told("Message")[0].body;
    let name = told["payload"]["payload"]["identifier"].as_str().unwrap();
    let conversation = written["conversationIdentifier"].as_str().unwrap();
    (conversation.to_owned(), name.to_owned())
}

fn acknowledged(conversation: &str, subject: &str, all: &[(&str, &str)]) -> Value {
    let all = all.iter().map(|(kind, entry)| {
        json!({
            "acknowledgementType": kind,
            "acknowledgedConversationEntryIdentifier": entry,
            "acknowledgmentCreatedConversationEntryIdentifier": MESSAGE,
            "acknowledgementTimestamp": "1688190840000",
        })
    });
    json!({
        "conversationIdentifier": conversation,
        "sender": { "appType": "custom", "subject": subject, "role": "EndUser" },
        "acknowledgements": all.collect::<Vec<_>>(),
    })
}

#[tokio::test]
async fn a_message_is_delivered_and_read_and_nothing_leads_back() {
    let service = Service::connected().await;
    let (conversation, name) = answered(&service).await;
    let path = "/acknowledgement";
    for (kind, state) in [
        ("Delivered", "Delivered"),
        ("Read", "Read"),
        ("Delivered", "Read"),
    ] {
        let body = acknowledged(&conversation, CUSTOMER, &[(kind, &name)]);
        let answer = service.ask("POST", path, &body).await;
        assert_eq!(answer.expect(200).json(), json!({ "success": true }));
        service.stage.until(STATUS, "MessageStatus", &[state]).await;
    }
    let code = |answer: crate::stage::Answer| answer.expect(400).json()["code"].as_i64().unwrap();
    let stranger = acknowledged(&conversation, "Somebody", &[("Read", &name)]);
    assert_eq!(code(service.ask("POST", path, &stranger).await), 10_068);
    let nowhere = acknowledged(MESSAGE, CUSTOMER, &[("Read", &name)]);
    assert_eq!(code(service.ask("POST", path, &nowhere).await), 10_018);
    let many = acknowledged(&conversation, CUSTOMER, &[("Read", &*name); 26]);
    assert_eq!(code(service.ask("POST", path, &many).await), 10_089);
}

#[tokio::test]
async fn a_message_that_did_not_reach_the_customer_says_so() {
    let service = Service::connected().await;
    let (_, name) = answered(&service).await;
    let failed = |subject: &str, what: &str| {
        entry(&json!({
            "id": "a8f81c06-c06a-4784-b96c-ca95d3321bd9",
            "entryType": "MessageDeliveryFailed",
            "failedConversationEntryIdentifier": what,
            "recipient": { "appType": "custom", "subject": subject, "role": "EndUser" },
            "errorCode": "77", "errorMessage": "The phone is off",
        }))
    };
    let others = service.interacts(&failed("Somebody", &name)).await;
    assert_eq!(others.expect(400).json()["code"], 10_054);
    // Its own message, of which it knows best.
    service
        .interacts(&failed(CUSTOMER, MESSAGE))
        .await
        .expect(202);
    service
        .interacts(&failed(CUSTOMER, &name))
        .await
        .expect(202);
    service
        .stage
        .until(STATUS, "MessageStatus", &["Error"])
        .await;
    let why = ["77: The phone is off"];
    service.stage.until(REASON, "MessageStatusCode", &why).await;
}
