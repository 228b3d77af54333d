//! From a carrier's event to an entry.

use headwater_messaging::Accepted;

use crate::stage::{Stage, written};

const ENTRIES: &str = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";
const CONSENT: &str = "SELECT MessagingConsentStatus FROM MessagingEndUser";
const SESSIONS: &str = "SELECT Status FROM MessagingSession ORDER BY StartTime";

#[tokio::test]
async fn a_first_message_makes_a_user_a_conversation_and_a_session_that_waits() {
    let stage = Stage::set().await;
    assert_eq!(
        stage.writes("+12025550147", "M1", "Hello").await,
        Accepted::New
    );
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    let soql = "SELECT Status, MessagingEndUser.MessagingPlatformKey, Conversation.Name, Origin, \
                EndUserMessageCount FROM MessagingSession";
    let table = stage.rows(soql).await;
    let row = table.first().unwrap();
    assert_eq!(row.text("Status"), "Waiting");
    assert_eq!(
        row.text("MessagingEndUser.MessagingPlatformKey"),
        "+12025550147"
    );
    assert_eq!(row.text("Origin"), "InboundInitiated");
    assert!(row.text("Conversation.Name").starts_with("CONV-"));
}

#[tokio::test]
async fn a_message_that_comes_again_is_one_entry() {
    let stage = Stage::set().await;
    assert_eq!(
        stage.writes("+12025550147", "M1", "Hello").await,
        Accepted::New
    );
    assert_eq!(
        stage.writes("+12025550147", "M1", "Hello").await,
        Accepted::Known
    );
    stage.writes("+12025550147", "M2", "Are you there?").await;
    stage
        .until(ENTRIES, "Message", &["Hello", "Are you there?"])
        .await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
}

#[tokio::test]
async fn a_burst_is_one_session_in_the_order_in_which_it_came() {
    let stage = Stage::set().await;
    let mut texts = Vec::new();
    for place in 0..20 {
        let text = format!("part {place:02}");
        stage
            .writes("+12025550147", &format!("M{place}"), &text)
            .await;
        texts.push(text);
    }
    let wanted: Vec<&str> = texts.iter().map(String::as_str).collect();
    stage.until(ENTRIES, "Message", &wanted).await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
}

#[tokio::test]
async fn a_message_after_the_end_begins_another_session_of_the_same_conversation() {
    let stage = Stage::set().await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    let session = stage.rows("SELECT Id FROM MessagingSession").await;
    let session = session.first().unwrap().id("Id").unwrap();
    let agent = stage.agent().await;
    stage.messaging.end(&agent, session.as_str()).await.unwrap();
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(60));
    stage.writes("+12025550147", "M2", "One more thing").await;
    stage.until(SESSIONS, "Status", &["Ended", "Waiting"]).await;
    let conversations = stage.texts("SELECT Name FROM Conversation", "Name").await;
    assert_eq!(conversations.len(), 1);
}

#[tokio::test]
async fn stop_opts_out_and_ends_the_session_and_start_opts_in_again() {
    let stage = Stage::set().await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["ImplicitlyOptedIn"])
        .await;
    stage.writes("+12025550147", "M2", "Stop").await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["OptedOut"])
        .await;
    stage.until(SESSIONS, "Status", &["Ended"]).await;
    let kinds = "SELECT EntryType FROM ConversationEntry WHERE EntryType != 'Text'";
    stage.until(kinds, "EntryType", &["EndUserOptedOut"]).await;
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(60));
    stage.writes("+12025550147", "M3", "START").await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["ExplicitlyOptedIn"])
        .await;
    stage.until(SESSIONS, "Status", &["Ended", "Ended"]).await;
}

#[tokio::test]
async fn what_was_taken_in_before_a_crash_is_worked_off_after_it() {
    let stage = Stage::set().await;
    let org = stage.server.org().clone();
    let idle = headwater_messaging::Messaging::new(org.clone());
    let inbound = written("+12025550147", "M1", "Hello", Some("Jordan"));
    // Nobody works on this node; the other finds what it left behind.
    idle.accept(stage.channel, &inbound).await.unwrap();
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(60));
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    stage
        .until("SELECT Name FROM MessagingEndUser", "Name", &["Jordan"])
        .await;
}

#[tokio::test]
async fn events_go_when_no_carrier_delivers_them_again_and_transcripts_stay() {
    let stage = Stage::set().await;
    stage.writes("+12025550147", "M1", "Hello").await;
    let states = "SELECT State FROM InboundEvent";
    stage.until(states, "State", &["Done"]).await;
    let fortnight = jiff::SignedDuration::from_hours(14 * 24 + 1);
    stage.server.clock().advance(fortnight);
    // Whoever starts looks for them at once.
    let messaging = headwater_messaging::Messaging::new(stage.server.org().clone());
    let tidying = tokio::spawn(async move { messaging.follow().await });
    stage.until(states, "State", &[]).await;
    tidying.abort();
    assert_eq!(stage.texts(ENTRIES, "Message").await, ["Hello"]);
}

