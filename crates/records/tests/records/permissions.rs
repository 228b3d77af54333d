//! What profiles, permission sets, owners and queues let somebody do: on every verb.

use headwater_catalogue::{Id, Value};
use headwater_records::{Caller, Error, SharingModel, Verb};
use jiff::SignedDuration;

use crate::world::{World, draft, locked};

const AGENT: &str = "Support Agent";

fn not_allowed<T: std::fmt::Debug>(result: Result<T, Error>) -> (Verb, Option<Id>) {
    match result {
        Err(Error::NotAllowed { verb, record, .. }) => (verb, record),
        other => panic!("not refused for the right on the object: {other:?}"),
    }
}

fn not_found<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
}

#[tokio::test]
async fn each_verb_asks_for_its_own_right_on_the_object() {
    let world = World::new().await;
    let id = world.account("Sample").await;
    for right in ["PermissionsEdit", "PermissionsCreate"] {
        world.set_object_right(AGENT, "Account", right, false).await;
    }
    let agent = world.again(&world.agent).await;
    let name = [("Name", Value::from("x"))];
    assert_eq!(
        world.read(&agent, id, "Name").unwrap(),
        Value::from("Sample")
    );
    let made = world.org.create(&agent, "Account", draft(&name)).await;
    assert_eq!(not_allowed(made), (Verb::Create, None));
    assert_eq!(
        not_allowed(world.update(&agent, id, &name).await),
        (Verb::Update, None)
    );
    assert_eq!(
        not_allowed(world.delete(&agent, id).await),
        (Verb::Delete, None)
    );

    world
        .set_object_right(AGENT, "Account", "PermissionsRead", false)
        .await;
    let agent = world.again(&world.agent).await;
    assert!(matches!(
        world.read(&agent, id, "Name"),
        Err(Error::UnknownObject(_))
    ));
    assert!(matches!(
        world.query(&agent, "SELECT Id FROM Account").await,
        Err(Error::Soql { .. })
    ));
    let made = world.org.create(&agent, "Account", draft(&name)).await;
    assert!(matches!(made, Err(Error::UnknownObject(_))));
    let names = world.org.describe_global(&agent);
    assert!(names.iter().all(|view| view.object.name != "Account"));
}

#[tokio::test]
async fn a_field_that_may_not_be_read_does_not_exist() {
    let world = World::new().await;
    let id = world
        .make(
            "Account",
            &[("Name", "Sample".into()), ("Site", "Secret".into())],
        )
        .await;
    world.hide_field(AGENT, "Account.Site").await;
    let agent = world.again(&world.agent).await;
    assert!(matches!(
        world.read(&agent, id, "Site"),
        Err(Error::UnknownField { .. })
    ));
    for soql in [
        "SELECT Site FROM Account",
        "SELECT Id FROM Account WHERE Site = 'Secret'",
        "SELECT Id FROM Account ORDER BY Site",
        "SELECT Account.Site FROM Contact",
    ] {
        let refused = world.query(&agent, soql).await;
        assert!(
            matches!(refused, Err(Error::Soql { .. })),
            "{soql}: {refused:?}"
        );
    }
    let refused = world.update(&agent, id, &[("Site", "x".into())]).await;
    assert!(matches!(refused, Err(Error::UnknownField { .. })));
    let view = world.org.describe(&agent, "Account").unwrap();
    assert!(
        view.fields
            .iter()
            .all(|field| view.field(*field).name != "Site")
    );
}

#[tokio::test]
async fn a_field_that_may_only_be_read_is_locked() {
    let world = World::new().await;
    let id = world.account("Sample").await;
    let soql = "SELECT Id FROM FieldPermissions WHERE Field = 'Account.Site' AND Parent.Profile.Name = 'Support Agent'";
    let right = world.value(&world.admin, soql).await.as_id().unwrap();
    world
        .update(&world.admin, right, &[("PermissionsEdit", false.into())])
        .await
        .unwrap();
    let agent = world.again(&world.agent).await;
    assert_eq!(world.read(&agent, id, "Site").unwrap(), Value::Null);
    assert_eq!(
        locked(world.update(&agent, id, &[("Site", "x".into())]).await),
        ["Site"]
    );
    let body = draft(&[("Name", "x".into()), ("Site", "x".into())]);
    assert_eq!(
        locked(world.org.create(&agent, "Account", body).await),
        ["Site"]
    );
}

