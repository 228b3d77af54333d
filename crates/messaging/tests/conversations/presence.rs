//! Agents come and go.

use headwater_messaging::{Error, Refusal};
use headwater_records::Draft;
use headwater_testkit::VIEWER;

use crate::floor::{Floor, SESSIONS, WORK, WORKERS};

const PRESENCES: &str =
    "SELECT ServicePresenceStatus.MasterLabel FROM UserServicePresence WHERE IsCurrentState = true";

#[tokio::test]
async fn a_status_lasts_until_the_next_and_each_is_kept_with_its_time() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    let label = "ServicePresenceStatus.MasterLabel";
    floor.until(PRESENCES, label, &["Available"]).await;
    floor.passes(15, &[&ada]).await;
    floor.becomes(&ada, Some("Busy")).await;
    floor.until(PRESENCES, label, &["Busy"]).await;
    let desk = floor.messaging().presence(&ada).await.unwrap();
    assert!(desk.is_away && desk.label == "Busy", "{desk:?}");
    floor.becomes(&ada, None).await;
    floor.until(PRESENCES, label, &[]).await;
    let kept = "SELECT StatusDuration FROM UserServicePresence WHERE StatusDuration = 15";
    assert_eq!(floor.stage.rows(kept).await.rows().len(), 1);
    let desk = floor.messaging().presence(&ada).await.unwrap();
    assert_eq!((desk.status, desk.label.as_str()), (None, ""));
    assert!(!floor.messaging().sign_of_life(&ada).await.unwrap());
}

#[tokio::test]
async fn whoever_goes_away_gives_back_what_they_were_offered_and_keeps_what_they_took() {
    for status in [None, Some("Busy")] {
        let floor = Floor::set().await;
        let ada = floor.available("Ada").await;
        floor.customer(1).await;
        floor.accepts(&ada).await;
        floor.customer(2).await;
        floor.offer(&ada).await;
        floor.becomes(&ada, status).await;
        floor
            .until(WORK, "Status", &["Opened", "Unavailable"])
            .await;
        let bob = floor.available("Bob").await;
        floor.accepts(&bob).await;
        floor.until(SESSIONS, "Status", &["Active", "Active"]).await;
    }
}

#[tokio::test]
async fn an_agent_whose_browser_dies_is_offline_and_the_next_is_asked() {
    let floor = Floor::set_with(&[("PushTimeout", 3_600_i64.into())]).await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    floor.offer(&ada).await;
    let bob = floor.available("Bob").await;
    floor.passes(100, &[&bob]).await;
    floor
        .until(WORK, "Status", &["Unavailable", "Assigned"])
        .await;
    floor.until(WORKERS, "User.Name", &["Ada", "Bob"]).await;
    let there = floor.messaging().colleagues(&bob).await.unwrap();
    let names: Vec<_> = there.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Bob"]);
}

#[tokio::test]
async fn what_a_gone_agent_has_taken_stays_theirs_or_goes_back_as_the_queue_says() {
    let floor = Floor::set_with(&[("UnattendedTimeout", 300_i64.into())]).await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    floor.accepts(&ada).await;
    let bob = floor.available("Bob").await;
    floor.passes(100, &[&bob]).await;
    let label = "ServicePresenceStatus.MasterLabel";
    floor.until(PRESENCES, label, &["Available"]).await;
    let admin = floor.stage.server.user(headwater_testkit::ADMIN).await;
    let admin = floor.stage.server.org().caller(admin).await.unwrap();
    let watched = floor.messaging().in_progress(&admin).await.unwrap();
    assert!(watched[0].is_unattended, "{watched:?}");
    let staff = floor.messaging().staff(&admin).await.unwrap();
    assert_eq!((staff[0].name.as_str(), staff[0].sessions), ("Ada", 1));
    assert_eq!(staff[0].status, None);
    floor.until(WORK, "Status", &["Opened"]).await;
    floor.passes(320, &[&bob]).await;
    floor
        .until(WORK, "Status", &["Unavailable", "Assigned"])
        .await;
    floor.until(WORKERS, "User.Name", &["Ada", "Bob"]).await;
    let said = "SELECT Message FROM ConversationEntry WHERE EntryType = 'SessionOwnerChanged'";
    let text = "Back in the queue: its agent is gone";
    floor.until(said, "Message", &[text]).await;
}

#[tokio::test]
async fn a_configuration_accepts_by_itself_lets_nobody_decline_and_sends_the_silent_away() {
    let floor = Floor::set().await;
    let ada = floor.available("Ada").await;
    let usual = floor
        .id(
            "PresenceUserConfig",
            "DeveloperName",
            "default_presence_config",
        )
        .await;
    let busy = floor
        .id("ServicePresenceStatus", "MasterLabel", "Busy")
        .await;
    let strict = Draft::new()
        .with("OptionsIsDeclineEnabled", false)
        .with("PresenceStatusOnPushTimeoutId", busy);
    floor.change("PresenceUserConfig", usual, strict).await;
    floor.customer(1).await;
    let offer = floor.offer(&ada).await;
    let declined = floor.messaging().decline_offer(&ada, &offer, None).await;
    assert!(
        matches!(declined, Err(Error::Routing(Refusal::MayNotDecline))),
        "{declined:?}"
    );
    floor.passes(21, &[&ada]).await;
    let label = "ServicePresenceStatus.MasterLabel";
    floor.until(PRESENCES, label, &["Busy"]).await;
    let eager = Draft::new().with("OptionsIsAutoAcceptEnabled", true);
    floor.change("PresenceUserConfig", usual, eager).await;
    let _bob = floor.available("Bob").await;
    floor.until(SESSIONS, "Status", &["Active"]).await;
}

#[tokio::test]
async fn presence_is_for_those_who_work_on_sessions() {
    let floor = Floor::set().await;
    let org = floor.stage.server.org();
    let viewer = floor.stage.server.user(VIEWER).await;
    let viewer = org.caller(viewer).await.unwrap();
    let set = floor.messaging().set_presence(&viewer, None).await;
    assert!(
        matches!(set, Err(Error::Routing(Refusal::NoAgent))),
        "{set:?}"
    );
    let agent = floor.hire("Ada").await;
    for unknown in ["Lunch", "0N5000000000000AAA"] {
        let set = floor.messaging().set_presence(&agent, Some(unknown)).await;
        assert!(
            matches!(set, Err(Error::Routing(Refusal::NoSuchStatus(_)))),
            "{set:?}"
        );
    }
    let watched = floor.messaging().lines(&agent).await;
    assert!(
        matches!(watched, Err(Error::Routing(Refusal::NotSupervisor))),
        "{watched:?}"
    );
}
