//! `GET inspect/…`: what another user may do, why not, and what would let them.

use headwater_records::SharingModel;
use headwater_testkit::{ADMIN, AGENT, Answer, TestServer, VIEWER};
use serde_json::{Value, json};

use crate::world::World;

async fn ask(server: &TestServer, by: &str, object: &str, parameters: &[(&str, &str)]) -> Answer {
    let path = format!("/services/headwater/v1/inspect/{object}");
    let mut request = server.get(&path).as_(by);
    for (name, value) in parameters {
        request = request.query(name, value);
    }
    request.send().await
}

/// What an administrator is told of one field.
async fn field(server: &TestServer, user: &str, name: &str, record: Option<&str>) -> Value {
    let (object, field) = name.split_once('.').unwrap();
    let mut parameters = vec![("user", user)];
    parameters.extend(record.map(|record| ("record", record)));
    let body = ask(server, ADMIN, object, &parameters).await.expect(200);
    let fields = body["fields"].as_array().unwrap();
    let found = fields.iter().find(|one| one["field"] == field);
    found.unwrap_or_else(|| panic!("no {name}")).clone()
}

/// The one record that a query finds.
async fn found(server: &TestServer, soql: &str) -> String {
    let body = server.query(soql).as_(ADMIN).send().await.expect(200);
    assert_eq!(body["totalSize"], 1, "{soql}");
    body["records"][0]["Id"].as_str().unwrap().to_owned()
}

/// The permission of the agents' profile on a field.
async fn agents_permission(server: &TestServer, field: &str) -> String {
    let id = found(
        server,
        &format!(
            "SELECT Id FROM FieldPermissions WHERE Field = '{field}' \
             AND Parent.Profile.Name = 'Support Agent'"
        ),
    )
    .await;
    format!("/services/data/v67.0/sobjects/FieldPermissions/{id}")
}

/// Hides a field from agents.
async fn hide(server: &TestServer, field: &str) {
    let path = agents_permission(server, field).await;
    server.delete(&path).as_(ADMIN).send().await.expect(204);
}

