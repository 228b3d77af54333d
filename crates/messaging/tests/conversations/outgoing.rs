//! What agents write, on its way to the customer.

use headwater_messaging::{Again, DeliveryState, Error, Inbound, Message, Undelivered};

use crate::stage::Stage;

const STATUS: &str = "SELECT MessageStatus FROM ConversationEntry WHERE ActorType = 'Agent'";

async fn session(stage: &Stage) -> String {
    stage.writes("+12025550147", "M1", "Hello").await;
    let soql = "SELECT Status FROM MessagingSession";
    stage.until(soql, "Status", &["Waiting"]).await;
    let table = stage.rows("SELECT Id FROM MessagingSession").await;
    table.first().unwrap().id("Id").unwrap().to_string()
}

fn says(text: &str, id: &str) -> Message {
    Message {
        text: text.to_owned(),
        id: Some(id.to_owned()),
        ..Message::default()
    }
}

#[tokio::test]
async fn an_answer_takes_the_session_and_goes_out_once() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    let agent = stage.agent().await;
    let first = stage
        .messaging
        .send(&agent, &session, &says("Good day", "A1"))
        .await;
    let again = stage
        .messaging
        .send(&agent, &session, &says("Good day", "A1"))
        .await;
    assert_eq!(first.unwrap(), again.unwrap());
    stage.until(STATUS, "MessageStatus", &["Sent"]).await;
    let taken = stage.carrier.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].to, "+12025550147");
    assert_eq!(taken[0].from, "+12025550100");
    assert_eq!(taken[0].text, "Good day");
    let is = stage
        .texts("SELECT Status FROM MessagingSession", "Status")
        .await;
    assert_eq!(is, ["Active"]);
}

#[tokio::test]
async fn reports_of_the_carrier_never_lead_back() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    let agent = stage.agent().await;
    // Faster than the answer to the sending.
    let early = Inbound::report("SM1", DeliveryState::Delivered, None);
    stage.messaging.accept(stage.channel, &early).await.unwrap();
    stage
        .messaging
        .send(&agent, &session, &says("Good day", "A1"))
        .await
        .unwrap();
    stage.until(STATUS, "MessageStatus", &["Delivered"]).await;
    let read = Inbound::report("SM1", DeliveryState::Read, None);
    stage.messaging.accept(stage.channel, &read).await.unwrap();
    stage.until(STATUS, "MessageStatus", &["Read"]).await;
    let late = Inbound::report("SM1", DeliveryState::Sent, None);
    stage.messaging.accept(stage.channel, &late).await.unwrap();
    let states = "SELECT State FROM InboundEvent WHERE Address = 'SM1'";
    stage
        .until(states, "State", &["Done", "Done", "Done"])
        .await;
    stage.until(STATUS, "MessageStatus", &["Read"]).await;
}

#[tokio::test]
async fn what_cannot_be_sent_says_why_and_is_sent_again_when_asked() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    let agent = stage.agent().await;
    stage
        .carrier
        .failures
        .lock()
        .unwrap()
        .push_back(Undelivered::for_good("21211", "The number is not valid"));
    stage.server.expect_log("a message could not be sent");
    let entry = stage
        .messaging
        .send(&agent, &session, &says("Good day", "A1"))
        .await
        .unwrap();
    stage.until(STATUS, "MessageStatus", &["Error"]).await;
    let soql = "SELECT MessageStatusCode FROM ConversationEntry WHERE ActorType = 'Agent'";
    let why = stage.texts(soql, "MessageStatusCode").await;
    assert_eq!(why, ["21211: The number is not valid"]);
    stage.messaging.send_again(&agent, entry).await.unwrap();
    stage.until(STATUS, "MessageStatus", &["Sent"]).await;
    let again = stage.messaging.send_again(&agent, entry).await;
    assert!(matches!(again, Err(Error::NotFailed)), "{again:?}");
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    let agent = stage.agent().await;
    stage
        .carrier
        .failures
        .lock()
        .unwrap()
        .push_back(Undelivered::for_good("503", "Busy").again(Again::Later));
    stage
        .messaging
        .send(&agent, &session, &says("Good day", "A1"))
        .await
        .unwrap();
    // It was put off at a moment that is not seen here, so time goes on until it is there.
    while stage.texts(STATUS, "MessageStatus").await != ["Sent"] {
        stage
            .server
            .clock()
            .advance(jiff::SignedDuration::from_secs(2));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(stage.carrier.failures.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_who_has_opted_out_gets_an_answer() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    let agent = stage.agent().await;
    let user = stage.rows("SELECT Id FROM MessagingEndUser").await;
    let user = user.first().unwrap().id("Id").unwrap();
    let org = stage.server.org();
    let draft = headwater_records::Draft::new().with("MessagingConsentStatus", "OptedOut");
    org.update(
        &org.system(),
        "MessagingEndUser",
        user.as_str(),
        draft,
        headwater_records::Precondition::default(),
    )
    .await
    .unwrap();
    let sent = stage
        .messaging
        .send(&agent, &session, &says("Good day", "A1"))
        .await;
    assert!(matches!(sent, Err(Error::OptedOut { .. })), "{sent:?}");
    let empty = stage
        .messaging
        .send(&agent, &session, &says("  ", "A2"))
        .await;
    assert!(matches!(empty, Err(Error::Empty)), "{empty:?}");
    let long = "x".repeat(1_601);
    let long = stage
        .messaging
        .send(&agent, &session, &says(&long, "A3"))
        .await;
    assert!(
        matches!(long, Err(Error::TooLong { found: 1_601, .. })),
        "{long:?}"
    );
}

#[tokio::test]
async fn all_reports_that_are_faster_than_the_answer_to_the_sending_count() {
    let stage = Stage::set().await;
    let session = session(&stage).await;
    let agent = stage.agent().await;
    for state in [DeliveryState::Delivered, DeliveryState::Read] {
        let early = Inbound::report("SM1", state, None);
        stage.messaging.accept(stage.channel, &early).await.unwrap();
    }
    let states = "SELECT State FROM InboundEvent WHERE Address = 'SM1'";
    stage.until(states, "State", &["Waiting", "Waiting"]).await;
    stage
        .messaging
        .send(&agent, &session, &says("Good day", "A1"))
        .await
        .unwrap();
    stage.until(STATUS, "MessageStatus", &["Read"]).await;
    stage.until(states, "State", &["Done", "Done"]).await;
}
