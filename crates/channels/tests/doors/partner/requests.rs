//! What a service brings, and what it is refused.

use axum::body::Body;
use headwater_messaging::{Doing, Signer};
use headwater_records::{Draft, Precondition};
use headwater_testkit::TestScanner;
use serde_json::{Value, json};

use super::{ADDRESS, ADMIN, AGENT, CUSTOMER, Service, entry, message, of, token};
use crate::stage::ENTRIES;

const MESSAGE: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";
const OTHER: &str = "57904eb6-5352-4c5e-adf6-5f100572cf5d";

/// The status and the code of a refusal.
fn refused(answer: &crate::stage::Answer) -> (u16, i64) {
    let body = answer.json();
    assert!(body["message"].is_string(), "{body}");
    (answer.status.as_u16(), body["code"].as_i64().unwrap())
}

#[tokio::test]
async fn a_message_begins_a_conversation_and_the_next_goes_on_with_it() {
    let service = Service::connected().await;
    let first = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    assert_eq!(first["success"], true);
    let session = service.stage.session().await;
    assert_eq!(first["workItemIds"], json!([&session[..15]]));
    // However often it is brought it is there once, whatever the moment it names.
    let again = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    let next = service.writes(OTHER, "Anybody?").await.expect(202).json();
    for answer in [again, next] {
        assert_eq!(
            answer["conversationIdentifier"],
            first["conversationIdentifier"]
        );
        assert_eq!(answer["workItemIds"], first["workItemIds"]);
    }
    let said = ["Hi there", "Anybody?"];
    service.stage.until(ENTRIES, "Message", &said).await;
    let user = "SELECT MessagingPlatformKey FROM MessagingEndUser";
    let key = "MessagingPlatformKey";
    service.stage.until(user, key, &[CUSTOMER]).await;
}

#[tokio::test]
async fn a_file_comes_with_its_text_and_is_as_long_as_was_said() {
    let service = Service::connected().await;
    let attachment = |length: usize| {
        of(&json!({
            "interactionType": "AttachmentInteraction", "id": MESSAGE, "attachmentIndex": 0,
            "contentLength": length, "text": "This is my file",
        }))
    };
    let bill: (&str, &str, &[u8]) = ("bill.pdf", "application/octet-stream", b"a bill");
    let send = |request: Value, file| service.stage.send(service.interaction(&request, file));
    let short = send(attachment(5), Some(bill)).await;
    assert_eq!(refused(&short), (400, 10_051));
    let none = send(attachment(6), None).await;
    assert_eq!(refused(&none), (400, 10_011));
    let empty = send(attachment(0), Some(("a.pdf", "application/pdf", b""))).await;
    assert_eq!(refused(&empty), (400, 10_009));
    let unknown = send(
        attachment(6),
        Some(("bill.exe", "application/x-dosexec", b"a bill")),
    )
    .await;
    assert_eq!(refused(&unknown), (400, 10_095));
    let unneeded = send(of(&message(MESSAGE, "Hi")), Some(bill)).await;
    assert_eq!(refused(&unneeded), (400, 10_011));
    send(attachment(6), Some(bill)).await.expect(202);
    let said = ["This is my file"];
    service.stage.until(ENTRIES, "Message", &said).await;
    let files = "SELECT ContentDocument.Title FROM ContentDocumentLink WHERE \
                 LinkedEntity.Type = 'ConversationEntry'";
    let title = "ContentDocument.Title";
    service.stage.until(files, title, &["bill"]).await;
}

