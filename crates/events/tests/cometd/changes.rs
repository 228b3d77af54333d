//! What a change looks like to whoever follows it.

use headwater_testkit::{ADMIN, AGENT};
use serde_json::{Value, json};

use crate::stage::{ACCOUNTS, EVERYTHING, Stage};

#[tokio::test]
async fn the_life_of_an_account_is_told_change_by_change() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let server = &stage.server;
    let body = json!({ "Name": "Sample", "BillingCity": "Ghent", "NumberOfEmployees": 12,
        "AnnualRevenue": 1250.0 });
    let made = server
        .post("/services/data/v67.0/sobjects/Account")
        .as_(ADMIN)
        .json(&body);
    let id = made.send().await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("Account/{id}");
    let body = json!({ "Name": "Other", "BillingCity": null, "Phone": "+1 555 0100" });
    stage.change(ADMIN, &path, body).await;
    let row = format!("/services/data/v67.0/sobjects/{path}");
    server.delete(&row).as_(ADMIN).send().await.expect(204);
    let events = subscriber.events(3).await;
    let payloads: Vec<&Value> = events
        .iter()
        .map(|event| &event["data"]["payload"])
        .collect();
    let [created, updated, deleted] = payloads[..] else {
        panic!("{events:?}");
    };
    let user = server.user(ADMIN).await.to_string();

    let header = &created["ChangeEventHeader"];
    assert_eq!(header["entityName"], "Account");
    assert_eq!(header["changeType"], "CREATE");
    assert_eq!(header["recordIds"], json!([id]));
    assert_eq!(header["commitUser"], user);
    assert_eq!(header["commitTimestamp"], 1_768_478_400_000_u64);
    assert_eq!(header["sequenceNumber"], 1);
    assert_eq!(header["changedFields"], json!([]));
    assert_eq!(created["Name"], "Sample");
    assert_eq!(created["BillingAddress"], json!({ "City": "Ghent" }));
    assert_eq!(created["NumberOfEmployees"], 12);
    assert_eq!(created["AnnualRevenue"], 1250.0);
    assert_eq!(created["CreatedDate"], "2026-01-15T12:00:00.000Z");
    assert_eq!(created["LastModifiedById"], user);
    assert_eq!(created["OwnerId"], user);

    let header = &updated["ChangeEventHeader"];
    assert_eq!(header["changeType"], "UPDATE");
    let changed: Vec<&str> = header["changedFields"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for field in ["Name", "BillingAddress.City", "Phone", "LastModifiedDate"] {
        assert!(changed.contains(&field), "{field} is not in {changed:?}");
    }
    assert_eq!(header["nulledFields"], json!(["BillingAddress.City"]));
    assert_eq!(updated["BillingAddress"], json!({ "City": null }));
    assert_eq!(updated["Name"], "Other");
    assert_eq!(updated.get("NumberOfEmployees"), None);

    assert_eq!(deleted["ChangeEventHeader"]["changeType"], "DELETE");
    assert_eq!(deleted.as_object().unwrap().len(), 1, "{deleted}");

    let ids: Vec<i64> = events
        .iter()
        .map(|event| event["data"]["event"]["replayId"].as_i64().unwrap())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert_eq!(events[0]["data"]["schema"].as_str().unwrap().len(), 22);
    assert_eq!(events[0]["data"]["schema"], events[1]["data"]["schema"]);
    let key = |payload: &Value| payload["ChangeEventHeader"]["transactionKey"].clone();
    assert_ne!(key(created), key(updated));
}

#[tokio::test]
async fn a_person_has_a_compound_name() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber
        .subscribed("/data/ContactChangeEvent", None)
        .await;
    let contact = stage.server.contact("Rivera", None).await;
    let path = format!("Contact/{contact}");
    stage
        .change(AGENT, &path, json!({ "FirstName": "Ana" }))
        .await;
    let events = subscriber.events(2).await;
    assert_eq!(
        events[0]["data"]["payload"]["Name"],
        json!({ "LastName": "Rivera" })
    );
    let updated = &events[1]["data"]["payload"];
    assert_eq!(updated["Name"], json!({ "FirstName": "Ana" }));
    let changed = &updated["ChangeEventHeader"]["changedFields"];
    assert_eq!(changed[0], "Name.FirstName");
}

#[tokio::test]
async fn one_channel_tells_of_every_object_and_changes_of_one_write_belong_together() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(EVERYTHING, None).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let account = stage.server.account("Sample").await;
    stage.server.contact("Rivera", Some(account)).await;
    let path = format!("/services/data/v67.0/sobjects/Account/{account}");
    stage
        .server
        .delete(&path)
        .as_(ADMIN)
        .send()
        .await
        .expect(204);
    let events = subscriber.events(6).await;
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let header = &event["data"]["payload"]["ChangeEventHeader"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&event["channel"]),
                text(&header["entityName"]),
                text(&header["changeType"]),
            )
        })
        .collect();
    let expected = [
        (EVERYTHING, "Account", "CREATE"),
        (ACCOUNTS, "Account", "CREATE"),
        (EVERYTHING, "Contact", "CREATE"),
        (EVERYTHING, "Contact", "DELETE"),
        (EVERYTHING, "Account", "DELETE"),
        (ACCOUNTS, "Account", "DELETE"),
    ];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    let mut sorted = told.clone();
    sorted.sort();
    let mut wanted = expected.to_vec();
    wanted.sort();
    assert_eq!(sorted, wanted);
    let deletes: Vec<&Value> = events
        .iter()
        .map(|event| &event["data"]["payload"]["ChangeEventHeader"])
        .filter(|header| header["changeType"] == "DELETE")
        .collect();
    assert!(
        deletes
            .iter()
            .all(|header| header["transactionKey"] == deletes[0]["transactionKey"])
    );
    let mut sequence: Vec<_> = deletes
        .iter()
        .map(|h| h["sequenceNumber"].as_i64())
        .collect();
    sequence.dedup();
    assert_eq!(sequence, [Some(1), Some(2)]);
}

/// The log has one row for a relink, and so has the stream, however many sessions show the account.
#[tokio::test]
async fn a_relink_is_told_of_the_messaging_user_and_of_no_session() {
    let stage = Stage::set().await;
    let server = &stage.server;
    let (before, after) = (
        server.account("Before").await,
        server.account("After").await,
    );
    let channel = server.channel("desk").await;
    let user = server
        .messaging_user(channel, "+15550100", Some(before), None)
        .await;
    server.sessions(channel, user, 3).await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber
        .subscribed("/data/MessagingSessionChangeEvent", None)
        .await;
    subscriber
        .subscribed("/data/MessagingEndUserChangeEvent", None)
        .await;
    let body = json!({ "messagingEndUserIds": [user.as_str()], "accountId": after.as_str() });
    let relink = server
        .post("/services/headwater/v1/relinks")
        .as_(AGENT)
        .json(&body);
    relink.send().await.expect(201);
    // What comes last shows that nothing of the sessions came before it.
    subscriber.subscribed(ACCOUNTS, None).await;
    server.account("Last").await;
    let events = subscriber.events(2).await;
    assert_eq!(events[1]["channel"], ACCOUNTS);
    assert_eq!(events[0]["channel"], "/data/MessagingEndUserChangeEvent");
    let payload = &events[0]["data"]["payload"];
    assert_eq!(
        payload["ChangeEventHeader"]["recordIds"],
        json!([user.as_str()])
    );
    assert_eq!(payload["AccountId"], after.as_str());
}
