//! Whatever is grouped and however, the groups and their order are those of a plain look at every
//! row.

use headwater_catalogue::{Catalogue, Id, Name, Value, ValueType};
use headwater_soql::resolved::{
    Aggregate, AggregateFunction, Column, Comparison, DateFunction, Distance, DistanceUnit,
    Expression, Filter, GroupPart, Grouping, OfGroup, Order, Query,
};
use headwater_store::{Key, Page, Rows};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::naive::{World, local, part};
use crate::org::{Org, column};
use crate::plans::{Dice, Draw, filled, ids, paged, reroll};

const ALL_PARTS: [DateFunction; 13] = [
    DateFunction::CalendarMonth,
    DateFunction::CalendarQuarter,
    DateFunction::CalendarYear,
    DateFunction::DayInMonth,
    DateFunction::DayInWeek,
    DateFunction::DayInYear,
    DateFunction::DayOnly,
    DateFunction::FiscalMonth,
    DateFunction::FiscalQuarter,
    DateFunction::FiscalYear,
    DateFunction::HourInDay,
    DateFunction::WeekInMonth,
    DateFunction::WeekInYear,
];

const FUNCTIONS: [AggregateFunction; 6] = [
    AggregateFunction::Count,
    AggregateFunction::CountDistinct,
    AggregateFunction::Sum,
    AggregateFunction::Average,
    AggregateFunction::Least,
    AggregateFunction::Greatest,
];

/// Values in an order that is not that of their letters; one is missing.
const CONSENTS: [Name; 3] = [
    Name::Borrowed("OptedOut"),
    Name::Borrowed("doublyoptedin"),
    Name::Borrowed("ImplicitlyOptedIn"),
];

/// Grouped queries over what [`Draw`] draws from.
struct Groups<'a> {
    draw: Draw<'a>,
    grouping: Grouping,
}

impl Groups<'_> {
    /// What a field can be grouped by: nothing that is looked up beside each row.
    fn key(&mut self) -> Expression {
        loop {
            let key = self.draw.expression();
            let value = match &key {
                Expression::DateFunction { of, .. } => of,
                other => other,
            };
            if !matches!(
                value,
                Expression::CountOf { .. } | Expression::LastSeen { .. }
            ) {
                return key;
            }
        }
    }

    fn aggregate(&mut self) -> Aggregate {
        let function = *self.draw.dice.pick(&FUNCTIONS);
        let is_number = matches!(
            function,
            AggregateFunction::Sum | AggregateFunction::Average
        );
        let of = loop {
            let of = self.draw.expression();
            let fits = match self.draw.query.value_type(&of) {
                ValueType::Boolean => false,
                ValueType::Integer | ValueType::Decimal { .. } => true,
                _ => !is_number,
            };
            if fits {
                break of;
            }
        };
        if !is_number && self.draw.dice.chance(5) {
            return Aggregate {
                function,
                of: self.draw.column(self.draw.person, "Consent"),
                ranks: CONSENTS.to_vec(),
            };
        }
        Aggregate {
            function,
            of,
            ranks: Vec::new(),
        }
    }

    /// A value of a group.
    fn part(&mut self) -> Expression {
        let (keys, aggregates) = (self.grouping.keys.len(), self.grouping.aggregates.len());
        let subtotals = if self.grouping.sets.len() > 1 {
            keys
        } else {
            0
        };
        let place = self.draw.dice.roll(keys + aggregates + subtotals);
        let sources = &self.draw.query.sources;
        Expression::OfGroup(if place < keys {
            OfGroup::holding(GroupPart::Key(place), &self.grouping.keys[place], sources)
        } else if place < keys + aggregates {
            let place = place - keys;
            let Aggregate { function, of, .. } = &self.grouping.aggregates[place];
            let part = GroupPart::Aggregate(place);
            let value_type = function.value_type(of.value_type(sources));
            match function {
                AggregateFunction::Least | AggregateFunction::Greatest => {
                    OfGroup::holding(part, of, sources)
                }
                _ => OfGroup {
                    part,
                    value_type,
                    case_sensitive: false,
                },
            }
        } else {
            OfGroup::number(GroupPart::Subtotal(place - keys - aggregates))
        })
    }

    fn column(&mut self) -> Expression {
        let part = self.part();
        if self.draw.query.value_type(&part) == ValueType::Text && self.draw.dice.chance(4) {
            return Expression::Label {
                of: Box::new(part),
                labels: vec![("ALPHA".into(), "The first".into())],
            };
        }
        part
    }

    fn having(&mut self) -> Filter {
        let left = self.part();
        let right = self.draw.value(&left);
        match self.draw.dice.roll(5) {
            0 => Filter::IsNull(left),
            1 => Filter::Not(Box::new(Filter::In {
                left,
                values: vec![right],
            })),
            2 => Filter::Or(vec![
                Filter::IsNull(self.part()),
                Filter::Compare {
                    left,
                    operator: Comparison::LessOrEqual,
                    right,
                },
            ]),
            _ => Filter::Compare {
                left,
                operator: Comparison::Greater,
                right,
            },
        }
    }

    fn draw(mut self) -> Query {
        for _ in 0..self.draw.dice.roll(4) {
            let key = self.key();
            if self.grouping.key(&key).is_none() {
                self.grouping.keys.push(key);
            }
        }
        let keys = self.grouping.keys.len();
        self.grouping.sets = match self.draw.dice.roll(4) {
            0 => (0..=keys)
                .rev()
                .map(|kept| (0..keys).map(|key| key < kept).collect())
                .collect(),
            1 => (0..1 << keys)
                .map(|set: usize| (0..keys).map(|key| set >> key & 1 == 0).collect())
                .collect(),
            _ => vec![vec![true; keys]],
        };
        for _ in 0..self.draw.dice.roll(4).max(usize::from(keys == 0)) {
            let aggregate = self.aggregate();
            self.grouping.aggregate(aggregate);
        }
        self.draw.query.columns.clear();
        for _ in 0..=self.draw.dice.roll(4) {
            let column = self.column();
            self.draw.query.column(column);
        }
        for _ in 0..self.draw.dice.roll(3) {
            let by = self.part();
            let order = Order {
                by,
                descending: self.draw.dice.chance(2),
                nulls_first: !self.draw.dice.chance(4),
            };
            self.draw.query.order.push(order);
        }
        if self.draw.dice.chance(3) {
            self.grouping.having = self.having();
        }
        if self.draw.dice.chance(2) {
            self.draw.query.filter = self.draw.filter(1);
        }
        let Self { draw, grouping } = self;
        let mut query = draw.query;
        query.limit = draw.dice.chance(3).then(|| draw.dice.roll(8) as u64);
        if draw.dice.chance(5) {
            query.offset = draw.dice.roll(4) as u64;
        }
        query.include_deleted = draw.dice.chance(6);
        query.group = Some(grouping);
        query
    }
}

