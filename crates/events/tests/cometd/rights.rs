//! Who is told what.

use std::fmt::Write as _;

use headwater_records::SharingModel;
use headwater_testkit::{ADMIN, AGENT, VIEWER};
use serde_json::json;

use crate::stage::{ACCOUNTS, EVERYTHING, Stage, handshake, released};

#[tokio::test]
async fn nobody_is_let_in_without_a_token_or_with_a_wrong_one() {
    let stage = Stage::set().await;
    for (token, reason) in [
        (None, "401::Request requires authentication"),
        (Some("00D000000000001!wrong"), "401::Authentication invalid"),
    ] {
        let reply = &stage.send(token, &handshake()).await[0];
        assert_eq!(reply["successful"], false);
        assert_eq!(reply["error"], "403::Handshake denied");
        assert_eq!(reply["ext"]["sfdc"]["failureReason"], reason);
        assert_eq!(reply["advice"]["reconnect"], "none");
        let connect = json!([{ "channel": "/meta/connect", "clientId": "x" }]);
        let reply = &stage.send(token, &connect).await[0];
        assert_eq!(reply["error"], reason);
        assert_eq!(reply["advice"]["reconnect"], "none");
    }
}

#[tokio::test]
async fn a_client_belongs_to_whoever_shook_hands() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    let thief = stage.server.token(ADMIN).await;
    let answer = stage
        .send(Some(&thief), &json!([subscriber.connecting()]))
        .await;
    assert_eq!(answer[0]["error"], "403::Unknown client");
    assert_eq!(answer[0]["advice"]["reconnect"], "handshake");
}

#[tokio::test]
async fn what_is_not_offered_is_refused_with_what_is() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(ADMIN).await;
    for channel in [
        "/data/NothingChangeEvent",
        "/data/ProfileChangeEvent",
        "/data/*",
        "/x",
    ] {
        let reply = subscriber.subscribe(channel, None).await;
        assert_eq!(reply["successful"], false);
        let error =
            format!("400::The channel you requested to subscribe to does not exist {{{channel}}}");
        assert_eq!(reply["error"], error);
    }
    for channel in ["/topic/Accounts", "/u/news", "/event/Order__e"] {
        let reply = subscriber.subscribe(channel, None).await;
        let error = reply["error"].as_str().unwrap();
        assert!(error.starts_with("400::The channel you requested to subscribe to does not exist"));
        assert!(error.contains("/data/ChangeEvents"), "{error}");
    }
}

#[tokio::test]
async fn an_object_of_which_one_sees_some_records_only_is_not_followed() {
    let stage = Stage::set().await;
    let org = stage.server.org();
    let agent = stage.subscriber(AGENT).await;
    agent.subscribed(ACCOUNTS, None).await;
    agent.subscribed(EVERYTHING, None).await;
    let system = org.system();
    let private = org.set_sharing(&system, "Account", SharingModel::Private);
    private.await.unwrap();
    stage.server.account("Sample").await;
    let admin = stage.subscriber(ADMIN).await;
    admin.subscribed(ACCOUNTS, Some(-2)).await;
    admin.events(1).await;
    // Not told any more where it was subscribed, nor where every object is.
    assert_eq!(agent.events_now().await, Vec::<serde_json::Value>::new());
    let reply = agent.subscribe(ACCOUNTS, None).await;
    let error = reply["error"].as_str().unwrap();
    assert!(
        error.starts_with("403::You see some records of Account"),
        "{error}"
    );
}

#[tokio::test]
async fn a_hidden_field_is_in_no_event() {
    let stage = Stage::set().await;
    let server = &stage.server;
    let set = [("Name", "Some".into()), ("Label", "Some".into())];
    let set = server.create("PermissionSet", &set).await;
    let read = [
        ("ParentId", set.into()),
        ("SobjectType", "Account".into()),
        ("PermissionsRead", true.into()),
    ];
    server.create("ObjectPermissions", &read).await;
    let phone = [
        ("ParentId", set.into()),
        ("SobjectType", "Account".into()),
        ("Field", "Account.Phone".into()),
        ("PermissionsRead", true.into()),
    ];
    server.create("FieldPermissions", &phone).await;
    let user = "some@headwater.example";
    server
        .make_user(user, "Some", "Minimum Access", Some("Some"))
        .await;
    let subscriber = stage.subscriber(user).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let account = server.account("Sample").await;
    let change = json!({ "Phone": "+1 555 0100", "Website": "https://example.com" });
    stage
        .change(ADMIN, &format!("Account/{account}"), change)
        .await;
    let events = subscriber.events(2).await;
    let updated = &events[1]["data"]["payload"];
    assert_eq!(updated["Phone"], "+1 555 0100");
    assert_eq!(updated.get("Website"), None);
    let changed = updated["ChangeEventHeader"]["changedFields"].to_string();
    assert!(!changed.contains("Website"), "{changed}");
    // Of an object that they do not read they are not told that there is one.
    let reply = subscriber.subscribe("/data/ContactChangeEvent", None).await;
    assert!(
        reply["error"].as_str().unwrap().starts_with("400::"),
        "{reply}"
    );
}

#[tokio::test]
async fn a_viewer_follows_what_they_read() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(VIEWER).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    stage.server.account("Sample").await;
    subscriber.events(1).await;
}

#[tokio::test]
async fn a_login_that_was_ended_ends_the_connect_that_hangs() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let hanging = subscriber.hanging().await;
    let revoke = stage.server.post("/services/oauth2/revoke");
    revoke
        .form(&[("token", &subscriber.token)])
        .send()
        .await
        .expect(200);
    stage.server.account("Sample").await;
    let answer = released(hanging).await;
    assert_eq!(answer.len(), 1, "{answer:?}");
    assert_eq!(answer[0]["error"], "401::Authentication invalid");
}

/// Who may follow what: each object of the catalogue, asked by those who are there when an org is new.
/// One that is not in the golden fails the test until somebody has looked at its line.
#[tokio::test]
async fn every_object_is_followed_by_whom_the_golden_says() {
    let stage = Stage::set().await;
    let callers = [VIEWER, AGENT, ADMIN];
    let mut subscribers = Vec::new();
    for caller in callers {
        subscribers.push(stage.subscriber(caller).await);
    }
    let mut lines = Vec::new();
    for object in stage.server.org().system().rights.catalogue.objects() {
        let mut line = object.name.to_string();
        for (caller, subscriber) in callers.iter().zip(&subscribers) {
            let channel = format!("/data/{}ChangeEvent", object.name);
            let reply = subscriber.subscribe(&channel, None).await;
            let word = match reply["error"].as_str() {
                None => "follows",
                Some(error) => error.split(':').next().unwrap(),
            };
            let name = caller.split('@').next().unwrap();
            write!(line, " {name} {word}").unwrap();
            if word == "follows" {
                let mut message = subscriber.message("/meta/unsubscribe");
                message["subscription"] = channel.into();
                subscriber.send(&json!([message])).await;
            }
        }
        lines.push(line);
    }
    lines.sort();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("followers", lines.join("\n"));
    });
}
