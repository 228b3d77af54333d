//! Files of messages whose bytes lie outside of the database: they go when the messages do.

use futures_util::StreamExt as _;
use headwater_catalogue::Id;
use headwater_messaging::{Beside, ErasureRequest, Message, NewFile};
use headwater_testkit::{ADMIN, FilesDirectory};
use jiff::SignedDuration;

use crate::stage::{Stage, written};

const FROM: &str = "visitor-1";

fn photo() -> NewFile {
    NewFile::new("photo.jpg", "image/jpeg", &b"a picture"[..]).unwrap()
}

/// A session of web chat in which customer and agent have each sent a file, and that has ended.
async fn exchanged(stage: &Stage) -> Id {
    let beside = Beside {
        files: vec![photo()],
        ..Beside::default()
    };
    let inbound = written(FROM, "M1", "See", None);
    let accepted = stage.messaging.accept_now(stage.channel, &inbound, &beside);
    accepted.await.unwrap();
    let sessions = stage.rows("SELECT Id FROM MessagingSession").await;
    let session = sessions.first().unwrap().id("Id").unwrap();
    let agent = stage.agent().await;
    let message = Message {
        files: vec![photo()],
        ..Message::default()
    };
    let messaging = &stage.messaging;
    let sent = messaging.send(&agent, session.as_str(), &message).await;
    let entry = messaging.entry(&agent, sent.unwrap()).await.unwrap();
    let file = &entry.unwrap().files[0];
    let (_, reader) = messaging.file(&agent, file.id).await.unwrap();
    let pieces = stage.server.org().pieces(reader).map(Result::unwrap);
    let pieces: Vec<_> = pieces.collect().await;
    assert_eq!(pieces.concat(), b"a picture");
    messaging.end(&agent, session.as_str()).await.unwrap();
    session
}

async fn web_chat(fields: &[(&str, headwater_records::Input)]) -> (Stage, FilesDirectory) {
    let web = [
        ("MessageType", "EmbeddedMessaging".into()),
        ("MessagingPlatformKey", "web".into()),
    ];
    let stage = Stage::set_with(&[&web, fields].concat()).await;
    let directory = FilesDirectory::new();
    directory.keep(stage.server.org());
    (stage, directory)
}

#[tokio::test]
async fn the_bytes_of_customers_and_agents_files_go_when_the_customer_is_erased() {
    let (stage, directory) = web_chat(&[]).await;
    exchanged(&stage).await;
    assert_eq!(directory.files().len(), 2);
    stage.server.clock().advance(SignedDuration::from_secs(1));
    let users = stage.rows("SELECT Id FROM MessagingEndUser").await;
    let user = users.first().unwrap().id("Id").unwrap().to_string();
    let asked = ErasureRequest {
        user: &user,
        reason: "She asked for it",
        dry_run: false,
        end_sessions: false,
    };
    let admin = stage.server.user(ADMIN).await;
    let admin = stage.server.org().caller(admin).await.unwrap();
    assert!(stage.messaging.erase(&admin, asked).await.unwrap().is_done);
    assert_eq!(stage.server.org().tidy_files().await.unwrap(), 2);
    assert!(directory.files().is_empty());
}

#[tokio::test]
async fn the_bytes_of_files_go_when_the_days_of_their_transcript_are_over() {
    let (stage, directory) = web_chat(&[("RetentionDays", 30.into())]).await;
    exchanged(&stage).await;
    assert_eq!(directory.files().len(), 2);
    stage
        .server
        .clock()
        .advance(SignedDuration::from_hours(24 * 31));
    let runs = "SELECT Status FROM RetentionRun";
    stage.until(runs, "Status", &["Done"]).await;
    assert_eq!(stage.server.org().tidy_files().await.unwrap(), 2);
    assert!(directory.files().is_empty());
}
