//! Transfers, flags and whispers.

use headwater_messaging::{Error, Refusal, Target};
use headwater_testkit::ADMIN;

use crate::floor::{self, Floor, IN_LINE, SESSIONS, WORK, WORKERS};

const SAID: &str = "SELECT Message FROM ConversationEntry WHERE EntryType = 'SessionOwnerChanged'";
const OWNER: &str = "SELECT Owner.Name FROM MessagingSession";

#[tokio::test]
async fn a_session_handed_to_an_agent_is_theirs_when_they_accept() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let bob = floor.available("Bob").await;
    let messaging = floor.messaging();
    let to = Target::Agent(bob.user);
    messaging
        .transfer(&ada, &session, to, Some("Knows the printer"))
        .await
        .unwrap();
    floor
        .until(WORK, "Status", &["Transferred", "Assigned"])
        .await;
    floor
        .until(SAID, "Message", &["Transferred to Bob: Knows the printer"])
        .await;
    assert_eq!(floor.accepts(&bob).await, session);
    floor.until(OWNER, "Owner.Name", &["Bob"]).await;
    let there = messaging.transfer(&ada, &session, to, None).await;
    assert!(
        matches!(there, Err(Error::Routing(Refusal::There))),
        "{there:?}"
    );
}

#[tokio::test]
async fn a_session_that_the_agent_declines_goes_to_the_queue_it_came_from() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let bob = floor.available("Bob").await;
    let messaging = floor.messaging();
    messaging
        .transfer(&ada, &session, Target::Agent(bob.user), None)
        .await
        .unwrap();
    let offer = floor.offer(&bob).await;
    messaging.decline_offer(&bob, &offer, None).await.unwrap();
    floor.until(OWNER, "Owner.Name", &["Support"]).await;
    floor
        .until(WORKERS, "User.Name", &["Ada", "Bob", "Ada"])
        .await;
}

#[tokio::test]
async fn a_queue_that_is_not_routed_lets_a_transferred_session_wait_for_its_agents() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let billing = floor::queue(&floor.stage, "Billing", None).await;
    let messaging = floor.messaging();
    messaging
        .transfer(&ada, &session, Target::Queue(billing), None)
        .await
        .unwrap();
    floor.until(SESSIONS, "Status", &["Waiting"]).await;
    floor.until(OWNER, "Owner.Name", &["Billing"]).await;
    floor.until(IN_LINE, "Name", &[]).await;
    floor.until(WORK, "Status", &["Transferred"]).await;
    messaging.take(&ada, &session).await.unwrap();
    floor.until(SESSIONS, "Status", &["Active"]).await;
}

#[tokio::test]
async fn nobody_who_is_not_there_is_handed_a_session() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let bob = floor.hire("Bob").await;
    let messaging = floor.messaging();
    let to = Target::Agent(bob.user);
    let refused = messaging.transfer(&ada, &session, to, None).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Bob is not available now: choose somebody who is, or a queue"
    );
    floor.becomes(&bob, Some("Busy")).await;
    let refused = messaging.transfer(&ada, &session, to, None).await;
    assert!(
        matches!(refused, Err(Error::Routing(Refusal::NotAvailable(_)))),
        "{refused:?}"
    );
    assert_eq!(
        Target::of(&session),
        Err(Refusal::NoTarget(session.clone()))
    );
    let picky = floor::queue(&floor.stage, "Cases", None).await;
    let soql = format!("SELECT Id FROM QueueSobject WHERE QueueId = '{picky}'");
    let taken = floor.stage.rows(&soql).await;
    let taken = taken.first().unwrap().id("Id").unwrap();
    let org = floor.stage.server.org();
    let gone = org
        .delete(&org.system(), "QueueSobject", taken.as_str())
        .await;
    gone.unwrap();
    let cases = [("QueueId", picky.into()), ("SobjectType", "Case".into())];
    floor.stage.server.create("QueueSobject", &cases).await;
    let refused = messaging
        .transfer(&ada, &session, Target::Queue(picky), None)
        .await;
    assert!(
        matches!(refused, Err(Error::Routing(Refusal::NoTarget(_)))),
        "{refused:?}"
    );
    messaging.end(&ada, &session).await.unwrap();
    let late = messaging
        .transfer(&ada, &session, Target::Queue(floor.queue), None)
        .await;
    assert!(
        matches!(late, Err(Error::Routing(Refusal::NotTransferable(_)))),
        "{late:?}"
    );
}

#[tokio::test]
async fn whoever_waits_for_an_agent_who_goes_is_the_queues_again() {
    let floor = Floor::set_with(&[("PushTimeout", 3_600_i64.into())]).await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let bob = floor.available("Bob").await;
    floor
        .messaging()
        .transfer(&ada, &session, Target::Agent(bob.user), None)
        .await
        .unwrap();
    floor.offer(&bob).await;
    floor.becomes(&bob, None).await;
    floor.until(OWNER, "Owner.Name", &["Support"]).await;
    floor
        .until(WORKERS, "User.Name", &["Ada", "Bob", "Ada"])
        .await;
}

#[tokio::test]
async fn an_agent_raises_a_flag_and_a_supervisor_whispers() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let admin = floor.stage.server.user(ADMIN).await;
    let admin = floor.stage.server.org().caller(admin).await.unwrap();
    let messaging = floor.messaging();
    let flag = messaging.raise_flag(&ada, &session, "What is our refund rule?");
    flag.await.unwrap();
    let watched = messaging.in_progress(&admin).await.unwrap();
    assert_eq!(watched[0].flag.as_deref(), Some("What is our refund rule?"));
    messaging
        .whisper(&admin, &session, "Thirty days")
        .await
        .unwrap();
    messaging.lower_flag(&ada, &session).await.unwrap();
    let watched = messaging.in_progress(&admin).await.unwrap();
    assert_eq!(watched[0].flag, None);
    let kinds = "SELECT EntryType FROM ConversationEntry WHERE EntryType != 'Text' ORDER BY Seq";
    floor
        .until(kinds, "EntryType", &["FlagRaise", "Note", "FlagLower"])
        .await;
    let counts = "SELECT AgentMessageCount, EndUserMessageCount FROM MessagingSession";
    let counts = floor.stage.rows(counts).await;
    let count = |field: &str| counts.first().unwrap().get(field).clone();
    let both = [count("AgentMessageCount"), count("EndUserMessageCount")];
    assert_eq!(both, [0, 1].map(headwater_catalogue::Value::Integer));
    // Nothing of it went to the customer.
    assert!(floor.stage.carrier.taken.lock().unwrap().is_empty());
    let refused = messaging.whisper(&ada, &session, "Psst").await;
    assert!(
        matches!(refused, Err(Error::Routing(Refusal::NotSupervisor))),
        "{refused:?}"
    );
    let lines = messaging.lines(&admin).await.unwrap();
    assert_eq!((lines[0].name.as_str(), lines[0].waiting), ("Support", 0));
}
