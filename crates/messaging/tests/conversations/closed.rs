//! What happens outside of business hours.

use headwater_records::{Draft, Input};

use crate::stage::Stage;

const ENTRIES: &str = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";
const SESSIONS: &str = "SELECT Status, OwnerId FROM MessagingSession ORDER BY StartTime";

/// A channel of an org that is closed on every day.
async fn closed(action: &str) -> Stage {
    let stage = Stage::set_with(&[
        ("IsRestrictedToBusinessHours", true.into()),
        ("OutsideBusinessHoursResponse", "We are closed.".into()),
        ("OutsideHoursAction", action.into()),
        ("InitialResponse", "Welcome!".into()),
    ])
    .await;
    let hours: [(&str, Input); 3] = [
        ("Name", "Never".into()),
        ("TimeZoneSidKey", "Europe/Oslo".into()),
        ("IsDefault", true.into()),
    ];
    stage.server.create("BusinessHours", &hours).await;
    stage
}

#[tokio::test]
async fn a_customer_is_told_and_waits() {
    let stage = closed("Wait").await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.writes("+12025550147", "M2", "Anybody?").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    let told = "SELECT Message FROM ConversationEntry WHERE ActorType = 'System'";
    stage.until(told, "Message", &["We are closed."]).await;
}

#[tokio::test]
async fn a_session_ends_where_nobody_will_look_at_it() {
    let stage = closed("End").await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage
        .until(ENTRIES, "Message", &["Hello", "We are closed."])
        .await;
    stage.until(SESSIONS, "Status", &["Ended"]).await;
}

#[tokio::test]
async fn another_queue_takes_what_comes_then() {
    let stage = closed("Fallback").await;
    let queue = [("Name", "Night shift".into()), ("Type", "Queue".into())];
    let queue = stage.server.create("Group", &queue).await;
    let takes = [
        ("QueueId", queue.into()),
        ("SobjectType", "MessagingSession".into()),
    ];
    stage.server.create("QueueSobject", &takes).await;
    let org = stage.server.org();
    let system = org.system();
    let mut write = org.together(&system);
    let draft = Draft::new().with("FallbackQueueId", queue);
    let changed = write.update(&system, "MessagingChannel", stage.channel, &draft, &[]);
    changed.await.unwrap();
    write.commit().await.unwrap();
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    let session = stage.rows(SESSIONS).await;
    assert_eq!(session.first().unwrap().id("OwnerId"), Some(queue));
}
