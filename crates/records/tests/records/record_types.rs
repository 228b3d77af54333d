//! Kinds of record: which ones a record may be of, and what describe tells of them.

use headwater_catalogue::{Id, Value};
use headwater_records::describe::MASTER_RECORD_TYPE;
use headwater_records::{Error, Problem};

use crate::world::{World, draft, problems};

async fn kind(world: &World, object: &str, name: &str) -> Id {
    let fields = [
        ("Name", name.into()),
        ("DeveloperName", name.into()),
        ("SobjectType", object.into()),
    ];
    world.make("RecordType", &fields).await
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, id: Id) {
    let found = problems(result);
    let is_it = |problem: &Problem| {
        matches!(problem, Problem::WrongRecordType { field, id: found, .. }
            if field == "RecordTypeId" && *found == id)
    };
    assert!(found.len() == 1 && is_it(&found[0]), "{found:?}");
}

#[tokio::test]
async fn a_record_is_of_an_active_kind_of_its_object() {
    let world = World::new().await;
    let (partner, complaint) = (
        kind(&world, "Account", "Partner").await,
        kind(&world, "Case", "Complaint").await,
    );
    let account = [("Name", "A".into()), ("RecordTypeId", partner.into())];
    let account = world.make("Account", &account).await;
    let shown = world.read(&world.admin, account, "RecordTypeId").unwrap();
    assert_eq!(shown, partner.into());
    let wrong = [("Name", "B".into()), ("RecordTypeId", complaint.into())];
    let made = world
        .org
        .create(&world.admin, "Account", draft(&wrong))
        .await;
    refused(made, complaint);
    let never = Id::new(partner.prefix(), 999);
    let changed = world
        .update(&world.admin, account, &[("RecordTypeId", never.into())])
        .await;
    refused(changed, never);
    // No longer for new records, but those that are of it stay so, whatever else is written.
    world
        .update(&world.admin, partner, &[("IsActive", false.into())])
        .await
        .unwrap();
    let same = [("RecordTypeId", partner.into()), ("Phone", "1".into())];
    world.update(&world.admin, account, &same).await.unwrap();
    let another = [("Name", "C".into()), ("RecordTypeId", partner.into())];
    let made = world
        .org
        .create(&world.admin, "Account", draft(&another))
        .await;
    refused(made, partner);
}

#[tokio::test]
async fn the_master_kind_is_none() {
    let world = World::new().await;
    let master: Id = MASTER_RECORD_TYPE.parse().unwrap();
    let case = world.make("Case", &[("RecordTypeId", master.into())]).await;
    let shown = world.read(&world.admin, case, "RecordTypeId").unwrap();
    assert_eq!(shown, Value::Null);
}

#[tokio::test]
async fn describe_tells_kinds_as_soon_as_there_are_some() {
    let world = World::new().await;
    let kinds = async |object: &str| {
        let agent = world.again(&world.agent).await;
        let view = world.org.describe(&agent, object).unwrap();
        let kinds = view.record_types.into_iter();
        kinds
            .map(|kind| (kind.name, kind.is_active))
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds("Case").await, []);
    let complaint = kind(&world, "Case", "Complaint").await;
    kind(&world, "Case", "Advice").await;
    kind(&world, "Account", "Partner").await;
    let expected = [("Advice".to_owned(), true), ("Complaint".to_owned(), true)];
    assert_eq!(kinds("Case").await, expected);
    world
        .update(&world.admin, complaint, &[("IsActive", false.into())])
        .await
        .unwrap();
    assert!(!kinds("Case").await[1].1);
}
