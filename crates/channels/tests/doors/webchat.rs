//! A web client, from its token to its stream.

use axum::body::Body;
use axum::http::Request;
use headwater_messaging::{Doing, Message, Signer};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::stage::Stage;
use crate::visitor::{API, CONVERSATION, Visitor, post, web};

#[tokio::test]
async fn a_visitor_writes_an_agent_answers_and_both_are_in_the_transcript() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    let sent = visitor.writes(1, "Hello").await.expect(202).json();
    assert_eq!(
        sent["conversationEntries"][0]["id"],
        "7f0c2a1e-1111-4222-8333-444455556601"
    );
    let soql = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";
    stage.until(soql, "Message", &["Hello"]).await;
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(1));
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
    let listed = visitor
        .get(&format!("/conversation/{CONVERSATION}/entries"))
        .await
        .expect(200)
        .json();
    let texts: Vec<_> = listed["conversationEntries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            assert_eq!(entry["entryType"], "Message");
            let content = &entry["entryPayload"]["abstractMessage"]["staticContent"];
            (entry["sender"]["role"].clone(), content["text"].clone())
        })
        .collect();
    // The newest first, as the official client expects it.
    assert_eq!(texts[0], (json!("Agent"), json!("Good day")));
    assert_eq!(texts[1], (json!("EndUser"), json!("Hello")));
    let status = visitor
        .get(&format!("/conversation/{CONVERSATION}"))
        .await
        .expect(200)
        .json();
    assert_eq!(status["routingStatus"], "ROUTED");
}

#[tokio::test]
async fn a_stream_tells_what_was_missed_and_then_what_happens() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    visitor.writes(1, "Hello").await.expect(202);
    let soql = "SELECT Message FROM ConversationEntry";
    stage.until(soql, "Message", &["Hello"]).await;
    let heard = visitor.hears(Some(&visitor.first_event), "Hello").await;
    assert!(heard.contains("event: CONVERSATION_MESSAGE"), "{heard}");
    let data = heard
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .find(|data| data.contains("Hello"))
        .unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["conversationId"], CONVERSATION);
    // Text in a stream, an object in a list.
    let payload = data["conversationEntry"]["entryPayload"].as_str().unwrap();
    let payload: Value = serde_json::from_str(payload).unwrap();
    assert_eq!(payload["entryType"], "Message");
    let agent = stage.agent().await;
    let session = stage.session().await;
    let answer = async {
        // When somebody listens; what came before is not told again.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let message = Message {
            text: "Good day".to_owned(),
            id: None,
            ..Message::default()
        };
        stage
            .messaging
            .send(&agent, &session, &message)
            .await
            .unwrap();
    };
    let (live, ()) = tokio::join!(visitor.hears(None, "PARTICIPANT_CHANGED"), answer);
    assert!(live.contains("Good day"), "{live}");
    assert!(!live.contains("Hello"), "{live}");
}

#[tokio::test]
async fn nobody_reads_or_writes_in_the_conversation_of_another() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    visitor.writes(1, "My secret").await.expect(202);
    let other = Visitor::arrives(&stage).await;
    let body = json!({ "conversationId": CONVERSATION, "esDeveloperName": "Web" });
    other.post("/conversation", &body).await.expect(409);
    other.writes(2, "Let me in").await.expect(404);
    let entries = format!("/conversation/{CONVERSATION}/entries");
    other.get(&entries).await.expect(404);
    let answer = other
        .get(&format!("/conversation/{CONVERSATION}"))
        .await
        .expect(404)
        .json();
    assert_eq!(
        answer["message"],
        "There is no such conversation of this end user"
    );
}

#[tokio::test]
async fn a_token_that_is_not_ours_or_over_opens_nothing() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    let forged = Visitor {
        token: format!("{}x", visitor.token),
        stage: &stage,
        first_event: String::new(),
        org: visitor.org.clone(),
    };
    forged.get("/conversation/list").await.expect(401);
    let listed = visitor.get("/conversation/list").await.expect(200).json();
    assert_eq!(listed["openConversationsFound"], 0);
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_hours(7));
    let answer = visitor.get("/conversation/list").await.expect(401).json();
    assert_eq!(answer["errorCode"], "UNAUTHORIZED");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    let wrong = json!({ "conversationId": CONVERSATION.to_uppercase() });
    let answer = visitor
        .post("/conversation", &wrong)
        .await
        .expect(400)
        .json();
    let said = "Specify the conversationId in UUID format. The UUID must be in lowercase.";
    assert_eq!(answer["message"], said);
    visitor.begins().await;
    let again = json!({ "conversationId": CONVERSATION });
    visitor.post("/conversation", &again).await.expect(409);
    let path = format!("/conversation/{CONVERSATION}/message");
    let answer = visitor
        .post(&path, &json!({ "message": {} }))
        .await
        .expect(400)
        .json();
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("missing field"),
        "{answer}"
    );
    let unknown = json!({ "orgId": visitor.org, "esDeveloperName": "Nowhere" });
    let path = format!("{API}/authorization/unauthenticated/access-token");
    post(&stage, &path, None, &unknown).await.expect(404);
}

