//! Whatever the plan, the rows and their order are those of a plain look at every row.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_executor::block_on;
use headwater_catalogue::{Catalogue, Id, Object, Value, ValueType};
use headwater_soql::resolved::{
    Column, Comparison, DateFunction, Expression, Filter, Link, Order, Query,
};
use headwater_store::{Key, Page, Rows};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::naive::World;
use crate::org::{Org, at, catalogue, column, column_of, sessions_with_person};

const TEXTS: &[&str] = &[
    "alpha",
    "Alpha",
    "BETA",
    "beta 50%",
    "Ärger",
    "ärger",
    "über_fall",
    "z",
    "C:\\x",
    // What languages order or equate in ways of their own.
    "Straße",
    "STRASSE",
    "co-op",
    "Coop",
    "co op",
    "e\u{301}t\u{e9}",
    "\u{c9}te\u{301}",
    "ΟΔΟΣ",
    "οδος",
    "İz",
    "ﬁ 🦀",
    "FI",
];
const TOPICS: &[&str] = &["a", "b;c", "A;b", "c"];

/// Numbers out of one number: what is drawn depends on nothing else.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    pub(crate) fn chance(&mut self, of: usize) -> bool {
        self.roll(of) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    fn small(&mut self) -> i64 {
        i64::try_from(self.roll(6)).unwrap()
    }
}

/// A database with something of everything.
pub(crate) fn filled(dice: &mut Dice) -> Org {
    let org = Org::new();
    let mut operations = Vec::new();
    let mut add = |name, values: &[(&str, Value)]| {
        let (id, operation) = org.insertion(name, values);
        operations.push(operation);
        id
    };
    let user = add("User", &[("Name", "u".into())]);
    let team = add("Team", &[("Name", "t".into())]);
    let accounts: Vec<Id> = (0..3)
        .map(|_| add("Account", &[("Name", (*dice.pick(TEXTS)).into())]))
        .collect();
    let mut persons = Vec::new();
    for key in 0..=dice.roll(12) {
        let account = (!dice.chance(4)).then(|| *dice.pick(&accounts));
        let asked = *dice.pick(&["ImplicitOptIn", "ExplicitOptIn", "DoubleOptIn"]);
        let given = *dice.pick(&["OptedOut", "ExplicitlyOptedIn", "DoublyOptedIn"]);
        persons.push(add(
            "Person",
            &[
                ("OwnerId", (*dice.pick(&[user, team])).into()),
                ("First", dice.chance(2).then_some("Eve").into()),
                (
                    "Last",
                    Some(*dice.pick(TEXTS)).filter(|_| !dice.chance(4)).into(),
                ),
                ("Channel", "sms".into()),
                ("Key", key.to_string().into()),
                ("AccountId", account.into()),
                ("Asked", Some(asked).filter(|_| !dice.chance(3)).into()),
                ("Consent", Some(given).filter(|_| !dice.chance(3)).into()),
            ],
        ));
    }
    let mut sessions = Vec::new();
    for _ in 0..dice.roll(50) {
        let score = (!dice.chance(3)).then(|| Decimal::new(dice.small() * 25, 2));
        let day = jiff::civil::date(2024, 1, 1 + i8::try_from(dice.small()).unwrap());
        sessions.push(add(
            "Session",
            &[
                ("PersonId", (*dice.pick(&persons)).into()),
                ("Status", "Ended".into()),
                ("StartTime", at(dice.small() * 40_000 - 50_000).into()),
                (
                    "Subject",
                    Some(*dice.pick(TEXTS)).filter(|_| !dice.chance(4)).into(),
                ),
                ("Score", score.map_or(Value::Null, Value::Decimal)),
                ("IsUrgent", dice.chance(2).into()),
                (
                    "Day",
                    if dice.chance(3) {
                        Value::Null
                    } else {
                        Value::Date(day)
                    },
                ),
                (
                    "Topics",
                    Some(*dice.pick(TOPICS)).filter(|_| !dice.chance(3)).into(),
                ),
            ],
        ));
    }
    for _ in 0..dice.roll(20) {
        if let Some(session) = sessions.get(dice.roll(sessions.len().max(1))) {
            let actor = *dice.pick(&["Agent", "agent", "EndUser"]);
            add(
                "Entry",
                &[("SessionId", (*session).into()), ("Actor", actor.into())],
            );
        }
    }
    for seen in sessions.iter().chain(&accounts) {
        for by in persons.iter().take(2) {
            if dice.chance(2) {
                let when = at(dice.small() * 40_000);
                let values = [
                    ("ById", (*by).into()),
                    ("SeenId", seen.as_str().into()),
                    ("At", Some(when).filter(|_| !dice.chance(3)).into()),
                ];
                add("Look", &values);
            }
        }
    }
    org.write(operations).unwrap();
    for session in &sessions {
        if dice.chance(6) {
            org.delete("Session", *session).unwrap();
        }
    }
    org
}

