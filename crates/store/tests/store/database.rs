//! The database as a whole: how it follows the catalogue, jobs, limits.

use std::sync::Arc;
use std::time::Duration;

use headwater_catalogue::{Catalogue, Field, Index, Object, Value};
use headwater_soql::resolved::{Filter, Query};
use headwater_store::{NewJob, Options, Page, ReadError, Rows, Store, StoreError, WriteError};
use headwater_testpostgres::Home;

use crate::org::{Org, at, catalogue, column, home, objects, open, open_with};

fn with_fields(more: Vec<Field>) -> Arc<Catalogue> {
    let mut objects = objects();
    let account = objects
        .iter_mut()
        .find(|object| object.name == "Account")
        .unwrap();
    account.fields.to_mut().extend(more);
    Arc::new(Catalogue::new(objects).unwrap())
}

#[test]
fn a_field_that_is_new_is_there_after_the_next_start() {
    let org = Org::new();
    let account = org.insert("Account", &[("Name", "A".into())]);
    let more = vec![
        Field::boolean("IsBig__c"),
        Field::text("Code__c", 10).unique().external_id(),
        Field::reference("Friend__c", "Person"),
        Field::double("Rate__c", 10, 3).required(),
    ];
    let org = org.reopened(with_fields(more));
    let fields = ["IsBig__c", "Code__c", "Friend__c", "Rate__c"];
    let row = org.read("Account", account, &fields).unwrap();
    assert_eq!(row, [false.into(), Value::Null, Value::Null, Value::Null]);
    org.update(
        "Account",
        account,
        &[("Code__c", "x".into()), ("IsBig__c", true.into())],
    );
    let (_, same) = org.insertion(
        "Account",
        &[
            ("Name", "B".into()),
            ("Code__c", "X".into()),
            ("Rate__c", Value::Decimal("1.125".parse().unwrap())),
        ],
    );
    assert!(matches!(
        org.write(vec![same]),
        Err(WriteError::Duplicate { .. })
    ));
    // An older catalogue leaves the column and its data alone.
    let org = org.reopened(catalogue());
    org.update("Account", account, &[("Name", "C".into())]);
    let org = org.reopened(with_fields(vec![Field::text("Code__c", 10)]));
    assert_eq!(
        org.read("Account", account, &["Code__c"]).unwrap(),
        ["x".into()]
    );
    assert_eq!(org.store.check_integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn metadata_and_data_change_in_one_write() {
    let org = Org::new();
    let account = org.insert("Account", &[("Name", "A".into())]);
    let catalogue = with_fields(vec![Field::text("Code__c", 10)]);
    let object = Arc::clone(catalogue.object("Account").unwrap());
    let values = vec![(object.position("Code__c").unwrap(), "x".into())];
    let update = headwater_store::Operation::Update {
        object,
        id: account,
        values,
        may: Filter::Always,
        expect: Vec::new(),
        seen: None,
    };
    let mut set = org.set(vec![update, org.deletion("Account", org.actor)]);
    set.catalogue = Some(Arc::clone(&catalogue));
    // The second operation fails, and the new field with it.
    org.store.write_blocking(set.clone()).unwrap_err();
    assert!(org.object("Account").field("Code__c").is_none());
    set.operations.pop();
    org.store.write_blocking(set).unwrap();
    assert!(Arc::ptr_eq(&org.store.catalogue(), &catalogue));
    assert_eq!(
        org.read("Account", account, &["Code__c"]).unwrap(),
        ["x".into()]
    );
    // Whoever still holds the object of before writes as before.
    org.insert("Account", &[("Name", "B".into())]);
}

#[test]
fn a_field_of_another_type_is_refused() {
    let org = Org::with(with_fields(vec![Field::text("Code__c", 10)]));
    org.store.close();
    let error = open(&org.home, with_fields(vec![Field::integer("Code__c", 5)])).unwrap_err();
    assert!(matches!(&error, StoreError::NotAdditive(text) if text.contains("Account.Code__c")));
}

#[test]
fn a_changed_index_is_made_anew_and_a_rollup_begins_with_what_is_there() {
    let mut before = objects();
    let person = before
        .iter_mut()
        .find(|object| object.name == "Person")
        .unwrap();
    person
        .fields
        .to_mut()
        .retain(|field| field.name != "SessionCount");
    person.indexes.to_mut()[0].columns.to_mut().truncate(1);
    let org = Org::with(Arc::new(Catalogue::new(before).unwrap()));
    let person = org.person("p", None);
    org.session(person, 1);
    org.session(person, 2);
    let org = org.reopened(catalogue());
    assert_eq!(
        org.read("Person", person, &["SessionCount"]).unwrap(),
        [Value::Integer(2)]
    );
    assert_eq!(org.store.check_integrity().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_job_is_done_at_least_once() {
    let org = Org::new();
    let mut set = org.set(vec![]);
    for (payload, due) in [("second", 20), ("first", 10), ("later", 99)] {
        set.jobs.push(NewJob {
            kind: "send".to_owned(),
            payload: payload.to_owned(),
            due: at(due),
            lane: None,
        });
    }
    org.store.write(set).await.unwrap();
    assert_eq!(org.store.statistics().unwrap().jobs_waiting, 3);
    let lease = Duration::from_mins(1);
    let claim = async |second| {
        let job = org
            .store
            .claim_job("send", at(second), lease)
            .await
            .unwrap();
        job.map(|job| (job.payload, job.attempts, job.id))
    };
    let (payload, attempts, first) = claim(30).await.unwrap();
    assert_eq!((&*payload, attempts), ("first", 1));
    let (_, _, second) = claim(31).await.unwrap();
    assert_eq!(
        claim(31).await,
        None,
        "both are taken and the third is not due"
    );
    assert_eq!(
        org.store.claim_job("other", at(31), lease).await.unwrap(),
        None
    );
    // Nobody finished the first one in its time.
    assert_eq!(claim(90).await, Some(("first".to_owned(), 2, first)));
    org.store.finish_job(first).await.unwrap();
    org.store
        .fail_job(second, "no route", Some(at(92)))
        .await
        .unwrap();
    assert_eq!(claim(92).await, Some(("second".to_owned(), 2, second)));
    org.store.fail_job(second, "no route", None).await.unwrap();
    assert_eq!(claim(120).await.unwrap().0, "later");
    assert_eq!(org.store.statistics().unwrap().jobs_waiting, 1);
}

#[tokio::test]
async fn jobs_of_a_lane_are_claimed_one_after_the_other() {
    let org = Org::new();
    let mut set = org.set(vec![]);
    for (payload, lane) in [("1", "a"), ("2", "a"), ("3", "b"), ("4", "")] {
        set.jobs.push(NewJob {
            kind: "load".to_owned(),
            payload: payload.to_owned(),
            due: at(0),
            lane: (!lane.is_empty()).then(|| lane.to_owned()),
        });
    }
    org.store.write(set).await.unwrap();
    let lease = Duration::from_secs(10);
    let claim = async |second| {
        let claimed = org.store.claim_job("load", at(second), lease).await;
        claimed.unwrap().map(|job| (job.payload, job.id))
    };
    let (payload, first) = claim(1).await.unwrap();
    assert_eq!(payload, "1");
    assert_eq!(claim(1).await.unwrap().0, "3");
    assert_eq!(claim(1).await.unwrap().0, "4");
    assert_eq!(claim(2).await, None, "the second waits for the first");
    assert!(!org.store.has_due_job("load", at(2)).await.unwrap());
    // A first one that failed is tried again before the second.
    org.store
        .fail_job(first, "no route", Some(at(5)))
        .await
        .unwrap();
    assert_eq!(claim(4).await, None);
    assert_eq!(claim(5).await, Some(("1".to_owned(), first)));
    // One that was put off as well, and that was no attempt.
    org.store.put_off_job(first, at(7)).await.unwrap();
    assert_eq!(claim(6).await, None);
    let again = org.store.claim_job("load", at(7), lease).await.unwrap();
    assert_eq!(again.map(|job| (job.id, job.attempts)), Some((first, 2)));
    org.store.finish_job(first).await.unwrap();
    assert!(org.store.has_due_job("load", at(8)).await.unwrap());
    assert_eq!(claim(8).await.unwrap().0, "2");
}

fn limited(options: Options) -> (Store, Home) {
    let home = home();
    let store = open_with(&home, catalogue(), options).unwrap();
    (store, home)
}

pub(crate) fn fill(store: &Store, rows: usize) -> Query {
    let account = Arc::clone(store.catalogue().object("Account").unwrap());
    let name = account.position("Name").unwrap();
    let insert = |n: usize| headwater_store::Operation::Insert {
        object: Arc::clone(&account),
        id: store.next_id(&account),
        values: vec![(name, format!("{n}").into())],
    };
    store
        .write_blocking(headwater_store::WriteSet::new(
            store.next_id(&account),
            at(1),
            (0..rows).map(insert).collect(),
        ))
        .unwrap();
    Query::of_object(&account)
}

#[test]
fn too_many_rows_are_refused_unless_they_are_asked_for_in_pages() {
    let (store, _home) = limited(Options {
        query_rows_max: 10,
        durable: false,
        ..Options::default()
    });
    let mut query = fill(&store, 11);
    assert_eq!(
        store.read_rows_blocking(&query).unwrap_err(),
        ReadError::TooManyRows(10)
    );
    let page = Page {
        after: None,
        rows_max: Some(10),
    };
    let selected = store
        .select_blocking(&query, &page, Rows::default())
        .unwrap();
    assert_eq!((selected.rows, selected.next.is_some()), (10, true));
    query.limit = Some(10);
    assert_eq!(store.read_rows_blocking(&query).unwrap().len(), 10);
    assert_eq!(store.count_blocking(&query).unwrap(), 10);
}

/// Every account with every account, compared by what no index helps with.
fn endless(query: &Query) -> Query {
    let account = query.object();
    let mut inner = query.clone();
    for _ in 0..6 {
        let mut next = query.clone();
        let among = Filter::InQuery {
            left: column(account, "Name"),
            query: Box::new(inner),
            by_row: false,
        };
        let like = |n: usize| Filter::Like {
            left: column(account, "Name"),
            pattern: format!("%x%{n}%"),
        };
        next.filter = Filter::Or(std::iter::once(among).chain((0..200).map(like)).collect());
        next.order = vec![crate::org::descending(column(account, "Name"))];
        next.limit = Some(u64::MAX >> 1);
        inner = next;
    }
    inner
}

#[test]
fn a_query_that_takes_too_long_is_stopped() {
    let (store, _home) = limited(Options {
        // The same bounds each statement of opening a database on a server.
        query_time_max: Duration::from_millis(100),
        durable: false,
        ..Options::default()
    });
    let query = endless(&fill(&store, 3000));
    assert_eq!(
        store.count_blocking(&query).unwrap_err(),
        ReadError::TimedOut
    );
}

#[tokio::test]
async fn a_small_page_that_takes_long_is_answered_all_the_same() {
    let (store, _home) = limited(Options {
        durable: false,
        ..Options::default()
    });
    let mut query = fill(&store, 30_000);
    let name = column(query.object(), "Name");
    query.filter = Filter::Like {
        left: name.clone(),
        pattern: "%9%9%9%8%".to_owned(),
    };
    query.order = vec![crate::org::descending(name)];
    query.limit = Some(3);
    let expected = store.read_rows_blocking(&query).unwrap();
    let query = Arc::new(query);
    let page = Page::default();
    let selected = store
        .select(Arc::clone(&query), page, Rows::default())
        .await
        .unwrap();
    assert_eq!(selected.sink.rows, expected);
    assert_eq!(store.count(query).await.unwrap(), expected.len() as u64);
}

#[tokio::test]
async fn a_read_nobody_waits_for_frees_its_place() {
    let (store, _home) = limited(Options {
        read_connections: 1,
        durable: false,
        ..Options::default()
    });
    let simple = fill(&store, 2000);
    let long = Arc::new(endless(&simple));
    for _ in 0..20 {
        let reading = store.select(Arc::clone(&long), Page::default(), Rows::default());
        // Polled once, so that it has begun, and dropped.
        tokio::select! {
            biased;
            _ = reading => {}
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(store.count(Arc::new(simple)).await.unwrap(), 2000);
}

#[test]
fn the_built_in_catalogue_makes_a_sound_database() {
    let catalogue = Arc::new(Catalogue::built_in().unwrap());
    let org = Org::with(Arc::clone(&catalogue));
    assert_eq!(org.store.check_integrity().unwrap(), Vec::<String>::new());
    for object in catalogue.objects() {
        let mut query = Query::of_object(object);
        for field in object.fields.iter().filter(|field| field.is_column()) {
            query.column(column(object, &field.name));
        }
        assert_eq!(
            org.store.read_rows_blocking(&query).unwrap(),
            Vec::<Vec<Value>>::new()
        );
    }
    let org = org.reopened(catalogue);
    assert_eq!(org.store.statistics().unwrap().last_change, 0);
}

#[test]
fn the_names_of_indexes_are_short_enough_for_every_engine() {
    let long = "A".repeat(60);
    let mut field = Field::text("x", 10).external_id();
    field.name = long.clone().into();
    let mut object = Object::new("Long", "L00", &[]);
    object.name = "B".repeat(60).into();
    object.fields = vec![field].into();
    object.indexes = vec![Index {
        columns: vec![(long.into(), true)].into(),
        unique: true,
        unless: None,
    }]
    .into();
    let mut all = objects();
    all.push(object);
    let (sqlite, postgres) = headwater_store::schema(&Catalogue::new(all).unwrap()).unwrap();
    for statement in sqlite.iter().chain(&postgres) {
        for name in statement.split('"').skip(1).step_by(2) {
            assert!(name.len() <= 63, "{name}");
        }
    }
}
