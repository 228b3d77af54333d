//! What the platform does by itself.

use headwater_catalogue::Value;
use headwater_records::Problem;
use jiff::SignedDuration;
use rust_decimal::Decimal;

use crate::world::{World, draft, problems};

#[tokio::test]
async fn a_persons_name_is_made_of_its_parts() {
    let world = World::new().await;
    let contact = world
        .make(
            "Contact",
            &[("FirstName", "Jo".into()), ("LastName", "Doe".into())],
        )
        .await;
    assert_eq!(
        world.read(&world.admin, contact, "Name").unwrap(),
        Value::from("Jo Doe")
    );
    world
        .update(&world.admin, contact, &[("LastName", "Roe".into())])
        .await
        .unwrap();
    assert_eq!(
        world.read(&world.admin, contact, "Name").unwrap(),
        Value::from("Jo Roe")
    );
    world
        .update(&world.admin, contact, &[("FirstName", Value::Null)])
        .await
        .unwrap();
    assert_eq!(
        world.read(&world.admin, contact, "Name").unwrap(),
        Value::from("Roe")
    );
}

#[tokio::test]
async fn a_case_closes_once_and_opens_again() {
    let world = World::new().await;
    let case = world.make("Case", &[("Subject", "Help".into())]).await;
    let closed_at = |world: &World| world.read(&world.admin, case, "ClosedDate").unwrap();
    assert_eq!(
        world.read(&world.admin, case, "Status").unwrap(),
        Value::from("New")
    );
    world
        .update(&world.admin, case, &[("Status", "closed".into())])
        .await
        .unwrap();
    let first = closed_at(&world);
    assert_eq!(first, Value::DateTime(world.org.now()));
    assert_eq!(
        world.read(&world.admin, case, "IsClosed").unwrap(),
        Value::Boolean(true)
    );
    world.clock.advance(SignedDuration::from_mins(1));
    world
        .update(&world.admin, case, &[("Status", "Closed".into())])
        .await
        .unwrap();
    assert_eq!(closed_at(&world), first, "it was closed already");
    world
        .update(&world.admin, case, &[("Status", "Working".into())])
        .await
        .unwrap();
    assert_eq!(closed_at(&world), Value::Null);
}

#[tokio::test]
async fn a_stage_says_how_likely_a_deal_is() {
    let world = World::new().await;
    let deal = world
        .make(
            "Opportunity",
            &[
                ("Name", "Deal".into()),
                ("StageName", "Prospecting".into()),
                ("CloseDate", "2026-04-01".into()),
                ("Amount", 200_i64.into()),
            ],
        )
        .await;
    let read = |field: &str| world.read(&world.admin, deal, field).unwrap();
    assert_eq!(read("Probability"), Value::Decimal(Decimal::from(10)));
    assert_eq!(
        read("ExpectedRevenue"),
        Value::Decimal(Decimal::new(2000, 2))
    );
    world
        .update(&world.admin, deal, &[("StageName", "closed won".into())])
        .await
        .unwrap();
    assert_eq!(
        (read("IsClosed"), read("IsWon")),
        (true.into(), true.into())
    );
    assert_eq!(
        read("ExpectedRevenue"),
        Value::Decimal(Decimal::new(20_000, 2))
    );
    world
        .update(&world.admin, deal, &[("Probability", 50_i64.into())])
        .await
        .unwrap();
    assert_eq!(
        read("ExpectedRevenue"),
        Value::Decimal(Decimal::new(10_000, 2))
    );
}

#[tokio::test]
async fn a_completed_task_is_closed() {
    let world = World::new().await;
    let task = world
        .make(
            "Task",
            &[("Subject", "Call".into()), ("Priority", "High".into())],
        )
        .await;
    let read = |field: &str| world.read(&world.admin, task, field).unwrap();
    assert_eq!(
        (read("IsClosed"), read("IsHighPriority")),
        (false.into(), true.into())
    );
    world
        .update(&world.admin, task, &[("Status", "Completed".into())])
        .await
        .unwrap();
    assert_eq!(
        (read("IsClosed"), read("CompletedDateTime")),
        (true.into(), world.org.now().into())
    );
}

#[tokio::test]
async fn a_messaging_user_is_of_its_channels_type() {
    let world = World::new().await;
    let user = draft(&[
        ("Name", "x".into()),
        ("MessagingChannelId", world.channel.into()),
        ("MessageType", "WhatsApp".into()),
        ("MessagingPlatformKey", "+491".into()),
    ]);
    let found = problems(
        world
            .org
            .create(&world.admin, "MessagingEndUser", user)
            .await,
    );
    assert!(matches!(&found[..], [Problem::Rule { fields, .. }] if fields[0] == "MessageType"));
}

