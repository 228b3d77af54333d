//! What deleting does, and what the recycle bin gives back.

use headwater_catalogue::{Catalogue, Id, OnDelete, Value};
use headwater_records::recycle::KEPT_DAYS;
use headwater_records::{BinRequest, Caller, Error, QueryOptions, SharingModel};
use jiff::SignedDuration;

use crate::world::{Table, World};

async fn undelete(world: &World, caller: &Caller, id: Id) -> Result<(), Error> {
    world.org.undelete(caller, id.as_str()).await.map(drop)
}

/// The records that a caller finds in the bin.
async fn bin(world: &World, caller: &Caller, everybody: bool) -> Result<Vec<Id>, Error> {
    let request = BinRequest {
        everybody,
        ..BinRequest::default()
    };
    let page = world.org.recycle_bin(caller, request).await?;
    Ok(page.records.iter().map(|record| record.id).collect())
}

/// Why a record stays in the bin.
fn reason(result: Result<(), Error>) -> String {
    match result {
        Err(Error::RecycleBin {
            undelete: true,
            reason,
        }) => reason,
        other => panic!("{other:?}"),
    }
}

/// How many rows `queryAll` finds.
async fn count_all(world: &World, soql: &str) -> u64 {
    let options = QueryOptions {
        include_deleted: true,
        ..QueryOptions::default()
    };
    let found = world
        .org
        .query(&world.admin, soql, options, Table::default());
    found.await.unwrap().total
}

