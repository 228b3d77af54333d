//! Measures the store on this machine, against SQLite used by hand:
//! `cargo run --release -p headwater-store --example measure -- [sessions] [directory]`.

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use headwater_catalogue::{Catalogue, Id, Object, Value, ValueType};
use headwater_soql::resolved::{Column, Expression, Filter, Link, Order, Query};
use headwater_store::{Location, Operation, Options, Page, Row, RowSink, Store, WriteSet};
use jiff::Timestamp;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Messaging Users of the account that has many.
const MANY: usize = 10_000;
const WRITERS: usize = 64;
const ROUNDS: u32 = 6;
const ROUND: Duration = Duration::from_secs(1);

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let sessions: usize = arguments.next().map_or(Ok(200_000), |text| text.parse())?;
    let kept = arguments.next().map(PathBuf::from);
    let fresh = tempfile::tempdir()?;
    let directory = kept.as_deref().unwrap_or(fresh.path());
    let path = directory.join("measure.db");
    let catalogue = Arc::new(Catalogue::built_in()?);
    let world = if path.exists() {
        World::known(&open(&path, &catalogue, true)?)?
    } else {
        World::built(&open(&path, &catalogue, false)?, sessions)?
    };
    let store = open(&path, &catalogue, true)?;
    points(&store, &world)?;
    lists(&store, &world, &path)?;
    let runtime = tokio::runtime::Runtime::new()?;
    // In turns, for the disk has moods.
    let (mut ours, mut raw) = (0.0, 0.0);
    for round in 0..ROUNDS {
        ours += runtime.block_on(updates(&store, &world, round))? / f64::from(ROUNDS);
        raw += raw_inserts(directory, round)? / f64::from(ROUNDS);
    }
    println!(
        "durable updates    {ours:>10.0}/s   raw grouped inserts {raw:.0}/s   ratio {:.2}",
        ours / raw
    );
    store.close();
    Ok(())
}

fn open(path: &Path, catalogue: &Arc<Catalogue>, durable: bool) -> Outcome<Store> {
    let options = Options {
        durable,
        ..Options::default()
    };
    Ok(Store::open(
        &Location::Sqlite(path.to_owned()),
        Arc::clone(catalogue),
        options,
    )?)
}

/// What is in the database.
struct World {
    few: Id,
    many: Id,
    users: Vec<Id>,
    sessions: Vec<Id>,
}

struct Loader<'a> {
    store: &'a Store,
    catalogue: Arc<Catalogue>,
    actor: Id,
    waiting: Vec<Operation>,
}

impl Loader<'_> {
    fn add(&mut self, name: &str, values: &[(&str, Value)]) -> Outcome<Id> {
        let object = Arc::clone(self.catalogue.object(name).ok_or("no such object")?);
        let id = if name == "User" {
            self.actor
        } else {
            self.store.next_id(&object)
        };
        let place = |(name, value): &(&str, Value)| {
            object
                .position(name)
                .map(|place| (place, value.clone()))
                .ok_or("no such field")
        };
        let mut values = values.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        // Texts that must be there and are not what is measured.
        for (place, field) in object.fields.iter().enumerate() {
            let text = matches!(field.kind.value_type(), ValueType::Text);
            let wanted = field.is_column() && !field.nillable && field.default.is_none();
            if text
                && wanted
                && field.createable
                && !values.iter().any(|(given, _)| *given == place)
            {
                values.push((place, format!("x{}", self.waiting.len()).into()));
            }
        }
        self.waiting.push(Operation::Insert { object, id, values });
        if self.waiting.len() >= 1000 {
            self.flush()?;
        }
        Ok(id)
    }

    fn flush(&mut self) -> Outcome<()> {
        let operations = std::mem::take(&mut self.waiting);
        self.store.write_blocking(set(self.actor, operations))?;
        Ok(())
    }
}

fn set(actor: Id, operations: Vec<Operation>) -> WriteSet {
    WriteSet {
        actor,
        // Any instant does: versions of a row differ all the same.
        at: Timestamp::UNIX_EPOCH,
        checks: Vec::new(),
        operations,
        jobs: Vec::new(),
        catalogue: None,
    }
}