#[tokio::test]
async fn a_session_is_on_its_users_channel_and_begins_now() {
    let world = World::new().await;
    let user = world.end_user("+491", None).await;
    let other = world
        .make(
            "MessagingChannel",
            &[
                ("DeveloperName", "Other".into()),
                ("MasterLabel", "Other".into()),
                ("MessageType", "Text".into()),
                ("MessagingPlatformKey", "+4931".into()),
            ],
        )
        .await;
    let session = draft(&[
        ("MessagingChannelId", other.into()),
        ("MessagingEndUserId", user.into()),
        ("Status", "Active".into()),
    ]);
    let found = problems(
        world
            .org
            .create(&world.admin, "MessagingSession", session)
            .await,
    );
    assert!(
        matches!(&found[..], [Problem::Rule { fields, .. }] if fields[0] == "MessagingChannelId")
    );
    let session = world.session(user, "Ended").await;
    let now = Value::DateTime(world.org.now());
    assert_eq!(world.read(&world.admin, session, "StartTime").unwrap(), now);
    assert_eq!(world.read(&world.admin, session, "EndTime").unwrap(), now);
}

#[tokio::test]
async fn owners_are_active_users_or_queues_that_take_the_object() {
    let world = World::new().await;
    let case = world.make("Case", &[("Subject", "Help".into())]).await;
    let own = |owner| [("OwnerId", Value::Id(owner))];
    world
        .update(
            &world.admin,
            world.agent.user,
            &[("IsActive", false.into())],
        )
        .await
        .unwrap();
    let found = problems(
        world
            .update(&world.admin, case, &own(world.agent.user))
            .await,
    );
    assert!(matches!(&found[..], [Problem::InactiveOwner { .. }]));

    let team = world
        .make(
            "Group",
            &[("Name", "Team".into()), ("Type", "Regular".into())],
        )
        .await;
    let found = problems(world.update(&world.admin, case, &own(team)).await);
    assert!(
        matches!(&found[..], [Problem::Rule { .. }]),
        "a public group owns nothing"
    );

    let queue = world
        .make(
            "Group",
            &[("Name", "Queue".into()), ("Type", "Queue".into())],
        )
        .await;
    world.update(&world.admin, case, &own(queue)).await.unwrap();
    let taken = [("QueueId", queue.into()), ("SobjectType", "lead".into())];
    world.make("QueueSobject", &taken).await;
    let found = problems(world.update(&world.admin, case, &own(queue)).await);
    assert!(
        matches!(&found[..], [Problem::Rule { .. }]),
        "the queue takes leads only"
    );
    world
        .make(
            "QueueSobject",
            &[("QueueId", queue.into()), ("SobjectType", "Case".into())],
        )
        .await;
    world.update(&world.admin, case, &own(queue)).await.unwrap();
}

#[tokio::test]
async fn a_right_takes_those_it_makes_no_sense_without() {
    let world = World::new().await;
    let set = world
        .make(
            "PermissionSet",
            &[("Name", "Extra".into()), ("Label", "Extra".into())],
        )
        .await;
    let row = |right: &str| {
        draft(&[
            ("ParentId", set.into()),
            ("SobjectType", "account".into()),
            (right, true.into()),
        ])
    };
    let found = problems(
        world
            .org
            .create(&world.admin, "ObjectPermissions", row("PermissionsEdit"))
            .await,
    );
    assert!(matches!(&found[..], [Problem::Rule { fields, .. }] if fields[0] == "PermissionsRead"));
    let made = world
        .org
        .create(&world.admin, "ObjectPermissions", row("PermissionsRead"))
        .await
        .unwrap();
    assert_eq!(
        world.read(&world.admin, made, "SobjectType").unwrap(),
        Value::from("Account")
    );
    for field in ["Account.Name", "Account.Nonsense", "Nonsense"] {
        let row = draft(&[
            ("ParentId", set.into()),
            ("SobjectType", "Account".into()),
            ("Field", field.into()),
            ("PermissionsRead", true.into()),
        ]);
        let found = problems(
            world
                .org
                .create(&world.admin, "FieldPermissions", row)
                .await,
        );
        assert!(
            matches!(&found[..], [Problem::Rule { fields, .. }] if fields[0] == "Field"),
            "{field}"
        );
    }
}

#[tokio::test]
async fn a_username_looks_like_a_mail_address_and_is_one_users() {
    let world = World::new().await;
    let found = problems(
        world
            .update(
                &world.admin,
                world.agent.user,
                &[("Username", "agent".into())],
            )
            .await,
    );
    assert!(matches!(&found[..], [Problem::BadEmail { .. }]));
    let taken = world
        .update(
            &world.admin,
            world.agent.user,
            &[("Username", "ADMIN@headwater.example".into())],
        )
        .await;
    assert!(
        matches!(taken, Err(headwater_records::Error::Duplicate { .. })),
        "{taken:?}"
    );
}
