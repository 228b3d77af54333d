//! Who may relink: whoever may edit the Messaging User and the link.

use headwater_testkit::{AGENT, VIEWER};
use serde_json::json;

use crate::world::{RELINKS, World};

/// A permission set for those who edit Messaging Users and their accounts, but not their contacts.
async fn account_desk(world: &World) {
    let names = [
        ("Name", "Account_Desk".into()),
        ("Label", "Account Desk".into()),
    ];
    let set = world.server.create("PermissionSet", &names).await;
    for object in ["MessagingEndUser", "Account", "Contact"] {
        let fields = [
            ("ParentId", set.into()),
            ("SobjectType", object.into()),
            ("PermissionsRead", true.into()),
            ("PermissionsEdit", true.into()),
        ];
        world.server.create("ObjectPermissions", &fields).await;
    }
    for (field, edit) in [("AccountId", true), ("ContactId", false)] {
        let fields = [
            ("ParentId", set.into()),
            ("SobjectType", "MessagingEndUser".into()),
            ("Field", format!("MessagingEndUser.{field}").into()),
            ("PermissionsRead", true.into()),
            ("PermissionsEdit", edit.into()),
        ];
        world.server.create("FieldPermissions", &fields).await;
    }
}

#[tokio::test]
async fn an_agent_with_the_right_on_the_field_relinks_and_undoes() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let body =
        json!({"messagingEndUserIds": [user.to_string()], "accountId": world.right.to_string()});
    let report = world
        .server
        .post(RELINKS)
        .as_(AGENT)
        .json(&body)
        .send()
        .await
        .expect(201);
    assert_eq!(report["by"], world.server.user(AGENT).await.to_string());
    let undo = format!("{RELINKS}/{}/undo", report["id"].as_str().unwrap());
    world.server.post(&undo).as_(AGENT).send().await.expect(201);
    assert_eq!(world.shown(user).await, [json!(world.wrong.to_string())]);
}

#[tokio::test]
async fn a_viewer_neither_relinks_nor_tries_nor_undoes() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let relink = world.relinked(&[user]).await;
    let before = world.last_change();
    for dry_run in [false, true] {
        let body = json!({
            "messagingEndUserIds": [user.to_string()],
            "accountId": null,
            "dryRun": dry_run,
        });
        let answer = world
            .server
            .post(RELINKS)
            .as_(VIEWER)
            .json(&body)
            .send()
            .await;
        answer.expect_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
    }
    let undo = world
        .server
        .post(&format!("{RELINKS}/{relink}/undo"))
        .as_(VIEWER)
        .send()
        .await;
    assert!(undo.status == 403 || undo.status == 404, "{}", undo.text);
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn an_agent_without_the_right_on_one_link_is_told_which() {
    let world = World::new().await;
    let user = world.user("+15550100", 1).await;
    let desk = "desk@headwater.example";
    account_desk(&world).await;
    world
        .server
        .make_user(desk, "Desk", "Minimum Access", Some("Account_Desk"))
        .await;
    let body = json!({
        "messagingEndUserIds": [user.to_string()],
        "accountId": world.right.to_string(),
        "contactId": world.contact.to_string(),
    });
    let answer = world
        .server
        .post(RELINKS)
        .as_(desk)
        .json(&body)
        .send()
        .await;
    let errors = answer.expect(400);
    assert_eq!(errors[0]["errorCode"], "INVALID_FIELD_FOR_INSERT_UPDATE");
    assert_eq!(errors[0]["fields"], json!(["ContactId"]));
    assert_eq!(errors[0]["notWritable"][0]["rule"], "fieldRight");
    assert_eq!(
        errors[0]["notWritable"][0]["grantedBy"],
        "a System Administrator"
    );
    let body =
        json!({"messagingEndUserIds": [user.to_string()], "accountId": world.right.to_string()});
    world
        .server
        .post(RELINKS)
        .as_(desk)
        .json(&body)
        .send()
        .await
        .expect(201);
}
