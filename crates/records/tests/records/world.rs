//! An org with a database of its own, on the engine of the process, with the people and records that
//! the tests are about.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_executor::block_on;
use headwater_catalogue::{Catalogue, Id, Value};
use headwater_records::{
    Caller, Clock, Draft, Error, Org, Precondition, Problem, QueryAnswer, QueryOptions, Randomness,
    RecordSink, Row, RowSink,
};
use headwater_soql::resolved::{Output, Query};
use headwater_store::{Location, Options, Store};
use headwater_testpostgres::Home;
use jiff::{SignedDuration, Timestamp};

/// The moment at which every test begins.
pub(crate) const BEGINNING: &str = "2026-03-01T12:00:00Z";

/// An org with an administrator, an agent, and one channel.
pub(crate) struct World {
    pub(crate) org: Org,
    pub(crate) clock: Arc<StandingClock>,
    pub(crate) admin: Caller,
    pub(crate) agent: Caller,
    pub(crate) channel: Id,
    home: Home,
}

#[derive(Debug)]
pub(crate) struct StandingClock {
    microseconds: AtomicI64,
}

impl StandingClock {
    fn at_the_beginning() -> Arc<Self> {
        let begin: Timestamp = BEGINNING.parse().unwrap();
        Arc::new(Self {
            microseconds: AtomicI64::new(begin.as_microsecond()),
        })
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        let by = i64::try_from(by.as_micros()).unwrap();
        self.microseconds.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.microseconds.load(Ordering::SeqCst)).unwrap()
    }
}

#[derive(Debug)]
struct Sevens;