#[tokio::test]
async fn a_file_that_holds_a_virus_is_refused_and_while_nobody_looks_every_file_is() {
    let service = Service::connected().await;
    let scanner = TestScanner::watch(service.stage.server.org());
    let request = of(&json!({
        "interactionType": "AttachmentInteraction", "id": MESSAGE, "attachmentIndex": 0,
        "contentLength": TestScanner::VIRUS.len(), "text": "This is my file",
    }));
    let send = async |bytes: &[u8]| {
        let file = Some(("bill.pdf", "application/pdf", bytes));
        service
            .stage
            .send(service.interaction(&request, file))
            .await
    };
    service
        .stage
        .server
        .expect_log("an infected file was refused");
    let infected = send(TestScanner::VIRUS.as_bytes()).await;
    assert_eq!(refused(&infected), (400, 10_095));
    let said = infected.json()["message"].to_string();
    assert!(said.contains("the virus Test.Virus-1"), "{said}");
    scanner.is_away(true);
    service
        .stage
        .server
        .expect_log("it could not be scanned for viruses");
    assert_eq!(refused(&send(b"a bill.").await), (503, 10_056));
    scanner.is_away(false);
    send(b"a bill.").await.expect(202);
    service
        .stage
        .until(ENTRIES, "Message", &["This is my file"])
        .await;
}

#[tokio::test]
async fn what_customers_choose_and_fill_in_stands_in_the_transcript() {
    let service = Service::connected().await;
    let answer = |id: &str, kind: &str, field: &str, content: Value| {
        let mut message = json!({ "messageType": kind, "id": id });
        message[field] = content;
        entry(&json!({ "id": id, "entryType": "Message", "abstractMessage": message }))
    };
    let chosen = json!({ "formatType": "Selections", "selectedOptions": [
        { "optionIdentifier": "large", "optionTitle": { "itemType": "TitleItem", "title": "Large" } },
    ] });
    let chosen = answer(MESSAGE, "ChoicesResponseMessage", "choicesResponse", chosen);
    service.interacts(&chosen).await.expect(202);
    let form = json!({ "formatType": "Inputs", "inputValues": [
        { "inputValueType": "SingleInputValue", "inputId": "Number", "value": { "valueType": "TextValue", "textValue": "7" } },
    ] });
    let form = answer(OTHER, "FormResponseMessage", "formResponse", form);
    service.interacts(&form).await.expect(202);
    let said = ["Large", "[form]\nNumber: 7"];
    service.stage.until(ENTRIES, "Message", &said).await;
}

#[tokio::test]
async fn who_is_writing_is_told_and_kept_nowhere() {
    let service = Service::connected().await;
    let sign = |kind: &str| entry(&json!({ "id": OTHER, "entryType": kind, "timestamp": 1 }));
    let before = service.interacts(&sign("TypingStartedIndicator")).await;
    assert_eq!(before.expect(202).json()["workItemIds"], json!([]));
    service.writes(MESSAGE, "Hi there").await.expect(202);
    let mut signs = service.stage.messaging.signs();
    for (kind, does) in [
        ("TypingStartedIndicator", Doing::Writes),
        ("TypingStoppedIndicator", Doing::Stops),
    ] {
        service.interacts(&sign(kind)).await.expect(202);
        let told = signs.next().await.unwrap();
        assert_eq!((told.by, told.does), (Signer::Customer, does));
    }
    service.stage.until(ENTRIES, "Message", &["Hi there"]).await;
}

