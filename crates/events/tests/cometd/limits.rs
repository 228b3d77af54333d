//! The limits, each with its error.

use std::time::Duration;

use headwater_events::EventSettings;
use headwater_testkit::{ADMIN, AGENT};
use jiff::SignedDuration;

use crate::stage::{ACCOUNTS, EVERYTHING, Stage, handshake};

async fn shaken(stage: &Stage, user: &str) -> serde_json::Value {
    let token = stage.server.token(user).await;
    stage.send(Some(&token), &handshake()).await[0].clone()
}

#[tokio::test]
async fn so_many_clients_are_taken_of_a_user_and_in_all_until_some_are_gone() {
    let settings = EventSettings {
        clients_max: 3,
        clients_per_user_max: 2,
        ..EventSettings::default()
    };
    let stage = Stage::set_with(settings).await;
    for _ in 0..2 {
        assert_eq!(shaken(&stage, AGENT).await["successful"], true);
    }
    let reply = shaken(&stage, AGENT).await;
    assert_eq!(reply["error"], "403::Handshake denied");
    let reason = &reply["ext"]["sfdc"]["failureReason"];
    assert_eq!(*reason, "403::User concurrent client limit exceeded");
    assert_eq!(shaken(&stage, ADMIN).await["successful"], true);
    let reply = shaken(&stage, ADMIN).await;
    let reason = &reply["ext"]["sfdc"]["failureReason"];
    assert_eq!(*reason, "403::Organization concurrent user limit exceeded");
    stage.server.clock().advance(SignedDuration::from_secs(41));
    assert_eq!(shaken(&stage, AGENT).await["successful"], true);
}

#[tokio::test]
async fn whoever_was_away_for_too_long_shakes_hands_anew() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    stage.server.clock().advance(SignedDuration::from_secs(39));
    subscriber.subscribed(ACCOUNTS, None).await;
    stage.server.clock().advance(SignedDuration::from_secs(41));
    let answer = subscriber.connect().await;
    assert_eq!(answer[0]["error"], "403::Unknown client");
    assert_eq!(answer[0]["advice"]["reconnect"], "handshake");
}

#[tokio::test]
async fn whoever_hangs_is_not_away() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let hanging = subscriber.hanging().await;
    stage.server.clock().advance(SignedDuration::from_secs(100));
    stage.server.account("Sample").await;
    assert_eq!(crate::stage::released(hanging).await.len(), 2);
}

#[tokio::test]
async fn a_client_has_so_many_subscriptions() {
    let settings = EventSettings {
        subscriptions_per_client_max: 1,
        ..EventSettings::default()
    };
    let stage = Stage::set_with(settings).await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    // The same once more is no second one.
    subscriber.subscribed(ACCOUNTS, None).await;
    let reply = subscriber.subscribe(EVERYTHING, None).await;
    assert_eq!(reply["error"], "403::A client has at most 1 subscriptions");
}

#[tokio::test]
async fn a_connect_that_nothing_happens_to_is_answered_in_time() {
    let settings = EventSettings {
        connect_time_max: Duration::from_millis(300),
        ..EventSettings::default()
    };
    let stage = Stage::set_with(settings).await;
    let subscriber = stage.subscriber(AGENT).await;
    let answer = subscriber.connect().await;
    assert_eq!(answer.len(), 1);
    assert_eq!(answer[0]["successful"], true);
}
