//! A small catalogue of every kind of thing the store knows, and a database of it for each test, on
//! the engine of the process.

use std::borrow::Cow;
use std::sync::Arc;

use futures_executor::block_on;
use headwater_catalogue::{
    Access, Catalogue, Choice, DefaultValue, Field, Formula, Id, Index, Keeps, KeyPrefix, Name,
    Object, OnDelete, Rollup, SystemFields, Value,
};
use headwater_soql::resolved::{Column, Expression, Filter, Link, Order, Query};
use headwater_store::{
    Change, Committed, Location, Operation, Options, Store, WriteError, WriteSet,
};
use headwater_testpostgres::Home;
use jiff::Timestamp;

const OWNERS: &[Name] = &[Cow::Borrowed("Team"), Cow::Borrowed("User")];

fn object(name: &'static str, prefix: &'static str, fields: Vec<Field>) -> Object {
    Object {
        fields: Cow::Owned(fields),
        ..Object::new(name, prefix, &[])
    }
}

fn index(columns: &[(Name, bool)]) -> Index {
    Index {
        columns: Cow::Owned(columns.to_vec()),
        unique: false,
        unless: None,
    }
}

const fn of_sessions(keeps: Keeps) -> Rollup {
    Rollup {
        object: Cow::Borrowed("Session"),
        reference: Cow::Borrowed("PersonId"),
        keeps,
    }
}

fn person() -> Object {
    let fields = vec![
        Field::polymorphic("OwnerId", OWNERS)
            .required()
            .default_value(DefaultValue::Caller)
            .on_delete(OnDelete::Restrict)
            .tracked(),
        Field::text("First", 40).editable(),
        Field::text("Last", 40).editable(),
        Field::text("Name", 121).formula(FULL_NAME).name_field(),
        Field::reference("AccountId", "Account")
            .editable()
            .tracked(),
        Field::text("Channel", 20).required(),
        Field::text("Key", 80).required(),
        Field::restricted_picklist("Consent", CONSENTS)
            .editable()
            .tracked(),
        Field::text("Asked", 20).editable(),
        Field::boolean("IsOptedIn").formula(Formula::ConsentReached {
            given: Cow::Borrowed("Consent"),
            required: Cow::Borrowed("Asked"),
        }),
        Field::text("Note", 80).internal(),
        Field::integer("SessionCount", 9)
            .rollup(of_sessions(Keeps::Count))
            .internal(),
        Field::datetime("LatestStart")
            .rollup(of_sessions(Keeps::Greatest(Cow::Borrowed("StartTime"))))
            .internal(),
    ];
    let address = [Index::ascending("Channel"), Index::ascending("Key")];
    Object {
        indexes: Cow::Owned(vec![
            index(&[
                Index::ascending("AccountId"),
                Index::descending("LatestStart"),
            ]),
            index(&address).unique(),
        ]),
        ..object("Person", "0PA", fields).history("PersonHistory")
    }
}

const FULL_NAME: Formula = Formula::Concatenation {
    paths: Cow::Borrowed(&[Cow::Borrowed("First"), Cow::Borrowed("Last")]),
    separator: Cow::Borrowed(" "),
};

const CONSENTS: &[Choice] = &Choice::list([
    "OptedOut",
    "ImplicitlyOptedIn",
    "ExplicitlyOptedIn",
    "DoublyOptedIn",
]);

