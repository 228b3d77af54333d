//! What was said before, brought in; what is said, read; and what a bot says.

use headwater_messaging::NewFile;
use serde_json::{Value, json};

use super::{ADDRESS, CUSTOMER, Service};
use crate::stage::{Answer, ENTRIES, STATUS};

const MESSAGE: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";
const BOT: &str = "Order bot";

/// Milliseconds of the test's clock, so many seconds before now.
fn before(service: &Service, seconds: i64) -> i64 {
    service.stage.server.org().now().as_millisecond() - seconds * 1_000
}

fn who(role: &str) -> Value {
    let subject = if role == "Chatbot" { BOT } else { CUSTOMER };
    json!({ "appType": "custom", "subject": subject, "role": role })
}

fn text(id: &str, text: &str) -> Value {
    json!({
        "id": id,
        "entryType": "Message",
        "abstractMessage": {
            "messageType": "StaticContentMessage",
            "id": id,
            "staticContent": { "formatType": "Text", "text": text },
        },
    })
}

fn entry(at: i64, role: &str, payload: &Value) -> Value {
    json!({ "clientTimestamp": at, "sender": who(role), "entryPayload": payload })
}

/// A transcript of a customer with a bot that came twenty minutes ago and left a minute ago.
fn history(service: &Service, entries: &[Value]) -> Value {
    json!({
        "channelAddressIdentifier": ADDRESS,
        "conversationParticipants": [
            { "displayName": "David", "participant": who("EndUser"), "joinedTime": before(service, 1_200) },
            { "displayName": "Robo", "participant": who("Chatbot"), "joinedTime": before(service, 1_200),
              "leftTime": before(service, 60) },
        ],
        "conversationEntries": entries,
    })
}

async fn brings(service: &Service, entries: &[Value]) -> Answer {
    let history = history(service, entries);
    service.ask("POST", "/conversationHistory", &history).await
}

#[tokio::test]
async fn an_earlier_transcript_stands_by_its_own_times_once_and_is_sent_to_nobody() {
    let service = Service::connected().await;
    // The newest first, as services are told to do it.
    let question = json!({
        "id": "q", "entryType": "Message", "abstractMessage": { "messageType": "ChoicesMessage", "id": "q",
            "choices": { "formatType": "QuickReplies", "text": "Which order?", "optionItems": [
                { "titleItem": { "title": "7" }, "optionIdentifier": "7" },
                { "titleItem": { "title": "8" }, "optionIdentifier": "8" },
            ] } },
    });
    let newest = [entry(
        before(&service, 100),
        "EndUser",
        &text("a", "An agent please"),
    )];
    let first = brings(&service, &newest).await.expect(202).json();
    assert_eq!(first["success"], true);
    let session = service.stage.session().await;
    assert_eq!(first["messagingSessionId"], session[..15]);
    let older = [
        entry(before(&service, 300), "Chatbot", &question),
        entry(before(&service, 200), "EndUser", &text("m", "Number 7")),
        entry(before(&service, 400), "EndUser", &text("h", "Hello")),
    ];
    for _ in 0..2 {
        let next = brings(&service, &older).await.expect(202).json();
        assert_eq!(next["messagingSessionId"], first["messagingSessionId"]);
        let conversation = "conversationIdentifier";
        assert_eq!(next[conversation], first[conversation]);
    }
    service.writes(MESSAGE, "Anybody?").await.expect(202);
    let said = [
        "Hello",
        "Which order?\n• 7\n• 8",
        "Number 7",
        "An agent please",
        "Anybody?",
    ];
    service.stage.until(ENTRIES, "Message", &said).await;
    let actors = "SELECT ActorType FROM ConversationEntry ORDER BY EntryTime, Seq";
    let wanted = ["EndUser", "Bot", "EndUser", "EndUser", "EndUser"];
    service.stage.until(actors, "ActorType", &wanted).await;
    let names = "SELECT ActorName FROM ConversationEntry WHERE ActorType = 'Bot'";
    service.stage.until(names, "ActorName", &["Robo"]).await;
    service.stage.agent_says("Here I am").await.unwrap();
    service.until_told("Message", 1).await;
    let message = &service.told("Message")[0].body["payload"]["payload"]["entryPayload"];
    assert_eq!(
        message["abstractMessage"]["staticContent"]["text"],
        "Here I am"
    );
    assert_eq!(
        service.told("Message").len(),
        1,
        "what was said before is not sent"
    );
}

