//! Databases of the built-in catalogue with a few records of each object: one of SQLite's, and one
//! of PostgreSQL's where `HEADWATER_FUZZ_POSTGRES` names one that is empty.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use headwater_catalogue::{
    Catalogue, Field, Id, KeyPrefix, Kind, Object, Source, Value, ValueType,
};
use headwater_soql::resolved::Query;
use headwater_soql::{Context, Sight};
use headwater_store::{
    Key, Location, Operation, Options, Page, ReadError, Rows, Store, WriteError, WriteSet,
};
use jiff::Timestamp;
use jiff::civil::{Weekday, date, time};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// Records of each object.
const RECORDS: u32 = 3;

/// Rows of a page: so few that there are several.
const PAGE_ROWS: u64 = 2;

static CATALOGUE: LazyLock<Arc<Catalogue>> =
    LazyLock::new(|| Arc::new(Catalogue::built_in().expect("the built-in objects fit together")));
static ZONE: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("America/New_York").expect("a zone"));
static DATABASES: LazyLock<Databases> = LazyLock::new(Databases::open);

/// Sees everything.
struct Everything;

impl Sight for Everything {
    fn sees_object(&self, _: &Object) -> bool {
        true
    }

    fn sees_field(&self, _: &Object, _: usize) -> bool {
        true
    }
}

/// Shows what queries are resolved with.
pub(crate) fn with_context<T>(include_deleted: bool, see: impl FnOnce(&Context<'_>) -> T) -> T {
    see(&Context {
        catalogue: &CATALOGUE,
        sight: &Everything,
        caller: user(),
        groups: &[],
        now: now(),
        zone: &ZONE,
        first_weekday: Weekday::Sunday,
        include_deleted,
    })
}

/// A query of rows gives as many as it counts, the same by pages as in one piece, and the same on
/// every engine.
pub(crate) fn rows(query: &Query) {
    let mut known: Option<Vec<Vec<Value>>> = None;
    for store in &DATABASES.stores {
        planned(store, query);
        let Some(rows) = answered(store.read_rows_blocking(query)) else {
            continue;
        };
        if let Some(known) = &known {
            assert_eq!(&rows, known, "the engines differ");
        }
        if let Some(counted) = answered(store.count_blocking(query)) {
            assert_eq!(counted, rows.len() as u64, "the rows are not those counted");
        }
        if query.limit.is_none() && query.offset == 0 {
            paged(store, query, &rows);
        }
        families(store, query);
        known = Some(rows);
    }
}

/// A query that counts does so, on every engine alike.
pub(crate) fn count(query: &Query) {
    let counts = DATABASES.stores.iter().filter_map(|store| {
        planned(store, query);
        answered(store.count_blocking(query))
    });
    let counts: Vec<u64> = counts.collect();
    assert!(
        counts.iter().all(|count| *count == counts[0]),
        "the engines differ: {counts:?}"
    );
}

fn planned(store: &Store, query: &Query) {
    for rows_max in [None, Some(PAGE_ROWS)] {
        let page = Page {
            after: None,
            rows_max,
        };
        let explained = store.explain(query, &page).expect("a plan");
        assert!(!explained.sqlite.is_empty() && !explained.postgres.is_empty());
    }
}

fn paged(store: &Store, query: &Query, expected: &[Vec<Value>]) {
    let mut page = Page {
        after: None,
        rows_max: Some(PAGE_ROWS),
    };
    let mut rows = Vec::new();
    loop {
        let Some(selected) = answered(store.select_blocking(query, &page, Rows::default())) else {
            return;
        };
        rows.extend(selected.sink.rows);
        let Some(key) = selected.next else {
            break;
        };
        page.after = Some(
            key.to_string()
                .parse::<Key>()
                .expect("a key that was given out"),
        );
        assert!(rows.len() <= expected.len(), "the pages do not end");
    }
    assert_eq!(rows, expected, "the pages are not the whole");
}

fn families(store: &Store, query: &Query) {
    for children in &query.children {
        let parents = DATABASES.records.get(&*query.sources[0].object.name);
        let parents = parents.map(Vec::as_slice).unwrap_or_default();
        let read = store.children(children, parents, PAGE_ROWS);
        answered(DATABASES.runtime.block_on(read));
    }
}

/// What was read; nothing where a limit was met. All else is a mistake of ours.
fn answered<T>(result: Result<T, ReadError>) -> Option<T> {
    match result {
        Ok(answer) => Some(answer),
        Err(ReadError::TimedOut) => None,
        Err(error) => panic!("{error}: {error:?}"),
    }
}

struct Databases {
    stores: Vec<Store>,
    /// The ids of the records, by object: the same in each.
    records: HashMap<String, Vec<Id>>,
    runtime: tokio::runtime::Runtime,
    _directory: tempfile::TempDir,
}

impl Databases {
    fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut locations = vec![Location::Sqlite(directory.path().join("fuzz.db"))];
        locations.extend(std::env::var("HEADWATER_FUZZ_POSTGRES").map(Location::Postgres));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let options = Options {
            durable: false,
            ..Options::default()
        };
        let stores = locations.iter().map(|location| {
            Store::open(location, Arc::clone(&CATALOGUE), options.clone()).expect("a database")
        });
        let stores: Vec<Store> = stores.collect();
        let (operations, mut records) = records();
        for store in &stores {
            let users = Query::of_object(CATALOGUE.object("User").expect("users"));
            if store.count_blocking(&users).expect("a number") > 0 {
                continue;
            }
            for operation in &operations {
                let set = WriteSet::new(user(), now(), vec![operation.clone()]);
                match store.write_blocking(set) {
                    Ok(_) => {}
                    // Of what there is one at most for what it refers to.
                    Err(WriteError::Duplicate { .. }) => forget(&mut records, operation),
                    Err(error) => panic!("{error:?}: {operation:?}"),
                }
            }
        }
        Self {
            stores,
            records,
            runtime,
            _directory: directory,
        }
    }
}

