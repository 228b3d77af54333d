//! Merges: what moves, who may, and what is refused.

use headwater_catalogue::{Id, Name, Value};
use headwater_records::merge::{MergeReport, MergeRequest};
use headwater_records::relink::{Change, RelinkRequest};
use headwater_records::{Caller, Error, Problem, SharingModel, Verb};

use crate::world::{World, draft, locked, problems};

fn request(object: &str, survivor: Id, merged: &[Id]) -> MergeRequest {
    MergeRequest {
        object: object.to_owned(),
        survivor: survivor.to_string(),
        merged: merged.iter().map(Id::to_string).collect(),
        ..MergeRequest::default()
    }
}

async fn merge(
    world: &World,
    caller: &Caller,
    survivor: Id,
    merged: &[Id],
) -> Result<MergeReport, Error> {
    let request = request("Account", survivor, merged);
    world.org.merge(caller, request).await
}

/// The one message of a refusal for a rule.
fn message(result: Result<MergeReport, Error>) -> String {
    match &problems(result)[..] {
        [Problem::Rule { message, .. }] => message.clone(),
        other => panic!("{other:?}"),
    }
}

/// How many changes there were.
fn changes(world: &World) -> i64 {
    world.org.store().statistics().unwrap().last_change
}

#[tokio::test]
async fn everything_of_a_merged_account_is_the_survivors() {
    let world = World::new().await;
    let (stays, goes) = (world.account("Sample").await, world.account("Sampel").await);
    let of = ("AccountId", Value::Id(goes));
    let contact = [("LastName", "Byron".into()), of.clone()];
    let contact = world.make("Contact", &contact).await;
    let case = world.make("Case", &[of]).await;
    let user = world.end_user("+491", Some(goes)).await;
    let session = world.session(user, "Active").await;
    let request = MergeRequest {
        values: draft(&[("Phone", "+49 30 1".into())]),
        reason: Some(" Misspelt ".to_owned()),
        ..request("Account", stays, &[goes])
    };
    let report = world.org.merge(&world.admin, request).await.unwrap();
    let expected = ["Case", "Contact", "MessagingEndUser"].map(|name| (Name::from(name), 1));
    let mut moved = report.moved.clone();
    moved.sort();
    assert_eq!(moved, expected);
    assert_eq!(report.survivor.name.as_deref(), Some("Sample"));
    assert_eq!(report.merged[0].name.as_deref(), Some("Sampel"));
    for (id, field) in [
        (contact, "AccountId"),
        (case, "AccountId"),
        (user, "AccountId"),
        (session, "EndUserAccountId"),
    ] {
        let shown = world.read(&world.agent, id, field).unwrap();
        assert_eq!(shown, Value::Id(stays), "{field} of {id}");
    }
    assert_eq!(
        world.read(&world.admin, stays, "Phone").unwrap(),
        "+49 30 1".into()
    );
    let history = format!(
        "SELECT Field, OldValue, NewValue FROM AccountHistory WHERE AccountId = '{stays}' \
         AND Field = 'accountMerged'"
    );
    let (rows, _) = world.query(&world.admin, &history).await.unwrap();
    assert_eq!(
        rows,
        [["accountMerged", goes.as_str(), "Misspelt"].map(Value::from)]
    );
}

#[tokio::test]
async fn contacts_leads_and_cases_merge_too_and_the_log_has_both_ids() {
    let world = World::new().await;
    let lead = [("LastName", "A".into()), ("Company", "B".into())];
    for (object, fields) in [("Contact", &lead[..1]), ("Lead", &lead), ("Case", &[][..])] {
        let stays = world.make(object, fields).await;
        let goes = [
            world.make(object, fields).await,
            world.make(object, fields).await,
        ];
        let task = match object {
            "Case" => ("WhatId", Value::Id(goes[1])),
            _ => ("WhoId", Value::Id(goes[1])),
        };
        let task = (
            world.make("Task", std::slice::from_ref(&task)).await,
            task.0,
        );
        let before = changes(&world);
        world
            .org
            .merge(&world.admin, request(object, stays, &goes))
            .await
            .unwrap();
        let log = world.org.store().changes(before, 100).await.unwrap();
        for gone in goes {
            let into = ("MasterRecordId".to_owned(), Value::Id(stays));
            let tells = |change: &&headwater_store::Change| change.fields.contains(&into);
            let entries = log.iter().filter(|change| change.record == gone);
            assert_eq!(entries.filter(tells).count(), 1, "{object}");
        }
        let moved = world.read(&world.admin, task.0, task.1).unwrap();
        assert_eq!(moved, Value::Id(stays), "{object}");
    }
}

