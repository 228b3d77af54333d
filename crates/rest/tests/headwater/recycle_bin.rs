//! `recycle-bin`: list, undelete, empty.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, Answer, VIEWER};
use serde_json::{Value, json};

use crate::world::World;

const BIN: &str = "/services/headwater/v1/recycle-bin";

async fn post(world: &World, verb: &str, who: &str, ids: &[Id]) -> Answer {
    let ids: Vec<_> = ids.iter().map(Id::to_string).collect();
    let path = format!("{BIN}/{verb}");
    let request = world.server.post(&path).as_(who);
    request.json(&json!({ "ids": ids })).send().await
}

async fn delete(world: &World, object: &str, id: Id) -> Answer {
    let path = format!("/services/data/v67.0/sobjects/{object}/{id}");
    world.server.delete(&path).as_(ADMIN).send().await
}

async fn bin(world: &World, who: &str, query: &str) -> Value {
    let path = format!("{BIN}{query}");
    world.server.get(&path).as_(who).send().await.expect(200)
}

/// What a record shows, deleted or not.
async fn field(world: &World, object: &str, id: Id, field: &str) -> Value {
    let soql = format!("SELECT {field} FROM {object} WHERE Id = '{id}'");
    let path = format!(
        "/services/data/v67.0/queryAll?q={}",
        soql.replace(' ', "+").replace('\'', "%27")
    );
    let answer = world.server.get(&path).as_(ADMIN).send().await;
    answer.records()[0][field].clone()
}

fn code(result: &Value) -> &str {
    result["errors"][0]["statusCode"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn a_deleted_account_comes_back_with_its_contacts_and_messaging_users() {
    let world = World::new().await;
    let user = world.user("+15550100", 2).await;
    let contact = world.server.contact("Lovelace", Some(world.wrong)).await;
    delete(&world, "Account", world.wrong).await.expect(204);
    assert_eq!(field(&world, "Contact", contact, "IsDeleted").await, true);
    assert_eq!(world.shown(user).await, [Value::Null]);
    let listed = bin(&world, ADMIN, "").await;
    let records = listed["records"].as_array().unwrap();
    assert_eq!(records.len(), 1, "the contact went with it: {listed}");
    assert_eq!(records[0]["id"], world.wrong.to_string());
    assert_eq!(records[0]["object"], "Account");
    assert_eq!(records[0]["name"], "Sample");
    assert_eq!(listed["next"], Value::Null);
    let results = post(&world, "undelete", ADMIN, &[world.wrong, world.right]).await;
    let results = results.expect(200);
    assert_eq!(results[0]["success"], true, "{results}");
    assert_eq!(code(&results[1]), "UNDELETE_FAILED");
    assert_eq!(field(&world, "Contact", contact, "IsDeleted").await, false);
    assert_eq!(world.shown(user).await, [json!(world.wrong.to_string())]);
    assert_eq!(bin(&world, ADMIN, "").await["records"], json!([]));
}

#[tokio::test]
async fn a_contact_does_not_come_back_before_its_account() {
    let world = World::new().await;
    delete(&world, "Contact", world.contact).await.expect(204);
    delete(&world, "Account", world.right).await.expect(204);
    let results = post(&world, "undelete", ADMIN, &[world.contact]).await;
    let results = results.expect(200);
    assert_eq!(code(&results[0]), "UNDELETE_FAILED");
    let message = results[0]["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains(&world.right.to_string()), "{message}");
    let both = post(&world, "undelete", ADMIN, &[world.right, world.contact]).await;
    let both = both.expect(200);
    assert_eq!(
        (&both[0]["success"], &both[1]["success"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn a_session_stays_deleted_while_its_messaging_user_has_another_open_one() {
    let world = World::new().await;
    let user = world.user("+15550100", 0).await;
    let first = world.server.open_session(world.channel, user).await;
    delete(&world, "MessagingSession", first).await.expect(204);
    let second = world.server.open_session(world.channel, user).await;
    let results = post(&world, "undelete", ADMIN, &[first]).await.expect(200);
    assert_eq!(code(&results[0]), "UNDELETE_FAILED");
    let message = results[0]["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains(&second.to_string()), "{message}");
    delete(&world, "MessagingSession", second).await.expect(204);
    let results = post(&world, "undelete", ADMIN, &[first]).await.expect(200);
    assert_eq!(results[0]["success"], true, "{results}");
}

#[tokio::test]
async fn who_deleted_a_record_or_may_all_empties_the_bin_of_it() {
    let world = World::new().await;
    delete(&world, "Account", world.wrong).await.expect(204);
    let results = post(&world, "empty", AGENT, &[world.wrong])
        .await
        .expect(200);
    assert_eq!(results[0]["success"], false, "{results}");
    let results = post(&world, "empty", VIEWER, &[world.wrong])
        .await
        .expect(200);
    assert_eq!(code(&results[0]), "INSUFFICIENT_ACCESS_OR_READONLY");
    let results = post(&world, "empty", ADMIN, &[world.wrong, world.right]).await;
    let results = results.expect(200);
    assert_eq!(results[0]["success"], true, "{results}");
    assert_eq!(code(&results[1]), "DELETE_FAILED");
    assert_eq!(world.count("Account WHERE Name = 'Test1'").await, 1);
    let results = post(&world, "undelete", ADMIN, &[world.wrong])
        .await
        .expect(200);
    assert_eq!(code(&results[0]), "NOT_FOUND");
}

#[tokio::test]
async fn the_bin_is_the_callers_own_unless_an_administrator_asks_for_everybodys() {
    let world = World::new().await;
    delete(&world, "Account", world.wrong).await.expect(204);
    delete(&world, "Account", world.right).await.expect(204);
    assert_eq!(bin(&world, AGENT, "").await["records"], json!([]));
    let refused = world.server.get(&format!("{BIN}?everybody=true"));
    refused.as_(AGENT).send().await.expect(403);
    let first = bin(&world, ADMIN, "?everybody=true&limit=1").await;
    assert_eq!(first["records"][0]["id"], world.right.to_string());
    let next = first["next"].as_str().unwrap();
    let second = bin(&world, ADMIN, &format!("?limit=1&after={next}")).await;
    assert_eq!(second["records"][0]["id"], world.wrong.to_string());
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_and_changes_nothing() {
    let world = World::new().await;
    let results = world.server.post(&format!("{BIN}/undelete")).as_(ADMIN);
    let results = results.json(&json!({"ids": ["nonsense", "00Q000000000001AAA"]}));
    let results = results.send().await.expect(200);
    assert_eq!(code(&results[0]), "MALFORMED_ID");
    assert_eq!(code(&results[1]), "NOT_FOUND");
    let many: Vec<_> = (0..201).map(|n| format!("{n}")).collect();
    let request = world.server.post(&format!("{BIN}/empty")).as_(ADMIN);
    request
        .json(&json!({ "ids": many }))
        .send()
        .await
        .expect(400);
    let request = world.server.post(&format!("{BIN}/empty")).as_(ADMIN);
    request.json(&json!({ "id": [] })).send().await.expect(400);
    let request = world
        .server
        .get(&format!("{BIN}?after=yesterday"))
        .as_(ADMIN);
    request.send().await.expect(400);
}
