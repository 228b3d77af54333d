//! What a service can show is what it is sent.

use headwater_messaging::{Error, Message, NewFile};
use serde_json::{Value, json};

use super::{DEFINITION, Service};

const MESSAGE: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";

fn registration(types: &Value) -> Value {
    json!({ "capabilities": {
        "appType": "custom",
        "channelCapabilities": [{
            "channelType": "custom",
            "customIntegration": {
                "customIntegrationType": "CustomChannelIntegration",
                "integrationNamespace": "Partner",
                "conversationChannelDefinitionDevName": DEFINITION,
            },
            "messageTypeCapabilities": types,
        }],
    } })
}

fn texts(most: u64) -> Value {
    json!({ "formatType": "Text", "capabilityFieldRestriction": [{
        "fieldJsonPath": "$.staticContent.text",
        "restriction": { "fieldRestrictionType": "StringFieldRestriction", "encoding": "UTF8", "maxLength": most },
    }] })
}

async fn registers(service: &Service, types: &Value) {
    let answer = service
        .ask("PATCH", "/capabilities", &registration(types))
        .await;
    assert_eq!(answer.expect(200).json(), json!({ "success": true }));
}

fn asking(choices: &[&str]) -> Message {
    Message {
        text: "Which?".to_owned(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        ..Message::default()
    }
}

#[tokio::test]
async fn agents_send_what_a_service_has_said_that_it_can_show() {
    let service = Service::connected().await;
    service.writes(MESSAGE, "Hi there").await.expect(202);
    registers(
        &service,
        &json!([{ "messageType": "StaticContentMessage", "formatTypeCapabilities": [texts(20)] }]),
    )
    .await;
    let long = service.stage.agent_says("This is more than twenty").await;
    assert!(
        matches!(long, Err(Error::TooLong { found: 24, max: 20 })),
        "{long:?}"
    );
    let file = |media_type: &str, bytes: usize| Message {
        files: vec![NewFile::new("a.png", media_type, vec![7; bytes]).unwrap()],
        ..Message::default()
    };
    let none = service.stage.agent_sends(&file("image/png", 10)).await;
    assert!(matches!(none, Err(Error::NoFiles)), "{none:?}");
    // It knows no choices, so they are lines.
    service
        .stage
        .agent_sends(&asking(&["Small", "Large"]))
        .await
        .unwrap();
    let told = service.until_told("Message", 1).await;
    let message = &told[0].body["payload"]["payload"]["entryPayload"]["abstractMessage"];
    assert_eq!(message["messageType"], "StaticContentMessage");
    assert_eq!(message["staticContent"]["text"], "Which?\n• Small\n• Large");

    let restricted = |path: &str, restriction: Value| json!({ "fieldJsonPath": path, "restriction": restriction });
    registers(&service, &json!([
        { "messageType": "StaticContentMessage", "formatTypeCapabilities": [
            { "formatType": "Text" },
            { "formatType": "Attachments", "capabilityFieldRestriction": [
                restricted("$.staticContent.attachments.mimeType",
                    json!({ "fieldRestrictionType": "MimeTypeRestriction", "mimeType": "image/png" })),
                restricted("$.staticContent.attachments",
                    json!({ "fieldRestrictionType": "FileSizeRestriction", "maxSizeInKb": 1 })),
            ] },
        ] },
        { "messageType": "ChoicesMessage", "formatTypeCapabilities": [
            { "formatType": "Buttons", "fieldRestrictions": [restricted("$.choices.optionItems",
                json!({ "fieldRestrictionType": "ArrayRestriction", "maxItems": 2 }))] },
        ] },
        { "messageType": "FormMessage", "formatTypeCapabilities": [{ "formatType": "Inputs" }] },
    ])).await;
    service
        .stage
        .agent_says("This is more than twenty")
        .await
        .unwrap();
    let large = service
        .stage
        .agent_sends(&file("image/png", 1_025))
        .await
        .unwrap_err();
    assert!(
        large.to_string().ends_with("have at most 1 KB there"),
        "{large}"
    );
    let other = service
        .stage
        .agent_sends(&file("image/jpeg", 10))
        .await
        .unwrap_err();
    assert!(
        other.to_string().ends_with("image/jpeg, but image/png"),
        "{other}"
    );
    service
        .stage
        .agent_sends(&file("image/png", 1_024))
        .await
        .unwrap();
    service
        .stage
        .agent_sends(&asking(&["Small", "Large"]))
        .await
        .unwrap();
    service
        .stage
        .agent_sends(&asking(&["S", "M", "L"]))
        .await
        .unwrap();
    let told = service.until_told("Message", 5).await;
    let message =
        |place: usize| &told[place].body["payload"]["payload"]["entryPayload"]["abstractMessage"];
    assert_eq!(message(2)["staticContent"]["formatType"], "Attachments");
    assert_eq!(message(3)["choices"]["formatType"], "Buttons");
    assert_eq!(message(4)["staticContent"]["text"], "Which?\n• S\n• M\n• L");
}

#[tokio::test]
async fn capabilities_that_cannot_be_are_refused_with_salesforces_code() {
    let service = Service::connected().await;
    let of = |kind: &str, format: Value| {
        registration(&json!([{ "messageType": kind, "formatTypeCapabilities": [format] }]))
    };
    let text = || of("StaticContentMessage", json!({ "formatType": "Text" }));
    let with = |path: &str, value: Value| {
        let mut request = text();
        *request.pointer_mut(path).unwrap() = value;
        request
    };
    let channel = "/capabilities/channelCapabilities";
    for (wanted, request) in [
        (10_037, with("/capabilities/appType", "iamessage".into())),
        (10_047, of("Telegram", json!({ "formatType": "Text" }))),
        (
            10_048,
            of("StaticContentMessage", json!({ "formatType": "Telegram" })),
        ),
        (
            10_049,
            of("StaticContentMessage", json!({ "formatType": "Buttons" })),
        ),
        (
            10_050,
            with(
                &format!("{channel}/0/customIntegration/conversationChannelDefinitionDevName"),
                "Another".into(),
            ),
        ),
        (10_089, with(channel, json!([]))),
        (10_089, of("StaticContentMessage", texts(0))),
    ] {
        let refused = service.ask("PATCH", "/capabilities", &request).await;
        assert_eq!(refused.expect(400).json()["code"], wanted, "{request}");
    }
    // Nothing of it was taken down.
    service.writes(MESSAGE, "Hi there").await.expect(202);
    service.stage.agent_sends(&asking(&["Yes"])).await.unwrap();
    let told = service.until_told("Message", 1).await;
    let message = &told[0].body["payload"]["payload"]["entryPayload"]["abstractMessage"];
    assert_eq!(message["choices"]["formatType"], "QuickReplies");
}
