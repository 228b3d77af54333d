//! Files of web visitors and of those who answer them.

use headwater_messaging::{Message, NewFile};
use headwater_testkit::TestScanner;
use serde_json::Value;

use crate::stage::Stage;
use crate::visitor::{API, CONVERSATION, Visitor, web};

const SENT: &str = "SELECT Message FROM ConversationEntry WHERE HasAttachments = true";

/// The newest entry's attachment.
async fn attachment(visitor: &Visitor<'_>) -> Value {
    let path = format!("/conversation/{CONVERSATION}/entries");
    let listed = visitor.get(&path).await.expect(200).json();
    let message = &listed["conversationEntries"][0]["entryPayload"]["abstractMessage"];
    assert_eq!(message["messageType"], "StaticContentMessage");
    assert_eq!(message["staticContent"]["formatType"], "Attachments");
    message["staticContent"]["attachments"][0].clone()
}

/// The path of an attachment's address, below the API.
fn path(attachment: &Value) -> String {
    let url = attachment["url"].as_str().unwrap();
    let (_, path) = url.split_once(API).unwrap();
    path.to_owned()
}

#[tokio::test]
async fn a_visitor_sends_a_file_and_fetches_it_again_and_the_agents_too() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    let photo = ("photo.png", "image/png", &b"a picture"[..]);
    let sent = visitor.sends(1, photo).await.expect(202).json();
    assert_eq!(
        sent["conversationEntries"][0]["id"],
        "7f0c2a1e-1111-4222-8333-444455556601"
    );
    stage.until(SENT, "Message", &["See"]).await;
    let told = attachment(&visitor).await;
    assert_eq!(
        (&told["name"], &told["mimeType"]),
        (&"photo.png".into(), &"image/png".into())
    );
    let fetched = visitor.get(&path(&told)).await.expect(200);
    assert_eq!(fetched.text, "a picture");
    assert_eq!(fetched.headers["content-type"], "image/png");
    assert_eq!(fetched.headers["x-content-type-options"], "nosniff");
    let heard = visitor.hears(Some(&visitor.first_event), "photo.png").await;
    assert!(heard.contains("Attachments"), "{heard}");

    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(1));
    let message = Message {
        files: vec![NewFile::new("bill.pdf", "application/pdf", &b"a bill"[..]).unwrap()],
        ..Message::default()
    };
    let (agent, session) = (stage.agent().await, stage.session().await);
    stage
        .messaging
        .send(&agent, &session, &message)
        .await
        .unwrap();
    let told = attachment(&visitor).await;
    let fetched = visitor.get(&path(&told)).await.expect(200);
    assert_eq!(fetched.text, "a bill");
    let kept = fetched.headers["content-disposition"].to_str().unwrap();
    assert!(kept.starts_with("attachment; "), "{kept}");

    let stranger = Visitor::arrives(&stage).await;
    stranger.get(&path(&told)).await.expect(404);
    let unknown = format!("/conversation/{CONVERSATION}/file/069000000000001AAA");
    visitor.get(&unknown).await.expect(404);
}

#[tokio::test]
async fn what_is_too_large_of_the_wrong_kind_or_lacking_is_refused_and_said() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    let page = ("page.html", "text/html", &b"<script>"[..]);
    let refused = visitor.sends(1, page).await.expect(400).json();
    let said = refused["message"].as_str().unwrap();
    assert!(
        said.starts_with("files of type 'text/html' are not taken"),
        "{said}"
    );
    let empty = ("photo.png", "image/png", &b""[..]);
    let refused = visitor.sends(2, empty).await.expect(400).json();
    assert_eq!(refused["message"], "the file is empty");
    for too_much in [1, 1_000_000] {
        let bytes = vec![b'x'; 5 * 1024 * 1024 + too_much];
        let large = ("photo.png", "image/png", &bytes[..]);
        let refused = visitor.sends(3, large).await.expect(413).json();
        assert_eq!(refused["errorCode"], "FILE_TOO_LARGE");
    }
    let files = stage.rows("SELECT Id FROM ContentDocument").await;
    assert!(files.is_empty());
}

#[tokio::test]
async fn a_file_that_is_sent_twice_is_one_message() {
    let stage = Stage::set().await;
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    for _ in 0..2 {
        let photo = ("photo.png", "image/png", &b"a picture"[..]);
        visitor.sends(1, photo).await.expect(202);
    }
    stage.until(SENT, "Message", &["See"]).await;
    let files = "SELECT Title FROM ContentDocument";
    stage.until(files, "Title", &["photo"]).await;
}

#[tokio::test]
async fn what_holds_a_virus_is_refused_and_the_visitor_is_told() {
    let stage = Stage::set().await;
    let scanner = TestScanner::watch(stage.server.org());
    web(&stage).await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    stage.server.expect_log("an infected file was refused");
    let infected = ("bill.pdf", "application/pdf", TestScanner::VIRUS.as_bytes());
    let refused = visitor.sends(1, infected).await.expect(400).json();
    assert_eq!(refused["errorCode"], "INVALID_REQUEST");
    let said = "the file bill.pdf was not taken: it holds the virus Test.Virus-1";
    assert_eq!(refused["message"], said);
    scanner.is_away(true);
    stage
        .server
        .expect_log("it could not be scanned for viruses");
    let clean = ("bill.pdf", "application/pdf", &b"a bill"[..]);
    let refused = visitor.sends(2, clean).await.expect(503);
    assert_eq!(refused.json()["errorCode"], "FILES_NOT_SCANNED");
    assert_eq!(refused.headers["retry-after"], "30");
    assert!(
        stage
            .rows("SELECT Id FROM ContentDocument")
            .await
            .is_empty()
    );
    scanner.is_away(false);
    visitor.sends(2, clean).await.expect(202);
    stage.until(SENT, "Message", &["See"]).await;
}