fn session() -> Object {
    let fields = vec![
        Field::auto_number("Name", "S-{0000}").name_field(),
        Field::reference("PersonId", "Person")
            .required()
            .on_delete(OnDelete::Restrict),
        Field::reference("AccountId", "Account").inherited("Person.AccountId"),
        Field::reference("CaseId", "Case").editable().tracked(),
        Field::text("Status", 20)
            .required()
            .default_text("Active")
            .tracked(),
        Field::datetime("StartTime").always_filled(DefaultValue::Now),
        Field::text("Subject", 80).editable(),
        Field::double("Score", 10, 2).editable().tracked(),
        Field::boolean("IsUrgent").editable(),
        Field::date("Day").editable(),
        Field::multi_picklist("Topics", &[]).editable(),
    ];
    let newest = [Index::descending("StartTime"), Index::ascending("Id")];
    let of_person = [&[Index::ascending("PersonId")], &newest[..]].concat();
    let open = index(&[Index::ascending("PersonId")]).unique();
    Object {
        indexes: Cow::Owned(vec![
            index(&of_person),
            index(&newest),
            open.unless("Status", &[Cow::Borrowed("Ended")]),
        ]),
        ..object("Session", "0Mw", fields).history("SessionHistory")
    }
}

fn history(name: &'static str, reference: &'static str, parent: &'static str) -> Object {
    let fields = vec![
        Field::reference(reference, parent)
            .required()
            .on_delete(OnDelete::Cascade),
        Field::text("Field", 80).required(),
        Field::text("DataType", 40),
        Field::any("OldValue"),
        Field::any("NewValue"),
    ];
    object(name, "017", fields)
        .shared_prefix()
        .system(SystemFields::CreatedOnly)
}

fn name() -> Field {
    Field::text("Name", 80).required().name_field().editable()
}

/// The objects, to make catalogues that differ a little.
pub(crate) fn objects() -> Vec<Object> {
    let account = vec![
        name(),
        Field::text("Number", 20)
            .unique()
            .case_sensitive()
            .editable(),
        Field::reference("ParentId", "Account").editable(),
    ];
    let case = vec![
        Field::auto_number("CaseNumber", "{00000000}").name_field(),
        Field::reference("AccountId", "Account").on_delete(OnDelete::Restrict),
    ];
    let entry = vec![
        Field::reference("SessionId", "Session")
            .required()
            .on_delete(OnDelete::Cascade),
        Field::text("Actor", 20).required(),
        Field::text("Text", 255),
    ];
    let look = vec![
        Field::reference("ById", "Person")
            .required()
            .on_delete(OnDelete::Cascade),
        Field::text("SeenId", 18).required().case_sensitive(),
        Field::datetime("At"),
    ];
    let secret = vec![Field::text("Hash", 80).required()];
    vec![
        object("User", "005", vec![name()]).system(SystemFields::WithoutIsDeleted),
        object("Team", "00G", vec![name()]).system(SystemFields::WithoutIsDeleted),
        object("Account", "001", account),
        person(),
        session(),
        object("Case", "500", case),
        object("Entry", "0sE", entry),
        object("Look", "9LK", look).access(Access::Internal),
        object("Secret", "9ZZ", secret)
            .system(SystemFields::WithoutIsDeleted)
            .access(Access::Internal),
        history("PersonHistory", "PersonId", "Person"),
        history("SessionHistory", "SessionId", "Session"),
    ]
}

/// The catalogue of these tests.
pub(crate) fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::new(objects()).unwrap())
}

/// A database of its own, with what tests do to it.
pub(crate) struct Org {
    pub(crate) store: Store,
    pub(crate) home: Home,
    pub(crate) actor: Id,
    seconds: std::cell::Cell<i64>,
}

impl Org {
    /// An empty one; commits do not wait for the disk.
    pub(crate) fn new() -> Self {
        Self::at(home(), catalogue())
    }

    pub(crate) fn with(catalogue: Arc<Catalogue>) -> Self {
        Self::at(Home::new(), catalogue)
    }

    /// The database in this place.
    pub(crate) fn at(home: Home, catalogue: Arc<Catalogue>) -> Self {
        let store = open(&home, catalogue).unwrap();
        Self {
            store,
            home,
            actor: Id::new(KeyPrefix::new("005"), 1),
            seconds: std::cell::Cell::new(1_700_000_000),
        }
    }