fn drawn(dice: &mut Dice, catalogue: &Catalogue, accounts: &[Id], persons: &[Id]) -> Query {
    let groups = Groups {
        draw: Draw::of(dice, catalogue, accounts, persons),
        grouping: Grouping {
            keys: Vec::new(),
            sets: Vec::new(),
            aggregates: Vec::new(),
            having: Filter::Always,
        },
    };
    groups.draw()
}

/// How many queries one database is asked, each with two sets of values.
const SHAPES: u32 = 60;

fn databases() -> u32 {
    let wanted = std::env::var("HEADWATER_TEST_QUERIES");
    let queries = wanted.map_or(1_440, |number| number.parse::<u32>().unwrap());
    queries.div_ceil(2 * SHAPES)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: databases(),
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    })]

    #[test]
    fn groups_are_those_of_a_plain_look(seed: u64) {
        let mut dice = Dice(seed);
        let org = filled(&mut dice);
        let catalogue = org.store.catalogue();
        let world = World::of(&org.store, &catalogue);
        let (accounts, persons) = (ids(&org, "Account"), ids(&org, "Person"));
        for _ in 0..SHAPES {
            let mut query = drawn(&mut dice, &catalogue, &accounts, &persons);
            let expected = world.select(&query);
            let text = org.store.explain(&query, &Page::default()).unwrap();
            prop_assert_eq!(text.plan, "grouped");
            let rows = org.store.read_rows_blocking(&query);
            prop_assert_eq!(rows.as_ref(), Ok(&expected), "{:#?}\n{:#?}", &text, &query);
            let rows_max = 1 + dice.roll(4) as u64;
            let pages = paged(&org, &query, rows_max);
            prop_assert_eq!(&pages, &expected, "pages of {}\n{:#?}\n{:#?}", rows_max, &text, &query);
            let count = org.store.count_blocking(&query).unwrap();
            prop_assert_eq!(count, expected.len() as u64, "{:#?}", &query);
            // The same shape with other values runs by the plan that is remembered.
            reroll(&mut query.filter, &mut dice, &accounts);
            if let Some(group) = &mut query.group {
                reroll(&mut group.having, &mut dice, &accounts);
            }
            let expected = world.select(&query);
            let rows = org.store.read_rows_blocking(&query).unwrap();
            prop_assert_eq!(&rows, &expected, "other values\n{:#?}", &query);
        }
    }
}