impl Randomness for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let home = tokio::task::spawn_blocking(home).await.unwrap();
        let clock = StandingClock::at_the_beginning();
        let org = open(&home, &clock).await;
        let system = org.system();
        let admin = user(&org, "admin", "System Administrator").await;
        let agent = user(&org, "agent", "Support Agent").await;
        let channel = Draft::new()
            .with("DeveloperName", "Sms")
            .with("MasterLabel", "SMS")
            .with("MessageType", "Text")
            .with("MessagingPlatformKey", "+4930000000");
        let channel = org
            .create(&system, "MessagingChannel", channel)
            .await
            .unwrap();
        Self {
            admin: org.caller(admin).await.unwrap(),
            agent: org.caller(agent).await.unwrap(),
            org,
            clock,
            channel,
            home,
        }
    }

    /// The same database, opened anew.
    pub(crate) async fn reopened(self) -> Self {
        let (admin, agent) = (self.admin.user, self.agent.user);
        self.org.store().close();
        drop(self.org);
        let org = open(&self.home, &self.clock).await;
        Self {
            admin: org.caller(admin).await.unwrap(),
            agent: org.caller(agent).await.unwrap(),
            org,
            ..self
        }
    }

    /// A new user with this profile.
    pub(crate) async fn user(&self, name: &str, profile: &str) -> Caller {
        let id = user(&self.org, name, profile).await;
        self.org.caller(id).await.unwrap()
    }

    /// The caller with what they may do now.
    pub(crate) async fn again(&self, caller: &Caller) -> Caller {
        self.org.caller(caller.user).await.unwrap()
    }

    /// A record made by the administrator.
    pub(crate) async fn make(&self, object: &str, fields: &[(&str, Value)]) -> Id {
        self.org
            .create(&self.admin, object, draft(fields))
            .await
            .unwrap()
    }

    pub(crate) async fn account(&self, name: &str) -> Id {
        self.make("Account", &[("Name", name.into())]).await
    }

    pub(crate) async fn end_user(&self, key: &str, account: Option<Id>) -> Id {
        self.make(
            "MessagingEndUser",
            &[
                ("Name", key.into()),
                ("MessagingChannelId", self.channel.into()),
                ("MessageType", "Text".into()),
                ("MessagingPlatformKey", key.into()),
                ("AccountId", account.into()),
            ],
        )
        .await
    }

    pub(crate) async fn session(&self, end_user: Id, status: &str) -> Id {
        self.make(
            "MessagingSession",
            &[
                ("MessagingChannelId", self.channel.into()),
                ("MessagingEndUserId", end_user.into()),
                ("Status", status.into()),
            ],
        )
        .await
    }

    pub(crate) async fn update(
        &self,
        caller: &Caller,
        id: Id,
        fields: &[(&str, Value)],
    ) -> Result<Timestamp, Error> {
        let object = self
            .org
            .catalogue()
            .object_of(id.prefix())
            .unwrap()
            .name
            .to_string();
        let when = Precondition::default();
        self.org
            .update(caller, &object, id.as_str(), draft(fields), when)
            .await
    }

    pub(crate) async fn delete(&self, caller: &Caller, id: Id) -> Result<(), Error> {
        let object = self
            .org
            .catalogue()
            .object_of(id.prefix())
            .unwrap()
            .name
            .to_string();
        self.org.delete(caller, &object, id.as_str()).await
    }

    /// The answer to a query: its rows as SELECT orders them, and how many there are.
    pub(crate) async fn query(
        &self,
        caller: &Caller,
        soql: &str,
    ) -> Result<(Vec<Vec<Value>>, u64), Error> {
        let options = QueryOptions::default();
        let answer = self
            .org
            .query(caller, soql, options, Table::default())
            .await?;
        Ok((answer.sink.rows, answer.total))
    }

    /// The one value of the one row.
    pub(crate) async fn value(&self, caller: &Caller, soql: &str) -> Value {
        let (rows, total) = self.query(caller, soql).await.unwrap();
        assert_eq!(total, 1, "{soql}");
        rows[0][0].clone()
    }

    pub(crate) async fn count(&self, caller: &Caller, soql: &str) -> u64 {
        self.query(caller, soql).await.unwrap().1
    }

    /// What a field of a record shows when the record is read by its id.
    pub(crate) fn read(&self, caller: &Caller, id: Id, field: &str) -> Result<Value, Error> {
        let object = self
            .org
            .catalogue()
            .object_of(id.prefix())
            .unwrap()
            .name
            .to_string();
        let fields = [field.to_owned()];
        let table = Table::default();
        let read = self
            .org
            .retrieve(caller, &object, id.as_str(), Some(&fields), table);
        let found = block_on(read)?;
        Ok(found.sink.rows[0][0].clone())
    }

    /// Ticks or unticks an object right on the set of a profile.
    pub(crate) async fn set_object_right(
        &self,
        profile: &str,
        object: &str,
        right: &str,
        on: bool,
    ) {
        let soql = format!(
            "SELECT Id FROM ObjectPermissions WHERE SobjectType = '{object}' AND Parent.Profile.Name = '{profile}'"
        );
        let id = self.value(&self.admin, &soql).await.as_id().unwrap();
        self.update(&self.admin, id, &[(right, on.into())])
            .await
            .unwrap();
    }

    /// Takes away all rights on a field from a profile.
    pub(crate) async fn hide_field(&self, profile: &str, field: &str) {
        let soql = format!(
            "SELECT Id FROM FieldPermissions WHERE Field = '{field}' AND Parent.Profile.Name = '{profile}'"
        );
        let id = self.value(&self.admin, &soql).await.as_id().unwrap();
        self.delete(&self.admin, id).await.unwrap();
    }
}

/// A place that may hold an org already, as it is when it was only just founded.
fn home() -> Home {
    Home::like("an org", |url| {
        let location = Location::Postgres(url.to_owned());
        let org = open_at(&location, StandingClock::at_the_beginning());
        org.store().close();
    })
}

async fn open(home: &Home, clock: &Arc<StandingClock>) -> Org {
    let location = match home {
        Home::Directory(directory) => Location::Sqlite(directory.path().join("headwater.db")),
        Home::Database(database) => Location::Postgres(database.url().to_owned()),
    };
    let clock = Arc::clone(clock);
    let opening = tokio::task::spawn_blocking(move || open_at(&location, clock));
    opening.await.unwrap()
}