    /// The same database, opened again.
    pub(crate) fn reopened(self, catalogue: Arc<Catalogue>) -> Self {
        self.store.close();
        let Self {
            home,
            actor,
            seconds,
            ..
        } = self;
        let store = open(&home, catalogue).unwrap();
        Self {
            store,
            home,
            actor,
            seconds,
        }
    }

    pub(crate) fn object(&self, name: &str) -> Arc<Object> {
        Arc::clone(self.store.catalogue().object(name).unwrap())
    }

    /// A second later than the last one asked for.
    pub(crate) fn now(&self) -> Timestamp {
        self.seconds.set(self.seconds.get() + 1);
        Timestamp::from_second(self.seconds.get()).unwrap()
    }

    pub(crate) fn set(&self, operations: Vec<Operation>) -> WriteSet {
        WriteSet::new(self.actor, self.now(), operations)
    }

    pub(crate) fn write(&self, operations: Vec<Operation>) -> Result<Committed, WriteError> {
        self.store.write_blocking(self.set(operations))
    }

    pub(crate) fn insertion(&self, name: &str, values: &[(&str, Value)]) -> (Id, Operation) {
        let object = self.object(name);
        let id = self.store.next_id(&object);
        let values = places(&object, values);
        (id, Operation::Insert { object, id, values })
    }

    pub(crate) fn updating(&self, name: &str, id: Id, values: &[(&str, Value)]) -> Operation {
        let object = self.object(name);
        let values = places(&object, values);
        Operation::Update {
            object,
            id,
            values,
            may: Filter::Always,
            expect: Vec::new(),
            seen: None,
        }
    }

    pub(crate) fn deletion(&self, name: &str, id: Id) -> Operation {
        Operation::Delete {
            object: self.object(name),
            id,
            may: Filter::Always,
        }
    }

    pub(crate) fn insert(&self, name: &str, values: &[(&str, Value)]) -> Id {
        let (id, operation) = self.insertion(name, values);
        self.write(vec![operation]).unwrap();
        id
    }

    pub(crate) fn update(&self, name: &str, id: Id, values: &[(&str, Value)]) {
        self.write(vec![self.updating(name, id, values)]).unwrap();
    }

    pub(crate) fn delete(&self, name: &str, id: Id) -> Result<Committed, WriteError> {
        self.write(vec![self.deletion(name, id)])
    }

    /// A Messaging-User-like record.
    pub(crate) fn person(&self, key: &str, account: Option<Id>) -> Id {
        self.insert(
            "Person",
            &[
                ("Last", key.into()),
                ("Channel", "sms".into()),
                ("Key", key.into()),
                ("AccountId", account.into()),
            ],
        )
    }

    /// A session of a person that is over.
    pub(crate) fn session(&self, person: Id, second: i64) -> Id {
        self.insert(
            "Session",
            &[
                ("PersonId", person.into()),
                ("Status", "Ended".into()),
                ("StartTime", at(second).into()),
            ],
        )
    }

    /// Values of some fields of a record, by name; none if there is no such row.
    pub(crate) fn read(&self, name: &str, id: Id, fields: &[&str]) -> Option<Vec<Value>> {
        let object = self.object(name);
        let mut query = Query::of_object(&object);
        query.include_deleted = true;
        query.columns = fields.iter().map(|field| column(&object, field)).collect();
        let plan = self.store.plan_by_id(&query);
        let read = |row: &headwater_store::Row<'_>| {
            (0..row.len()).map(|c| row.get(c).to_value()).collect()
        };
        block_on(self.store.read_by_id(&plan, id, read)).unwrap()
    }

    /// Changes after a replay id.
    pub(crate) fn changes(&self, after: i64, limit: usize) -> Vec<Change> {
        block_on(self.store.changes(after, limit)).unwrap()
    }

    /// History rows of a record: field, type, old, new; oldest first.
    pub(crate) fn history(&self, name: &str, reference: &str, id: Id) -> Vec<Vec<String>> {
        let object = self.object(name);
        let mut query = Query::of_object(&object);
        query.columns = ["Field", "DataType", "OldValue", "NewValue"]
            .iter()
            .map(|field| column(&object, field))
            .collect();
        query.filter = equal(&object, reference, id);
        let rows = self.store.read_rows_blocking(&query).unwrap();
        let text = |value: Value| value.as_text().unwrap_or("-").to_owned();
        rows.into_iter()
            .map(|row| row.into_iter().map(text).collect())
            .collect()
    }
}