#[tokio::test]
async fn a_visitor_who_ends_the_session_begins_a_new_one_with_the_next_message() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    let path = format!("{API}/conversation/{CONVERSATION}/session?esDeveloperName=Web");
    let request = Request::delete(path)
        .header("authorization", format!("Bearer {}", visitor.token))
        .body(Body::empty());
    stage.send(request.unwrap()).await.expect(204);
    let sessions = "SELECT Status FROM MessagingSession ORDER BY StartTime, Id";
    stage.until(sessions, "Status", &["Ended"]).await;
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(60));
    visitor.writes(1, "Still there?").await.expect(417);
    let body = json!({
        "message": {
            "id": "7f0c2a1e-1111-4222-8333-444455556602",
            "messageType": "StaticContentMessage",
            "staticContent": { "formatType": "Text", "text": "Still there?" },
        },
        "isNewMessagingSession": true,
        "routingAttributes": {},
        "language": "en_US",
    });
    let path = format!("/conversation/{CONVERSATION}/message");
    visitor.post(&path, &body).await.expect(202);
    stage.until(sessions, "Status", &["Ended", "Waiting"]).await;
}

#[tokio::test]
async fn pages_of_other_origins_may_call() {
    let stage = Stage::set().await;
    let request = Request::options("/eventrouter/v1/sse")
        .header("origin", "https://shop.example.com")
        .header("access-control-request-method", "GET")
        .header(
            "access-control-request-headers",
            "authorization,last-event-id,x-org-id",
        )
        .body(Body::empty());
    let response = stage
        .router
        .clone()
        .oneshot(request.unwrap())
        .await
        .unwrap();
    assert!(response.status().is_success());
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    let allowed = headers["access-control-allow-headers"].to_str().unwrap();
    assert!(
        allowed.contains("last-event-id") && allowed.contains("x-org-id"),
        "{allowed}"
    );
}

#[tokio::test]
async fn each_is_told_that_the_other_writes_and_nothing_of_it_is_kept() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    let mut told = stage.messaging.signs();
    let path = format!("/conversation/{CONVERSATION}/entry");
    let id = "7f0c2a1e-1111-4222-8333-444455556601";
    let started = json!({ "entryType": "TypingStartedIndicator", "id": id });
    visitor.post(&path, &started).await.expect(202);
    let sign = told.next().await.unwrap();
    let session = stage.session().await;
    assert_eq!(sign.session.to_string(), session);
    assert_eq!((sign.by, sign.does), (Signer::Customer, Doing::Writes));
    let unknown = json!({ "entryType": "Thinking", "id": id });
    visitor.post(&path, &unknown).await.expect(400);

    let agent = stage.agent().await;
    let types = async {
        // Until somebody listens, nobody hears of it.
        loop {
            stage
                .messaging
                .agent_does(&agent, &session, Doing::Writes)
                .await
                .unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let heard = tokio::select! {
        heard = visitor.hears(None, "TYPING_STARTED") => heard,
        () = types => String::new(),
    };
    // An id would make clients come back for what came after it.
    assert!(
        !heard.lines().any(|line| line.starts_with("id:")),
        "{heard}"
    );
    assert!(
        stage
            .rows("SELECT Id FROM ConversationEntry")
            .await
            .is_empty()
    );
    let stranger = Visitor::arrives(&stage).await;
    stranger.post(&path, &started).await.expect(404);
}

#[tokio::test]
async fn who_comes_back_is_told_how_the_session_stands_by_now() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    let (agent, session) = (stage.agent().await, stage.session().await);
    stage.messaging.take(&agent, &session).await.unwrap();
    let heard = visitor
        .hears(Some(&visitor.first_event), "PARTICIPANT_CHANGED")
        .await;
    assert!(
        heard.contains("\\\"sessionStatus\\\":\\\"Active\\\""),
        "{heard}"
    );
    assert!(heard.contains("\\\"operation\\\":\\\"add\\\""), "{heard}");
    let seen = heard
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap();

    let ends = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        stage.messaging.end(&agent, &session).await.unwrap();
    };
    let (live, ()) = tokio::join!(visitor.hears(None, "\\\"remove\\\""), ends);
    assert!(
        live.contains("\\\"sessionStatus\\\":\\\"Ended\\\""),
        "{live}"
    );
    // And who was not there when it ended hears of that, not of what was before.
    let missed = visitor.hears(Some(seen), "Ended").await;
    assert!(!missed.contains("Active"), "{missed}");
}