/// A record, one that refers to it, by which field, and what deleting the first does to the second.
type Fact = (&'static str, &'static str, &'static str, OnDelete);

const FACTS: &[Fact] = &[
    ("Account", "MessagingEndUser", "AccountId", OnDelete::Clear),
    ("Account", "Contact", "AccountId", OnDelete::Cascade),
    ("Account", "Opportunity", "AccountId", OnDelete::Cascade),
    ("Account", "Task", "WhatId", OnDelete::Cascade),
    ("Account", "Case", "AccountId", OnDelete::Restrict),
    ("Account", "AccountHistory", "AccountId", OnDelete::Cascade),
    ("Contact", "MessagingEndUser", "ContactId", OnDelete::Clear),
    (
        "Contact",
        "ConversationParticipant",
        "ParticipantEntityId",
        OnDelete::Clear,
    ),
    ("Contact", "Case", "ContactId", OnDelete::Restrict),
    ("Lead", "MessagingEndUser", "LeadId", OnDelete::Clear),
    ("Lead", "MessagingSession", "LeadId", OnDelete::Clear),
    ("Case", "MessagingSession", "CaseId", OnDelete::Clear),
    (
        "Opportunity",
        "MessagingSession",
        "OpportunityId",
        OnDelete::Clear,
    ),
    (
        "Campaign",
        "MessagingSession",
        "CampaignId",
        OnDelete::Clear,
    ),
    (
        "MessagingChannel",
        "MessagingEndUser",
        "MessagingChannelId",
        OnDelete::Restrict,
    ),
    (
        "MessagingChannel",
        "MessagingSession",
        "MessagingChannelId",
        OnDelete::Restrict,
    ),
    (
        "MessagingEndUser",
        "MessagingSession",
        "MessagingEndUserId",
        OnDelete::Restrict,
    ),
    (
        "MessagingEndUser",
        "MessagingEndUserHistory",
        "MessagingEndUserId",
        OnDelete::Cascade,
    ),
    (
        "MessagingEndUser",
        "ConversationEntry",
        "ActorId",
        OnDelete::Clear,
    ),
    (
        "MessagingEndUser",
        "ConversationParticipant",
        "ParticipantEntityId",
        OnDelete::Clear,
    ),
    (
        "MessagingSession",
        "ConversationEntry",
        "ConversationId",
        OnDelete::Cascade,
    ),
    (
        "MessagingSession",
        "MessagingSessionHistory",
        "MessagingSessionId",
        OnDelete::Cascade,
    ),
    (
        "Conversation",
        "ConversationEntry",
        "ConversationEntityId",
        OnDelete::Cascade,
    ),
    (
        "Conversation",
        "ConversationEntry",
        "ConversationId",
        OnDelete::Cascade,
    ),
    (
        "Conversation",
        "ConversationParticipant",
        "ConversationId",
        OnDelete::Cascade,
    ),
    (
        "Conversation",
        "MessagingSession",
        "ConversationId",
        OnDelete::Cascade,
    ),
    ("Group", "QueueSobject", "QueueId", OnDelete::Cascade),
    ("Group", "GroupMember", "GroupId", OnDelete::Cascade),
];

#[test]
fn deleting_clears_takes_along_or_is_forbidden_as_on_salesforce() {
    let catalogue = Catalogue::built_in().unwrap();
    for (parent, child, field, expected) in FACTS {
        let object = catalogue.object(parent).unwrap();
        let known = catalogue.incoming(object).iter();
        let found = known
            .filter(|incoming| incoming.object == *child && incoming.field == *field)
            .map(|incoming| incoming.on_delete);
        assert_eq!(
            found.collect::<Vec<_>>(),
            [*expected],
            "{parent}: {child}.{field}"
        );
    }
    let channel = catalogue.object("MessagingChannel").unwrap();
    assert!(!channel.calls.delete);
}

#[tokio::test]
async fn an_account_comes_back_with_contacts_opportunities_tasks_and_links() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let of = ("AccountId", Value::Id(account));
    let contact = world
        .make("Contact", &[("LastName", "Byron".into()), of.clone()])
        .await;
    let close = "2026-12-31".parse::<jiff::civil::Date>().unwrap();
    let opportunity = [
        ("Name", "Big".into()),
        ("StageName", "Prospecting".into()),
        ("CloseDate", Value::Date(close)),
        of,
    ];
    let opportunity = world.make("Opportunity", &opportunity).await;
    let task = world.make("Task", &[("WhatId", account.into())]).await;
    let user = world.end_user("+491", Some(account)).await;
    let session = world.session(user, "Ended").await;
    world
        .update(
            &world.admin,
            session,
            &[("OpportunityId", opportunity.into())],
        )
        .await
        .unwrap();
    world.delete(&world.admin, account).await.unwrap();
    let gone = "SELECT Id FROM Contact WHERE IsDeleted = TRUE";
    assert_eq!(count_all(&world, gone).await, 1);
    assert_eq!(world.count(&world.admin, gone).await, 0);
    let shows = |id, field| world.read(&world.admin, id, field).unwrap();
    assert_eq!(shows(session, "EndUserAccountId"), Value::Null);
    assert_eq!(shows(session, "OpportunityId"), Value::Null);
    undelete(&world, &world.admin, account).await.unwrap();
    for id in [contact, opportunity] {
        assert_eq!(shows(id, "AccountId"), account.into(), "{id}");
    }
    assert_eq!(shows(task, "WhatId"), account.into());
    assert_eq!(shows(session, "EndUserAccountId"), account.into());
    assert_eq!(shows(session, "OpportunityId"), opportunity.into());
    assert_eq!(bin(&world, &world.admin, false).await.unwrap(), []);
}

#[tokio::test]
async fn a_case_keeps_its_account_and_contact() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let case = world.make("Case", &[("AccountId", account.into())]).await;
    let refused = world.delete(&world.admin, account).await;
    assert!(
        matches!(refused, Err(Error::Restricted { .. })),
        "{refused:?}"
    );
    world.delete(&world.admin, case).await.unwrap();
    world.delete(&world.admin, account).await.unwrap();
    let why = reason(undelete(&world, &world.admin, case).await);
    assert!(why.contains(account.as_str()), "{why}");
    undelete(&world, &world.admin, account).await.unwrap();
    undelete(&world, &world.admin, case).await.unwrap();
}