/// A query over sessions, their persons, those persons' accounts and owners.
pub(crate) struct Draw<'a> {
    pub(crate) dice: &'a mut Dice,
    catalogue: &'a Catalogue,
    accounts: Vec<Id>,
    persons: Vec<Id>,
    pub(crate) query: Query,
    pub(crate) person: usize,
    account: usize,
    owners: Vec<usize>,
}

impl Draw<'_> {
    fn object(&self, source: usize) -> Arc<Object> {
        Arc::clone(&self.query.sources[source].object)
    }

    pub(crate) fn column(&self, source: usize, field: &str) -> Expression {
        column_of(&self.object(source), source, field)
    }

    pub(crate) fn expression(&mut self) -> Expression {
        match self.dice.roll(19) {
            0 => self.column(0, "Subject"),
            1 => self.column(0, "Score"),
            2 => self.column(0, "Day"),
            3 | 4 => self.column(0, "StartTime"),
            5 => self.column(self.person, "Last"),
            6 => self.column(self.account, "Name"),
            7 => self.column(self.person, "AccountId"),
            8 => self.column(0, "IsUrgent"),
            9 => Expression::TypeName(self.owners.clone()),
            10 => {
                let names = self.owners.iter().map(|owner| self.column(*owner, "Name"));
                Expression::FirstOf(names.collect())
            }
            11 => Expression::Concatenation {
                parts: vec![
                    self.column(self.person, "First"),
                    self.column(self.person, "Last"),
                ],
                separator: " ".into(),
            },
            12 => Expression::ConsentReached {
                given: Box::new(self.column(self.person, "Consent")),
                required: Box::new(self.column(self.person, "Asked")),
            },
            13 => {
                let entry = Arc::clone(self.catalogue.object("Entry").unwrap());
                Expression::CountOf {
                    source: 0,
                    reference: entry.position("SessionId").unwrap(),
                    holding: vec![(entry.position("Actor").unwrap(), "Agent".into())],
                    object: entry,
                }
            }
            14 => Expression::DateFunction {
                function: *self.dice.pick(&[
                    DateFunction::DayOnly,
                    DateFunction::CalendarYear,
                    DateFunction::DayInWeek,
                ]),
                of: Box::new(self.column(0, "StartTime")),
                zone: Some("Europe/Berlin".into()).filter(|_| self.dice.chance(2)),
            },
            15 => Expression::DateFunction {
                function: DateFunction::CalendarMonth,
                of: Box::new(self.column(0, "Day")),
                zone: None,
            },
            16 => Expression::Null(ValueType::Text),
            17 => {
                let look = Arc::clone(self.catalogue.object("Look").unwrap());
                Expression::LastSeen {
                    source: *self.dice.pick(&[0, self.account]),
                    record: look.position("SeenId").unwrap(),
                    by: look.position("ById").unwrap(),
                    at: look.position("At").unwrap(),
                    object: look,
                    user: (*self.dice.pick(&self.persons)).into(),
                }
            }
            _ => self.column(0, "Id"),
        }
    }

    pub(crate) fn value(&mut self, of: &Expression) -> Value {
        match self.query.value_type(of) {
            ValueType::Boolean => self.dice.chance(2).into(),
            ValueType::Integer => Value::Integer(self.dice.small()),
            ValueType::Decimal { .. } => Value::Decimal(Decimal::new(self.dice.small() * 25, 2)),
            ValueType::Text => (*self.dice.pick(TEXTS)).into(),
            ValueType::Id if self.dice.chance(2) => (*self.dice.pick(&self.accounts)).into(),
            ValueType::Id => (*self.dice.pick(&self.persons)).into(),
            ValueType::Date => Value::Date(jiff::civil::date(
                2024,
                1,
                1 + i8::try_from(self.dice.small()).unwrap(),
            )),
            ValueType::DateTime => at(self.dice.small() * 40_000 - 50_000).into(),
            ValueType::Double => Value::Decimal(Decimal::new(self.dice.small() * 125, 3)),
            ValueType::Time => Value::Null,
        }
    }

    fn compare(&mut self) -> Filter {
        let left = self.expression();
        let right = self.value(&left);
        let operators = [
            Comparison::Equal,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ];
        Filter::Compare {
            operator: *self.dice.pick(&operators),
            left,
            right,
        }
    }

    pub(crate) fn filter(&mut self, depth: usize) -> Filter {
        match self.dice.roll(if depth == 0 { 9 } else { 13 }) {
            0..=2 => self.compare(),
            3 => Filter::IsNull(self.expression()),
            4 => {
                let left = self.expression();
                let values = (0..self.dice.roll(4)).map(|_| self.value(&left)).collect();
                Filter::In { left, values }
            }
            5 => Filter::Like {
                left: self.column(0, "Subject"),
                pattern: (*self.dice.pick(&[
                    "%a%", "ä%", "_eta%", "AL%", "be%", "z%", r"c:\\%", r"%50\%", r"c:\\_",
                    "%R_FALL", "stra_e", "CO_op", "%Σ", "_ _", "%\u{301}", r"%\",
                ]))
                .to_owned(),
            },
            6 => Filter::Includes {
                left: self.column(0, "Topics"),
                sets: vec![vec!["a".to_owned()], vec!["B".to_owned(), "c".to_owned()]],
            },
            7 => {
                let person = self.object(self.person);
                let mut query = Query::of_object(&person);
                query.filter = Filter::Like {
                    left: column(&person, "Last"),
                    pattern: "%a%".to_owned(),
                };
                Filter::InQuery {
                    left: self.column(0, "PersonId"),
                    query: Box::new(query),
                    by_row: *self.dice.pick(&[false, true]),
                }
            }
            8 => self.of_account(),
            9 => Filter::Not(Box::new(self.filter(depth - 1))),
            10 | 11 => Filter::And(vec![self.filter(depth - 1), self.filter(depth - 1)]),
            _ => Filter::Or(vec![self.filter(depth - 1), self.filter(depth - 1)]),
        }
    }

    fn of_account(&mut self) -> Filter {
        Filter::Compare {
            left: self.column(self.person, "AccountId"),
            operator: Comparison::Equal,
            right: (*self.dice.pick(&self.accounts)).into(),
        }
    }

    fn order(&mut self) -> Order {
        Order {
            by: self.expression(),
            descending: self.dice.chance(2),
            nulls_first: !self.dice.chance(4),
        }
    }

    /// The kind of list that the water-mark is for, with and without what rules it out.
    fn newest_of_account(&mut self) {
        let mut all = vec![self.of_account()];
        if self.dice.chance(4) {
            all.push(self.filter(0));
        }
        if self.dice.chance(4) {
            all.push(Filter::Compare {
                left: self.column(0, "StartTime"),
                operator: Comparison::GreaterOrEqual,
                right: at(self.dice.small() * 40_000 - 50_000).into(),
            });
        }
        self.query.filter = Filter::And(all);
        self.query.order = vec![Order {
            by: self.column(0, "StartTime"),
            descending: true,
            nulls_first: true,
        }];
        self.query.limit = Some(1 + self.dice.roll(12) as u64);
    }

    fn draw(&mut self) {
        for _ in 0..self.dice.roll(5) {
            let expression = self.expression();
            self.query.column(expression);
        }
        if self.dice.chance(3) {
            self.newest_of_account();
        } else {
            self.query.filter = self.filter(2);
            for _ in 0..self.dice.roll(3) {
                let order = self.order();
                self.query.order.push(order);
            }
            self.query.limit = self.dice.chance(2).then(|| self.dice.roll(20) as u64);
        }
        if self.dice.chance(4) {
            self.query.offset = self.dice.roll(5) as u64;
        }
        self.query.include_deleted = self.dice.chance(6);
        if self.dice.chance(6) {
            self.query.sources[self.person].visible = Filter::Not(Box::new(Filter::Like {
                left: self.column(self.person, "Last"),
                pattern: "%e%".to_owned(),
            }));
        }
        if self.dice.chance(8) {
            self.query.sources[0].visible = Filter::Compare {
                left: self.column(0, "IsUrgent"),
                operator: Comparison::Equal,
                right: true.into(),
            };
        }
    }
}