#[tokio::test]
async fn a_conversation_is_found_or_made_and_a_session_ended() {
    let service = Service::connected().await;
    let participant =
        |role: &str, app: &str| json!({ "appType": app, "subject": CUSTOMER, "role": role });
    let asked = |participants: Value| json!({ "channelAddressIdentifier": ADDRESS, "participants": participants });
    for (participants, code) in [
        (json!([]), 10_039),
        (json!([participant("Chatbot", "custom")]), 10_042),
        (json!([participant("Agent", "custom")]), 10_043),
        (
            json!([
                participant("EndUser", "custom"),
                participant("EndUser", "custom")
            ]),
            10_044,
        ),
        (json!([participant("EndUser", "agent")]), 10_037),
        (
            json!([{ "appType": "custom", "subject": " ", "role": "EndUser" }]),
            10_054,
        ),
    ] {
        let answer = service
            .ask("POST", "/conversation", &asked(participants))
            .await;
        assert_eq!(refused(&answer), (400, code));
    }
    let customer = asked(json!([participant("EndUser", "custom")]));
    let made = service.ask("POST", "/conversation", &customer).await;
    let made = made.expect(202).json();
    let session = made["messagingSessionId"].as_str().unwrap().to_owned();
    let found = service.ask("POST", "/conversation", &customer).await;
    assert_eq!(found.expect(202).json(), made);
    let written = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    assert_eq!(
        written["conversationIdentifier"],
        made["conversationIdentifier"]
    );
    assert_eq!(written["workItemIds"], json!([session]));

    let over = |session: &str, operation: &str| json!({ "sessionId": session, "operation": operation, "operationBy": "EndUser" });
    let nobodys = service
        .ask("POST", "/messagingSession", &over("0Mw000000000001", "End"))
        .await;
    assert_eq!(refused(&nobodys), (400, 10_071));
    let odd = service
        .ask("POST", "/messagingSession", &over(&session, "Burn"))
        .await;
    assert_eq!(refused(&odd), (400, 10_089));
    let ended = service
        .ask("POST", "/messagingSession", &over(&session, "End"))
        .await;
    ended.expect(202);
    let how = "SELECT EndedByType FROM MessagingSession";
    service.stage.until(how, "EndedByType", &["EndUser"]).await;
    // The conversation goes on after its session.
    let next = service
        .ask("POST", "/conversation", &customer)
        .await
        .expect(202)
        .json();
    assert_eq!(
        next["conversationIdentifier"],
        made["conversationIdentifier"]
    );
    assert_ne!(next["messagingSessionId"], made["messagingSessionId"]);
}

#[tokio::test]
async fn consent_is_what_the_service_says() {
    let service = Service::connected().await;
    let asked = |customer: &str, status: &str| json!({ "channelAddressIdentifier": ADDRESS, "endUserClientId": customer, "consentStatus": status });
    let nobody = service
        .ask("PATCH", "/consent", &asked(CUSTOMER, "OptedOut"))
        .await;
    assert_eq!(refused(&nobody), (400, 10_020));
    service.writes(MESSAGE, "Hi there").await.expect(202);
    let odd = service
        .ask("PATCH", "/consent", &asked(CUSTOMER, "Maybe"))
        .await;
    assert_eq!(refused(&odd), (400, 10_021));
    let consent = "SELECT MessagingConsentStatus FROM MessagingEndUser";
    for status in [
        "DoublyOptedIn",
        "ImplicitlyOptedIn",
        "ExplicitlyOptedIn",
        "OptedOut",
    ] {
        let set = service
            .ask("PATCH", "/consent", &asked(CUSTOMER, status))
            .await;
        assert_eq!(set.expect(200).json(), json!({ "success": true }));
        service
            .stage
            .until(consent, "MessagingConsentStatus", &[status])
            .await;
    }
    let sessions = "SELECT Status FROM MessagingSession";
    service.stage.until(sessions, "Status", &["Ended"]).await;
}

