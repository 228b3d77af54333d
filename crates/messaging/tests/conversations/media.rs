//! Files that a carrier holds: fetched after the message is in the transcript, and put in their lines' place.

use headwater_messaging::{Again, Beside, Media, Undelivered};

use crate::stage::{Stage, written};

const TEXT: &str = "SELECT Message FROM ConversationEntry ORDER BY Seq";
const FILES: &str = "SELECT ContentDocument.Title FROM ContentDocumentLink WHERE \
                     LinkedEntity.Type = 'ConversationEntry' ORDER BY ContentDocumentId";

async fn writes(stage: &Stage, id: &str, text: &str, media: &[(&str, &str)]) {
    let inbound = written("+12025550147", id, text, None);
    let media = media.iter().map(|(reference, line)| Media {
        reference: (*reference).to_owned(),
        name: None,
        media_type: None,
        line: (*line).to_owned(),
    });
    let beside = Beside {
        media: media.collect(),
        ..Beside::default()
    };
    let accepted = stage
        .messaging
        .accept_with(stage.channel, &inbound, &beside);
    accepted.await.unwrap();
}

#[tokio::test]
async fn what_was_fetched_takes_the_place_of_its_line() {
    let stage = Stage::set().await;
    let media = [("one", "[image]"), ("two", "[image]")];
    for _ in 0..2 {
        writes(&stage, "M1", "[image]\n[image]\nLook", &media).await;
    }
    stage.until(TEXT, "Message", &["Look"]).await;
    let titles = stage.texts(FILES, "ContentDocument.Title").await;
    assert_eq!(titles, ["one", "two"]);
    let entry = stage
        .rows("SELECT HasAttachments FROM ConversationEntry")
        .await;
    assert!(entry.first().unwrap().get("HasAttachments").is_true());
}

#[tokio::test]
async fn what_may_pass_is_fetched_later_and_what_does_not_is_told_at_the_message() {
    let stage = Stage::set().await;
    let busy = Undelivered::for_good("503", "busy").again(Again::Later);
    stage.carrier.failures.lock().unwrap().push_back(busy);
    writes(&stage, "M1", "[image]", &[("one", "[image]")]).await;
    // It was put off at a moment that is not seen here, so time goes on until it is there.
    while stage.texts(FILES, "ContentDocument.Title").await.is_empty() {
        stage
            .server
            .clock()
            .advance(jiff::SignedDuration::from_secs(2));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    stage.until(TEXT, "Message", &[""]).await;
    assert_eq!(stage.texts(FILES, "ContentDocument.Title").await, ["one"]);

    stage.server.expect_log("a file could not be fetched");
    let gone = Undelivered::for_good("404", "it is gone");
    stage.carrier.failures.lock().unwrap().push_back(gone);
    writes(&stage, "M2", "[video]\nLook", &[("two", "[video]")]).await;
    let told = "[video] (not fetched: it is gone)\nLook";
    stage.until(TEXT, "Message", &["", told]).await;
    let health = stage.messaging.health(stage.channel).await.unwrap();
    assert_eq!(health.reason.as_deref(), Some("404: it is gone"));
}