#[tokio::test]
async fn a_merge_takes_the_right_to_edit_the_survivor_and_to_delete_the_others() {
    let world = World::new().await;
    let (stays, goes) = (world.account("A").await, world.account("B").await);
    let refused = |result: Result<MergeReport, Error>| match result {
        Err(Error::NotAllowed { verb, record, .. }) => (verb, record),
        other => panic!("{other:?}"),
    };
    let before = changes(&world);
    let result = merge(&world, &world.agent, stays, &[goes]).await;
    assert_eq!(refused(result), (Verb::Delete, None));
    assert_eq!(changes(&world), before);
    // With the right on the object, records one owns may be deleted.
    world
        .set_object_right("Support Agent", "Account", "PermissionsDelete", true)
        .await;
    let agent = world.again(&world.agent).await;
    let before = changes(&world);
    let result = merge(&world, &agent, stays, &[goes]).await;
    assert_eq!(refused(result), (Verb::Delete, Some(goes)));
    assert_eq!(changes(&world), before);
    let own = [("OwnerId", agent.user.into())];
    world.update(&world.admin, goes, &own).await.unwrap();
    world
        .org
        .set_sharing(&world.admin, "Account", SharingModel::Read)
        .await
        .unwrap();
    let agent = world.again(&agent).await;
    let result = merge(&world, &agent, stays, &[goes]).await;
    assert_eq!(refused(result), (Verb::Update, Some(stays)));
    world.update(&world.admin, stays, &own).await.unwrap();
    merge(&world, &agent, stays, &[goes]).await.unwrap();
}