#[tokio::test]
async fn the_parts_of_an_address_follow_the_whole() {
    let world = World::new().await;
    let id = world
        .make(
            "Account",
            &[("Name", "Sample".into()), ("BillingCity", "Kiel".into())],
        )
        .await;
    assert_eq!(
        world.read(&world.agent, id, "BillingCity").unwrap(),
        Value::from("Kiel")
    );
    world.hide_field(AGENT, "Account.BillingAddress").await;
    let agent = world.again(&world.agent).await;
    assert!(matches!(
        world.read(&agent, id, "BillingCity"),
        Err(Error::UnknownField { .. })
    ));
}

#[tokio::test]
async fn a_private_record_is_its_owners_and_the_administrators() {
    let world = World::new().await;
    world
        .org
        .set_sharing(&world.admin, "Account", SharingModel::Private)
        .await
        .unwrap();
    let (agent, other) = (
        world.again(&world.agent).await,
        world.user("other", AGENT).await,
    );
    let admin = world.again(&world.admin).await;
    let own = world
        .org
        .create(&agent, "Account", draft(&[("Name", "Own".into())]))
        .await
        .unwrap();
    for caller in [&agent, &admin] {
        assert_eq!(world.read(caller, own, "Name").unwrap(), Value::from("Own"));
        assert_eq!(world.count(caller, "SELECT COUNT() FROM Account").await, 1);
        world
            .update(caller, own, &[("Site", "x".into())])
            .await
            .unwrap();
    }
    not_found(world.read(&other, own, "Name"));
    not_found(world.update(&other, own, &[("Name", "x".into())]).await);
    not_found(world.org.find(&other, "Account", "Id", own.as_str()).await);
    assert_eq!(world.count(&other, "SELECT COUNT() FROM Account").await, 0);
    assert_eq!(world.org.record_count(&other, "Account").await.unwrap(), 0);

    let contact = draft(&[("LastName", "Doe".into()), ("AccountId", own.into())]);
    let contact = world.org.create(&agent, "Contact", contact).await.unwrap();
    let soql = "SELECT Account.Name, AccountId FROM Contact";
    let (rows, _) = world.query(&other, soql).await.unwrap();
    assert_eq!(
        rows[0][0],
        Value::Null,
        "the parent's name is not for the other"
    );
    assert_eq!(
        world
            .count(
                &other,
                "SELECT COUNT() FROM Contact WHERE Account.Name = 'Own'"
            )
            .await,
        0
    );
    let semi = "SELECT COUNT() FROM Contact WHERE AccountId IN (SELECT Id FROM Account)";
    assert_eq!(world.count(&other, semi).await, 0);
    assert_eq!(world.count(&agent, semi).await, 1);
    let hidden = world
        .update(&other, contact, &[("AccountId", own.into())])
        .await;
    assert!(matches!(hidden, Err(Error::Invalid(_))), "{hidden:?}");
}

#[tokio::test]
async fn a_sharing_setting_holds_after_a_restart() {
    let world = World::new().await;
    let own = world.account("Sample").await;
    world
        .org
        .set_sharing(&world.admin, "account", SharingModel::Private)
        .await
        .unwrap();
    let world = world.reopened().await;
    not_found(world.read(&world.agent, own, "Name"));
    world
        .org
        .set_sharing(&world.admin, "Account", SharingModel::Read)
        .await
        .unwrap();
    let agent = world.again(&world.agent).await;
    assert_eq!(
        world.read(&agent, own, "Name").unwrap(),
        Value::from("Sample")
    );
    let refused = world
        .org
        .set_sharing(&agent, "Account", SharingModel::Read)
        .await;
    assert!(matches!(refused, Err(Error::NotPermitted(_))));
}

