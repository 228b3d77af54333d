//! Retention: what was said goes when its time is over.

use headwater_catalogue::Id;
use headwater_messaging::{Arrival, Beside, NewFile};
use headwater_records::{Draft, Error as RecordsError, Input, Precondition};
use headwater_testkit::ADMIN;
use jiff::SignedDuration;

use crate::stage::{Stage, written};

const SAID: &str = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";
const RUNS: &str = "SELECT Status, SessionCount, EntryCount, FileCount FROM RetentionRun";

fn later(stage: &Stage, days: i64) {
    let by = SignedDuration::from_hours(24 * days);
    stage.server.clock().advance(by);
}

impl Stage {
    /// A session that has ended, with a message, and with a file if it has a name.
    async fn ended(&self, number: u32, file: Option<&str>) -> Id {
        let from = format!("+1202555{number:04}");
        let inbound = written(&from, &format!("M{number}"), "Old news", None);
        let mut beside = Beside::default();
        beside
            .files
            .extend(file.map(|name| NewFile::new(name, "image/png", &b"png"[..]).unwrap()));
        let accepted = self.messaging.accept_with(self.channel, &inbound, &beside);
        accepted.await.unwrap();
        let key = format!("MessagingEndUser.MessagingPlatformKey = '{from}'");
        let soql = format!("SELECT Id FROM MessagingSession WHERE {key} AND Status = 'Waiting'");
        let session = loop {
            if let Some(row) = self.rows(&soql).await.first() {
                break row.id("Id").unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        };
        let mut end = inbound.clone();
        (end.event, end.what) = (format!("E{number}"), Arrival::End);
        self.messaging.accept(self.channel, &end).await.unwrap();
        let soql = format!("SELECT Status FROM MessagingSession WHERE Id = '{session}'");
        self.until(&soql, "Status", &["Ended"]).await;
        session
    }

    async fn changes(&self, object: &str, id: Id, field: &str, value: Input) {
        let org = self.server.org();
        let mut draft = Draft::new();
        draft.fields.push((field.to_owned(), value));
        let system = org.system();
        let before = Precondition::default();
        let changed = org.update(&system, object, id.as_str(), draft, before);
        changed.await.unwrap();
    }
}

async fn admin(stage: &Stage) -> headwater_records::Caller {
    let user = stage.server.user(ADMIN).await;
    stage.server.org().caller(user).await.unwrap()
}

#[tokio::test]
async fn what_was_said_goes_after_its_days_and_what_is_open_or_young_stays() {
    let stage = Stage::set_with(&[("RetentionDays", 30.into())]).await;
    let old = stage.ended(1, Some("photo.png")).await;
    stage.writes("+12025550002", "O2", "Open and old").await;
    stage
        .until(SAID, "Message", &["Old news", "Open and old"])
        .await;
    later(&stage, 20);
    stage.ended(3, None).await;
    let admin = admin(&stage).await;
    let channel = stage.channel.to_string();
    let would = stage
        .messaging
        .retention(&admin, &channel, Some(10))
        .await
        .unwrap();
    assert_eq!((would.sessions, would.entries, would.files), (1, 1, 1));
    let now = stage
        .messaging
        .retention(&admin, &channel, None)
        .await
        .unwrap();
    assert_eq!((now.days, now.sessions), (Some(30), 0));
    assert_eq!(
        stage
            .messaging
            .remove_transcripts(&admin, &channel)
            .await
            .unwrap(),
        None
    );

    later(&stage, 11);
    stage.until(RUNS, "Status", &["Done"]).await;
    let runs = stage.rows(RUNS).await;
    let run = runs.first().unwrap();
    let counts = ["SessionCount", "EntryCount", "FileCount"].map(|field| run.get(field).clone());
    assert_eq!(counts, [1, 1, 1].map(headwater_catalogue::Value::Integer));
    stage
        .until(SAID, "Message", &["Open and old", "Old news"])
        .await;
    let left = "SELECT Id FROM MessagingSession WHERE TranscriptRemovedTime != null";
    let left = stage.rows(left).await;
    assert_eq!(left.first().unwrap().id("Id"), Some(old));
    assert!(
        stage
            .rows("SELECT Id FROM ContentDocument")
            .await
            .is_empty()
    );
    let trail = "SELECT Display FROM SetupAuditTrail WHERE Action = 'changedRetentionRun'";
    let trail = stage.texts(trail, "Display").await;
    assert!(
        trail[0].contains("sessions 1, messages 1, files 1"),
        "{trail:?}"
    );
}

#[tokio::test]
async fn the_organizations_days_hold_where_a_channel_says_none_and_sessions_go_too_if_it_says_so() {
    let stage = Stage::set_with(&[("IsSessionRemoved", true.into())]).await;
    let org = stage.rows("SELECT Id FROM Organization").await;
    let org = org.first().unwrap().id("Id").unwrap();
    stage
        .changes("Organization", org, "MessagingRetentionDays", 7.into())
        .await;
    stage.ended(1, None).await;
    stage
        .changes("MessagingChannel", stage.channel, "RetentionDays", 0.into())
        .await;
    later(&stage, 8);
    let admin = admin(&stage).await;
    let channel = stage.channel.to_string();
    let rule = stage
        .messaging
        .retention(&admin, &channel, None)
        .await
        .unwrap();
    assert_eq!((rule.days, rule.is_inherited), (None, false));
    stage
        .changes(
            "MessagingChannel",
            stage.channel,
            "RetentionDays",
            Input::Null,
        )
        .await;
    let rule = stage
        .messaging
        .retention(&admin, &channel, None)
        .await
        .unwrap();
    assert_eq!(
        (rule.days, rule.is_inherited, rule.sessions),
        (Some(7), true, 1)
    );
    stage
        .messaging
        .remove_transcripts(&admin, &channel)
        .await
        .unwrap()
        .unwrap();
    stage.until(RUNS, "Status", &["Done"]).await;
    for object in ["MessagingSession", "Conversation", "ConversationEntry"] {
        let left = stage.rows(&format!("SELECT Id FROM {object}")).await;
        assert!(left.is_empty(), "{object}");
    }
    // Of what came in the names stay, by which a carrier that delivers again is known.
    let kept = stage
        .texts("SELECT Payload FROM InboundEvent", "Payload")
        .await;
    assert_eq!(kept, ["erased", "erased"]);
}

#[tokio::test]
async fn a_run_that_was_left_in_the_middle_is_gone_on_with_and_counts_nothing_twice() {
    let mut stage = Stage::set_with(&[("RetentionDays", 1.into())]).await;
    for number in 1..=25 {
        stage.ended(number, None).await;
    }
    let admin = admin(&stage).await;
    let channel = stage.channel.to_string();
    later(&stage, 2);
    stage
        .messaging
        .remove_transcripts(&admin, &channel)
        .await
        .unwrap()
        .unwrap();
    for _ in 0..5 {
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        stage.fails();
    }
    let done = "SELECT Status FROM RetentionRun WHERE Status = 'Done'";
    while stage.rows(done).await.is_empty() {
        // The lease of whoever is gone runs out.
        stage.server.clock().advance(SignedDuration::from_mins(1));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let runs = stage.rows(RUNS).await;
    let run = runs.first().unwrap();
    let counts = ["SessionCount", "EntryCount"].map(|field| run.get(field).clone());
    assert_eq!(counts, [25, 25].map(headwater_catalogue::Value::Integer));
    assert!(stage.rows(SAID).await.is_empty());
}

#[tokio::test]
async fn days_that_make_no_sense_and_people_who_may_not_are_refused() {
    let stage = Stage::set().await;
    let org = stage.server.org();
    let channel = stage.channel.to_string();
    let draft = Draft::new().with("RetentionDays", -1_i64);
    let before = Precondition::default();
    let changed = org
        .update(&org.system(), "MessagingChannel", &channel, draft, before)
        .await;
    assert!(
        matches!(changed, Err(RecordsError::Invalid(_))),
        "{changed:?}"
    );
    let agent = stage.agent().await;
    assert!(
        stage
            .messaging
            .retention(&agent, &channel, None)
            .await
            .is_err()
    );
    assert!(
        stage
            .messaging
            .remove_transcripts(&agent, &channel)
            .await
            .is_err()
    );
}
