//! Files of messages: kept with the event, linked with the entry, seen by whoever sees the session.

use futures_util::StreamExt as _;
use headwater_catalogue::Id;
use headwater_messaging::{Accepted, Beside, Error, FILES_MAX, Inbound, Message, NewFile};
use headwater_records::{Error as RecordsError, Input};

use crate::stage::{Stage, written};

const FROM: &str = "+12025550147";
const ENTRIES: &str = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";

fn photo() -> NewFile {
    NewFile::new("photo.jpg", "image/jpeg", &b"a picture"[..]).unwrap()
}

fn message(id: &str, text: &str) -> Inbound {
    written(FROM, id, text, None)
}

impl Stage {
    async fn writes_with(&self, id: &str, text: &str, files: Vec<NewFile>) -> Accepted {
        let (inbound, beside) = (
            message(id, text),
            Beside {
                files,
                ..Beside::default()
            },
        );
        let accepted = self.messaging.accept_with(self.channel, &inbound, &beside);
        accepted.await.unwrap()
    }

    async fn conversation(&self) -> Id {
        let table = self.rows("SELECT Id FROM Conversation").await;
        table.first().unwrap().id("Id").unwrap()
    }
}

#[tokio::test]
async fn a_file_is_in_the_transcript_and_on_the_session_and_an_agent_reads_it() {
    let stage = Stage::set().await;
    let two = vec![
        photo(),
        NewFile::new("bill", "application/pdf", &b"a bill"[..]).unwrap(),
    ];
    assert_eq!(stage.writes_with("M1", "", two).await, Accepted::New);
    let speakers = "SELECT ActorType FROM ConversationEntry";
    stage.until(speakers, "ActorType", &["EndUser"]).await;
    let agent = stage.agent().await;
    let conversation = stage.conversation().await;
    let said = stage
        .messaging
        .transcript(&agent, conversation, 10)
        .await
        .unwrap();
    let files = &said[0].files;
    let told: Vec<_> = files
        .iter()
        .map(|file| {
            (
                file.name.as_str(),
                file.media_type,
                file.size,
                file.is_shown(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("photo.jpg", "image/jpeg", 9, true),
            ("bill.pdf", "application/pdf", 6, false)
        ]
    );
    let linked = "SELECT ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = ";
    let session = said[0].session.unwrap();
    let linked = format!("{linked}'{session}' ORDER BY ContentDocumentId");
    let titles = stage.texts(&linked, "ContentDocument.Title").await;
    assert_eq!(titles, ["photo", "bill"]);
    let (file, reader) = stage.messaging.file(&agent, files[0].id).await.unwrap();
    assert_eq!(file, files[0]);
    let org = stage.server.org();
    let pieces: Vec<_> = org.pieces(reader).map(Result::unwrap).collect().await;
    assert_eq!(pieces.concat(), b"a picture");
}

#[tokio::test]
async fn a_message_with_a_file_that_comes_again_is_one_entry_and_one_file() {
    let stage = Stage::set().await;
    assert_eq!(
        stage.writes_with("M1", "See", vec![photo()]).await,
        Accepted::New
    );
    assert_eq!(
        stage.writes_with("M1", "See", vec![photo()]).await,
        Accepted::Known
    );
    let (one, other) = tokio::join!(
        stage.writes_with("M2", "And", vec![photo()]),
        stage.writes_with("M2", "And", vec![photo()])
    );
    assert_ne!(one, other);
    stage.until(ENTRIES, "Message", &["See", "And"]).await;
    let documents = stage
        .texts("SELECT Title FROM ContentDocument", "Title")
        .await;
    assert_eq!(documents, ["photo", "photo"]);
}

#[tokio::test]
async fn an_agent_sends_a_file_where_the_channel_carries_it_and_is_told_where_it_does_not() {
    let web: [(&str, Input); 2] = [
        ("MessageType", "EmbeddedMessaging".into()),
        ("MessagingPlatformKey", "web".into()),
    ];
    for (fields, carries) in [(&web[..], true), (&[], false)] {
        let stage = Stage::set_with(fields).await;
        stage.writes_with("M1", "Hello", Vec::new()).await;
        stage.until(ENTRIES, "Message", &["Hello"]).await;
        let agent = stage.agent().await;
        let sessions = stage.rows("SELECT Id FROM MessagingSession").await;
        let session = sessions.first().unwrap().id("Id").unwrap();
        let message = Message {
            files: vec![photo()],
            ..Message::default()
        };
        let sent = stage
            .messaging
            .send(&agent, session.as_str(), &message)
            .await;
        if !carries {
            assert!(matches!(sent, Err(Error::NoFiles)), "{sent:?}");
            continue;
        }
        let entry = stage
            .messaging
            .entry(&agent, sent.unwrap())
            .await
            .unwrap()
            .unwrap();
        let file = &entry.files[0];
        assert_eq!(file.name, "photo.jpg");
        let conversation = stage.conversation().await;
        let found = stage
            .messaging
            .file_in(conversation, file.id.as_str())
            .await
            .unwrap();
        assert_eq!(found.unwrap().0, *file);
        // A file is reached through its own conversation alone.
        let elsewhere = stage
            .messaging
            .file_in(session, file.id.as_str())
            .await
            .unwrap();
        assert!(elsewhere.is_none());
    }
}

#[tokio::test]
async fn what_is_too_much_is_refused_and_nothing_of_it_is_kept() {
    let stage = Stage::set().await;
    let beside = Beside {
        files: vec![photo(); FILES_MAX + 1],
        ..Beside::default()
    };
    let refused = stage
        .messaging
        .accept_with(stage.channel, &message("M1", "x"), &beside)
        .await;
    assert!(
        matches!(refused, Err(Error::TooLarge { .. })),
        "{refused:?}"
    );
    for object in ["ContentDocument", "InboundEvent"] {
        assert!(
            stage
                .rows(&format!("SELECT Id FROM {object}"))
                .await
                .is_empty()
        );
    }
    let agent = stage.agent().await;
    let unknown = "069000000000001AAA".parse().unwrap();
    let refused = stage.messaging.file(&agent, unknown).await;
    assert!(
        matches!(refused, Err(Error::Records(RecordsError::NotFound(_)))),
        "{refused:?}"
    );
}