#[tokio::test]
async fn an_open_session_stays_in_the_bin_while_there_is_another() {
    let world = World::new().await;
    let user = world.end_user("+491", None).await;
    let first = world.session(user, "Active").await;
    world.delete(&world.admin, first).await.unwrap();
    let second = world.session(user, "Active").await;
    let why = reason(undelete(&world, &world.admin, first).await);
    assert!(why.contains("another open session"), "{why}");
    world.delete(&world.admin, second).await.unwrap();
    undelete(&world, &world.admin, first).await.unwrap();
    let problems = world.org.store().check_integrity().unwrap();
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn who_may_not_delete_a_record_may_not_bring_it_back() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    world.delete(&world.admin, account).await.unwrap();
    world
        .org
        .set_sharing(&world.admin, "Account", SharingModel::Private)
        .await
        .unwrap();
    let agent = world.again(&world.agent).await;
    let refused = undelete(&world, &agent, account).await;
    assert!(
        matches!(refused, Err(Error::NotFound(_) | Error::NotAllowed { .. })),
        "{refused:?}"
    );
    assert_eq!(bin(&world, &agent, false).await.unwrap(), []);
    let refused = bin(&world, &agent, true).await;
    assert!(
        matches!(refused, Err(Error::NotPermitted(_))),
        "{refused:?}"
    );
    assert_eq!(bin(&world, &world.admin, true).await.unwrap(), [account]);
}

#[tokio::test]
async fn what_was_never_deleted_is_not_brought_back_and_what_has_no_bin_neither() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let why = reason(undelete(&world, &world.admin, account).await);
    assert_eq!(why, "entity is not in the recycle bin");
    let user = world.admin.user;
    let refused = undelete(&world, &world.admin, user).await;
    assert!(
        matches!(refused, Err(Error::CallNotSupported { .. })),
        "{refused:?}"
    );
    let refused = world.org.undelete(&world.admin, "nonsense").await;
    assert!(matches!(refused, Err(Error::MalformedId(_))), "{refused:?}");
}

#[tokio::test]
async fn a_record_leaves_the_bin_for_good_after_its_days() {
    let world = World::new().await;
    let (old, new) = (world.account("Old").await, world.account("New").await);
    let contact = [("LastName", "Byron".into()), ("AccountId", old.into())];
    world.make("Contact", &contact).await;
    world.delete(&world.admin, old).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(24));
    world.delete(&world.admin, new).await.unwrap();
    assert_eq!(world.org.empty_expired().await.unwrap(), 0);
    let rest = SignedDuration::from_hours(24 * (KEPT_DAYS - 1));
    world.clock.advance(rest + SignedDuration::from_secs(1));
    assert_eq!(world.org.empty_expired().await.unwrap(), 1);
    assert_eq!(bin(&world, &world.admin, true).await.unwrap(), [new]);
    assert_eq!(count_all(&world, "SELECT Id FROM Account").await, 1);
    assert_eq!(count_all(&world, "SELECT Id FROM Contact").await, 0);
    let gone = undelete(&world, &world.admin, old).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
}

#[tokio::test]
async fn past_the_bin_deletes_only_who_may_change_everything() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let user = world.end_user("+491", Some(account)).await;
    let agent = world.again(&world.agent).await;
    let refused = world
        .org
        .delete_for_good(&agent, "Account", account.as_str())
        .await;
    assert!(
        matches!(
            refused,
            Err(Error::NotPermitted(_) | Error::NotAllowed { .. })
        ),
        "{refused:?}"
    );
    world
        .org
        .delete_for_good(&world.admin, "Account", account.as_str())
        .await
        .unwrap();
    assert_eq!(count_all(&world, "SELECT Id FROM Account").await, 0);
    assert_eq!(
        world.read(&world.admin, user, "AccountId").unwrap(),
        Value::Null
    );
    let problems = world.org.store().check_integrity().unwrap();
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_record_that_came_back_is_no_longer_told_as_deleted() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    world.delete(&world.admin, account).await.unwrap();
    let deleted = async || {
        let end = world.org.now() + SignedDuration::from_mins(5);
        let start = world.org.now() - SignedDuration::from_mins(5);
        let told = world.org.deleted(&world.admin, "Account", start, end);
        told.await.unwrap().records.len()
    };
    assert_eq!(deleted().await, 1);
    undelete(&world, &world.admin, account).await.unwrap();
    assert_eq!(deleted().await, 0);
}