#[test]
fn the_clocks_of_a_zone_change_when_they_do_there() {
    let org = Org::new();
    let person = org.person("p", None);
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "America/St_Johns",
    ];
    let mut instants: Vec<Timestamp> = Vec::new();
    for year in [1975, 1999, 2026, 2043] {
        let begin: Timestamp = format!("{year}-01-01T00:00:00Z").parse().unwrap();
        let end = begin + (366 * 24).hours();
        for zone in zones {
            let zone = TimeZone::get(zone).unwrap();
            for change in zone
                .following(begin)
                .take_while(|change| change.timestamp() < end)
            {
                let change = change.timestamp();
                instants.extend([change - 1.microseconds(), change, change + 31.minutes()]);
            }
        }
    }
    let operations = instants.iter().map(|at| {
        let values = [
            ("PersonId", Value::from(person)),
            ("Status", "Ended".into()),
            ("StartTime", (*at).into()),
        ];
        org.insertion("Session", &values).1
    });
    org.write(operations.collect()).unwrap();
    assert!(instants.len() > 60, "{}", instants.len());
    let session = org.object("Session");
    for zone in zones {
        for function in ALL_PARTS {
            let mut query = Query::of_object(&session);
            let of = column(&session, "StartTime");
            query.columns = vec![
                of.clone(),
                Expression::DateFunction {
                    function,
                    of: Box::new(of),
                    zone: Some(zone.into()),
                },
            ];
            for row in org.store.read_rows_blocking(&query).unwrap() {
                let at = row[0].as_datetime().unwrap();
                let expected = part(function, local(at, Some(zone)));
                assert_eq!(row[1], expected, "{function:?} of {at} in {zone}");
            }
        }
    }
}

#[test]
fn distances_are_those_over_a_ball() {
    let org = Org::new();
    let person = org.person("p", None);
    for score in [None, Some("0"), Some("45"), Some("-89.5"), Some("1")] {
        let score = score.map(|score| Value::Decimal(score.parse().unwrap()));
        let values = [
            ("PersonId", person.into()),
            ("Status", "Ended".into()),
            ("Score", score.unwrap_or_default()),
        ];
        org.insert("Session", &values);
    }
    let session = org.object("Session");
    let field = session.position("Score").unwrap();
    let column = Column { source: 0, field };
    let distance = |unit| {
        Expression::Distance(Box::new(Distance {
            latitude: column,
            longitude: column,
            from: (Decimal::ZERO, Decimal::ZERO),
            unit,
        }))
    };
    let mut query = Query::of_object(&session);
    query.columns = vec![
        Expression::Column(column),
        distance(DistanceUnit::Kilometres),
        distance(DistanceUnit::Miles),
    ];
    query.order = vec![Order {
        by: distance(DistanceUnit::Kilometres),
        descending: false,
        nulls_first: false,
    }];
    let rows = org.store.read_rows_blocking(&query).unwrap();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| format!("{:?} {:?} {:?}", row[0], row[1], row[2]))
        .collect();
    insta::assert_snapshot!("distances", shown.join("\n"));
    query.filter = Filter::Compare {
        left: distance(DistanceUnit::Kilometres),
        operator: Comparison::Less,
        right: Value::Decimal("157.3".parse().unwrap()),
    };
    assert_eq!(org.store.count_blocking(&query).unwrap(), 2);
}

#[test]
fn sums_and_averages_of_decimals_are_doubles() {
    let org = Org::new();
    let person = org.person("p", None);
    let session = org.object("Session");
    let most: Decimal = "99999999.99".parse().unwrap();
    for _ in 0..3 {
        org.insert(
            "Session",
            &[
                ("PersonId", person.into()),
                ("Status", "Ended".into()),
                ("Score", Value::Decimal(most)),
            ],
        );
    }
    let part = |place| {
        Expression::OfGroup(OfGroup {
            part: GroupPart::Aggregate(place),
            value_type: ValueType::Double,
            case_sensitive: false,
        })
    };
    let of = column(&session, "Score");
    let aggregate = |function| Aggregate {
        function,
        of: of.clone(),
        ranks: Vec::new(),
    };
    let mut query = Query::of_object(&session);
    query.columns = vec![part(0), part(1)];
    query.group = Some(Grouping {
        keys: Vec::new(),
        sets: vec![Vec::new()],
        aggregates: vec![
            aggregate(AggregateFunction::Sum),
            aggregate(AggregateFunction::Average),
        ],
        having: Filter::Always,
    });
    let rows = org.store.read_rows_blocking(&query).unwrap();
    let number = |text: &str| Value::Decimal(text.parse().unwrap());
    assert_eq!(rows, [[number("299999999.97"), number("99999999.99")]]);
}

#[test]
fn a_key_of_a_record_does_not_continue_groups() {
    let org = Org::new();
    let session = org.object("Session");
    let mut query = Query::of_object(&session);
    let key = column(&session, "Status");
    query.columns = vec![Expression::OfGroup(OfGroup::holding(
        GroupPart::Key(0),
        &key,
        &query.sources,
    ))];
    query.group = Some(Grouping {
        keys: vec![key],
        sets: vec![vec![true]],
        aggregates: Vec::new(),
        having: Filter::Always,
    });
    let page = |id, values| Page {
        after: Some(Key {
            taken: 1,
            values,
            id,
        }),
        rows_max: Some(1),
    };
    for page in [
        page(Some(org.actor), vec!["Ended".into()]),
        page(None, Vec::new()),
    ] {
        let refused = org.store.select_blocking(&query, &page, Rows::default());
        assert_eq!(refused.unwrap_err(), headwater_store::ReadError::BadKey);
    }
}