fn open_at(location: &Location, clock: Arc<StandingClock>) -> Org {
    let catalogue = Arc::new(Catalogue::built_in().unwrap());
    let options = Options {
        durable: false,
        ..Options::default()
    };
    let store = Store::open(location, catalogue, options).unwrap();
    Org::open(store, clock, Arc::new(Sevens)).unwrap()
}

async fn user(org: &Org, name: &str, profile: &str) -> Id {
    let system = org.system();
    let profile = format!("SELECT Id FROM Profile WHERE Name = '{profile}'");
    let options = QueryOptions::default();
    let found = org
        .query(&system, &profile, options, Table::default())
        .await
        .unwrap();
    let draft = Draft::new()
        .with("Username", format!("{name}@headwater.example"))
        .with("LastName", name)
        .with("Email", format!("{name}@headwater.example"))
        .with("Alias", name)
        .with("TimeZoneSidKey", "Europe/Berlin")
        .with("LocaleSidKey", "en_US")
        .with("EmailEncodingKey", "UTF-8")
        .with("LanguageLocaleKey", "en_US")
        .with("ProfileId", found.sink.rows[0][0].clone());
    org.create(&system, "User", draft).await.unwrap()
}

pub(crate) fn draft(fields: &[(&str, Value)]) -> Draft {
    let with = |draft: Draft, (name, value): &(&str, Value)| draft.with(name, value.clone());
    fields.iter().fold(Draft::new(), with)
}

/// The problems of a refused write.
pub(crate) fn problems<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Problem> {
    match result {
        Err(Error::Invalid(problems)) => problems,
        other => panic!("not refused for its values: {other:?}"),
    }
}

/// The fields of a write that was refused for them.
pub(crate) fn locked<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::FieldsNotWritable { fields }) => {
            fields.iter().map(|lock| lock.field.to_string()).collect()
        }
        other => panic!("not refused for its fields: {other:?}"),
    }
}

/// Rows as SELECT orders them; a parent's fields follow in its place.
#[derive(Debug, Default)]
pub(crate) struct Table {
    columns: Vec<usize>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl RecordSink for Table {
    fn begin(&mut self, query: &Arc<Query>) {
        self.columns.clear();
        columns(&query.outputs, &mut self.columns);
    }
}

impl RowSink for Table {
    fn row(&mut self, row: &Row<'_>) {
        let values = self
            .columns
            .iter()
            .map(|column| row.get(*column).to_value());
        self.rows.push(values.collect());
    }
}

fn columns(outputs: &[Output], into: &mut Vec<usize>) {
    for output in outputs {
        match output {
            Output::Value { column, .. } | Output::Function { column, .. } => into.push(*column),
            Output::Address { parts, .. } => into.extend(parts.iter().map(|(_, column)| *column)),
            Output::Parent { outputs, .. } => columns(outputs, into),
            Output::TypeOf { branches, .. } => {
                for branch in branches {
                    columns(&branch.outputs, into);
                }
            }
            Output::Children { .. } => {}
        }
    }
}

/// All pages of a query, one after the other.
pub(crate) async fn all_pages(
    world: &World,
    caller: &Caller,
    soql: &str,
    batch_size: u32,
) -> (Vec<QueryAnswer<Table>>, Vec<Vec<Value>>) {
    let options = QueryOptions {
        batch_size: Some(batch_size),
        ..QueryOptions::default()
    };
    let mut answers = vec![
        world
            .org
            .query(caller, soql, options, Table::default())
            .await
            .unwrap(),
    ];
    while let Some(locator) = answers.last().and_then(|answer| answer.locator.clone()) {
        let more = world
            .org
            .query_more(caller, &locator, None, Table::default());
        answers.push(more.await.unwrap());
    }
    let rows = answers
        .iter()
        .flat_map(|answer| answer.sink.rows.clone())
        .collect();
    (answers, rows)
}