impl World {
    fn built(store: &Store, sessions: usize) -> Outcome<Self> {
        let begun = Instant::now();
        let catalogue = store.catalogue();
        let actor = Id::new(catalogue.object("User").ok_or("no users")?.prefix, 1);
        let mut loader = Loader {
            store,
            catalogue,
            actor,
            waiting: Vec::new(),
        };
        let profile = loader.add("Profile", &[("Name", "p".into())])?;
        loader.add(
            "User",
            &[("ProfileId", profile.into()), ("Name", "u".into())],
        )?;
        let channel = loader.add(
            "MessagingChannel",
            &[
                ("MasterLabel", "SMS".into()),
                ("DeveloperName", "sms".into()),
                ("MessageType", "Text".into()),
                ("MessagingPlatformKey", "+49".into()),
                ("IsActive", true.into()),
            ],
        )?;
        let few = loader.add("Account", &[("Name", "few".into())])?;
        let many = loader.add("Account", &[("Name", "many".into())])?;
        let mut users = Vec::new();
        for n in 0..(sessions / 10).max(MANY * 2) {
            let account = match n {
                0 => few,
                1..=MANY => many,
                _ => loader.add("Account", &[("Name", n.to_string().into())])?,
            };
            users.push(loader.add(
                "MessagingEndUser",
                &[
                    ("Name", n.to_string().into()),
                    ("MessagingChannelId", channel.into()),
                    ("MessageType", "Text".into()),
                    ("MessagingPlatformKey", n.to_string().into()),
                    ("AccountId", account.into()),
                ],
            )?);
        }
        let mut all = Vec::new();
        for n in 0..sessions {
            // The account with one user has as many sessions as any list shows.
            let user = if n < 100 { 0 } else { n * 7919 % users.len() };
            let start = Timestamp::from_second(1_700_000_000 + i64::try_from(n)? * 61 % 9_999_991)?;
            all.push(loader.add(
                "MessagingSession",
                &[
                    ("MessagingChannelId", channel.into()),
                    ("MessagingEndUserId", users[user].into()),
                    ("Status", "Ended".into()),
                    ("StartTime", start.into()),
                ],
            )?);
        }
        loader.flush()?;
        store.close();
        let seconds = begun.elapsed().as_secs_f64();
        let rows = users.len() * 2 + sessions;
        println!(
            "loaded {rows} rows in {seconds:.1} s, {:.0}/s",
            f64::from(u32::try_from(rows)?) / seconds
        );
        Ok(Self {
            few,
            many,
            users,
            sessions: all,
        })
    }

    fn known(store: &Store) -> Outcome<Self> {
        let catalogue = store.catalogue();
        let ids = |name: &str| -> Outcome<Vec<Id>> {
            let query = Query::of_object(catalogue.object(name).ok_or("no such object")?);
            let mut sink = Ids::default();
            let mut page = Page {
                after: None,
                rows_max: Some(50_000),
            };
            loop {
                let selected = store.select_blocking(&query, &page, sink)?;
                sink = selected.sink;
                match selected.next {
                    Some(next) => page.after = Some(next),
                    None => return Ok(sink.0),
                }
            }
        };
        let accounts = ids("Account")?;
        let world = Self {
            few: accounts[0],
            many: accounts[1],
            users: ids("MessagingEndUser")?,
            sessions: ids("MessagingSession")?,
        };
        store.close();
        Ok(world)
    }
}

#[derive(Default)]
struct Ids(Vec<Id>);

impl RowSink for Ids {
    fn row(&mut self, row: &Row<'_>) {
        self.0.extend(row.get(0).to_value().as_id());
    }
}

/// Counts the bytes, as a writer of JSON would look at them.
#[derive(Default)]
struct Bytes(usize);

impl RowSink for Bytes {
    fn row(&mut self, row: &Row<'_>) {
        for column in 0..row.len() {
            if let headwater_store::ValueRef::Text(text) | headwater_store::ValueRef::Id(text) =
                row.get(column)
            {
                self.0 += text.len();
            }
        }
    }
}