#[tokio::test]
async fn an_org_opens_again_whatever_its_first_records_are_called_now() {
    let world = World::new().await;
    let renamed = [
        (
            "SELECT Id FROM Profile WHERE Name = 'System Administrator'",
            "Name",
            "Boss",
        ),
        (
            "SELECT Id FROM User WHERE UserType = 'AutomatedProcess'",
            "Username",
            "robot@headwater.example",
        ),
        ("SELECT Id FROM Organization", "Name", "Sample Inc."),
    ];
    for (soql, field, name) in renamed {
        let id = world.value(&world.admin, soql).await.as_id().unwrap();
        world
            .update(&world.admin, id, &[(field, name.into())])
            .await
            .unwrap();
    }
    let world = world.reopened().await;
    assert_eq!(
        world
            .count(&world.admin, "SELECT COUNT() FROM Organization")
            .await,
        1
    );
    assert_eq!(
        world
            .count(&world.admin, "SELECT COUNT() FROM Profile")
            .await,
        3
    );
}

#[tokio::test]
async fn a_record_open_for_reading_is_changed_by_its_owner_only() {
    let world = World::new().await;
    world
        .org
        .set_sharing(&world.admin, "Case", SharingModel::Read)
        .await
        .unwrap();
    let (agent, other) = (
        world.again(&world.agent).await,
        world.user("other", AGENT).await,
    );
    let case = world
        .org
        .create(&agent, "Case", draft(&[("Subject", "Help".into())]))
        .await
        .unwrap();
    assert_eq!(
        world.read(&other, case, "Subject").unwrap(),
        Value::from("Help")
    );
    let refused = world.update(&other, case, &[("Subject", "x".into())]).await;
    assert_eq!(not_allowed(refused), (Verb::Update, Some(case)));
    world
        .update(&agent, case, &[("Subject", "y".into())])
        .await
        .unwrap();
}

#[tokio::test]
async fn what_everybody_may_edit_is_still_deleted_by_its_owner_only() {
    let world = World::new().await;
    let other = world.user("other", AGENT).await;
    let made = |caller: Caller| {
        let org = world.org.clone();
        async move {
            org.create(&caller, "Task", draft(&[("Subject", "Call".into())]))
                .await
                .unwrap()
        }
    };
    let task = made(world.agent.clone()).await;
    world
        .update(&other, task, &[("Subject", "Email".into())])
        .await
        .unwrap();
    assert_eq!(
        not_allowed(world.delete(&other, task).await),
        (Verb::Delete, Some(task))
    );
    world.delete(&world.agent, task).await.unwrap();
    let task = made(world.agent.clone()).await;
    world.delete(&world.admin, task).await.unwrap();
}

#[tokio::test]
async fn members_of_a_queue_reach_its_records_through_groups_too() {
    let world = World::new().await;
    world
        .org
        .set_sharing(&world.admin, "Case", SharingModel::Private)
        .await
        .unwrap();
    let admin = world.again(&world.admin).await;
    let queue = world
        .make(
            "Group",
            &[("Name", "Queue".into()), ("Type", "Queue".into())],
        )
        .await;
    let team = world
        .make(
            "Group",
            &[("Name", "Team".into()), ("Type", "Regular".into())],
        )
        .await;
    let case = draft(&[("Subject", "Help".into()), ("OwnerId", queue.into())]);
    let case = world.org.create(&admin, "Case", case).await.unwrap();
    not_found(world.read(&world.again(&world.agent).await, case, "Subject"));
    world
        .make(
            "GroupMember",
            &[("GroupId", queue.into()), ("UserOrGroupId", team.into())],
        )
        .await;
    let agent = world.agent.user;
    let member = [("GroupId", team.into()), ("UserOrGroupId", agent.into())];
    let member = world.make("GroupMember", &member).await;
    let agent = world.again(&world.agent).await;
    assert_eq!(
        world.read(&agent, case, "Subject").unwrap(),
        Value::from("Help")
    );
    world
        .update(&agent, case, &[("Subject", "x".into())])
        .await
        .unwrap();
    world.delete(&world.admin, member).await.unwrap();
    not_found(world.read(&world.again(&world.agent).await, case, "Subject"));
}