pub(crate) fn open(
    home: &Home,
    catalogue: Arc<Catalogue>,
) -> Result<Store, headwater_store::StoreError> {
    let options = Options {
        durable: false,
        ..Options::default()
    };
    open_with(home, catalogue, options)
}

/// A place that may have the tables of [`catalogue`] already, and nothing in them.
pub(crate) fn home() -> Home {
    Home::like("the small catalogue", |url| {
        let location = Location::Postgres(url.to_owned());
        open_at(&location, catalogue(), Options::default())
            .unwrap()
            .close();
    })
}

/// Opened on a thread of its own: it blocks, which a test with a runtime must not.
pub(crate) fn open_with(
    home: &Home,
    catalogue: Arc<Catalogue>,
    options: Options,
) -> Result<Store, headwater_store::StoreError> {
    open_at(&location(home), catalogue, options)
}

fn open_at(
    location: &Location,
    catalogue: Arc<Catalogue>,
    options: Options,
) -> Result<Store, headwater_store::StoreError> {
    let open = || Store::open(location, catalogue, options);
    std::thread::scope(|scope| scope.spawn(open).join().unwrap())
}

pub(crate) fn location(home: &Home) -> Location {
    match home {
        Home::Directory(directory) => Location::Sqlite(directory.path().join("test.db")),
        Home::Database(database) => Location::Postgres(database.url().to_owned()),
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn places(object: &Object, values: &[(&str, Value)]) -> Vec<(usize, Value)> {
    let place = |name: &str| object.position(name).unwrap();
    values
        .iter()
        .map(|(name, value)| (place(name), value.clone()))
        .collect()
}

/// A column of the object in FROM.
pub(crate) fn column(object: &Object, field: &str) -> Expression {
    column_of(object, 0, field)
}

/// A column of a source.
pub(crate) fn column_of(object: &Object, source: usize, field: &str) -> Expression {
    Expression::Column(Column {
        source,
        field: object.position(field).unwrap(),
    })
}

pub(crate) fn equal(object: &Object, field: &str, value: impl Into<Value>) -> Filter {
    let field = object.position(field).unwrap();
    Filter::equal(Column { source: 0, field }, value.into())
}

pub(crate) fn descending(by: Expression) -> Order {
    Order {
        by,
        descending: true,
        nulls_first: true,
    }
}

/// Sessions joined with their persons: the query, and the person's source.
pub(crate) fn sessions_with_person(catalogue: &Catalogue) -> (Query, usize) {
    let session = catalogue.object("Session").unwrap();
    let mut query = Query::of_object(session);
    let field = session.position("PersonId").unwrap();
    let person = query.join(
        Link { source: 0, field },
        catalogue.object("Person").unwrap(),
    );
    (query, person)
}

/// The newest sessions of an account, which they inherit from their person.
pub(crate) fn sessions_of_account(catalogue: &Catalogue, account: Id) -> Query {
    let (mut query, person) = sessions_with_person(catalogue);
    let field = catalogue
        .object("Person")
        .unwrap()
        .position("AccountId")
        .unwrap();
    query.filter = Filter::equal(
        Column {
            source: person,
            field,
        },
        account.into(),
    );
    query.order = vec![descending(column(
        catalogue.object("Session").unwrap(),
        "StartTime",
    ))];
    query
}
