//! `sessions/{id}/transcript` and `messaging-users/{id}/erase`.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};
use serde_json::json;

const BASE: &str = "/services/headwater/v1";

/// A server with a session that is over, in which a customer and an agent have said something.
async fn spoken() -> (TestServer, Id, Id) {
    let server = TestServer::start().await;
    let channel = server.channel("Texts").await;
    let user = server
        .messaging_user(channel, "+12025550147", None, None)
        .await;
    let session = server.sessions(channel, user, 1).await[0];
    for (seq, kind, actor, text) in [
        (1, "Text", "EndUser", "Where is it?"),
        (2, "Note", "Agent", "Again her"),
        (3, "Text", "Agent", "On its way"),
    ] {
        let entry = [
            ("ConversationId", session.into()),
            ("Seq", seq.into()),
            ("EntryTime", "2026-01-15T12:00:00Z".into()),
            ("EntryType", kind.into()),
            ("ActorType", actor.into()),
            ("ActorName", "Sam".into()),
            ("Message", text.into()),
        ];
        server.create("ConversationEntry", &entry).await;
    }
    (server, user, session)
}

#[tokio::test]
async fn a_transcript_is_json_or_text_with_notes_for_whoever_asks() {
    let (server, _, session) = spoken().await;
    let path = format!("{BASE}/sessions/{session}/transcript");
    let json = server.get(&path).as_(VIEWER).send().await.expect(200);
    let texts: Vec<_> = json["entries"].as_array().unwrap().iter().collect();
    let texts: Vec<_> = texts.into_iter().map(|entry| &entry["text"]).collect();
    assert_eq!(texts, ["Where is it?", "On its way"]);
    assert_eq!(json["session"]["id"], session.to_string());
    let with_notes = format!("{path}?internal=true");
    let json = server.get(&with_notes).as_(VIEWER).send().await.expect(200);
    assert_eq!(json["entries"][1]["text"], "Again her");
    let by_header = server.get(&path).header("accept", "text/plain").as_(AGENT);
    let text_path = format!("{path}?format=text");
    let by_query = server.get(&text_path).as_(AGENT);
    for asked in [by_header, by_query] {
        let answer = asked.send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert!(
            answer.text.contains("Sam:\n    Where is it?\n"),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("Again her"));
    }
    let other = format!("{path}?format=pdf");
    let refused = server.get(&other).as_(AGENT).send().await;
    refused.expect_error(400, "INVALID_QUERY_VALUE");
    let unknown = format!("{BASE}/sessions/0Mw000000000001AAA/transcript");
    let refused = server.get(&unknown).as_(AGENT).send().await;
    refused.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_messaging_user_is_erased_by_who_may_and_a_record_says_so() {
    let (server, user, session) = spoken().await;
    let path = format!("{BASE}/messaging-users/{user}/erase");
    let reason = json!({ "reason": "Asked for it" });
    let refused = server.post(&path).as_(AGENT).json(&reason).send().await;
    refused.expect_error(403, "INSUFFICIENT_ACCESS");
    let dry = json!({ "dryRun": true });
    let told = server
        .post(&path)
        .as_(ADMIN)
        .json(&dry)
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&told["sessions"], &told["entries"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(
        (&told["erasureId"], &told["done"]),
        (&json!(null), &json!(false))
    );
    let silent = server.post(&path).as_(ADMIN).json(&json!({})).send().await;
    silent.expect_error(400, "REQUIRED_FIELD_MISSING");
    let misspelt = json!({ "reason": "x", "dryrun": true });
    let refused = server.post(&path).as_(ADMIN).json(&misspelt).send().await;
    refused.expect_error(400, "JSON_PARSER_ERROR");
    let done = server
        .post(&path)
        .as_(ADMIN)
        .json(&reason)
        .send()
        .await
        .expect(200);
    assert_eq!(done["done"], true);
    let gone = format!("{BASE}/sessions/{session}/transcript");
    let gone = server.get(&gone).as_(ADMIN).send().await;
    gone.expect_error(404, "NOT_FOUND");
    let soql = "SELECT Id, ErasedRecordId, Reason, Status, EntryCount FROM Erasure";
    let stubs = server.query(soql).as_(ADMIN).send().await.expect(200);
    let stub = &stubs["records"][0];
    assert_eq!(stub["Id"], done["erasureId"]);
    assert_eq!(stub["ErasedRecordId"], user.to_string());
    assert_eq!(
        (&stub["Status"], &stub["EntryCount"]),
        (&json!("Done"), &json!(3))
    );
    let again = server.post(&path).as_(ADMIN).json(&reason).send().await;
    again.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_open_session_is_in_the_way_unless_it_may_end() {
    let server = TestServer::start().await;
    let channel = server.channel("Texts").await;
    let user = server
        .messaging_user(channel, "+12025550147", None, None)
        .await;
    server.open_session(channel, user).await;
    let path = format!("{BASE}/messaging-users/{user}/erase");
    let asked = json!({ "reason": "Asked for it" });
    let refused = server.post(&path).as_(ADMIN).json(&asked).send().await;
    refused.expect_error(409, "INVALID_SESSION_STATUS");
    let asked = json!({ "reason": "Asked for it", "endSessions": true });
    let done = server
        .post(&path)
        .as_(ADMIN)
        .json(&asked)
        .send()
        .await
        .expect(200);
    assert_eq!(done["done"], true);
}

#[tokio::test]
async fn what_a_retention_rule_would_remove_is_said_and_it_begins_when_asked_to() {
    let (server, _, session) = spoken().await;
    server.clock().advance(jiff::SignedDuration::from_hours(48));
    let channel = server.query("SELECT Id FROM MessagingChannel").as_(ADMIN);
    let channel = channel.send().await.records()[0]["Id"].clone();
    let channel = channel.as_str().unwrap();
    let path = format!("{BASE}/channels/{channel}/retention");
    let would = server.get(&format!("{path}?days=1")).as_(ADMIN);
    let would = would.send().await.expect(200);
    assert_eq!(
        [&would["days"], &would["sessions"], &would["entries"]],
        [&json!(1), &json!(1), &json!(3)]
    );
    let none = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(
        [&none["days"], &none["sessions"]],
        [&json!(null), &json!(0)]
    );
    let nothing = server.post(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(nothing["retentionRunId"], json!(null));
    server.get(&path).as_(AGENT).send().await.expect(403);
    server.post(&path).as_(AGENT).send().await.expect(403);
    let soon = server.get(&format!("{path}?days=soon")).as_(ADMIN);
    soon.send().await.expect(400);

    let record = format!("/services/data/v67.0/sobjects/MessagingChannel/{channel}");
    let wrong = json!({ "RetentionDays": -3 });
    let wrong = server.patch(&record).as_(ADMIN).json(&wrong).send().await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
    let rule = json!({ "RetentionDays": 1 });
    let rule = server.patch(&record).as_(ADMIN).json(&rule).send().await;
    rule.expect(204);
    let begun = server.post(&path).as_(ADMIN).send().await.expect(202);
    let soql = "SELECT Id, Status FROM RetentionRun";
    let run = &server.query(soql).as_(ADMIN).send().await.records()[0];
    assert_eq!(
        [&run["Id"], &run["Status"]],
        [&begun["retentionRunId"], &json!("Running")]
    );
    // It has begun; workers, of which there are none here, do it.
    let soql = format!("SELECT TranscriptRemovedTime FROM MessagingSession WHERE Id = '{session}'");
    let kept = &server.query(&soql).as_(ADMIN).send().await.records()[0];
    assert_eq!(kept["TranscriptRemovedTime"], json!(null));
}
