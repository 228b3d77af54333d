//! `/sobjects/{object}/{field}/{value}`.

use headwater_testkit::ADMIN;
use serde_json::json;

use crate::{data, with_external_id};

#[tokio::test]
async fn an_upsert_makes_the_record_then_changes_it() {
    let server = with_external_id().await;
    let path = data("/sobjects/Account/ext__c/a+b%2Fc");
    let made = server
        .patch(&path)
        .as_(ADMIN)
        .json(&json!({ "Name": "One" }))
        .send()
        .await;
    let made = made.expect(201);
    assert_eq!(
        (&made["created"], &made["success"]),
        (&json!(true), &json!(true))
    );
    let changed = server
        .patch(&path)
        .as_(ADMIN)
        .json(&json!({ "Name": "Two" }))
        .send()
        .await;
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["created"], &changed["id"]),
        (&json!(false), &made["id"])
    );
    let row = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(
        (&row["Name"], &row["Ext__c"]),
        (&json!("Two"), &json!("a+b/c"))
    );
}

#[tokio::test]
async fn an_update_by_upsert_is_silent_up_to_version_45() {
    let server = with_external_id().await;
    for (version, status) in [("45.0", 204), ("46.0", 200)] {
        let path = format!("/services/data/v{version}/sobjects/Account/Ext__c/{version}");
        let upsert = || {
            server
                .patch(&path)
                .as_(ADMIN)
                .json(&json!({ "Name": "One" }))
        };
        upsert().send().await.expect(201);
        assert_eq!(upsert().send().await.status, status, "{version}");
    }
}

#[tokio::test]
async fn update_only_makes_nothing() {
    let server = with_external_id().await;
    let path = data("/sobjects/Account/Ext__c/x?updateOnly=true");
    let answer = server
        .patch(&path)
        .as_(ADMIN)
        .json(&json!({ "Name": "One" }))
        .send()
        .await;
    answer.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn several_records_of_one_value_are_answered_with_their_addresses() {
    let server = with_external_id().await;
    for name in ["One", "Two"] {
        let body = json!({ "Name": name, "Ext__c": "same" });
        let post = server
            .post(&data("/sobjects/Account"))
            .as_(ADMIN)
            .json(&body);
        post.send().await.expect(201);
    }
    let path = data("/sobjects/Account/Ext__c/same");
    let answer = server.get(&path).as_(ADMIN).send().await.expect(300);
    let urls: Vec<_> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|url| url.as_str().unwrap())
        .collect();
    assert_eq!(urls.len(), 2);
    assert!(
        urls.iter()
            .all(|url| url.starts_with("/services/data/v68.0/sobjects/Account/001"))
    );
}

#[tokio::test]
async fn a_field_that_finds_no_records_is_told_by_name() {
    let server = with_external_id().await;
    for (path, named) in [
        ("/sobjects/Account/Nothing__c/x", "Nothing__c"),
        ("/sobjects/Account/Ext__c/nobody", "nobody"),
        ("/sobjects/Account/short", "short"),
    ] {
        let answer = server.get(&data(path)).as_(ADMIN).send().await;
        let message = answer.expect_error(404, "NOT_FOUND");
        let expected = "Provided external ID field does not exist or is not accessible: ";
        assert_eq!(message, format!("{expected}{named}"));
    }
}

#[tokio::test]
async fn the_field_of_the_address_does_not_belong_into_the_body() {
    let server = with_external_id().await;
    let body = json!({ "Name": "One", "EXT__c": "x" });
    let path = data("/sobjects/Account/Ext__c/x");
    let answer = server.patch(&path).as_(ADMIN).json(&body).send().await;
    let message = answer.expect_error(400, "INVALID_FIELD");
    assert_eq!(
        message,
        "The EXT__c field should not be specified in the sobject data."
    );
}

#[tokio::test]
async fn an_id_serves_as_external_id_and_a_blank_one_creates() {
    let server = with_external_id().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/Id/{account}"));
    let answer = server
        .patch(&path)
        .as_(ADMIN)
        .json(&json!({ "Phone": "1" }))
        .send()
        .await;
    assert_eq!(answer.expect(200)["created"], false);
    let row = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(row["Phone"], "1");
    let post = server.post(&data("/sobjects/Account/Id/")).as_(ADMIN);
    post.json(&json!({ "Name": "New" }))
        .send()
        .await
        .expect(201);
}

#[tokio::test]
async fn a_parent_is_named_by_its_external_id() {
    let server = with_external_id().await;
    let path = data("/sobjects/Account/Ext__c/home");
    let upsert = server
        .patch(&path)
        .as_(ADMIN)
        .json(&json!({ "Name": "Home" }));
    let account = upsert.send().await.expect(201)["id"].clone();
    let body = json!({ "LastName": "Doe", "Account": { "Ext__c": "home" } });
    let post = server
        .post(&data("/sobjects/Contact"))
        .as_(ADMIN)
        .json(&body);
    let contact = post.send().await.expect(201)["id"].clone();
    let path = data(&format!("/sobjects/Contact/{}", contact.as_str().unwrap()));
    let row = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(row["AccountId"], account);
    server
        .delete(&data("/sobjects/Account/Ext__c/home"))
        .as_(ADMIN)
        .send()
        .await;
}