#[tokio::test]
async fn an_event_that_cannot_be_is_put_aside_and_holds_nothing_up() {
    let stage = Stage::set().await;
    stage.server.expect_log("cannot be worked off");
    // Kept by a version that let it in: no entry holds so long an id.
    let payload = serde_json::json!({
        "event": "M1", "address": "+12025550147",
        "what": { "kind": "Message", "id": "x".repeat(300), "text": "Hello" },
    });
    let fields = [
        ("MessagingChannelId", stage.channel.into()),
        ("EventKey", "M1".into()),
        ("Address", "+12025550147".into()),
        ("Payload", payload.to_string().into()),
        ("ReceivedTime", stage.server.org().now().into()),
    ];
    stage.server.create("InboundEvent", &fields).await;
    stage.writes("+12025550147", "M2", "Are you there?").await;
    stage.until(ENTRIES, "Message", &["Are you there?"]).await;
    let states = "SELECT State FROM InboundEvent ORDER BY EventKey";
    stage.until(states, "State", &["Failed", "Done"]).await;
}

#[tokio::test]
async fn what_ends_a_session_and_what_begins_the_next_may_come_together() {
    let stage = Stage::set().await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    // Taken in where nobody works, so that both are worked off at once.
    let idle = headwater_messaging::Messaging::new(stage.server.org().clone());
    for (id, text) in [("M2", "STOP"), ("M3", "Wait, one more thing")] {
        let inbound = written("+12025550147", id, text, None);
        idle.accept(stage.channel, &inbound).await.unwrap();
        stage
            .server
            .clock()
            .advance(jiff::SignedDuration::from_secs(1));
    }
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(60));
    stage.until(SESSIONS, "Status", &["Ended", "Waiting"]).await;
}

#[tokio::test]
async fn sessions_that_began_at_one_moment_are_told_apart_by_which_is_open() {
    let stage = Stage::set().await;
    // Worked off in one transaction, so all of them begin at its moment.
    let idle = headwater_messaging::Messaging::new(stage.server.org().clone());
    for (id, text) in [("M1", "HELP"), ("M2", "HELP"), ("M3", "Hello")] {
        let inbound = written("+12025550147", id, text, None);
        idle.accept(stage.channel, &inbound).await.unwrap();
    }
    stage
        .server
        .clock()
        .advance(jiff::SignedDuration::from_secs(60));
    let open = "SELECT Status FROM MessagingSession WHERE Status != 'Ended'";
    stage.until(open, "Status", &["Waiting"]).await;
    stage.writes("+12025550147", "M4", "And this").await;
    let theirs = "SELECT Message FROM ConversationEntry WHERE MessageIdentifier IN ('M3', 'M4') \
                  ORDER BY EntryTime, Seq";
    stage.until(theirs, "Message", &["Hello", "And this"]).await;
    stage.until(open, "Status", &["Waiting"]).await;
}

#[tokio::test]
async fn a_queue_that_takes_no_sessions_keeps_no_message_waiting_and_the_channel_says_so() {
    let stage = Stage::set().await;
    let choosy = crate::floor::queue(&stage, "Support", None).await;
    let fallback = crate::floor::queue(&stage, "Everybody", None).await;
    let org = stage.server.org();
    let handed = |field: &str, to: headwater_catalogue::Id| {
        let draft = headwater_records::Draft::new().with(field, to);
        let (system, channel) = (org.system(), stage.channel);
        async move {
            let before = headwater_records::Precondition::default();
            let id = channel.to_string();
            org.update(&system, "MessagingChannel", &id, draft, before)
                .await
                .unwrap();
        }
    };
    handed("SessionHandlerId", choosy).await;
    let taken = stage
        .rows(&format!(
            "SELECT Id FROM QueueSobject WHERE QueueId = '{choosy}'"
        ))
        .await;
    let taken = taken.first().unwrap().id("Id").unwrap();
    let fields = [("QueueId", choosy.into()), ("SobjectType", "Case".into())];
    stage.server.create("QueueSobject", &fields).await;
    org.delete(&org.system(), "QueueSobject", taken.as_str())
        .await
        .unwrap();

    stage.writes("+12025550147", "M1", "Hello").await;
    let owners = "SELECT Owner.Name FROM MessagingSession ORDER BY StartTime, Name";
    stage
        .until(
            "SELECT Status FROM MessagingSession",
            "Status",
            &["Waiting"],
        )
        .await;
    let health = stage.messaging.health(stage.channel).await.unwrap();
    assert_eq!(
        health.warning.as_deref(),
        Some("Support cannot be given messaging sessions: they wait without a queue")
    );
    handed("FallbackQueueId", fallback).await;
    stage.writes("+12025550148", "M2", "Hello").await;
    let all = "SELECT Status FROM MessagingSession ORDER BY Name";
    stage.until(all, "Status", &["Waiting", "Waiting"]).await;
    let owners = stage.texts(owners, "Owner.Name").await;
    assert_eq!(owners[1], "Everybody");
    let health = stage.messaging.health(stage.channel).await.unwrap();
    assert_eq!(
        health.warning.as_deref(),
        Some("Support cannot be given messaging sessions: Everybody gets them instead")
    );
    let failed = stage
        .rows("SELECT Id FROM InboundEvent WHERE State != 'Done'")
        .await;
    assert!(failed.is_empty());
}
