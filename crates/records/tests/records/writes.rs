//! Create, update, upsert and delete, as far as they are not about rights or values.

use headwater_catalogue::Value;
use headwater_records::{Draft, Error, Input, Precondition, Problem, Verb};
use jiff::SignedDuration;

use crate::world::{World, draft, locked, problems};

#[tokio::test]
async fn a_created_record_reads_back_as_it_was_written() {
    let world = World::new().await;
    let id = world
        .make(
            "Account",
            &[("Name", "  Sample  ".into()), ("Site", "".into())],
        )
        .await;
    assert_eq!(
        world.read(&world.admin, id, "Name").unwrap(),
        Value::from("Sample")
    );
    assert_eq!(world.read(&world.admin, id, "Site").unwrap(), Value::Null);
    assert_eq!(
        world.read(&world.admin, id, "OwnerId").unwrap(),
        Value::Id(world.admin.user)
    );
}

#[tokio::test]
async fn an_update_touches_only_what_the_draft_names() {
    let world = World::new().await;
    let id = world
        .make(
            "Account",
            &[("Name", "Sample".into()), ("Site", "North".into())],
        )
        .await;
    world
        .update(&world.admin, id, &[("name", "Test1".into())])
        .await
        .unwrap();
    assert_eq!(
        world.read(&world.admin, id, "Name").unwrap(),
        Value::from("Test1")
    );
    assert_eq!(
        world.read(&world.admin, id, "Site").unwrap(),
        Value::from("North")
    );
    world
        .update(&world.admin, id, &[("Site", Value::Null)])
        .await
        .unwrap();
    assert_eq!(world.read(&world.admin, id, "Site").unwrap(), Value::Null);
}

#[tokio::test]
async fn a_stale_precondition_changes_nothing() {
    let world = World::new().await;
    let id = world.account("Sample").await;
    world.clock.advance(SignedDuration::from_secs(10));
    let seen = world
        .update(&world.admin, id, &[("Name", "First".into())])
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_secs(10));
    world
        .update(&world.admin, id, &[("Name", "Second".into())])
        .await
        .unwrap();
    for when in [
        Precondition {
            match_version: Some(seen),
            ..Precondition::default()
        },
        Precondition {
            unmodified_since: Some(seen),
            ..Precondition::default()
        },
    ] {
        let third = draft(&[("Name", "Third".into())]);
        let refused = world
            .org
            .update(&world.admin, "Account", id.as_str(), third, when)
            .await;
        assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
    }
    assert_eq!(
        world.read(&world.admin, id, "Name").unwrap(),
        Value::from("Second")
    );
}