#[tokio::test]
async fn records_that_are_not_there_or_hidden_are_named() {
    let world = World::new().await;
    let stays = world.account("A").await;
    let (hidden, deleted) = (world.account("B").await, world.account("C").await);
    world.delete(&world.admin, deleted).await.unwrap();
    world
        .set_object_right("Support Agent", "Account", "PermissionsDelete", true)
        .await;
    world
        .org
        .set_sharing(&world.admin, "Account", SharingModel::Private)
        .await
        .unwrap();
    let agent = world.again(&world.agent).await;
    let mine = [("Name", "D".into()), ("OwnerId", agent.user.into())];
    let mine = world.make("Account", &mine).await;
    let unknown: Id = "001HW0000000zzzAAA".parse().unwrap();
    for missing in [hidden, deleted, unknown] {
        let expected = format!(
            "There is no Account {missing}: it does not exist, is deleted, or you may not see it."
        );
        let as_merged = merge(&world, &agent, mine, &[missing]).await;
        assert_eq!(message(as_merged), expected);
        let as_survivor = merge(&world, &agent, missing, &[mine]).await;
        assert_eq!(message(as_survivor), expected);
    }
    let all = merge(&world, &world.admin, deleted, &[stays, unknown]).await;
    assert_eq!(problems(all).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_a_merge_is_refused_before_anything_is_read() {
    let world = World::new().await;
    let ids = [
        world.account("A").await,
        world.account("B").await,
        world.account("C").await,
        world.account("D").await,
    ];
    let user = world.end_user("+491", None).await;
    let before = changes(&world);
    let admin = &world.admin;
    let itself = merge(&world, admin, ids[0], &[ids[1], ids[0]]).await;
    let expected = format!("The Account {} cannot be merged with itself.", ids[0]);
    assert_eq!(message(itself), expected);
    let too_many = merge(&world, admin, ids[0], &ids[1..]).await;
    assert!(
        matches!(&too_many, Err(Error::LimitExceeded { limit, .. }) if limit == "2 records"),
        "{too_many:?}"
    );
    let none = problems(merge(&world, admin, ids[0], &[]).await);
    assert!(matches!(&none[..], [Problem::Missing { fields }] if fields[0] == "mergedRecordIds"));
    let other = problems(merge(&world, admin, ids[0], &[user]).await);
    assert!(matches!(&other[..], [Problem::WrongId { field, .. }] if field == "mergedRecordIds"));
    for object in ["MessagingEndUser", "User", "Nonsense"] {
        let request = request(object, user, &[user]);
        let expected = format!(
            "Records of '{object}' do not merge; those of Account, Case, Contact, Lead do."
        );
        assert_eq!(message(world.org.merge(admin, request).await), expected);
    }
    let talkative = MergeRequest {
        reason: Some("x".repeat(256)),
        ..request("Account", ids[0], &ids[1..2])
    };
    let talkative = problems(world.org.merge(admin, talkative).await);
    assert!(matches!(
        &talkative[..],
        [Problem::TooLong { max: 255, .. }]
    ));
    assert_eq!(changes(&world), before);
}

#[tokio::test]
async fn values_for_the_survivor_obey_rights_and_rules() {
    let world = World::new().await;
    let (stays, goes) = (world.account("A").await, world.account("B").await);
    let with = |object: &str, stays, goes, fields: &[(&str, Value)]| MergeRequest {
        values: draft(fields),
        ..request(object, stays, &[goes])
    };
    let locking = with("Account", stays, goes, &[("MasterRecordId", stays.into())]);
    let result = world.org.merge(&world.admin, locking).await;
    assert_eq!(locked(result), ["MasterRecordId"]);
    for dry_run in [true, false] {
        let mut below = with("Account", stays, goes, &[("ParentId", goes.into())]);
        below.dry_run = dry_run;
        let result = world.org.merge(&world.admin, below).await;
        let expected = "Parent Account ID: this record is merged; name one that stays.";
        assert_eq!(message(result), expected);
        let unknown: Id = "001HW0000000zzzAAA".parse().unwrap();
        let mut below = with("Account", stays, goes, &[("ParentId", unknown.into())]);
        below.dry_run = dry_run;
        let result = problems(world.org.merge(&world.admin, below).await);
        assert!(
            matches!(&result[..], [Problem::NoSuchRecord { .. }]),
            "{result:?}"
        );
    }
    assert_eq!(
        world.read(&world.admin, goes, "IsDeleted").unwrap(),
        false.into(),
        "nothing was merged"
    );
    // A rule fills the name of people from its parts, of which one is not given here.
    let names = [("FirstName", "Ada".into()), ("LastName", "B".into())];
    let (stays, goes) = (
        world.make("Contact", &names).await,
        world.make("Contact", &names).await,
    );
    let renaming = with("Contact", stays, goes, &[("LastName", "King".into())]);
    world.org.merge(&world.admin, renaming).await.unwrap();
    assert_eq!(
        world.read(&world.admin, stays, "Name").unwrap(),
        "Ada King".into()
    );
}

#[tokio::test]
async fn a_dry_run_counts_what_the_merge_moves_and_writes_nothing() {
    let world = World::new().await;
    let goes = [world.account("B").await, world.account("C").await];
    let below = |parent: Id| [("Name", "A".into()), ("ParentId", Value::Id(parent))];
    // Neither the survivor nor one that goes is moved.
    let stays = world.make("Account", &below(goes[0])).await;
    let child = [("ParentId", goes[0].into())];
    world.update(&world.admin, goes[1], &child).await.unwrap();
    world.make("Account", &below(goes[1])).await;
    let moved = world.end_user("+491", Some(goes[0])).await;
    world.end_user("+492", Some(goes[1])).await;
    world.end_user("+493", Some(stays)).await;
    let relink = RelinkRequest {
        messaging_users: vec![moved.to_string()],
        account: Change::Set(goes[1].to_string()),
        ..RelinkRequest::default()
    };
    // Its record names both accounts that go, and moves once.
    world.org.relink(&world.admin, relink).await.unwrap();
    let mut request = request("Account", stays, &goes);
    let before = changes(&world);
    request.dry_run = true;
    let planned = world
        .org
        .merge(&world.admin, request.clone())
        .await
        .unwrap();
    assert!(planned.dry_run);
    assert_eq!(changes(&world), before);
    request.dry_run = false;
    let did = world.org.merge(&world.admin, request).await.unwrap();
    let mut expected = [("Account", 1), ("MessagingEndUser", 2), ("RelinkItem", 1)]
        .map(|(name, count)| (Name::from(name), count));
    expected.sort();
    for mut moved in [planned.moved, did.moved] {
        moved.sort();
        assert_eq!(moved, expected);
    }
    assert_eq!(
        world.read(&world.admin, stays, "ParentId").unwrap(),
        Value::Null
    );
}

#[tokio::test]
async fn a_relink_is_undone_to_the_account_that_its_own_was_merged_into() {
    let world = World::new().await;
    let (old, new) = (world.account("Old").await, world.account("New").await);
    let into = world.account("Old Ltd").await;
    let user = world.end_user("+491", Some(old)).await;
    let request = RelinkRequest {
        messaging_users: vec![user.to_string()],
        account: Change::Set(new.to_string()),
        ..RelinkRequest::default()
    };
    let relink = world.org.relink(&world.agent, request).await.unwrap();
    merge(&world, &world.admin, into, &[old]).await.unwrap();
    let relink = relink.relink.unwrap().to_string();
    world.org.undo_relink(&world.agent, &relink).await.unwrap();
    assert_eq!(
        world.read(&world.agent, user, "AccountId").unwrap(),
        into.into()
    );
}

#[tokio::test]
async fn what_the_caller_may_not_read_moves_and_is_not_told() {
    let world = World::new().await;
    let (stays, goes) = (world.account("A").await, world.account("B").await);
    let case = world.make("Case", &[("AccountId", goes.into())]).await;
    let user = world.end_user("+491", Some(goes)).await;
    for right in ["Delete", "ViewAllRecords", "ModifyAllRecords"] {
        let right = format!("Permissions{right}");
        world
            .set_object_right("Support Agent", "Account", &right, true)
            .await;
    }
    for right in ["PermissionsCreate", "PermissionsEdit", "PermissionsRead"] {
        world
            .set_object_right("Support Agent", "Case", right, false)
            .await;
    }
    let agent = world.again(&world.agent).await;
    let report = merge(&world, &agent, stays, &[goes]).await.unwrap();
    assert_eq!(report.moved, [(Name::from("MessagingEndUser"), 1)]);
    for id in [case, user] {
        let moved = world.read(&world.admin, id, "AccountId").unwrap();
        assert_eq!(moved, Value::Id(stays));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn relinks_and_merges_at_the_same_time_leave_no_user_at_a_merged_account() {
    let world = World::new().await;
    let stays = world.account("A").await;
    let mut twins = Vec::new();
    for n in 0..8 {
        twins.push(world.account(&n.to_string()).await);
    }
    let user = world.end_user("+491", Some(stays)).await;
    let relinks = async {
        for turn in 0..60 {
            let to = twins[turn % twins.len()];
            let link = [("AccountId", to.into())];
            // One that is merged already is no account any more.
            if let Err(error) = world.update(&world.agent, user, &link).await {
                assert!(matches!(error, Error::Invalid(_)), "{error:?}");
            }
        }
    };
    let merges = async {
        for twin in &twins {
            merge(&world, &world.admin, stays, &[*twin]).await.unwrap();
        }
    };
    tokio::join!(relinks, merges);
    assert_eq!(
        world.read(&world.agent, user, "AccountId").unwrap(),
        stays.into()
    );
}
