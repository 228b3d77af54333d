//! `POST merges`.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, Answer};
use serde_json::{Value, json};

use crate::world::World;

const MERGES: &str = "/services/headwater/v1/merges";

/// A merge by the administrator.
async fn merge(world: &World, body: &Value) -> Answer {
    let request = world.server.post(MERGES).as_(ADMIN);
    request.json(body).send().await
}

/// The wrong account into the right one.
fn body(world: &World) -> Value {
    json!({
        "object": "Account",
        "masterRecordId": world.right.to_string(),
        "mergedRecordIds": [world.wrong.to_string()],
    })
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

#[tokio::test]
async fn sessions_show_the_account_that_theirs_was_merged_into() {
    let world = World::new().await;
    let user = world.user("+15550100", 3).await;
    let mut body = body(&world);
    body["values"] = json!({"Phone": "+15550199", "NumberOfEmployees": 12});
    body["reason"] = json!("Entered twice");
    let report = merge(&world, &body).await.expect(200);
    assert_eq!(
        report["masterRecord"],
        json!({"id": world.right.to_string(), "name": "Test1"})
    );
    assert_eq!(
        report["mergedRecords"],
        json!([{"id": world.wrong.to_string(), "name": "Sample"}])
    );
    assert_eq!(
        report["moved"],
        json!([{"object": "MessagingEndUser", "records": 1}])
    );
    assert_eq!(report["dryRun"], false);
    assert_eq!(report["by"], world.server.user(ADMIN).await.to_string());
    let right = json!(world.right.to_string());
    assert_eq!(world.shown(user).await, std::slice::from_ref(&right));
    let gone = async |name| field(&world, "Account", world.wrong, name).await;
    assert_eq!(gone("IsDeleted").await, true);
    assert_eq!(gone("MasterRecordId").await, right);
    assert_eq!(
        field(&world, "Account", world.right, "NumberOfEmployees").await,
        12
    );
    let read = format!("/services/data/v67.0/sobjects/Account/{}", world.wrong);
    let answer = world.server.get(&read).as_(ADMIN).send().await;
    assert_eq!(answer.status, 404, "{}", answer.text);
}

#[tokio::test]
async fn a_dry_run_says_what_would_move_and_writes_nothing() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    world.server.contact("Lovelace", Some(world.wrong)).await;
    let before = world.last_change();
    let mut body = body(&world);
    body["dryRun"] = json!(true);
    let report = merge(&world, &body).await.expect(200);
    assert_eq!(report["dryRun"], true);
    let mut moved = report["moved"].as_array().unwrap().clone();
    moved.sort_by_key(|one| one["object"].to_string());
    assert_eq!(
        json!(moved),
        json!([
            {"object": "Contact", "records": 1},
            {"object": "MessagingEndUser", "records": 1},
        ])
    );
    assert_eq!(world.last_change(), before);
    assert_eq!(world.shown(user).await, [json!(world.wrong.to_string())]);
}

#[tokio::test]
async fn an_agent_may_not_delete_accounts_and_so_not_merge_them() {
    let world = World::new().await;
    let before = world.last_change();
    for dry_run in [false, true] {
        let mut body = body(&world);
        body["dryRun"] = json!(dry_run);
        let request = world.server.post(MERGES).as_(AGENT).json(&body);
        let message = request
            .send()
            .await
            .expect_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
        assert_eq!(message, "insufficient access rights on entity: Account");
    }
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn what_is_wrong_with_a_merge_is_told_in_words() {
    let world = World::new().await;
    let before = world.last_change();
    let (right, wrong) = (world.right.to_string(), world.wrong.to_string());
    for (key, value, code, part) in [
        (
            "mergedRecordIds",
            json!([wrong, right]),
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "cannot be merged with itself",
        ),
        (
            "mergedRecordIds",
            json!(["001HW0000000zzz", "001HW0000000zzy", "001HW0000000zzx"]),
            "LIMIT_EXCEEDED",
            "The number of mergedRecordIds in one merge is more than 2 records",
        ),
        (
            "mergedRecordIds",
            json!([]),
            "REQUIRED_FIELD_MISSING",
            "mergedRecordIds",
        ),
        (
            "mergedRecordIds",
            json!([world.contact.to_string()]),
            "MALFORMED_ID",
            "id value of incorrect type",
        ),
        (
            "masterRecordId",
            json!("001HW0000000zzz"),
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "There is no Account 001HW0000000zzz",
        ),
        (
            "object",
            json!("MessagingSession"),
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Records of 'MessagingSession' do not merge; those of Account, Case, Contact, Lead do.",
        ),
        (
            "values",
            json!({"MasterRecordId": right}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "MasterRecordId",
        ),
        (
            "values",
            json!({"NumberOfEmployees": "many"}),
            "JSON_PARSER_ERROR",
            "In values: Cannot deserialize instance of",
        ),
        ("values", json!([1]), "JSON_PARSER_ERROR", "In values: "),
        (
            "undo",
            json!(true),
            "JSON_PARSER_ERROR",
            "unknown field `undo`",
        ),
    ] {
        let mut body = body(&world);
        body[key] = value;
        let message = merge(&world, &body).await.expect_error(400, code);
        assert!(message.contains(part), "{body}: {message}");
    }
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn a_merge_is_in_the_history_and_in_the_deleted_records() {
    let world = World::new().await;
    let mut body = body(&world);
    body["reason"] = json!("Entered twice");
    merge(&world, &body).await.expect(200);
    let soql = format!(
        "SELECT Field, OldValue, NewValue FROM AccountHistory WHERE AccountId = '{}' \
         AND Field = 'accountMerged'",
        world.right
    );
    let rows = world.server.query(&soql).as_(ADMIN).send().await.records();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["OldValue"], world.wrong.to_string());
    assert_eq!(rows[0]["NewValue"], "Entered twice");
    let now = world.server.org().now();
    let path = format!(
        "/services/data/v67.0/sobjects/Account/deleted?start={}&end={}",
        now - jiff::SignedDuration::from_mins(5),
        now + jiff::SignedDuration::from_mins(5),
    );
    let answer = world.server.get(&path).as_(ADMIN).send().await.expect(200);
    let deleted = answer["deletedRecords"].as_array().unwrap();
    assert!(
        deleted
            .iter()
            .any(|record| record["id"] == world.wrong.to_string())
    );
}

#[tokio::test]
async fn describe_says_whose_records_merge() {
    let world = World::new().await;
    for (object, caller, merges) in [
        ("Account", ADMIN, true),
        ("Contact", ADMIN, true),
        ("Lead", ADMIN, true),
        ("Case", ADMIN, true),
        ("MessagingEndUser", ADMIN, false),
        ("Account", AGENT, false),
    ] {
        let path = format!("/services/data/v67.0/sobjects/{object}/describe");
        let answer = world.server.get(&path).as_(caller).send().await;
        assert_eq!(answer.expect(200)["mergeable"], merges, "{object} {caller}");
    }
}