/// Sessions with a few of their columns, and the account of their user.
fn sessions(catalogue: &Catalogue) -> Outcome<(Query, Column)> {
    let object = |name| catalogue.object(name).ok_or("no such object");
    let place = |object: &Object, name| object.position(name).ok_or("no such field");
    let session = object("MessagingSession")?;
    let mut query = Query::of_object(session);
    for name in ["Name", "Status", "StartTime"] {
        let field = place(session, name)?;
        query.column(Expression::Column(Column { source: 0, field }));
    }
    let user = object("MessagingEndUser")?;
    let link = Link {
        source: 0,
        field: place(session, "MessagingEndUserId")?,
    };
    let source = query.join(link, user);
    let account = Column {
        source,
        field: place(user, "AccountId")?,
    };
    query.column(Expression::Column(account));
    query.order = vec![Order {
        by: Expression::Column(Column {
            source: 0,
            field: place(session, "StartTime")?,
        }),
        descending: true,
        nulls_first: true,
    }];
    query.limit = Some(50);
    Ok((query, account))
}

fn per_call(mut call: impl FnMut(usize) -> Outcome<()>) -> Outcome<Duration> {
    for n in 0..50 {
        call(n)?;
    }
    let begun = (Instant::now(), on_processor());
    let mut calls = 0;
    while begun.0.elapsed() < Duration::from_secs(2) {
        call(calls)?;
        calls += 1;
    }
    let spent = on_processor()
        .zip(begun.1)
        .and_then(|(now, before)| now.checked_sub(before));
    Ok(spent.unwrap_or_else(|| begun.0.elapsed()) / u32::try_from(calls)?)
}

/// Time this thread has had a processor, where the system tells: on a busy machine the clock on
/// the wall measures the neighbours.
fn on_processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn points(store: &Store, world: &World) -> Outcome<()> {
    let (query, _) = sessions(&store.catalogue())?;
    let plan = store.plan_by_id(&query);
    let time = per_call(|n| {
        let id = world.sessions[n * 7919 % world.sessions.len().min(5000)];
        let mut bytes = Bytes::default();
        store
            .read_by_id(&plan, id, |row| bytes.row(row))?
            .ok_or("no such session")?;
        Ok(())
    })?;
    println!("point read, join   {time:>10.1?}");
    Ok(())
}

fn lists(store: &Store, world: &World, path: &Path) -> Outcome<()> {
    let catalogue = store.catalogue();
    let mut times = HashMap::new();
    for (name, account) in [("one user", world.few), ("10,000 users", world.many)] {
        let (mut query, column) = sessions(&catalogue)?;
        query.filter = Filter::equal(column, account.into());
        let query = Arc::new(query);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let ours = per_call(|_| {
            let list = store.select(Arc::clone(&query), Page::default(), Bytes::default());
            (runtime.block_on(list)?.rows == 50)
                .then_some(())
                .ok_or_else(|| "not 50 rows".into())
        })?;
        let planning = per_call(|_| {
            store.explain(&query, &Page::default())?;
            Ok(())
        })?;
        println!("plan and print twice {planning:>8.1?}");
        let counting = per_call(|_| {
            store.count_blocking(&query)?;
            Ok(())
        })?;
        println!("count              {counting:>10.1?}");
        let text = store.explain(&query, &Page::default())?;
        let hand = by_hand(path, account)?;
        let ratio = hand.as_secs_f64() / ours.as_secs_f64();
        println!(
            "list, {name:<12} {ours:>10.1?}   by hand {hand:.1?}   ratio {ratio:.2}   {}",
            text.plan
        );
        times.insert(name, ours);
    }
    other_lists(store, world)?;
    let growth = times["10,000 users"].as_secs_f64() / times["one user"].as_secs_f64();
    println!("10,000 users / one user {growth:.2}");
    Ok(())
}

/// Lists that the water-mark is not for, of the account with many users.
fn other_lists(store: &Store, world: &World) -> Outcome<()> {
    let catalogue = store.catalogue();
    let (mut query, column) = sessions(&catalogue)?;
    let session = Arc::clone(query.object());
    let of = |name: &str| session.position(name).ok_or("no such field");
    let own = |field| Column { source: 0, field };
    let of_account = Filter::equal(column, world.many.into());
    query.filter = of_account
        .clone()
        .and(Filter::equal(own(of("Origin")?), "InboundInitiated".into()));
    let mut by_name = query.clone();
    by_name.order[0].by = Expression::Column(own(of("Name")?));
    let mut unordered = query.clone();
    unordered.order.clear();
    let mut whole = query.clone();
    whole.filter = of_account;
    whole.limit = None;
    for (name, query) in [
        ("other filter", &query),
        ("other order", &by_name),
        ("no order", &unordered),
    ] {
        let time = per_call(|_| {
            store.select_blocking(query, &Page::default(), Bytes::default())?;
            Ok(())
        })?;
        let plan = store.explain(query, &Page::default())?.plan;
        println!("list, {name:<12} {time:>10.1?}   {plan}");
    }
    let count = per_call(|_| {
        store.count_blocking(&whole)?;
        Ok(())
    })?;
    println!("count of them      {count:>10.1?}");
    Ok(())
}