#[tokio::test]
async fn a_precondition_that_holds_lets_the_write_through() {
    let world = World::new().await;
    let id = world.account("Sample").await;
    let since = world.org.now();
    let when = Precondition {
        unmodified_since: Some(since),
        ..Precondition::default()
    };
    let first = draft(&[("Name", "First".into())]);
    let seen = world
        .org
        .update(&world.admin, "account", id.short(), first, when)
        .await
        .unwrap();
    let when = Precondition {
        match_version: Some(seen),
        ..Precondition::default()
    };
    let second = draft(&[("Name", "Second".into())]);
    world
        .org
        .update(&world.admin, "Account", id.as_str(), second, when)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_upsert_makes_the_record_once_and_then_changes_it() {
    let world = World::new().await;
    let upsert = |site: &str| {
        let draft = draft(&[("Site", site.into()), ("Name", "Sample".into())]);
        let (org, admin) = (world.org.clone(), world.admin.clone());
        async move {
            org.upsert(&admin, "Account", "Id", "001HW000000000zAAA", draft, false)
                .await
        }
    };
    assert!(
        matches!(upsert("North").await, Err(Error::NotFound(_))),
        "an id is never made up"
    );

    let contact = |name: &str| draft(&[("LastName", name.into())]);
    let upsert = |name: &str| {
        world.org.upsert(
            &world.admin,
            "Contact",
            "Email",
            "jo@example.com",
            contact(name),
            false,
        )
    };
    let made = upsert("Doe").await.unwrap();
    let changed = upsert("Roe").await.unwrap();
    assert!(made.created && !changed.created);
    assert_eq!(made.id, changed.id);
    assert_eq!(
        world.read(&world.admin, made.id, "Name").unwrap(),
        Value::from("Roe")
    );
    assert_eq!(
        world.read(&world.admin, made.id, "Email").unwrap(),
        Value::from("jo@example.com")
    );
}

#[tokio::test]
async fn an_upsert_that_may_only_update_makes_nothing() {
    let world = World::new().await;
    let contact = draft(&[("LastName", "Doe".into())]);
    let refused = world
        .org
        .upsert(
            &world.admin,
            "Contact",
            "Email",
            "jo@example.com",
            contact,
            true,
        )
        .await;
    assert!(matches!(refused, Err(Error::NotFound(_))));
    assert_eq!(
        world
            .count(&world.admin, "SELECT COUNT() FROM Contact")
            .await,
        0
    );
}

#[tokio::test]
async fn an_ambiguous_external_id_names_all_its_records() {
    let world = World::new().await;
    for _ in 0..2 {
        world
            .make(
                "Contact",
                &[
                    ("LastName", "Doe".into()),
                    ("Email", "jo@example.com".into()),
                ],
            )
            .await;
    }
    let found = world
        .org
        .find(&world.admin, "Contact", "email", "JO@example.com")
        .await;
    assert!(matches!(found, Err(Error::SeveralFound { ids, .. }) if ids.len() == 2));
}

#[tokio::test]
async fn only_fields_to_look_up_by_find_records() {
    let world = World::new().await;
    for field in ["Site", "Nonsense__c", "Description"] {
        let found = world.org.find(&world.admin, "Account", field, "x").await;
        assert!(
            matches!(found, Err(Error::NotAnExternalId(_))),
            "{field}: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_parent_is_named_by_what_it_is_looked_up_by() {
    let world = World::new().await;
    let contact = world
        .make(
            "Contact",
            &[
                ("LastName", "Doe".into()),
                ("Email", "jo@example.com".into()),
            ],
        )
        .await;
    let parent = |value: &str| Input::Parent {
        field: "Email".to_owned(),
        value: value.to_owned(),
    };
    let mut case = Draft::new().with("Subject", "Help");
    case.fields
        .push(("Contact".to_owned(), parent("jo@example.com")));
    let id = world.org.create(&world.admin, "Case", case).await.unwrap();
    assert_eq!(
        world.read(&world.admin, id, "ContactId").unwrap(),
        Value::Id(contact)
    );

    let mut case = Draft::new();
    case.fields
        .push(("Contact".to_owned(), parent("nobody@example.com")));
    let refused = problems(world.org.create(&world.admin, "Case", case).await);
    assert!(matches!(&refused[..], [Problem::NoSuchParent { by, .. }] if by == "Email"));
}

#[tokio::test]
async fn a_deleted_record_is_told_from_one_that_never_was() {
    let world = World::new().await;
    let id = world.account("Sample").await;
    world.delete(&world.admin, id).await.unwrap();
    assert!(matches!(
        world.read(&world.admin, id, "Name"),
        Err(Error::Deleted(_))
    ));
    assert!(matches!(
        world.delete(&world.admin, id).await,
        Err(Error::Deleted(_))
    ));
    let changed = world
        .update(&world.admin, id, &[("Name", "x".into())])
        .await;
    assert!(matches!(changed, Err(Error::Deleted(_))), "{changed:?}");
    let never = world
        .org
        .delete(&world.admin, "Account", "001HW0000009999AAA")
        .await;
    assert!(matches!(never, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_record_in_use_is_not_deleted_and_says_by_what() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let case = world.make("Case", &[("AccountId", account.into())]).await;
    match world.delete(&world.admin, account).await {
        Err(Error::Restricted {
            name,
            object,
            records,
        }) => {
            assert_eq!((&*name, &*object), ("Sample", "Cases"));
            assert_eq!(records[0].0, case);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_second_open_session_is_refused_and_names_the_first() {
    let world = World::new().await;
    let user = world.end_user("+491", None).await;
    let open = world.session(user, "Active").await;
    let second = draft(&[
        ("MessagingChannelId", world.channel.into()),
        ("MessagingEndUserId", user.into()),
        ("Status", "Waiting".into()),
    ]);
    match world
        .org
        .create(&world.admin, "MessagingSession", second)
        .await
    {
        Err(Error::SessionOpen { existing }) => assert_eq!(existing, Some(open)),
        other => panic!("{other:?}"),
    }
    world.session(user, "Ended").await;
}

#[tokio::test]
async fn two_messaging_users_of_one_address_are_one_too_many() {
    let world = World::new().await;
    let first = world.end_user("+491", None).await;
    let again = draft(&[
        ("Name", "again".into()),
        ("MessagingChannelId", world.channel.into()),
        ("MessageType", "Text".into()),
        ("MessagingPlatformKey", "+491".into()),
    ]);
    match world
        .org
        .create(&world.admin, "MessagingEndUser", again)
        .await
    {
        Err(Error::Duplicate { fields, existing }) => {
            assert_eq!(fields, ["MessagingChannelId", "MessagingPlatformKey"]);
            assert_eq!(existing, Some(first));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_id_does_not_belong_into_a_body() {
    let world = World::new().await;
    let id = world.account("Sample").await;
    let body = || draft(&[("Id", id.into()), ("Name", "x".into())]);
    let made = world.org.create(&world.admin, "Account", body()).await;
    assert!(matches!(made, Err(Error::IdInBody(Verb::Create))));
    let when = Precondition::default();
    let changed = world
        .org
        .update(&world.admin, "Account", id.as_str(), body(), when)
        .await;
    assert!(matches!(changed, Err(Error::IdInBody(Verb::Update))));
}

#[tokio::test]
async fn fields_that_cannot_be_written_are_all_named_in_the_bodys_order() {
    let world = World::new().await;
    let user = world.end_user("+491", None).await;
    let session = world.session(user, "Active").await;
    let body = [
        ("SystemModstamp", Value::from("2026-01-01T00:00:00Z")),
        ("CaseId", "nonsense".into()),
        ("EndUserContactId", Value::Null),
        ("endUserAccountId", "nonsense".into()),
        ("AgentMessageCount", 3_i64.into()),
        ("Status", "Ended".into()),
    ];
    let refused = world.update(&world.admin, session, &body).await;
    assert_eq!(
        locked(refused),
        [
            "SystemModstamp",
            "EndUserContactId",
            "EndUserAccountId",
            "AgentMessageCount",
            "Status"
        ]
    );
    let refused = world
        .org
        .create(&world.admin, "MessagingSession", draft(&body))
        .await;
    assert_eq!(
        locked(refused),
        [
            "SystemModstamp",
            "EndUserContactId",
            "EndUserAccountId",
            "AgentMessageCount"
        ],
        "a status is set once"
    );
    assert_eq!(
        world.read(&world.admin, session, "Status").unwrap(),
        Value::from("Active")
    );
}

#[tokio::test]
async fn a_refused_inherited_field_says_which_record_to_edit() {
    let world = World::new().await;
    let user = world.end_user("+491", None).await;
    let session = world.session(user, "Active").await;
    let refused = world
        .update(&world.admin, session, &[("EndUserAccountId", Value::Null)])
        .await;
    let Err(Error::FieldsNotWritable { fields }) = refused else {
        panic!("{refused:?}");
    };
    let at = fields[0].edit_at.as_ref().unwrap();
    assert_eq!(
        (&*at.object, &*at.field, at.record),
        ("MessagingEndUser", "AccountId", Some(user))
    );
}