pub(crate) fn drawn(
    dice: &mut Dice,
    catalogue: &Catalogue,
    accounts: &[Id],
    persons: &[Id],
) -> Query {
    let mut draw = Draw::of(dice, catalogue, accounts, persons);
    draw.draw();
    draw.query
}

impl<'a> Draw<'a> {
    pub(crate) fn of(
        dice: &'a mut Dice,
        catalogue: &'a Catalogue,
        accounts: &[Id],
        persons: &[Id],
    ) -> Self {
        let (mut query, person) = sessions_with_person(catalogue);
        let object = |name| catalogue.object(name).unwrap();
        let link = |field: &str| Link {
            source: person,
            field: object("Person").position(field).unwrap(),
        };
        let account = query.join(link("AccountId"), object("Account"));
        let owners = vec![
            query.join(link("OwnerId"), object("Team")),
            query.join(link("OwnerId"), object("User")),
        ];
        Self {
            dice,
            catalogue,
            accounts: accounts.to_vec(),
            persons: persons.to_vec(),
            query,
            person,
            account,
            owners,
        }
    }
}

/// Other values of the same sorts.
pub(crate) fn reroll(filter: &mut Filter, dice: &mut Dice, accounts: &[Id]) {
    let mut other = |value: &mut Value| match value {
        Value::Integer(n) => *n = dice.small(),
        Value::Decimal(n) => *n = Decimal::new(dice.small() * 25, 2),
        Value::Text(text) => (*dice.pick(TEXTS)).clone_into(text),
        Value::Id(id) => *id = *dice.pick(accounts),
        Value::DateTime(start) => *start = at(dice.small() * 40_000 - 50_000),
        Value::Date(day) => *day = day.tomorrow().unwrap(),
        Value::Null | Value::Boolean(_) | Value::Time(_) => {}
    };
    match filter {
        Filter::Compare { right, .. } => other(right),
        Filter::In { values, .. } => values.iter_mut().for_each(other),
        Filter::And(all) | Filter::Or(all) => {
            for one in all {
                reroll(one, dice, accounts);
            }
        }
        Filter::Not(one) => reroll(one, dice, accounts),
        _ => {}
    }
}

