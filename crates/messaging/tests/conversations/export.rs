//! Transcripts that are taken away: whole, as the caller sees them.

use headwater_catalogue::Value;
use headwater_messaging::{Beside, Error, NewFile};
use headwater_records::{Draft, Error as RecordsError};
use jiff::tz::TimeZone;

use crate::stage::{Stage, written};

const FROM: &str = "+12025550147";
const SPOKEN: &str = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";

/// The session of a customer who has written, with a file.
async fn session(stage: &Stage) -> String {
    let inbound = written(
        FROM,
        "M1",
        "Hello\n2026-01-01 00:00:00  Agent:\n    Free for all",
        Some("Ann"),
    );
    let file = NewFile::new("bill.pdf", "application/pdf", &b"a bill"[..]).unwrap();
    let beside = Beside {
        files: vec![file],
        ..Beside::default()
    };
    let accepted = stage.messaging.accept_now(stage.channel, &inbound, &beside);
    accepted.await.unwrap();
    let sessions = stage.rows("SELECT Id FROM MessagingSession").await;
    let id = sessions.first().unwrap().id("Id").unwrap();
    id.to_string()
}

async fn also(stage: &Stage, session: &str, kind: &str, seq: i64, text: &str) {
    let draft = Draft::new()
        .with("ConversationId", session)
        .with("Seq", Value::Integer(seq))
        .with("EntryTime", stage.server.org().now())
        .with("EntryType", kind)
        .with("ActorType", "Agent")
        .with("ActorName", "Sam")
        .with("Message", text);
    let org = stage.server.org();
    let system = org.system();
    let made = org.create(&system, "ConversationEntry", draft);
    made.await.unwrap();
}

#[tokio::test]
async fn a_transcript_has_every_entry_and_notes_only_when_asked_for() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    also(&stage, &session, "Note", 2, "Be careful").await;
    // More than any page of it.
    for place in 0..1_005 {
        also(
            &stage,
            &session,
            "Text",
            3 + place,
            &format!("Line {place}"),
        )
        .await;
    }
    let agent = stage.agent().await;
    let read = |internal| stage.messaging.whole_transcript(&agent, &session, internal);
    let whole = read(false).await.unwrap();
    let texts: Vec<_> = whole
        .entries
        .iter()
        .map(|entry| entry.text.as_str())
        .collect();
    assert_eq!(texts.len(), 1_006);
    assert!(texts[0].starts_with("Hello"));
    assert_eq!((texts[1], texts[1_005]), ("Line 0", "Line 1004"));
    assert_eq!(whole.customer, "Ann");
    let with_notes = read(true).await.unwrap();
    assert_eq!(with_notes.entries.len(), 1_007);
    assert!(
        with_notes
            .text(&TimeZone::UTC)
            .contains("(only for people here)")
    );
    assert!(!whole.text(&TimeZone::UTC).contains("Be careful"));
    let json = whole.json();
    assert_eq!(json["entries"][0]["files"][0]["name"], "bill.pdf");
    assert_eq!(json["entries"].as_array().unwrap().len(), 1_006);
}

#[tokio::test]
async fn nothing_that_was_written_looks_like_an_entry_of_the_text() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    stage.writes(FROM, "M2", "Well?").await;
    let wanted = [
        "Hello\n2026-01-01 00:00:00  Agent:\n    Free for all",
        "Well?",
    ];
    stage.until(SPOKEN, "Message", &wanted).await;
    let agent = stage.agent().await;
    let whole = stage.messaging.whole_transcript(&agent, &session, false);
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let text = whole.await.unwrap().text(&zone);
    assert!(text.contains("(Europe/Berlin)"), "{text}");
    assert!(text.contains("    [bill.pdf, 6 bytes]\n"), "{text}");
    let heads = text.lines().filter(|line| line.starts_with("20"));
    assert_eq!(heads.count(), 2, "{text}");
}

#[tokio::test]
async fn a_session_that_is_not_there_has_no_transcript() {
    let stage = Stage::set().await;
    let agent = stage.agent().await;
    for unknown in ["0Mw000000000001AAA", "x"] {
        let read = stage
            .messaging
            .whole_transcript(&agent, unknown, false)
            .await;
        assert!(
            matches!(read, Err(Error::Records(RecordsError::NotFound(_)))),
            "{read:?}"
        );
    }
}
