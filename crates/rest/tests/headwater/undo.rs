//! `POST relinks/{id}/undo`.

use headwater_testkit::ADMIN;
use serde_json::{Value, json};

use crate::world::{RELINKS, World};

#[tokio::test]
async fn an_undo_gives_back_what_was_before_and_is_a_relink_itself() {
    let world = World::new().await;
    let user = world.user("+15550100", 3).await;
    let relink = world.relinked(&[user]).await;
    let answer = world.undo(&relink).await;
    let report = answer.expect(201);
    assert_eq!(report["rule"], "Undo");
    assert_eq!(report["undoOf"], relink);
    assert_eq!(report["sessionsAffected"], 3);
    assert_eq!(
        report["messagingUsers"][0]["account"]["after"]["name"],
        "Sample"
    );
    assert_eq!(world.shown(user).await, [json!(world.wrong.to_string())]);
    let undone = world
        .server
        .get(&format!("{RELINKS}/{relink}"))
        .as_(ADMIN)
        .send()
        .await;
    assert_eq!(undone.expect(200)["undoneBy"], report["id"]);
    assert_eq!(world.count("RelinkItem WHERE Undone = true").await, 1);
}

#[tokio::test]
async fn no_relink_is_undone_twice() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let relink = world.relinked(&[user]).await;
    world.undo(&relink).await.expect(201);
    let before = world.last_change();
    let message = world.undo(&relink).await.expect_error(409, "CANNOT_UNDO");
    assert!(message.contains("was undone already"), "{message}");
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn two_undos_at_once_undo_once() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let relink = world.relinked(&[user]).await;
    let (one, two) = tokio::join!(world.undo(&relink), world.undo(&relink));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(world.count("Relink WHERE Rule = 'Undo'").await, 1);
}

#[tokio::test]
async fn an_undo_leaves_alone_what_was_changed_since_and_says_so() {
    let world = World::new().await;
    let (kept, changed) = (
        world.user("+15550100", 2).await,
        world.user("+15550101", 5).await,
    );
    let relink = world.relinked(&[kept, changed]).await;
    let other = world.server.account("Other").await;
    let path = format!("/services/data/v67.0/sobjects/MessagingEndUser/{changed}");
    let later = json!({"AccountId": other.to_string()});
    world
        .server
        .patch(&path)
        .as_(ADMIN)
        .json(&later)
        .send()
        .await
        .expect(204);
    let report = world.undo(&relink).await.expect(201);
    assert_eq!(report["changed"], 1);
    assert_eq!(report["sessionsAffected"], 2);
    assert_eq!(report["messagingUsers"][1]["outcome"], "left");
    assert_eq!(
        report["messagingUsers"][1]["account"]["left"],
        "It has been changed since."
    );
    assert_eq!(world.shown(kept).await, [json!(world.wrong.to_string())]);
    assert_eq!(world.shown(changed).await, [json!(other.to_string())]);
    assert_eq!(world.count("RelinkItem WHERE Undone = true").await, 1);
}

#[tokio::test]
async fn each_link_is_given_back_or_left_alone_by_itself() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let body = json!({
        "messagingEndUserIds": [user.to_string()],
        "accountId": world.right.to_string(),
        "contactId": world.contact.to_string(),
    });
    let relink = world.relink(&body).await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/services/data/v67.0/sobjects/MessagingEndUser/{user}");
    world
        .server
        .patch(&path)
        .as_(ADMIN)
        .json(&json!({"AccountId": null}))
        .send()
        .await
        .expect(204);
    let report = world.undo(&relink).await.expect(201);
    let links = &report["messagingUsers"][0];
    assert_eq!(links["account"]["left"], "It has been changed since.");
    assert_eq!(links["account"]["after"], Value::Null);
    assert_eq!(links["contact"]["changed"], true);
    assert_eq!(links["contact"]["after"], Value::Null);
}

#[tokio::test]
async fn an_undo_of_what_was_changed_altogether_writes_nothing() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let relink = world.relinked(&[user]).await;
    let clear = json!({"messagingEndUserIds": [user.to_string()], "accountId": null});
    world.relink(&clear).await.expect(201);
    let before = world.last_change();
    let report = world.undo(&relink).await.expect(200);
    assert_eq!(
        (&report["id"], &report["changed"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn an_account_that_is_gone_is_not_given_back() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let relink = world.relinked(&[user]).await;
    let path = format!("/services/data/v67.0/sobjects/Account/{}", world.wrong);
    world
        .server
        .delete(&path)
        .as_(ADMIN)
        .send()
        .await
        .expect(204);
    let answer = world.undo(&relink).await;
    assert!(answer.status < 300, "{}", answer.text);
    assert_ne!(world.shown(user).await, [json!(world.wrong.to_string())]);
}

#[tokio::test]
async fn an_undo_can_be_undone() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let relink = world.relinked(&[user]).await;
    let undo = world.undo(&relink).await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.undo(&undo).await.expect(201);
    assert_eq!(world.shown(user).await, [json!(world.right.to_string())]);
}

#[tokio::test]
async fn an_undo_takes_no_body() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let relink = world.relinked(&[user]).await;
    let path = format!("{RELINKS}/{relink}/undo");
    let answer = world
        .server
        .post(&path)
        .as_(ADMIN)
        .json(&json!({"dryRun": true}))
        .send()
        .await;
    let message = answer.expect_error(400, "JSON_PARSER_ERROR");
    assert!(message.contains("unknown field `dryRun`"), "{message}");
    world
        .server
        .post(&path)
        .as_(ADMIN)
        .json(&json!({}))
        .send()
        .await
        .expect(201);
}
