//! `GET explain/…`.

use headwater_testkit::{ADMIN, AGENT, VIEWER};
use serde_json::{Value, json};

use crate::world::World;

async fn explained(world: &World, user: &str, path: &str) -> Value {
    let path = format!("/services/headwater/v1/explain/{path}");
    world.server.get(&path).as_(user).send().await.expect(200)
}

#[tokio::test]
async fn a_session_s_account_is_explained_by_its_messaging_user() {
    let world = World::new().await;
    let user = world.user("+1 555 0100", 14).await;
    let session = world.server.open_session(world.channel, user).await;
    let answer = explained(
        &world,
        AGENT,
        &format!("MessagingSession/{session}/EndUserAccountId"),
    )
    .await;
    assert_eq!(answer["editable"], false);
    assert_eq!(answer["createable"], false);
    let lock = &answer["lock"];
    assert_eq!(lock["rule"], "inherited");
    assert_eq!(
        lock["reason"],
        "This account comes from the Messaging User +1 555 0100 (MessagingEndUser.AccountId). \
         Change it there; 15 messaging sessions share it."
    );
    assert_eq!(
        lock["editAt"],
        json!({
            "object": "MessagingEndUser",
            "field": "AccountId",
            "id": user.to_string(),
            "url": format!("/services/data/v68.0/sobjects/MessagingEndUser/{user}/AccountId"),
            "sessions": 15,
            "editable": true,
        })
    );
}

#[tokio::test]
async fn without_a_record_the_answer_is_about_all_of_them() {
    let world = World::new().await;
    let answer = explained(&world, ADMIN, "messagingsession/enduseraccountid/").await;
    assert_eq!(answer["object"], "MessagingSession");
    assert_eq!(answer["field"], "EndUserAccountId");
    assert_eq!(answer["id"], Value::Null);
    assert_eq!(answer["lock"]["editAt"]["id"], Value::Null);
    assert_eq!(answer["lock"]["editAt"]["sessions"], Value::Null);
}

#[tokio::test]
async fn what_can_be_edited_has_no_lock() {
    let world = World::new().await;
    for field in ["CaseId", "LeadId", "OpportunityId", "CampaignId"] {
        let answer = explained(&world, AGENT, &format!("MessagingSession/{field}")).await;
        assert_eq!(
            (&answer["editable"], &answer["lock"]),
            (&json!(true), &Value::Null),
            "{field}"
        );
    }
}

#[tokio::test]
async fn a_missing_right_says_which_and_who_grants_it() {
    let world = World::new().await;
    let answer = explained(&world, VIEWER, "MessagingSession/CaseId").await;
    assert_eq!(answer["editable"], false);
    let lock = &answer["lock"];
    assert_eq!(lock["rule"], "objectRight");
    assert_eq!(lock["grantedBy"], "a System Administrator");
    assert_eq!(
        lock["reason"],
        "You may not edit messaging sessions: that takes the right on the object \
         MessagingSession, which a System Administrator can grant."
    );
}

#[tokio::test]
async fn an_object_lists_every_field_that_describe_lists() {
    let world = World::new().await;
    let answer = explained(&world, AGENT, "MessagingSession").await;
    let path = "/services/data/v67.0/sobjects/MessagingSession/describe";
    let describe = world.server.get(path).as_(AGENT).send().await.expect(200);
    let explained = answer["fields"].as_array().unwrap();
    let described = describe["fields"].as_array().unwrap();
    assert_eq!(explained.len(), described.len());
    for (one, other) in explained.iter().zip(described) {
        assert_eq!(one["field"], other["name"]);
        assert_eq!(one["editable"], other["updateable"], "{}", one["field"]);
        assert_eq!(one["createable"], other["createable"], "{}", one["field"]);
    }
}

#[tokio::test]
async fn a_record_lists_its_fields_with_the_records_behind_them() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let session = world.server.open_session(world.channel, user).await;
    let answer = explained(&world, ADMIN, &format!("MessagingSession/{session}")).await;
    assert_eq!(answer["id"], session.to_string());
    let fields = answer["fields"].as_array().unwrap();
    let behind = |name: &str| {
        let field = fields.iter().find(|field| field["field"] == name).unwrap();
        field["lock"]["editAt"]["id"].clone()
    };
    assert_eq!(behind("EndUserContactId"), user.to_string());
    assert_eq!(behind("ChannelName"), world.channel.to_string());
}

#[tokio::test]
async fn what_the_caller_may_not_see_is_not_explained() {
    let world = World::new().await;
    let explain = |path: &str| {
        world
            .server
            .get(&format!("/services/headwater/v1/explain/{path}"))
    };
    explain("Nonsense/Name")
        .as_(ADMIN)
        .send()
        .await
        .expect_error(404, "NOT_FOUND");
    explain("MessagingSession/Nonsense")
        .as_(ADMIN)
        .send()
        .await
        .expect_error(400, "INVALID_FIELD");
    explain("MessagingEndUser/SessionCount")
        .as_(ADMIN)
        .send()
        .await
        .expect_error(400, "INVALID_FIELD");
    let other = world.wrong;
    for path in ["0MwHW0000000zzz".to_owned(), other.to_string()] {
        let path = format!("MessagingSession/{path}");
        explain(&path)
            .as_(ADMIN)
            .send()
            .await
            .expect_error(404, "NOT_FOUND");
    }
    explain("MessagingSession")
        .send()
        .await
        .expect_error(401, "INVALID_SESSION_ID");
}

#[tokio::test]
async fn the_document_is_for_everybody() {
    let world = World::new().await;
    let answer = world
        .server
        .get("/services/headwater/v1/openapi.json")
        .send()
        .await
        .expect(200);
    assert_eq!(answer["openapi"], "3.1.0");
}