pub(crate) fn ids(org: &Org, name: &str) -> Vec<Id> {
    let rows = org
        .store
        .read_rows_blocking(&Query::of_object(&org.object(name)))
        .unwrap();
    rows.into_iter().filter_map(|row| row[0].as_id()).collect()
}

/// All pages of a query, one after the other, each key having gone through its text.
pub(crate) fn paged(org: &Org, query: &Query, rows_max: u64) -> Vec<Vec<Value>> {
    let mut page = Page {
        after: None,
        rows_max: Some(rows_max),
    };
    let mut rows = Vec::new();
    loop {
        let selected = org
            .store
            .select_blocking(query, &page, Rows::default())
            .unwrap();
        assert_eq!(selected.rows, selected.sink.rows.len() as u64);
        rows.extend(selected.sink.rows);
        let Some(key) = selected.next else {
            return rows;
        };
        assert_eq!(selected.rows, rows_max, "only the last page is not full");
        page.after = Some(key.to_string().parse::<Key>().unwrap());
    }
}

/// How many queries one database is asked, each with two sets of values.
const SHAPES: u32 = 60;

/// How many databases are made for as many queries as `HEADWATER_TEST_QUERIES` wants, or for
/// enough to notice what breaks often.
fn databases() -> u32 {
    let wanted = std::env::var("HEADWATER_TEST_QUERIES");
    let queries = wanted.map_or(2_880, |number| number.parse::<u32>().unwrap());
    queries.div_ceil(2 * SHAPES)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: databases(),
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_plan_gives_the_rows_of_a_plain_look(seed: u64) {
        let mut dice = Dice(seed);
        let org = filled(&mut dice);
        let catalogue = catalogue();
        let catalogue = if dice.chance(2) { org.store.catalogue() } else { catalogue };
        let world = World::of(&org.store, &catalogue);
        let (accounts, persons) = (ids(&org, "Account"), ids(&org, "Person"));
        for _ in 0..SHAPES {
            let mut query = drawn(&mut dice, &catalogue, &accounts, &persons);
            let expected = world.select(&query);
            let text = org.store.explain(&query, &Page::default()).unwrap();
            let rows = org.store.read_rows_blocking(&query).unwrap();
            prop_assert_eq!(&rows, &expected, "{:#?}\n{:#?}", &text, &query);
            let rows_max = 1 + dice.roll(7) as u64;
            let pages = paged(&org, &query, rows_max);
            prop_assert_eq!(&pages, &expected, "pages of {}\n{:#?}\n{:#?}", rows_max, &text, &query);
            let count = org.store.count_blocking(&query).unwrap();
            prop_assert_eq!(count, expected.len() as u64, "{:#?}", &query);
            // The same shape with other values runs by the plan that is remembered.
            reroll(&mut query.filter, &mut dice, &accounts);
            query.limit = query.limit.map(|limit| limit + 1);
            let expected = world.select(&query);
            let rows = org.store.read_rows_blocking(&query).unwrap();
            prop_assert_eq!(&rows, &expected, "other values\n{:#?}", &query);
            let pages = paged(&org, &query, rows_max);
            prop_assert_eq!(&pages, &expected, "pages, other values\n{:#?}", &query);
            query.limit = None;
            query.offset = 0;
            let plan = org.store.plan_by_id(&query);
            if let Some(row) = world.select(&query).first() {
                let id = row[0].as_id().unwrap();
                let read = |row: &headwater_store::Row<'_>| {
                    (0..row.len()).map(|column| row.get(column).to_value()).collect::<Vec<_>>()
                };
                let found = block_on(org.store.read_by_id(&plan, id, read)).unwrap();
                prop_assert_eq!(found.as_ref(), Some(row));
            }
        }
    }
}