/// Takes a record out that was not made.
fn forget(records: &mut HashMap<String, Vec<Id>>, operation: &Operation) {
    if let Operation::Insert { object, id, .. } = operation
        && let Some(ids) = records.get_mut(&*object.name)
    {
        ids.retain(|known| known != id);
    }
}

/// A few records of each object. Each refers to those that were made before it.
fn records() -> (Vec<Operation>, HashMap<String, Vec<Id>>) {
    let (mut operations, mut records) = (Vec::new(), HashMap::<String, Vec<Id>>::new());
    for number in 0..RECORDS {
        let mut waiting: Vec<&Arc<Object>> = CATALOGUE.objects().iter().collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|object| {
                let Some(values) = values(object, number, &records) else {
                    return true;
                };
                let id = Id::new(object.prefix, first_of(object) + u64::from(number));
                operations.push(Operation::Insert {
                    object: Arc::clone(object),
                    id,
                    values,
                });
                records.entry(object.name.to_string()).or_default().push(id);
                false
            });
            assert!(waiting.len() < before, "{waiting:?} refer to one another");
        }
    }
    (operations, records)
}

/// The number of an object's first record: far from those that the store gives to history, but for the
/// user who makes all this.
fn first_of(object: &Object) -> u64 {
    if &*object.name == "User" { 1 } else { 1 << 40 }
}

/// The values of a record; none if it has to refer to one that is not there yet.
fn values(
    object: &Object,
    number: u32,
    records: &HashMap<String, Vec<Id>>,
) -> Option<Vec<(usize, Value)>> {
    let mut values = Vec::new();
    for (place, field) in object.fields.iter().enumerate() {
        let is_ours = field.is_column()
            && matches!(field.source, Source::Stored)
            && !matches!(field.kind, Kind::Id | Kind::AutoNumber { .. })
            && !SYSTEM_FIELDS.contains(&&*field.name);
        let may_be_null = field.nillable && !field.always_filled;
        let is_left_out = may_be_null && (place + number as usize).is_multiple_of(3);
        if !is_ours || is_left_out {
            continue;
        }
        match value(field, number, records) {
            Some(value) => values.push((place, value)),
            None if may_be_null => {}
            None => return None,
        }
    }
    Some(values)
}

fn value(field: &Field, number: u32, records: &HashMap<String, Vec<Id>>) -> Option<Value> {
    const TEXTS: [&str; 3] = ["É straße", "e-mail, a_b%", "Ann Lee"];
    if let Some(reference) = field.kind.as_reference() {
        let mut known = reference.targets.names().iter();
        return known.find_map(|name| Some(Value::Id(*records.get(&**name)?.last()?)));
    }
    if let Some(picklist) = field.kind.as_picklist()
        && let Some(choice) = picklist.choices.get(number as usize)
    {
        return Some(Value::Text(choice.value.to_string()));
    }
    let seconds = i64::from(number) * 86_400 * 45;
    Some(match field.kind.value_type() {
        ValueType::Boolean => Value::Boolean(number == 1),
        ValueType::Integer => Value::Integer(i64::from(number) - 1),
        ValueType::Decimal { scale } => Value::Decimal(Decimal::new(
            i64::from(number) * 105 - 100,
            u32::from(scale.min(2)),
        )),
        ValueType::Double => return None,
        ValueType::Text if field.unique => Value::Text(format!("u{number}")),
        ValueType::Text => {
            let most = field.kind.length().unwrap_or(255) as usize;
            let text = TEXTS[number as usize % TEXTS.len()];
            Value::Text(text.chars().take(most).collect())
        }
        ValueType::Id => Value::Id(user()),
        ValueType::Date => Value::Date(date(2026, 1 + number.cast_signed() as i8, 28)),
        ValueType::DateTime => Value::DateTime(
            Timestamp::from_second(now().as_second() - seconds).expect("an instant"),
        ),
        ValueType::Time => Value::Time(time(23 - number.cast_signed() as i8, 59, 0, 0)),
    })
}

/// What the store fills.
const SYSTEM_FIELDS: [&str; 6] = [
    "IsDeleted",
    "CreatedById",
    "CreatedDate",
    "LastModifiedById",
    "LastModifiedDate",
    "SystemModstamp",
];

fn user() -> Id {
    Id::new(KeyPrefix::new("005"), 1)
}

/// A quarter before midnight in New York, on the day of a change of its clocks.
fn now() -> Timestamp {
    Timestamp::from_second(1_772_945_100).expect("an instant")
}