#[tokio::test]
async fn a_permission_set_adds_rights_until_it_ends() {
    let world = World::new().await;
    let viewer = world.user("viewer", "Minimum Access").await;
    let id = world.account("Sample").await;
    assert!(matches!(
        world.read(&viewer, id, "Name"),
        Err(Error::UnknownObject(_))
    ));
    let set = world
        .value(
            &world.admin,
            "SELECT Id FROM PermissionSet WHERE Name = 'Read_Only'",
        )
        .await;
    let end = world.org.now() + SignedDuration::from_hours(1);
    world
        .make(
            "PermissionSetAssignment",
            &[
                ("PermissionSetId", set),
                ("AssigneeId", viewer.user.into()),
                ("ExpirationDate", end.into()),
            ],
        )
        .await;
    let viewer = world.again(&viewer).await;
    assert_eq!(
        world.read(&viewer, id, "Name").unwrap(),
        Value::from("Sample")
    );
    let refused = world.update(&viewer, id, &[("Name", "x".into())]).await;
    assert_eq!(not_allowed(refused), (Verb::Update, None));
    world.clock.advance(SignedDuration::from_hours(2));
    let viewer = world.again(&viewer).await;
    assert!(matches!(
        world.read(&viewer, id, "Name"),
        Err(Error::UnknownObject(_))
    ));
}

#[tokio::test]
async fn set_up_is_read_by_all_and_written_with_its_permission() {
    let world = World::new().await;
    let name = world
        .value(&world.agent, "SELECT Name FROM User WHERE Alias = 'admin'")
        .await;
    assert_eq!(name, Value::from("admin"));
    let refused = world
        .update(&world.agent, world.admin.user, &[("LastName", "x".into())])
        .await;
    assert!(matches!(
        refused,
        Err(Error::NotPermitted("PermissionsManageUsers"))
    ));
    let refused = world
        .update(&world.agent, world.channel, &[("MasterLabel", "x".into())])
        .await;
    assert!(matches!(
        refused,
        Err(Error::NotPermitted("PermissionsCustomizeApplication"))
    ));
    world
        .update(&world.admin, world.agent.user, &[("LastName", "x".into())])
        .await
        .unwrap();
}

#[tokio::test]
async fn an_inactive_user_is_nobody() {
    let world = World::new().await;
    world
        .update(
            &world.admin,
            world.agent.user,
            &[("IsActive", false.into())],
        )
        .await
        .unwrap();
    not_found(world.org.caller(world.agent.user).await);
}

#[tokio::test]
async fn internal_objects_are_there_for_no_caller() {
    let world = World::new().await;
    for object in [
        "QueryCursor",
        "OauthToken",
        "UserCredential",
        "SharingSetting",
    ] {
        assert!(matches!(
            world.org.describe(&world.admin, object),
            Err(Error::UnknownObject(_))
        ));
        let soql = format!("SELECT Id FROM {object}");
        assert!(matches!(
            world.query(&world.admin, &soql).await,
            Err(Error::Soql { .. })
        ));
        let made = world.org.create(&world.admin, object, draft(&[])).await;
        assert!(matches!(made, Err(Error::UnknownObject(_))));
    }
    let hidden = world
        .query(&world.admin, "SELECT SecretHash FROM ConnectedApplication")
        .await;
    assert!(matches!(hidden, Err(Error::Soql { .. })));
}

#[tokio::test]
async fn calls_that_an_object_does_not_take_are_refused_to_everybody() {
    let world = World::new().await;
    let made = world.org.create(&world.admin, "Relink", draft(&[])).await;
    assert!(matches!(
        made,
        Err(Error::CallNotSupported {
            verb: Verb::Create,
            ..
        })
    ));
    let gone = world.delete(&world.admin, world.channel).await;
    assert!(matches!(
        gone,
        Err(Error::CallNotSupported {
            verb: Verb::Delete,
            ..
        })
    ));
}

#[tokio::test]
async fn a_new_profile_has_a_permission_set_to_grant_by() {
    let world = World::new().await;
    let profile = world.make("Profile", &[("Name", "Clerk".into())]).await;
    let soql = format!(
        "SELECT Id FROM PermissionSet WHERE ProfileId = '{profile}' AND IsOwnedByProfile = true"
    );
    let set = world.value(&world.admin, &soql).await;
    let clerk = world.user("clerk", "Clerk").await;
    world.account("Sample").await;
    assert!(matches!(
        world.query(&clerk, "SELECT Id FROM Account").await,
        Err(Error::Soql { .. })
    ));
    let read = [
        ("ParentId", set),
        ("SobjectType", "Account".into()),
        ("PermissionsRead", true.into()),
    ];
    world.make("ObjectPermissions", &read).await;
    assert_eq!(
        world
            .count(&world.again(&clerk).await, "SELECT COUNT() FROM Account")
            .await,
        1
    );
}
