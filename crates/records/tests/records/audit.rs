//! The setup audit trail.

use headwater_catalogue::{Id, Value};
use headwater_records::login::NewApp;
use headwater_records::{CustomFieldSpec, CustomObjectSpec, Error, Precondition, SharingModel};

use crate::world::{World, draft};

/// What the trail says, oldest first, from a place on.
async fn trail(world: &World, from: usize) -> Vec<[String; 3]> {
    let soql = "SELECT Action, Section, Display FROM SetupAuditTrail ORDER BY CreatedDate, Id";
    let (rows, _) = world.query(&world.admin, soql).await.unwrap();
    let text = |value: &Value| value.as_text().unwrap().to_owned();
    let told = rows.iter().skip(from);
    told.map(|row| [text(&row[0]), text(&row[1]), text(&row[2])])
        .collect()
}

/// What the trail says after something was done, without what it said before.
async fn told(world: &World, doing: impl Future<Output = ()>) -> Vec<String> {
    let before = trail(world, 0).await.len();
    doing.await;
    let rows = trail(world, before).await.into_iter();
    rows.map(|[_, _, display]| display).collect()
}

async fn permission(world: &World, field: &str) -> Id {
    let soql = format!(
        "SELECT Id FROM FieldPermissions WHERE Field = '{field}' \
         AND Parent.Profile.Name = 'Support Agent'"
    );
    world.value(&world.admin, &soql).await.as_id().unwrap()
}

#[tokio::test]
async fn a_change_is_told_with_what_was_changed_by_whom() {
    let world = World::new().await;
    let permission = permission(&world, "MessagingEndUser.AccountId").await;
    let from = trail(&world, 0).await.len();
    let edit = |on: bool| [("PermissionsEdit", Value::Boolean(on))];
    world
        .update(&world.admin, permission, &edit(false))
        .await
        .unwrap();
    world
        .update(&world.admin, permission, &edit(true))
        .await
        .unwrap();
    let sentence = |on: &str| {
        [
            "changedFieldPermissions".to_owned(),
            "Manage Users".to_owned(),
            format!(
                "Changed field permission MessagingEndUser.AccountId of Support Agent: edit field {on}"
            ),
        ]
    };
    assert_eq!(trail(&world, from).await, [sentence("off"), sentence("on")]);
    let soql = "SELECT CreatedBy.Username FROM SetupAuditTrail \
                WHERE Action = 'changedFieldPermissions' LIMIT 1";
    let by = world.value(&world.admin, soql).await;
    assert_eq!(by.as_text(), Some("admin@headwater.example"));
}

#[tokio::test]
async fn whoever_changes_nothing_leaves_no_row() {
    let world = World::new().await;
    let permission = permission(&world, "MessagingEndUser.AccountId").await;
    let rows = told(&world, async {
        let edit = [("PermissionsEdit", true.into())];
        world.update(&world.admin, permission, &edit).await.unwrap();
        world
            .update(&world.agent, permission, &edit)
            .await
            .unwrap_err();
        let same = [("LastName", "admin".into())];
        world
            .update(&world.admin, world.admin.user, &same)
            .await
            .unwrap();
        let stale = Precondition {
            match_version: Some("2020-01-01T00:00:00Z".parse().unwrap()),
            ..Precondition::default()
        };
        let off = draft(&[("PermissionsEdit", false.into())]);
        let id = permission.to_string();
        let refused = world
            .org
            .update(&world.admin, "FieldPermissions", &id, off, stale)
            .await;
        assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
        world.account("Sample").await;
    })
    .await;
    assert_eq!(rows, [""; 0]);
}

#[tokio::test]
async fn people_and_what_they_are_given_are_told_by_name() {
    let world = World::new().await;
    let rows = told(&world, async {
        let set = [("Name", "Desk".into()), ("Label", "Lead Desk".into())];
        let set = world.make("PermissionSet", &set).await;
        let assignment = [
            ("PermissionSetId", set.into()),
            ("AssigneeId", world.agent.user.into()),
        ];
        let assignment = world.make("PermissionSetAssignment", &assignment).await;
        let object = [
            ("ParentId", set.into()),
            ("SobjectType", "Lead".into()),
            ("PermissionsRead", true.into()),
        ];
        world.make("ObjectPermissions", &object).await;
        let profile = world.make("Profile", &[("Name", "Trainee".into())]).await;
        let change = [("ProfileId", profile.into()), ("Title", "Trainee".into())];
        world
            .update(&world.admin, world.agent.user, &change)
            .await
            .unwrap();
        let off = [("IsActive", false.into())];
        world
            .update(&world.admin, world.agent.user, &off)
            .await
            .unwrap();
        world.delete(&world.admin, assignment).await.unwrap();
    })
    .await;
    assert_eq!(
        rows,
        [
            "Created permission set Lead Desk",
            "Created assignment of the permission set Lead Desk to agent",
            "Created object permission Lead of Lead Desk: read records on",
            "Created profile Trainee",
            "Changed user agent (agent@headwater.example): profile from Support Agent to Trainee, \
             title Trainee",
            "Changed user agent (agent@headwater.example): active off",
            "Deleted assignment of the permission set Lead Desk to agent",
        ]
    );
}

