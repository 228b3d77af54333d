//! Timers: a session rests, and ends, because nothing happens in it.

use headwater_messaging::Message;
use jiff::SignedDuration;

use crate::stage::Stage;

const SESSIONS: &str = "SELECT Status, EndedByType FROM MessagingSession";

/// A session of a channel whose customers may be silent for ten minutes, which an agent has answered.
async fn answered() -> (Stage, String) {
    let stage = Stage::set_with(&[("InactivityMinutes", 10.into())]).await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    let table = stage.rows("SELECT Id FROM MessagingSession").await;
    let session = table.first().unwrap().id("Id").unwrap().to_string();
    says(&stage, &session, "How can I help?").await;
    stage.until(SESSIONS, "Status", &["Active"]).await;
    (stage, session)
}

async fn says(stage: &Stage, session: &str, text: &str) {
    let message = Message {
        text: text.to_owned(),
        ..Message::default()
    };
    let agent = stage.agent().await;
    stage
        .messaging
        .send(&agent, session, &message)
        .await
        .unwrap();
}

fn later(stage: &Stage, minutes: i64) {
    stage
        .server
        .clock()
        .advance(SignedDuration::from_mins(minutes));
}

#[tokio::test]
async fn a_silent_customers_session_rests_and_then_ends() {
    let (stage, _) = answered().await;
    later(&stage, 11);
    stage.until(SESSIONS, "Status", &["Inactive"]).await;
    later(&stage, 24 * 60 + 1);
    stage.until(SESSIONS, "Status", &["Ended"]).await;
    stage.until(SESSIONS, "EndedByType", &["System"]).await;
}

#[tokio::test]
async fn a_customer_who_answers_begins_a_new_count_with_the_next_reply() {
    let (stage, session) = answered().await;
    later(&stage, 9);
    stage.writes("+12025550147", "M2", "My order").await;
    let entries = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";
    let said = ["Hello", "How can I help?", "My order"];
    stage.until(entries, "Message", &said).await;
    later(&stage, 2);
    says(&stage, &session, "One moment").await;
    // The first count is over by now, the second is not.
    let due = "SELECT Status FROM MessagingSession WHERE Status = 'Active'";
    later(&stage, 9);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    stage.until(due, "Status", &["Active"]).await;
    later(&stage, 2);
    stage.until(SESSIONS, "Status", &["Inactive"]).await;
}

#[tokio::test]
async fn a_session_that_was_woken_does_not_end_with_its_rest() {
    let (stage, _) = answered().await;
    later(&stage, 11);
    stage.until(SESSIONS, "Status", &["Inactive"]).await;
    later(&stage, 60);
    stage.writes("+12025550147", "M2", "I am back").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    later(&stage, 24 * 60);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
}

#[tokio::test]
async fn a_session_that_rests_again_ends_by_its_last_rest() {
    let (stage, session) = answered().await;
    later(&stage, 11);
    stage.until(SESSIONS, "Status", &["Inactive"]).await;
    later(&stage, 60);
    let agent = stage.agent().await;
    stage.messaging.take(&agent, &session).await.unwrap();
    stage.messaging.let_rest(&agent, &session).await.unwrap();
    // The first rest would be over by now.
    later(&stage, 23 * 60 + 30);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    stage.until(SESSIONS, "Status", &["Inactive"]).await;
    later(&stage, 31);
    stage.until(SESSIONS, "Status", &["Ended"]).await;
}

#[tokio::test]
async fn what_an_agent_began_and_nobody_answered_ends_by_the_channels_setting() {
    let stage = Stage::set_with(&[("UnansweredEndHours", 3.into())]).await;
    let server = &stage.server;
    let user = server.messaging_user(stage.channel, "+12025550147", None, None);
    let session = |user, status: &'static str| {
        let fields = [
            ("MessagingChannelId", stage.channel.into()),
            ("MessagingEndUserId", user),
            ("Status", status.into()),
            ("Origin", "AgentInitiated".into()),
            ("StartTime", server.org().now().into()),
        ];
        async move { server.create("MessagingSession", &fields).await }
    };
    session(user.await.into(), "New").await;
    let other = server.messaging_user(stage.channel, "+12025550148", None, None);
    session(other.await.into(), "New").await;
    let statuses = "SELECT Status FROM MessagingSession ORDER BY Name";
    stage.writes("+12025550148", "M1", "Yes, please").await;
    stage.until(statuses, "Status", &["New", "Active"]).await;
    later(&stage, 2 * 60);
    stage.messaging.end_unanswered().await.unwrap();
    stage.until(statuses, "Status", &["New", "Active"]).await;
    later(&stage, 61);
    stage.messaging.end_unanswered().await.unwrap();
    stage.until(statuses, "Status", &["Ended", "Active"]).await;
    let by = "SELECT EndedByType FROM MessagingSession WHERE Status = 'Ended'";
    stage.until(by, "EndedByType", &["System"]).await;
}
