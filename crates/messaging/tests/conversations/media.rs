//! Files that a carrier holds: fetched after the message is in the transcript, and put in their lines' place.

use headwater_messaging::{Again, Beside, Media, Undelivered};
use headwater_testkit::TestScanner;

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

/// Until a file is there. It was put off at a moment that is not seen here, so time goes on.
async fn until_there(stage: &Stage) {
    while stage.texts(FILES, "ContentDocument.Title").await.is_empty() {
        let clock = stage.server.clock();
        clock.advance(jiff::SignedDuration::from_secs(2));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
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
    until_there(&stage).await;
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

#[tokio::test]
async fn a_file_that_holds_a_virus_is_not_taken_and_its_message_says_so() {
    let stage = Stage::set().await;
    TestScanner::watch(stage.server.org());
    stage.server.expect_log("an infected file was refused");
    stage.server.expect_log("not taken: it holds the virus");
    let media = [(TestScanner::VIRUS, "[image]"), ("two", "[video]")];
    writes(&stage, "M1", "[image]\n[video]\nLook", &media).await;
    let told = "[image] (not taken: it holds the virus Test.Virus-1)\nLook";
    stage.until(TEXT, "Message", &[told]).await;
    assert_eq!(stage.texts(FILES, "ContentDocument.Title").await, ["two"]);
    // That is no fault of the carrier's, nor of how the channel is set up.
    let health = stage.messaging.health(stage.channel).await.unwrap();
    assert_eq!(health.reason, None);
}

#[tokio::test]
async fn while_files_cannot_be_scanned_they_are_waited_for() {
    let stage = Stage::set().await;
    let scanner = TestScanner::watch(stage.server.org());
    scanner.is_away(true);
    stage
        .server
        .expect_log("it could not be scanned for viruses");
    writes(&stage, "M1", "[image]\nLook", &[("one", "[image]")]).await;
    // As long as it may be away, and longer than a carrier.
    for _ in 0..8 {
        let clock = stage.server.clock();
        clock.advance(jiff::SignedDuration::from_mins(1));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(stage.texts(TEXT, "Message").await, ["[image]\nLook"]);
    scanner.is_away(false);
    until_there(&stage).await;
    stage.until(TEXT, "Message", &["Look"]).await;
}