#[test]
fn the_three_plans_are_all_among_those_tried() {
    let mut dice = Dice(7);
    let org = filled(&mut dice);
    let catalogue = catalogue();
    let (accounts, persons) = (ids(&org, "Account"), ids(&org, "Person"));
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..200 {
        let query = drawn(&mut dice, &catalogue, &accounts, &persons);
        let plan = org.store.explain(&query, &Page::default()).unwrap().plan;
        *tried.entry(plan).or_default() += 1;
    }
    assert!(
        ["direct", "narrow", "watermark"]
            .iter()
            .all(|plan| tried[plan] > 10),
        "{tried:?}"
    );
}

#[test]
fn a_key_of_another_query_is_refused() {
    let org = Org::new();
    let account = org.object("Account");
    let mut query = Query::of_object(&account);
    query.order = vec![crate::org::descending(column(&account, "Name"))];
    let page = Page {
        after: Some(Key {
            taken: 1,
            values: Vec::new(),
            id: Some(org.actor),
        }),
        rows_max: Some(1),
    };
    let refused = org.store.select_blocking(&query, &page, Rows::default());
    assert_eq!(refused.unwrap_err(), headwater_store::ReadError::BadKey);
}

#[test]
fn text_is_ordered_and_compared_without_case_in_every_script() {
    let org = Org::new();
    for name in ["Zoe", "ÄRGER", "alpha", "Иван", "Beta", "ärger"] {
        org.insert("Account", &[("Name", name.into())]);
    }
    let account = org.object("Account");
    let mut query = Query::of_object(&account);
    query.columns = vec![column(&account, "Name")];
    query.order = vec![Order {
        by: column(&account, "Name"),
        descending: false,
        nulls_first: true,
    }];
    let names = |query: &Query| -> Vec<String> {
        let rows = org.store.read_rows_blocking(query).unwrap();
        rows.into_iter()
            .map(|row| row[0].as_text().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&query),
        ["alpha", "Beta", "Zoe", "ÄRGER", "ärger", "Иван"]
    );
    let place = account.position("Name").unwrap();
    let equal = |text: &str| {
        Filter::equal(
            Column {
                source: 0,
                field: place,
            },
            text.into(),
        )
    };
    query.filter = equal("ÄrGeR");
    assert_eq!(names(&query), ["ÄRGER", "ärger"]);
    query.filter = equal("иВАН");
    assert_eq!(names(&query), ["Иван"]);
}

#[test]
fn a_text_that_no_database_text_can_be_is_looked_for_and_not_found() {
    let org = Org::new();
    org.insert("Account", &[("Name", "x".into()), ("Number", "x".into())]);
    let account = org.object("Account");
    for field in ["Name", "Number"] {
        let left = column(&account, field);
        let compare = |operator| Filter::Compare {
            left: left.clone(),
            operator,
            right: "\0x".into(),
        };
        let like = |pattern: &str| Filter::Like {
            left: left.clone(),
            pattern: pattern.to_owned(),
        };
        let found = |filter| {
            let mut query = Query::of_object(&account);
            query.filter = filter;
            org.store.count_blocking(&query).unwrap()
        };
        assert_eq!(found(compare(Comparison::Equal)), 0);
        assert_eq!(found(compare(Comparison::Greater)), 1);
        assert_eq!(found(like("\0%")), 0);
        assert_eq!(found(like("%x")), 1);
    }
}