#[tokio::test]
async fn an_earlier_transcript_that_cannot_be_is_refused_with_salesforces_code() {
    let service = Service::connected().await;
    let code = async |request: &Value| {
        let answer = service.ask("POST", "/conversationHistory", request).await;
        answer.expect(400).json()["code"].as_i64().unwrap()
    };
    let good = entry(before(&service, 100), "EndUser", &text("a", "Hi"));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut request = history(&service, std::slice::from_ref(&good));
        change(&mut request);
        request
    };
    let participants = "conversationParticipants";
    let cases: [(i64, Value); 13] = [
        (
            10_069,
            with(&|request| request["channelAddressIdentifier"] = "nowhere".into()),
        ),
        (10_053, with(&|request| request[participants] = json!([]))),
        (
            10_042,
            with(&|request| {
                request[participants].as_array_mut().unwrap().remove(0);
            }),
        ),
        (
            10_065,
            with(&|request| request[participants][0]["leftTime"] = before(&service, 1).into()),
        ),
        (
            10_067,
            with(&|request| request[participants][1]["leftTime"] = before(&service, 1_300).into()),
        ),
        (
            10_068,
            with(&|request| {
                request["conversationEntries"][0]["sender"]["subject"] = "Somebody".into();
            }),
        ),
        (
            10_046,
            with(&|request| {
                request["conversationEntries"][0]["clientTimestamp"] =
                    before(&service, -3_600).into();
            }),
        ),
        (
            10_074,
            with(&|request| {
                request["conversationEntries"][0]["clientTimestamp"] =
                    before(&service, 2_000).into();
            }),
        ),
        (
            10_060,
            with(&|request| {
                request["conversationEntries"][0]["entryPayload"]["id"] = "b".into();
            }),
        ),
        (
            10_073,
            with(&|request| request["conversationEntries"] = json!([good, good])),
        ),
        (
            10_078,
            with(&|request| request["conversationEntries"] = json!([])),
        ),
        (
            10_018,
            with(&|request| request["conversationIdentifier"] = "another".into()),
        ),
        (
            10_061,
            with(&|request| {
                let start = before(&service, -3_600).to_string();
                request["messagingSession"] = json!({ "payload": { "startTime": start } });
            }),
        ),
    ];
    for (wanted, request) in &cases {
        assert_eq!(code(request).await, *wanted, "{request}");
    }
    service.stage.until(ENTRIES, "Message", &[]).await;
}

