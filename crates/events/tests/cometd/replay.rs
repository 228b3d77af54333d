//! Coming back: from a replay id on, from the beginning, or from now.

use headwater_testkit::{ADMIN, AGENT};
use serde_json::{Value, json};

use crate::stage::{ACCOUNTS, Stage};

fn names(events: &[Value]) -> Vec<&str> {
    let name = |event: &'_ Value| event["data"]["payload"]["Name"].as_str().map(str::len);
    assert!(
        events.iter().all(|event| name(event).is_some()),
        "{events:?}"
    );
    events
        .iter()
        .filter_map(|event| event["data"]["payload"]["Name"].as_str())
        .collect()
}

#[tokio::test]
async fn whoever_comes_back_is_told_what_came_after_their_last_event() {
    let stage = Stage::set().await;
    let first = stage.subscriber(AGENT).await;
    first.subscribed(ACCOUNTS, None).await;
    for name in ["One", "Two", "Three"] {
        stage.server.account(name).await;
    }
    let events = first.events(3).await;
    assert_eq!(names(&events), ["One", "Two", "Three"]);
    let replay_id = |place: usize| events[place]["data"]["event"]["replayId"].as_i64();
    let again = stage.subscriber(AGENT).await;
    again.subscribed(ACCOUNTS, replay_id(0)).await;
    assert_eq!(names(&again.events(2).await), ["Two", "Three"]);
    again.subscribed(ACCOUNTS, replay_id(2)).await;
    assert_eq!(again.events_now().await.len(), 0);
    again.subscribed(ACCOUNTS, Some(-1)).await;
    assert_eq!(again.events_now().await.len(), 0);
    again.subscribed(ACCOUNTS, Some(-2)).await;
    assert_eq!(names(&again.events(3).await), ["One", "Two", "Three"]);
}

#[tokio::test]
async fn a_replay_id_that_was_never_given_is_refused_as_salesforce_does() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    for wrong in [-3, 1_000_000] {
        let reply = subscriber.subscribe(ACCOUNTS, Some(wrong)).await;
        assert_eq!(reply["successful"], false);
        let error = reply["error"].as_str().unwrap();
        let begin = format!("400::The replayId {{{wrong}}} you provided was invalid.");
        assert!(error.starts_with(&begin), "{error}");
    }
}

#[tokio::test]
async fn what_the_log_holds_no_more_is_not_promised() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    stage.server.account("One").await;
    let newest = *stage.server.org().newest_change().borrow();
    let now = stage.server.org().now() + jiff::SignedDuration::from_secs(1);
    let store = stage.server.org().store();
    store.purge_changes(now, 10_000).await.unwrap();
    // The newest entry is always kept, and one may come back to right before it.
    assert_eq!(
        subscriber.subscribe(ACCOUNTS, Some(newest - 2)).await["successful"],
        false
    );
    subscriber.subscribed(ACCOUNTS, Some(newest - 1)).await;
    assert_eq!(names(&subscriber.events(1).await), ["One"]);
}

#[tokio::test]
async fn more_than_goes_into_one_answer_comes_in_several_and_in_order() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let records: Vec<Value> = (0..200)
        .map(|number| json!({ "attributes": { "type": "Account" }, "Name": format!("{number}") }))
        .collect();
    for _ in 0..4 {
        let body = json!({ "records": records });
        let made = stage
            .server
            .post("/services/data/v67.0/composite/sobjects")
            .as_(ADMIN);
        made.json(&body).send().await.expect(200);
    }
    let events = subscriber.events(800).await;
    let ids: Vec<i64> = events
        .iter()
        .map(|event| event["data"]["event"]["replayId"].as_i64().unwrap())
        .collect();
    assert!(ids.windows(2).all(|two| two[0] < two[1]));
    // Now that all of it was read, whoever wants it again is told as much as one answer holds.
    let again = stage.subscriber(AGENT).await;
    again.subscribed(ACCOUNTS, Some(-2)).await;
    assert_eq!(again.events_now().await.len(), 500);
    assert_eq!(again.events_now().await, events[500..]);
}