#[tokio::test]
async fn the_answer_is_what_the_user_themselves_are_told() {
    let world = World::new().await;
    let user = world.user("+1 555 0100", 1).await;
    let session = world.server.open_session(world.channel, user).await;
    let session = session.to_string();
    let name = "MessagingSession.EndUserAccountId";
    let answer = field(&world.server, AGENT, name, Some(&session)).await;
    assert_eq!(answer["visible"], true);
    assert_eq!(answer["lock"]["rule"], "inherited");
    assert_eq!(
        answer["lock"]["reason"],
        "This account comes from the Messaging User +1 555 0100 (MessagingEndUser.AccountId). \
         Change it there; 2 messaging sessions share it."
    );
    assert_eq!(answer["lock"]["editAt"]["editable"], true);
    assert_eq!(answer["lock"]["remedy"], Value::Null);
    let open = field(
        &world.server,
        AGENT,
        "MessagingSession.CaseId",
        Some(&session),
    )
    .await;
    assert_eq!(
        (&open["editable"], &open["lock"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn a_missing_right_comes_with_what_would_grant_it() {
    let server = TestServer::start().await;
    let name = "MessagingSession.LeadId";
    let path = agents_permission(&server, name).await;
    let body = json!({ "PermissionsEdit": false });
    server
        .patch(&path)
        .as_(ADMIN)
        .json(&body)
        .send()
        .await
        .expect(204);
    let lock = field(&server, AGENT, name, None).await["lock"].clone();
    assert_eq!(lock["rule"], "fieldRight");
    assert_eq!(
        lock["reason"],
        "Agent may see this field, not edit it: that takes the edit right on the field \
         MessagingSession.LeadId, which a System Administrator can grant."
    );
    assert_eq!(
        lock["remedy"]["sentence"],
        "No permission set grants it: tick Edit Field of MessagingSession.LeadId in the profile \
         Support Agent, or in a permission set of Agent."
    );
    let set = [("Name", "Leads".into()), ("Label", "Lead Desk".into())];
    let set = server.create("PermissionSet", &set).await;
    let fields = [
        ("ParentId", set.into()),
        ("SobjectType", "MessagingSession".into()),
        ("Field", name.into()),
        ("PermissionsRead", true.into()),
        ("PermissionsEdit", true.into()),
    ];
    server.create("FieldPermissions", &fields).await;
    let remedy = field(&server, AGENT, name, None).await["lock"]["remedy"].clone();
    assert_eq!(
        remedy["sentence"],
        "Assign Agent the permission set Lead Desk, or tick Edit Field of \
         MessagingSession.LeadId in the profile Support Agent."
    );
    assert_eq!(
        remedy["permissionSets"],
        json!([{ "id": set.to_string(), "label": "Lead Desk" }])
    );
    let own = "SELECT Id FROM PermissionSet WHERE Profile.Name = 'Support Agent'";
    assert_eq!(remedy["profilePermissionSetId"], found(&server, own).await);
}

#[tokio::test]
async fn a_field_that_the_user_does_not_see_is_in_the_answer_and_says_so() {
    let server = TestServer::start().await;
    hide(&server, "MessagingSession.LeadId").await;
    let answer = field(&server, AGENT, "MessagingSession.LeadId", None).await;
    assert_eq!(
        (
            &answer["visible"],
            &answer["editable"],
            &answer["createable"]
        ),
        (&json!(false), &json!(false), &json!(false))
    );
    assert_eq!(answer["lock"]["rule"], "fieldHidden");
    assert_eq!(
        answer["lock"]["reason"],
        "Agent does not see this field: that takes the read right on the field \
         MessagingSession.LeadId, which a System Administrator can grant."
    );
}

#[tokio::test]
async fn an_inherited_field_is_hidden_with_its_source() {
    let server = TestServer::start().await;
    hide(&server, "MessagingEndUser.AccountId").await;
    let answer = field(&server, AGENT, "MessagingSession.EndUserAccountId", None).await;
    assert_eq!(answer["lock"]["rule"], "fieldHidden");
    assert_eq!(
        answer["lock"]["reason"],
        "Agent does not see this field: its value comes from elsewhere, which takes the read right \
         on the field MessagingEndUser.AccountId, which a System Administrator can grant."
    );
    assert_eq!(
        answer["lock"]["remedy"]["sentence"],
        "Assign Agent the permission set Read Only, or tick Read Field of \
         MessagingEndUser.AccountId in the profile Support Agent."
    );
}

#[tokio::test]
async fn an_object_that_the_user_does_not_see_hides_all_its_fields() {
    let server = TestServer::start().await;
    let new = "new@headwater.example";
    server
        .make_user(new, "Newcomer", "Minimum Access", None)
        .await;
    let body = ask(&server, ADMIN, "Account", &[("user", new)])
        .await
        .expect(200);
    let fields = body["fields"].as_array().unwrap();
    assert!(
        fields
            .iter()
            .all(|one| one["lock"]["rule"] == "objectHidden")
    );
    let lock = &fields[0]["lock"];
    assert_eq!(
        lock["reason"],
        "Newcomer does not see accounts: that takes the read right on the object Account, which a \
         System Administrator can grant."
    );
    assert_eq!(
        lock["remedy"]["sentence"],
        "Assign Newcomer the permission set Read Only, or tick Read Records of Account in the \
         profile Minimum Access."
    );
}

#[tokio::test]
async fn sharing_is_told_of_as_well() {
    let server = TestServer::start().await;
    let org = server.org();
    let case = server.create("Case", &[("Subject", "Late".into())]).await;
    let case = case.to_string();
    for (model, rule, visible) in [
        (SharingModel::Read, "recordAccess", true),
        (SharingModel::Private, "recordHidden", false),
    ] {
        org.set_sharing(&org.system(), "Case", model).await.unwrap();
        let answer = field(&server, AGENT, "Case.Subject", Some(&case)).await;
        assert_eq!(answer["lock"]["rule"], rule);
        assert_eq!(answer["visible"], visible);
        assert_eq!(answer["editable"], false);
        let reason = answer["lock"]["reason"].as_str().unwrap();
        assert!(reason.starts_with("Agent "), "{reason}");
        assert!(
            reason.ends_with("a System Administrator can let Agent."),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn only_who_views_setup_or_manages_users_may_ask() {
    let server = TestServer::start().await;
    for user in [AGENT, VIEWER] {
        let answer = ask(&server, user, "Account", &[("user", ADMIN)]).await;
        answer.expect_error(403, "INSUFFICIENT_ACCESS");
    }
    let answer = ask(&server, ADMIN, "Account", &[]).await;
    answer.expect_error(400, "MISSING_ARGUMENT");
    for (object, parameters) in [
        (
            "Account",
            [
                ("user", "nobody@x.example"),
                ("record", "001000000000000AAA"),
            ],
        ),
        (
            "Nothing",
            [("user", AGENT), ("record", "001000000000000AAA")],
        ),
        (
            "OauthToken",
            [("user", AGENT), ("record", "0CQ000000000000AAA")],
        ),
        (
            "Account",
            [("user", AGENT), ("record", "001000000000000AAA")],
        ),
    ] {
        ask(&server, ADMIN, object, &parameters).await.expect(404);
    }
}

#[tokio::test]
async fn whoever_asks_learns_no_name_they_may_not_see() {
    let world = World::new().await;
    let server = &world.server;
    let user = world.user("+1 555 0100", 0).await;
    let session = server.open_session(world.channel, user).await.to_string();
    let set = [
        ("Name", "Desk".into()),
        ("Label", "Desk".into()),
        ("PermissionsManageUsers", true.into()),
        ("PermissionsApiEnabled", true.into()),
    ];
    let set = server.create("PermissionSet", &set).await;
    let fields = [
        ("ParentId", set.into()),
        ("SobjectType", "MessagingSession".into()),
        ("PermissionsRead", true.into()),
        ("PermissionsViewAllRecords", true.into()),
    ];
    server.create("ObjectPermissions", &fields).await;
    let desk = "desk@headwater.example";
    server
        .make_user(desk, "Desk", "Minimum Access", Some("Desk"))
        .await;
    let parameters = [("user", AGENT), ("record", session.as_str())];
    let answer = ask(server, desk, "MessagingSession", &parameters).await;
    let body = answer.expect(200);
    assert!(!body.to_string().contains("555"), "{body}");
    let body = ask(server, ADMIN, "MessagingSession", &parameters)
        .await
        .expect(200);
    assert!(body.to_string().contains("555"));
}