#[tokio::test]
async fn queues_channels_objects_and_sharing_are_told() {
    let world = World::new().await;
    let rows = told(&world, async {
        let queue = [
            ("Name", "Service".into()),
            ("DeveloperName", "Service".into()),
            ("Type", "Queue".into()),
        ];
        let queue = world.make("Group", &queue).await;
        let member = [
            ("GroupId", queue.into()),
            ("UserOrGroupId", world.agent.user.into()),
        ];
        world.make("GroupMember", &member).await;
        let object = [("QueueId", queue.into()), ("SobjectType", "Case".into())];
        world.make("QueueSobject", &object).await;
        let channel = [
            ("TargetQueueId", queue.into()),
            ("OptInPrompt", "May we?".into()),
        ];
        world
            .update(&world.admin, world.channel, &channel)
            .await
            .unwrap();
        for model in [SharingModel::Private, SharingModel::Read] {
            let set = world.org.set_sharing(&world.admin, "Case", model);
            set.await.unwrap();
        }
    })
    .await;
    assert_eq!(
        rows,
        [
            "Created group Service",
            "Created member agent of Service",
            "Created queue's object Case of Service",
            "Changed messaging channel SMS: queue Service, Opt-In prompt changed",
            "Changed sharing default Case: sharing model Private",
            "Changed sharing default Case: sharing model from Private to Read",
        ]
    );
}

#[tokio::test]
async fn custom_objects_and_fields_are_told_by_their_api_names() {
    let world = World::new().await;
    let rows = told(&world, async {
        let object = CustomObjectSpec {
            name: "Parcel".to_owned(),
            label: "Parcel".to_owned(),
            ..CustomObjectSpec::default()
        };
        let object = world.org.create_custom_object(&world.admin, object);
        object.await.unwrap();
        let field = CustomFieldSpec {
            object: "Parcel__c".to_owned(),
            name: "Weight".to_owned(),
            label: "Weight".to_owned(),
            kind: "Text".to_owned(),
            length: Some(20),
            ..CustomFieldSpec::default()
        };
        world
            .org
            .create_custom_field(&world.admin, field)
            .await
            .unwrap();
    })
    .await;
    assert_eq!(
        rows,
        [
            "Created custom object Parcel__c",
            "Created object permission Parcel__c of System Administrator: read records on, create \
             records on, edit records on, delete records on, read all records on, edit all records \
             on",
            "Created custom field Parcel__c.Weight__c",
            "Created field permission Parcel__c.Weight__c of System Administrator: read field on, \
             edit field on",
        ]
    );
}

#[tokio::test]
async fn passwords_and_secrets_never_appear() {
    let world = World::new().await;
    let user = world.agent.user;
    let mut secrets = vec!["a good password".to_owned()];
    let rows = told(&world, async {
        let org = &world.org;
        org.set_password(&world.admin, user, &secrets[0])
            .await
            .unwrap();
        let token = org.reset_security_token(&world.admin, user).await.unwrap();
        secrets.push(token.expose().to_owned());
        let app = NewApp {
            name: "Importer".to_owned(),
            with_secret: true,
            ..NewApp::default()
        };
        let app = org.add_app(&world.admin, app).await.unwrap();
        secrets.push(app.secret.unwrap().expose().to_owned());
    })
    .await;
    assert_eq!(rows[0], "Set the password of agent@headwater.example");
    assert_eq!(
        rows[1],
        "Reset the security token of agent@headwater.example"
    );
    assert!(
        rows[2].starts_with("Created connected app Importer"),
        "{}",
        rows[2]
    );
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert!(!row.contains("hash"), "{row}");
        assert!(secrets.iter().all(|secret| !row.contains(secret)), "{row}");
    }
}

#[tokio::test]
async fn only_who_views_setup_reads_it_and_nobody_writes_it() {
    let world = World::new().await;
    let soql = "SELECT Id FROM SetupAuditTrail LIMIT 1";
    let refused = world.query(&world.agent, soql).await;
    assert!(matches!(refused, Err(Error::Soql { .. })), "{refused:?}");
    let row = world.value(&world.admin, soql).await.as_id().unwrap();
    let made = world
        .org
        .create(
            &world.admin,
            "SetupAuditTrail",
            draft(&[("Display", "No".into())]),
        )
        .await;
    assert!(
        matches!(made, Err(Error::CallNotSupported { .. })),
        "{made:?}"
    );
    let changed = world
        .update(&world.admin, row, &[("Display", "No".into())])
        .await;
    assert!(
        matches!(changed, Err(Error::CallNotSupported { .. })),
        "{changed:?}"
    );
    let deleted = world.delete(&world.admin, row).await;
    assert!(
        matches!(deleted, Err(Error::CallNotSupported { .. })),
        "{deleted:?}"
    );
}
