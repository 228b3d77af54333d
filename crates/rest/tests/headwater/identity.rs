//! `GET sessions/{id}/identity?asOf=`.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, Answer};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::World;

async fn identity(world: &World, session: &str, as_of: Option<&str>) -> Answer {
    let path = format!("/services/headwater/v1/sessions/{session}/identity");
    let request = world.server.get(&path).as_(ADMIN);
    match as_of {
        Some(as_of) => request.query("asOf", as_of).send().await,
        None => request.send().await,
    }
}

async fn account_at(world: &World, session: Id, at: Timestamp) -> Value {
    let answer = identity(world, session.as_str(), Some(&at.to_string()))
        .await
        .expect(200);
    answer["account"]["then"]["name"].clone()
}

fn an_hour(world: &World) -> Timestamp {
    world.server.clock().advance(SignedDuration::from_hours(1))
}

#[tokio::test]
async fn a_session_tells_what_it_showed_across_two_relinks() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let session = world.server.open_session(world.channel, user).await;
    let at_start = world.server.org().now();
    an_hour(&world);
    world.relinked(&[user]).await;
    let between = an_hour(&world);
    let clear = json!({"messagingEndUserIds": [user.to_string()], "accountId": null});
    an_hour(&world);
    world.relink(&clear).await.expect(201);
    let now = an_hour(&world);
    assert_eq!(account_at(&world, session, at_start).await, "Sample");
    assert_eq!(account_at(&world, session, between).await, "Test1");
    assert_eq!(account_at(&world, session, now).await, Value::Null);
}

#[tokio::test]
async fn a_change_counts_from_its_own_moment_on() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let session = world.server.open_session(world.channel, user).await;
    let moment = an_hour(&world);
    world.relinked(&[user]).await;
    an_hour(&world);
    let just_before = moment - SignedDuration::from_micros(1);
    assert_eq!(account_at(&world, session, just_before).await, "Sample");
    assert_eq!(account_at(&world, session, moment).await, "Test1");
}

#[tokio::test]
async fn then_and_now_stand_side_by_side() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let session = world.server.open_session(world.channel, user).await;
    let at_start = world.server.org().now().to_string();
    an_hour(&world);
    let body = json!({
        "messagingEndUserIds": [user.to_string()],
        "accountId": world.right.to_string(),
        "contactId": world.contact.to_string(),
    });
    world.relink(&body).await.expect(201);
    let answer = identity(&world, session.as_str(), Some(&at_start))
        .await
        .expect(200);
    assert_eq!(answer["session"]["id"], session.to_string());
    assert_eq!(
        answer["messagingUser"],
        json!({"id": user.to_string(), "name": "+15550100"})
    );
    assert_eq!(answer["account"]["then"]["id"], world.wrong.to_string());
    assert_eq!(answer["account"]["now"]["id"], world.right.to_string());
    assert_eq!(answer["account"]["changed"], true);
    assert_eq!(answer["contact"]["then"], Value::Null);
    assert_eq!(answer["contact"]["now"]["name"], "Byron");
}

#[tokio::test]
async fn without_a_moment_it_is_now() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let session = world.server.open_session(world.channel, user).await;
    an_hour(&world);
    world.relinked(&[user]).await;
    let answer = identity(&world, session.short(), None).await.expect(200);
    assert_eq!(answer["account"]["then"]["name"], "Test1");
    assert_eq!(answer["account"]["changed"], false);
}

#[tokio::test]
async fn an_account_that_was_deleted_since_is_still_named() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let session = world.server.open_session(world.channel, user).await;
    let at_start = world.server.org().now();
    an_hour(&world);
    let path = format!("/services/data/v67.0/sobjects/Account/{}", world.wrong);
    world
        .server
        .delete(&path)
        .as_(ADMIN)
        .send()
        .await
        .expect(204);
    an_hour(&world);
    assert_eq!(account_at(&world, session, at_start).await, "Sample");
}

#[tokio::test]
async fn a_moment_before_the_session_is_refused_and_says_when_it_began() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let session = world.server.open_session(world.channel, user).await;
    let answer = identity(&world, session.as_str(), Some("2020-01-01T00:00:00Z")).await;
    let message = answer.expect_error(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    assert!(
        message.contains("began at 2026-01-15T12:00:00Z"),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_no_moment_and_what_is_no_session_are_refused() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let session = world.server.open_session(world.channel, user).await;
    identity(&world, session.as_str(), Some("yesterday"))
        .await
        .expect(400);
    identity(&world, user.as_str(), None).await.expect(404);
    identity(&world, "nonsense", None).await.expect(404);
}