/// The best we know, written down and prepared once: the account's users with the latest sessions
/// bound the sessions from below.
const BY_HAND: &str = "WITH bound(at) AS (SELECT LatestSessionStartTime FROM MessagingEndUser \
     WHERE AccountId = ?1 ORDER BY LatestSessionStartTime DESC LIMIT 1 OFFSET 49) \
     SELECT s.Id, s.Name, s.Status, s.StartTime, u.AccountId \
     FROM MessagingEndUser u JOIN MessagingSession s ON s.MessagingEndUserId = u.Id \
     WHERE u.AccountId = ?1 AND u.LatestSessionStartTime >= coalesce((SELECT at FROM bound), 0) \
     AND s.StartTime >= coalesce((SELECT at FROM bound), 0) AND s.IsDeleted = 0 \
     ORDER BY s.StartTime DESC, s.Id LIMIT 50";

fn by_hand(path: &Path, account: Id) -> Outcome<Duration> {
    let connection = rusqlite::Connection::open(path)?;
    connection.pragma_update(None, "mmap_size", 1_i64 << 30)?;
    // Without our collation; this list compares no text.
    connection.create_collation("headwater_text", str::cmp)?;
    let mut prepared = connection.prepare(BY_HAND)?;
    per_call(|_| {
        let mut rows = prepared.query((account.as_str(),))?;
        let mut bytes = 0;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            for column in [0, 1, 2, 4] {
                bytes += row.get_ref(column)?.as_str()?.len();
            }
            bytes += usize::from(row.get_ref(3)?.as_i64()? > 0);
        }
        (count == 50 && bytes > 0)
            .then_some(())
            .ok_or_else(|| "not 50 rows".into())
    })
}

/// Relinks, one Messaging User each, by many writers at once.
async fn updates(store: &Store, world: &World, round: u32) -> Outcome<f64> {
    let user = Arc::clone(
        store
            .catalogue()
            .object("MessagingEndUser")
            .ok_or("no users")?,
    );
    let account = user.position("AccountId").ok_or("no account")?;
    let begun = Instant::now();
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let (store, user) = (store.clone(), Arc::clone(&user));
        let users: Vec<Id> = world
            .users
            .iter()
            .skip(MANY + 1 + writer)
            .step_by(WRITERS)
            .copied()
            .collect();
        let (few, many) = (world.few, world.many);
        writers.push(tokio::spawn(async move {
            let mut done = 0_u32;
            while begun.elapsed() < ROUND {
                let n = usize::try_from(done).unwrap_or_default();
                let even = (n / users.len()).is_multiple_of(2) == round.is_multiple_of(2);
                let to = if even { few } else { many };
                let update = Operation::Update {
                    object: Arc::clone(&user),
                    id: users[n % users.len()],
                    values: vec![(account, to.into())],
                    may: Filter::Always,
                    expect: Vec::new(),
                    seen: None,
                };
                store.write(set(few, vec![update])).await?;
                done += 1;
            }
            Ok::<_, headwater_store::WriteError>(done)
        }));
    }
    let mut done = 0.0;
    for writer in writers {
        done += f64::from(writer.await??);
    }
    Ok(done / begun.elapsed().as_secs_f64())
}

/// Rows of the same size into an empty table, as many in a transaction as there are writers.
fn raw_inserts(directory: &Path, round: u32) -> Outcome<f64> {
    let mut connection = rusqlite::Connection::open(directory.join("raw.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 20_000)?;
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS t (id TEXT PRIMARY KEY, body TEXT) STRICT")?;
    let body = "x".repeat(300);
    let begun = Instant::now();
    let mut done = 0_u32;
    while begun.elapsed() < ROUND {
        let transaction = connection.transaction()?;
        for _ in 0..WRITERS {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO t VALUES (?1, ?2)")?
                .execute((format!("{round:06}{done:012}"), &body))?;
            done += 1;
        }
        transaction.commit()?;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}
