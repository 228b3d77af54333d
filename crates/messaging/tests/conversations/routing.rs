//! Who waits is offered to who is there.

use headwater_messaging::{Error, Messaging, Refusal};
use headwater_records::{Draft, Input};

use crate::floor::{self, Floor, IN_LINE, SESSIONS, WORK, WORKERS};

#[tokio::test]
async fn a_customer_who_writes_is_offered_to_the_agent_who_is_there_and_theirs_when_accepted() {
    let floor = Floor::set().await;
    let away = floor.available("Away").await;
    floor.becomes(&away, Some("Busy")).await;
    let agent = floor.available("Ada").await;
    floor.customer(1).await;
    floor.until(WORK, "Status", &["Assigned"]).await;
    floor.until(SESSIONS, "Status", &["Waiting"]).await;
    let session = floor.accepts(&agent).await;
    floor.until(SESSIONS, "Status", &["Active"]).await;
    floor.until(WORK, "Status", &["Opened"]).await;
    floor.until(IN_LINE, "Name", &[]).await;
    let owner = "SELECT OwnerId FROM MessagingSession";
    let owner = floor.stage.rows(owner).await.first().unwrap().id("OwnerId");
    assert_eq!(owner, Some(agent.user));
    let desk = floor.messaging().presence(&agent).await.unwrap();
    assert_eq!((desk.capacity, desk.used, desk.offers.len()), (5, 100, 0));
    floor.messaging().end(&agent, &session).await.unwrap();
    floor.until(WORK, "Status", &["Closed"]).await;
    let desk = floor.messaging().presence(&agent).await.unwrap();
    assert_eq!(desk.used, 0);
}

#[tokio::test]
async fn what_one_agent_declines_the_next_is_asked_and_not_the_same_again_at_once() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let offer = floor.offer(&ada).await;
    let messaging = floor.messaging();
    let declined = messaging.decline_offer(&ada, &offer, Some(" Lunch "));
    declined.await.unwrap();
    floor.until(WORK, "Status", &["Declined"]).await;
    let reasons = "SELECT DeclineReason FROM AgentWork";
    floor.until(reasons, "DeclineReason", &["Lunch"]).await;
    let again = messaging.decline_offer(&ada, &offer, None).await;
    assert!(
        matches!(again, Err(Error::Routing(Refusal::NotOffered))),
        "{again:?}"
    );
    // Nobody else is there, and she is left alone with it for a while.
    floor.passes(20, &[&ada]).await;
    let bob = floor.available("Bob").await;
    floor.until(WORK, "Status", &["Declined", "Assigned"]).await;
    floor.until(WORKERS, "User.Name", &["Ada", "Bob"]).await;
    let offer = floor.offer(&bob).await;
    messaging.decline_offer(&bob, &offer, None).await.unwrap();
    floor.passes(20, &[&ada, &bob]).await;
    floor
        .until(WORKERS, "User.Name", &["Ada", "Bob", "Ada"])
        .await;
}

#[tokio::test]
async fn an_offer_that_is_not_answered_goes_on_to_the_next() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    floor.offer(&ada).await;
    let bob = floor.available("Bob").await;
    floor.passes(21, &[&ada, &bob]).await;
    floor
        .until(WORK, "Status", &["DeclinedOnPushTimeout", "Assigned"])
        .await;
    floor.accepts(&bob).await;
}

#[tokio::test]
async fn nobody_gets_more_than_they_have_room_for_and_whoever_ends_one_gets_the_next() {
    let floor = Floor::set_with(&[("CapacityPercentage", 50_i64.into())]).await;
    let ada = floor.available("Ada").await;
    for number in 1..=3 {
        floor.customer(number).await;
    }
    floor.offers(&ada, 2).await;
    let waiting = "SELECT IsPushed FROM PendingServiceRouting WHERE IsPushed = false";
    floor.until(waiting, "IsPushed", &[""]).await;
    let first = floor.offers(&ada, 2).await[0].to_string();
    let session = floor.messaging().accept_offer(&ada, &first).await.unwrap();
    floor
        .messaging()
        .let_rest(&ada, session.as_str())
        .await
        .unwrap();
    floor.offers(&ada, 2).await;
    floor.until(waiting, "IsPushed", &[]).await;
}

#[tokio::test]
async fn lower_priorities_come_first_and_then_who_has_waited_longest() {
    let floor = Floor::set_with(&[("RoutingPriority", 2_i64.into())]).await;
    let urgent = floor::configuration(&floor.stage, "Urgent", &[]).await;
    let vip = floor::queue(&floor.stage, "Vip", Some(urgent)).await;
    floor.customer(1).await;
    floor.until(SESSIONS, "Status", &["Waiting"]).await;
    let handled = Draft::new().with("SessionHandlerId", vip);
    floor
        .change("MessagingChannel", floor.stage.channel, handled)
        .await;
    floor.passes(1, &[]).await;
    floor.customer(2).await;
    floor
        .until(SESSIONS, "Status", &["Waiting", "Waiting"])
        .await;
    let ada = floor.hire("Ada").await;
    let member = [("GroupId", vip.into()), ("UserOrGroupId", ada.user.into())];
    floor.stage.server.create("GroupMember", &member).await;
    let ada = floor.stage.server.org().caller(ada.user).await.unwrap();
    floor.becomes(&ada, Some("Available")).await;
    floor.offers(&ada, 2).await;
    let queues = "SELECT OriginalGroup.Name FROM AgentWork ORDER BY Name";
    floor
        .until(queues, "OriginalGroup.Name", &["Vip", "Support"])
        .await;
}

