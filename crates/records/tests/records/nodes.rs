//! Two nodes on one PostgreSQL database, racing.

use std::collections::HashSet;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Value};
use headwater_records::{
    Caller, CustomFieldSpec, Error, Org, QueryOptions, SystemClock, SystemRandomness,
};
use headwater_store::{Location, Options, Store};
use headwater_testpostgres::{Database, has_postgres};

use crate::world::{Table, draft};

/// Races of one kind.
const RACES: usize = 25;

fn open(database: &Database) -> Org {
    let location = Location::Postgres(database.url().to_owned());
    let catalogue = Arc::new(Catalogue::built_in().unwrap());
    let options = Options {
        durable: false,
        ids_reserved: 10,
        ..Options::default()
    };
    let store = Store::open(&location, catalogue, options).unwrap();
    Org::open(store, Arc::new(SystemClock), Arc::new(SystemRandomness)).unwrap()
}

/// Two that open the same empty database at the same moment.
async fn pair(database: &Arc<Database>) -> (Org, Org) {
    let opening = |database: Arc<Database>| tokio::task::spawn_blocking(move || open(&database));
    let (one, other) = (opening(Arc::clone(database)), opening(Arc::clone(database)));
    (one.await.unwrap(), other.await.unwrap())
}

async fn rows(org: &Org, caller: &Caller, soql: &str) -> Vec<Vec<Value>> {
    let options = QueryOptions::default();
    let answer = org.query(caller, soql, options, Table::default()).await;
    answer.unwrap().sink.rows
}

/// Both make the same record at once: one gets it, and the other is told who has.
async fn one_of_two(one: &Org, other: &Org, object: &str, fields: &[(&str, Value)]) -> Id {
    let (here, there) = (one.system(), other.system());
    let (first, second) = tokio::join!(
        one.create(&here, object, draft(fields)),
        other.create(&there, object, draft(fields)),
    );
    match (first, second) {
        (Ok(id), Err(error)) | (Err(error), Ok(id)) => {
            let is_told = matches!(error, Error::Duplicate { .. } | Error::SessionOpen { .. });
            assert!(is_told, "{error:?}");
            id
        }
        both => panic!("one of both must be made: {both:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_must_be_unique_is_so_whoever_writes() {
    if !has_postgres("unique rules between two nodes") {
        return;
    }
    let database = Arc::new(Database::new());
    let (one, other) = pair(&database).await;
    assert_eq!(one.organization(), other.organization());
    let organizations = rows(&one, &one.system(), "SELECT Id FROM Organization").await;
    assert_eq!(organizations.len(), 1, "both opened an empty database");

    let channel = [
        ("DeveloperName", "Sms".into()),
        ("MasterLabel", "SMS".into()),
        ("MessageType", "Text".into()),
        ("MessagingPlatformKey", "+4930000000".into()),
    ];
    let channel = one_of_two(&one, &other, "MessagingChannel", &channel).await;
    for place in 0..RACES {
        let key = format!("+49301234{place:03}");
        let user = [
            ("Name", key.as_str().into()),
            ("MessagingChannelId", channel.into()),
            ("MessageType", "Text".into()),
            ("MessagingPlatformKey", key.as_str().into()),
        ];
        let user = one_of_two(&one, &other, "MessagingEndUser", &user).await;
        let session = [
            ("MessagingChannelId", channel.into()),
            ("MessagingEndUserId", user.into()),
            ("Status", "Active".into()),
        ];
        one_of_two(&one, &other, "MessagingSession", &session).await;
    }
    let open = "SELECT Id FROM MessagingSession WHERE Status = 'Active'";
    assert_eq!(rows(&other, &other.system(), open).await.len(), RACES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_and_numbers_are_given_out_once() {
    if !has_postgres("ids and numbers between two nodes") {
        return;
    }
    let database = Arc::new(Database::new());
    let (one, other) = pair(&database).await;
    let mut making = Vec::new();
    for place in 0..200 {
        let org = if place % 2 == 0 { &one } else { &other }.clone();
        making.push(tokio::spawn(async move {
            let subject = format!("Case {place}");
            let fields = [("Subject", Value::from(subject.as_str()))];
            let caller = org.system();
            org.create(&caller, "Case", draft(&fields)).await.unwrap()
        }));
    }
    let mut ids = HashSet::new();
    for made in making {
        assert!(ids.insert(made.await.unwrap()), "an id was given out twice");
    }
    let numbers = rows(&one, &one.system(), "SELECT CaseNumber FROM Case").await;
    let distinct: HashSet<_> = numbers
        .iter()
        .map(|row| row[0].as_text().unwrap().to_owned())
        .collect();
    assert_eq!(distinct.len(), 200);
    assert_eq!(one.store().check_integrity().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_made_by_turns_are_known_to_whoever_makes_the_next() {
    if !has_postgres("metadata between two nodes") {
        return;
    }
    let database = Arc::new(Database::new());
    let (one, other) = pair(&database).await;
    // Nobody follows the change log here: whoever makes a field looks first at what is there.
    for place in 0..6 {
        let org = if place % 2 == 0 { &one } else { &other };
        let system = org.system();
        org.create_custom_field(&system, field(place))
            .await
            .unwrap();
        let catalogue = org.catalogue();
        let account = catalogue.object("Account").unwrap();
        for known in 0..=place {
            let name = format!("Field{known}__c");
            assert!(account.field(&name).is_some(), "{name} after {place}");
        }
    }
    let again = one.create_custom_field(&one.system(), field(5)).await;
    let problems = format!("{:?}", again.unwrap_err());
    assert!(
        problems.contains("already has a field Field5__c"),
        "{problems}"
    );
}

fn field(place: usize) -> CustomFieldSpec {
    CustomFieldSpec {
        object: "Account".to_owned(),
        name: format!("Field{place}"),
        label: format!("Field {place}"),
        kind: "Text".to_owned(),
        length: Some(20),
        ..CustomFieldSpec::default()
    }
}
