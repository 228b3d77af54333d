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

async fn preset(world: &World, profile: Id, object: &str, kind: Id) -> Result<Id, Error> {
    let fields = [
        ("ProfileId", profile.into()),
        ("SobjectType", object.into()),
        ("RecordTypeId", kind.into()),
    ];
    let org = &world.org;
    org.create(&world.admin, "DefaultRecordType", draft(&fields))
        .await
}

#[tokio::test]
async fn a_new_record_is_of_the_default_of_its_maker_s_profile() {
    let world = World::new().await;
    let (complaint, advice) = (
        kind(&world, "Case", "Complaint").await,
        kind(&world, "Case", "Advice").await,
    );
    // Whoever makes a lead or a case in between finds no default in it.
    let partner = kind(&world, "Account", "Partner").await;
    let row = preset(&world, world.agent.profile, "case", complaint).await;
    let row = row.unwrap();
    let agent = world.again(&world.agent).await;
    let made = async |fields: &[(&str, Value)]| {
        let made = world.org.create(&agent, "Case", draft(fields)).await;
        let made = made.unwrap();
        world.read(&world.admin, made, "RecordTypeId").unwrap()
    };
    assert_eq!(made(&[]).await, complaint.into());
    assert_eq!(
        made(&[("RecordTypeId", Value::Null)]).await,
        complaint.into()
    );
    assert_eq!(
        made(&[("RecordTypeId", advice.into())]).await,
        advice.into()
    );
    let master: Id = MASTER_RECORD_TYPE.parse().unwrap();
    assert_eq!(made(&[("RecordTypeId", master.into())]).await, Value::Null);
    // Other profiles and other objects have their own.
    let case = world.make("Case", &[]).await;
    let shown = world.read(&world.admin, case, "RecordTypeId").unwrap();
    assert_eq!(shown, Value::Null);
    let account = world.account("A").await;
    let shown = world.read(&world.admin, account, "RecordTypeId").unwrap();
    assert_eq!(shown, Value::Null);
    // An update gives none back.
    world
        .update(&agent, case, &[("RecordTypeId", Value::Null)])
        .await
        .unwrap();
    refused(
        preset(&world, world.admin.profile, "Case", partner).await,
        partner,
    );
    let changed = [("RecordTypeId", partner.into())];
    refused(world.update(&world.admin, row, &changed).await, partner);
    let again = preset(&world, world.agent.profile, "Case", advice).await;
    assert!(matches!(again, Err(Error::Duplicate { .. })), "{again:?}");
    let nothing = preset(&world, world.agent.profile, "Nothing", complaint).await;
    assert!(matches!(nothing, Err(Error::Invalid(_))), "{nothing:?}");
}

#[tokio::test]
async fn a_default_that_is_no_longer_for_new_records_is_none() {
    let world = World::new().await;
    let complaint = kind(&world, "Case", "Complaint").await;
    preset(&world, world.agent.profile, "Case", complaint)
        .await
        .unwrap();
    let off = [("IsActive", false.into())];
    world.update(&world.admin, complaint, &off).await.unwrap();
    let agent = world.again(&world.agent).await;
    let case = world.org.create(&agent, "Case", draft(&[])).await.unwrap();
    let shown = world.read(&world.admin, case, "RecordTypeId").unwrap();
    assert_eq!(shown, Value::Null);
}