#[tokio::test]
async fn who_may_not_and_what_is_not_right_is_refused_with_salesforces_codes() {
    let mut service = Service::connected().await;
    let hello = of(&message(MESSAGE, "Hi there"));
    let changed = |name: &'static str, value: Option<&'static str>| {
        let mut request = service.interaction(&hello, None);
        request.headers_mut().remove(name);
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    };
    for (name, value, wanted) in [
        ("authorization", None, (401, 10_004)),
        ("authorization", Some("Bearer 00D!guess"), (401, 10_004)),
        ("orgid", None, (400, 10_016)),
        ("orgid", Some("00D000000000000"), (400, 10_016)),
        ("requestid", None, (400, 10_016)),
        ("authorizationcontext", None, (400, 10_016)),
        ("authorizationcontext", Some("Another"), (403, 10_005)),
        ("authorizationcontexttype", Some("Bot"), (400, 10_093)),
        ("content-type", Some("application/json"), (400, 10_089)),
    ] {
        let answer = service.stage.send(changed(name, value)).await;
        assert_eq!(refused(&answer), wanted, "{name}: {value:?}");
    }
    let with = |field: &str, value: Value| {
        let mut request = hello.clone();
        request[field] = value;
        service.interaction(&request, None)
    };
    let bad = |payload: Value| {
        with(
            "interactions",
            json!([{ "interactionType": "EntryInteraction", "timestamp": 1, "payload": payload }]),
        )
    };
    for (request, code) in [
        (with("to", json!("")), 10_027),
        (with("to", json!("nowhere")), 10_017),
        (with("from", json!("x".repeat(256))), 10_028),
        (with("interactions", json!([])), 10_029),
        (
            with(
                "interactions",
                json!([{ "interactionType": "Other", "timestamp": 1 }]),
            ),
            10_029,
        ),
        (
            with(
                "interactions",
                json!([{ "interactionType": "EntryInteraction" }]),
            ),
            10_045,
        ),
        (bad(json!({ "entryType": "Message" })), 10_059),
        (
            bad(json!({ "entryType": "Message", "id": "1", "abstractMessage": { "id": "2" } })),
            10_060,
        ),
        (
            bad(
                json!({ "entryType": "Message", "id": "1", "abstractMessage": { "id": "1", "messageType": "ChoicesMessage" } }),
            ),
            10_062,
        ),
        (bad(json!({ "entryType": "Note", "id": "1" })), 10_045),
        (
            bad(
                json!({ "entryType": "MessageDeliveryFailed", "id": "1", "errorCode": "1", "recipient": { "appType": "11", "subject": CUSTOMER, "role": "4" } }),
            ),
            10_037,
        ),
    ] {
        let answer = service.stage.send(request).await;
        assert_eq!(refused(&answer), (400, code));
    }
    let elsewhere = service.ask("POST", "/attachmentHistory", &json!({})).await;
    assert_eq!(elsewhere.status.as_u16(), 404);
    let org = service.stage.server.org();
    let (system, off) = (org.system(), Draft::new().with("IsActive", false));
    let channel = service.channel.to_string();
    let switched = org.update(
        &system,
        "MessagingChannel",
        &channel,
        off,
        Precondition::default(),
    );
    switched.await.unwrap();
    let off = service.stage.send(service.interaction(&hello, None)).await;
    assert_eq!(refused(&off), (400, 10_031));
    // An agent's token, or one for the API alone, opens nothing here.
    service.token = token(&service.stage, ADMIN, "full").await;
    let scope = service.writes(MESSAGE, "Hi").await;
    assert_eq!(refused(&scope), (403, 10_003));
    service.token = token(&service.stage, AGENT, "interaction_api").await;
    let agent = service.writes(MESSAGE, "Hi").await;
    assert_eq!(refused(&agent), (403, 10_005));
    assert!(service.stage.rows(ENTRIES).await.is_empty());
}

#[tokio::test]
async fn a_channel_of_another_definition_is_none_of_the_services() {
    let service = Service::connected().await;
    service.stage.channel("Bot", "Custom", "@shop_bot").await;
    let mut request = of(&message(MESSAGE, "Hi there"));
    request["to"] = "@shop_bot".into();
    let answer = service
        .stage
        .send(service.interaction(&request, None))
        .await;
    assert_eq!(refused(&answer), (400, 10_001));
    let broken = service.interaction(&request, None);
    let (parts, _) = broken.into_parts();
    let broken = axum::http::Request::from_parts(parts, Body::from("no parts at all"));
    let answer = service.stage.send(broken).await;
    assert_eq!(refused(&answer), (400, 10_089));
}