#[tokio::test]
async fn the_least_active_agent_is_asked_or_the_one_with_the_most_room() {
    for (model, wanted) in [("LeastActive", "Small"), ("MostAvailable", "Large")] {
        let floor = Floor::set_with(&[("RoutingModel", model.into())]).await;
        let large = floor.hire("Large").await;
        let small = floor.hire("Small").await;
        for (agent, capacity) in [(&large, 10_i64), (&small, 2)] {
            let fields: [(&str, Input); 3] = [
                ("DeveloperName", (&*agent.name).into()),
                ("MasterLabel", (&*agent.name).into()),
                ("Capacity", capacity.into()),
            ];
            let server = &floor.stage.server;
            let configuration = server.create("PresenceUserConfig", &fields).await;
            let theirs = [
                ("PresenceUserConfigId", configuration.into()),
                ("UserId", agent.user.into()),
            ];
            server.create("PresenceUserConfigUser", &theirs).await;
            floor.becomes(agent, Some("Available")).await;
        }
        // The first goes to either; who has it decides the second.
        floor.becomes(&small, Some("Busy")).await;
        floor.customer(1).await;
        floor.accepts(&large).await;
        floor.becomes(&small, Some("Available")).await;
        floor.customer(2).await;
        floor.until(WORKERS, "User.Name", &["Large", wanted]).await;
    }
}

#[tokio::test]
async fn two_routers_offer_each_session_once_and_fill_nobody_twice() {
    let floor = Floor::set().await;
    let other = Messaging::new(floor.stage.server.org().clone());
    let routing = tokio::spawn(async move { other.follow().await });
    for number in 1..=12 {
        floor.customer(number).await;
    }
    floor.until(SESSIONS, "Status", &["Waiting"; 12]).await;
    let ada = floor.hire("Ada").await;
    let bob = floor.hire("Bob").await;
    let (a, b) = tokio::join!(
        async { floor.becomes(&ada, Some("Available")).await },
        async { floor.becomes(&bob, Some("Available")).await }
    );
    let ((), ()) = (a, b);
    floor.offers(&ada, 5).await;
    floor.offers(&bob, 5).await;
    // Whoever comes gets what the two have no room for, and nothing else.
    let eve = floor.available("Eve").await;
    floor.offers(&eve, 2).await;
    floor.offers(&ada, 5).await;
    floor.offers(&bob, 5).await;
    floor.until(WORK, "Status", &["Assigned"; 12]).await;
    let left = "SELECT Name FROM PendingServiceRouting WHERE IsPushed = false";
    floor.until(left, "Name", &[]).await;
    routing.abort();
}

#[tokio::test]
async fn a_session_that_somebody_takes_by_hand_is_offered_to_nobody_any_more() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    let bob = floor.hire("Bob").await;
    floor.customer(1).await;
    let offer = floor.offer(&ada).await;
    let session = floor.id("MessagingSession", "Status", "Waiting").await;
    let messaging = floor.messaging();
    messaging.take(&bob, session.as_str()).await.unwrap();
    floor.until(WORK, "Status", &["Canceled", "Opened"]).await;
    floor.until(WORKERS, "User.Name", &["Ada", "Bob"]).await;
    let late = messaging.accept_offer(&ada, &offer).await;
    assert!(
        matches!(late, Err(Error::Routing(Refusal::NotOffered))),
        "{late:?}"
    );
}

#[tokio::test]
async fn customers_who_wait_already_are_routed_when_their_queue_is() {
    let floor = Floor::set().await;
    let unrouted = Draft::new().with("QueueRoutingConfigId", headwater_catalogue::Value::Null);
    floor.change("Group", floor.queue, unrouted).await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    floor.until(SESSIONS, "Status", &["Waiting"]).await;
    floor.until(IN_LINE, "Name", &[]).await;
    let routed = Draft::new().with("QueueRoutingConfigId", floor.configuration);
    floor.change("Group", floor.queue, routed).await;
    floor.passes(11, &[&ada]).await;
    floor.accepts(&ada).await;
}

#[tokio::test]
async fn a_customer_who_comes_back_is_offered_to_their_agent_first() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let bob = floor.available("Bob").await;
    floor.messaging().let_rest(&ada, &session).await.unwrap();
    floor.until(WORK, "Status", &["Closed"]).await;
    // He has got less than she, so it would be his.
    floor.stage.writes("+12025550001", "M5", "Me again").await;
    floor.until(WORKERS, "User.Name", &["Ada", "Ada"]).await;
    assert!(floor.messaging().offers(&bob).await.unwrap().is_empty());
}

#[tokio::test]
async fn work_whose_session_has_ended_past_every_verb_is_closed() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let ended = Draft::new().with("Status", "Ended");
    floor
        .change("MessagingSession", session.parse().unwrap(), ended)
        .await;
    floor.passes(11, &[&ada]).await;
    floor.until(WORK, "Status", &["Closed"]).await;
}