#[tokio::test]
async fn a_service_reads_what_is_said_the_newest_first_and_between_two_moments() {
    let service = Service::connected().await;
    let written = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    let conversation = written["conversationIdentifier"].as_str().unwrap();
    let middle = service.stage.server.org().now() + jiff::SignedDuration::from_secs(30);
    let clock = service.stage.server.clock();
    clock.advance(jiff::SignedDuration::from_secs(60));
    let bill = NewFile::new("bill.pdf", "application/pdf", &b"a bill"[..]).unwrap();
    let message = headwater_messaging::Message {
        text: "Your bill".to_owned(),
        files: vec![bill],
        ..Default::default()
    };
    service.stage.agent_sends(&message).await.unwrap();
    let told = service.until_told("Message", 1).await;
    let read = async |more: &str| {
        let path = format!("/conversationEntry?conversationIdentifier={conversation}{more}");
        service.ask("GET", &path, &Value::Null).await
    };
    let all = read("").await.expect(200).json();
    let entries = all["conversationEntries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["identifier"], told[0].header("webhook-id"));
    assert_eq!(entries[0]["sender"]["role"], "Agent");
    let content = &entries[0]["entryPayload"]["abstractMessage"]["staticContent"];
    assert_eq!(content["attachments"][0]["name"], "bill.pdf");
    assert_eq!(entries[1]["identifier"], MESSAGE);
    assert_eq!(entries[1]["sender"], who("EndUser"));
    let content = &entries[1]["entryPayload"]["abstractMessage"]["staticContent"];
    assert_eq!(content["text"], "Hi there");
    let middle = middle.as_millisecond();
    for (asked, wanted) in [
        (format!("&startTime={middle}"), told[0].header("webhook-id")),
        (format!("&endTime={middle}"), MESSAGE),
        ("&limit=1".to_owned(), told[0].header("webhook-id")),
    ] {
        let some = read(&asked).await.expect(200).json();
        let some = some["conversationEntries"].as_array().unwrap();
        assert_eq!(some.len(), 1, "{asked}");
        assert_eq!(some[0]["identifier"], wanted, "{asked}");
    }
    for (asked, wanted) in [
        ("&limit=0", 10_092),
        ("&limit=201", 10_092),
        ("&startTime=yesterday", 10_090),
        ("&startTime=5&endTime=5", 10_091),
    ] {
        let refused = read(asked).await.expect(400).json();
        assert_eq!(refused["code"], wanted, "{asked}");
    }
    let none = "/conversationEntry?conversationIdentifier=nobody";
    let none = service.ask("GET", none, &Value::Null).await;
    assert_eq!(none.expect(400).json()["code"], 10_018);
}

#[tokio::test]
async fn what_a_bot_says_goes_to_the_customer_once_and_takes_no_session() {
    let service = Service::connected().await;
    let written = service.writes(MESSAGE, "Hi there").await.expect(202).json();
    let conversation = &written["conversationIdentifier"];
    let says = async |sender: Value, payload: &Value| {
        let request = json!({
            "conversationIdentifier": conversation,
            "sender": sender,
            "conversationEntries": [{ "clientTimestamp": 1_688_190_840_000_i64, "entryPayload": payload }],
        });
        service.ask("POST", "/conversationEntry", &request).await
    };
    let question = json!({
        "id": "q", "entryType": "Message", "abstractMessage": { "messageType": "ChoicesMessage", "id": "q",
            "choices": { "formatType": "Buttons", "text": "Which order?", "optionItems": [
                { "titleItem": { "title": "7" }, "optionIdentifier": "7" },
            ] } },
    });
    for _ in 0..2 {
        says(who("Chatbot"), &question).await.expect(202);
    }
    let writes = json!({ "id": "t", "entryType": "TypingStartedIndicator", "timestamp": 1 });
    says(who("Chatbot"), &writes).await.expect(202);
    let told = service.until_told("Message", 1).await;
    let entry = &told[0].body["payload"]["payload"];
    assert_eq!(
        entry["sender"],
        json!({ "appType": "chatbot", "subject": BOT, "role": "Chatbot" })
    );
    assert_eq!(entry["entryPayload"]["messageReason"], Value::Null);
    let choices = &entry["entryPayload"]["abstractMessage"]["choices"];
    assert_eq!(choices["optionItems"][0]["titleItem"]["title"], "7");
    says(who("EndUser"), &text("c", "Number 7"))
        .await
        .expect(202);
    let said = ["Hi there", "Which order?\n• 7", "Number 7"];
    service.stage.until(ENTRIES, "Message", &said).await;
    let status = "SELECT Status FROM MessagingSession";
    service.stage.until(status, "Status", &["Waiting"]).await;
    service.stage.until(STATUS, "MessageStatus", &[]).await;
    assert_eq!(service.told("Message").len(), 1);

    let other = json!({ "appType": "custom", "subject": "Somebody", "role": "EndUser" });
    for (sender, payload, wanted) in [
        (other, text("x", "Hi"), 10_054),
        (
            json!({ "appType": "custom", "role": "Chatbot" }),
            text("x", "Hi"),
            10_054,
        ),
        (
            who("Chatbot"),
            json!({ "id": "x", "entryType": "Note" }),
            10_045,
        ),
        (
            who("Chatbot"),
            json!({ "id": "x", "entryType": "Message", "abstractMessage": {
            "id": "x", "messageType": "FormMessage" } }),
            10_047,
        ),
    ] {
        let refused = says(sender, &payload).await.expect(400).json();
        assert_eq!(refused["code"], wanted, "{payload}");
    }
    let agent = service.stage.agent().await;
    let session = service.stage.session().await;
    service.stage.messaging.end(&agent, &session).await.unwrap();
    let late = says(who("Chatbot"), &text("late", "Bye")).await;
    assert_eq!(late.expect(400).json()["code"], 10_071);
}
