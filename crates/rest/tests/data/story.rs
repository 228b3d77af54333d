//! The story this server is for: a session shows the wrong account; it cannot be changed there;
//! it is changed on the Messaging User, and every session follows at once.

use headwater_testkit::{AGENT, TestServer};
use serde_json::json;

use crate::data;

#[tokio::test]
async fn a_wrong_account_is_mended_on_the_messaging_user_and_every_session_follows() {
    let server = TestServer::start().await;
    let wrong = server.account("Test1").await;
    let right = server.account("Sample").await;
    let channel = server.channel("Texts").await;
    let user = server
        .messaging_user(channel, "+15550100", Some(wrong), None)
        .await;
    let sessions = server.sessions(channel, user, 20).await;

    let session = data(&format!("/sobjects/MessagingSession/{}", sessions[0]));
    let row = server.get(&session).as_(AGENT).send().await.expect(200);
    assert_eq!(row["EndUserAccountId"], wrong.to_string());

    let body = json!({ "EndUserAccountId": right.to_string(), "EndUserContactId": null });
    let refused = server.patch(&session).as_(AGENT).json(&body).send().await;
    let message = refused.expect_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    assert_eq!(
        message,
        "Unable to create/update fields: EndUserAccountId, EndUserContactId. Please check the \
         security settings of this field and verify that it is read/write for your profile or \
         permission set."
    );
    let error = &refused.json()[0];
    assert_eq!(
        error["fields"],
        json!(["EndUserAccountId", "EndUserContactId"])
    );
    let place = data(&format!("/sobjects/MessagingEndUser/{user}/AccountId"));
    assert_eq!(error["notWritable"][0]["editAt"]["url"], place);
    let header = refused.header("headwater-edit-at");
    assert!(
        header.starts_with(&format!("EndUserAccountId={place}, EndUserContactId=")),
        "{header}"
    );

    let messaging_user = data(&format!("/sobjects/MessagingEndUser/{user}"));
    let mend = json!({ "AccountId": right.to_string() });
    server
        .patch(&messaging_user)
        .as_(AGENT)
        .json(&mend)
        .send()
        .await
        .expect(204);

    let row = server.get(&session).as_(AGENT).send().await.expect(200);
    assert_eq!(row["EndUserAccountId"], right.to_string());
    for (account, count) in [(wrong, 0), (right, 20)] {
        let soql =
            format!("SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = '{account}'");
        let answer = server.query(&soql).as_(AGENT).send().await.expect(200);
        assert_eq!(answer["totalSize"], count);
    }
}

#[tokio::test]
async fn a_new_session_cannot_carry_an_account_either() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let body = json!({ "EndUserAccountId": account.to_string() });
    let path = data("/sobjects/MessagingSession");
    let refused = server.post(&path).as_(AGENT).json(&body).send().await;
    refused.expect_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    let header = refused.header("headwater-edit-at");
    let place = data("/sobjects/MessagingEndUser/{ID}/AccountId");
    assert_eq!(header, format!("EndUserAccountId={place}"));
}

#[tokio::test]
async fn a_client_that_remembers_a_session_is_told_when_its_messaging_user_changes() {
    let server = TestServer::start().await;
    let (wrong, right) = (
        server.account("Test1").await,
        server.account("Sample").await,
    );
    let channel = server.channel("Texts").await;
    let user = server
        .messaging_user(channel, "+15550100", Some(wrong), None)
        .await;
    let session = server.sessions(channel, user, 1).await[0];
    let path = data(&format!("/sobjects/MessagingSession/{session}"));
    let first = server.get(&path).as_(AGENT).send().await;
    let ask = |name: &'static str, value: &str| server.get(&path).as_(AGENT).header(name, value);
    let same = ask("if-none-match", first.header("etag")).send().await;
    assert_eq!(same.status, 304);
    let messaging_user = data(&format!("/sobjects/MessagingEndUser/{user}"));
    let mend = server.patch(&messaging_user).as_(AGENT);
    let mend = mend
        .json(&json!({ "AccountId": right.to_string() }))
        .send()
        .await;
    mend.expect(204);
    for (name, value) in [
        ("if-none-match", first.header("etag")),
        ("if-modified-since", first.header("last-modified")),
    ] {
        let row = ask(name, value).send().await.expect(200);
        assert_eq!(row["EndUserAccountId"], right.to_string(), "{name}");
    }
    // The session itself is as it was, so a write that saw it then may go on.
    let change = server
        .patch(&path)
        .as_(AGENT)
        .header("if-match", first.header("etag"));
    change
        .json(&json!({ "CaseId": null }))
        .send()
        .await
        .expect(204);
}
