//! The SQL as it is printed, for both engines. Refresh with `cargo insta accept` after a look.

use headwater_catalogue::ValueType;
use headwater_soql::resolved::{
    Aggregate, AggregateFunction, Comparison, DateFunction, Expression, Filter, GroupPart,
    Grouping, OfGroup, Order, Query,
};
use headwater_store::{Key, Page, Store};

use crate::org::{
    Org, at, catalogue, column, column_of, descending, equal, sessions_of_account,
    sessions_with_person,
};

#[test]
fn the_tables_of_the_small_catalogue() {
    let (sqlite, postgres) = headwater_store::schema(&catalogue()).unwrap();
    insta::assert_snapshot!("ddl_sqlite", sqlite.join(";\n"));
    insta::assert_snapshot!("ddl_postgres", postgres.join(";\n"));
}

fn print(store: &Store, out: &mut String, title: &str, query: &Query, page: &Page) {
    use std::fmt::Write as _;
    let text = store.explain(query, page).unwrap();
    writeln!(
        out,
        "-- {title}: {}\n{}\n{}\n",
        text.plan, text.sqlite, text.postgres
    )
    .unwrap();
}

#[test]
fn queries_as_planned() {
    let org = Org::new();
    let catalogue = org.store.catalogue();
    let account = headwater_catalogue::Id::new(org.object("Account").prefix, 7);
    let session = org.object("Session");
    let whole = Page::default();
    let mut out = String::new();
    let mut add = |title: &str, query: &Query, page: &Page| {
        print(&org.store, &mut out, title, query, page);
    };

    let mut query = Query::of_object(&session);
    query.column(column(&session, "Name"));
    add("all", &query, &whole);

    query.filter = Filter::And(vec![
        Filter::Not(Box::new(equal(&session, "Status", "Ended"))),
        Filter::Like {
            left: column(&session, "Subject"),
            pattern: r"100\% %".to_owned(),
        },
        Filter::Includes {
            left: column(&session, "Topics"),
            sets: vec![vec!["a".to_owned(), "b_".to_owned()]],
        },
    ]);
    query.order = vec![Order {
        by: column(&session, "Subject"),
        descending: true,
        nulls_first: true,
    }];
    query.limit = Some(20);
    query.offset = 40;
    add("filtered, by a text that may be null", &query, &whole);

    let mut query = sessions_of_account(&catalogue, account);
    query.column(column_of(&org.object("Person"), 1, "Last"));
    query.limit = Some(50);
    add("newest of an inherited account", &query, &whole);
    let page = Page {
        after: Some(Key {
            taken: 50,
            values: vec![at(1_700_000_000).into()],
            id: Some(headwater_catalogue::Id::new(session.prefix, 3)),
        }),
        rows_max: Some(50),
    };
    query.limit = None;
    add("the next page of it", &query, &page);

    query.filter = query.filter.clone().and(Filter::Compare {
        left: column(&session, "Score"),
        operator: Comparison::GreaterOrEqual,
        right: headwater_catalogue::Value::Decimal("2.5".parse().unwrap()),
    });
    add("the same with another filter", &query, &page);

    let mut query = Query::of_object(&session);
    query.filter = equal(&session, "PersonId", account);
    query.order = vec![descending(column(&session, "StartTime"))];
    query.limit = Some(50);
    add("newest of a person", &query, &whole);

    let (mut query, person) = sessions_with_person(&catalogue);
    let owner = org.object("Person").position("OwnerId").unwrap();
    let link = headwater_soql::resolved::Link {
        source: person,
        field: owner,
    };
    let user = query.join(link, &org.object("User"));
    let team = query.join(link, &org.object("Team"));
    query.sources[team].visible = Filter::Compare {
        left: column_of(&org.object("Team"), team, "Name"),
        operator: Comparison::Equal,
        right: "ours".into(),
    };
    query.column(Expression::TypeName(vec![user, team]));
    query.column(Expression::FirstOf(vec![
        column_of(&org.object("User"), user, "Name"),
        column_of(&org.object("Team"), team, "Name"),
    ]));
    query.column(Expression::ConsentReached {
        given: Box::new(column_of(&org.object("Person"), person, "Consent")),
        required: Box::new(column_of(&org.object("Person"), person, "Asked")),
    });
    add("names through a polymorphic reference", &query, &whole);
    insta::assert_snapshot!("queries", out);
}

/// Sessions by two keys, with something of every aggregate.
fn grouped(org: &Org) -> Query {
    let (mut query, person) = sessions_with_person(&org.store.catalogue());
    let (session, person_object) = (org.object("Session"), org.object("Person"));
    let keys = vec![
        column_of(&person_object, person, "Last"),
        Expression::DateFunction {
            function: DateFunction::CalendarYear,
            of: Box::new(column(&session, "StartTime")),
            zone: Some("Europe/Berlin".into()),
        },
    ];
    let ranks = vec!["OptedOut".into(), "DoublyOptedIn".into()];
    let consent = column_of(&person_object, person, "Consent");
    let aggregate = |function, of: &Expression, ranks: &[headwater_catalogue::Name]| Aggregate {
        function,
        of: of.clone(),
        ranks: ranks.to_vec(),
    };
    let (score, subject) = (column(&session, "Score"), column(&session, "Subject"));
    let mut grouping = Grouping {
        keys,
        sets: vec![vec![true; 2]],
        aggregates: vec![
            aggregate(AggregateFunction::Count, &column(&session, "Id"), &[]),
            aggregate(AggregateFunction::CountDistinct, &subject, &[]),
            aggregate(AggregateFunction::Average, &score, &[]),
            aggregate(AggregateFunction::Least, &consent, &ranks),
            aggregate(AggregateFunction::Greatest, &subject, &[]),
        ],
        having: Filter::Always,
    };
    let mean = OfGroup {
        part: GroupPart::Aggregate(2),
        value_type: ValueType::Double,
        case_sensitive: false,
    };
    grouping.having = Filter::Compare {
        left: Expression::OfGroup(mean),
        operator: Comparison::Greater,
        right: headwater_catalogue::Value::Decimal("2.5".parse().unwrap()),
    };
    let key = OfGroup::holding(GroupPart::Key(0), &grouping.keys[0], &query.sources);
    query.columns = vec![
        Expression::Label {
            of: Box::new(Expression::OfGroup(key)),
            labels: vec![("a".into(), "A".into())],
        },
        Expression::OfGroup(mean),
    ];
    query.order = vec![descending(Expression::OfGroup(mean))];
    query.group = Some(grouping);
    query
}

#[test]
fn groups_as_planned() {
    let org = Org::new();
    let mut out = String::new();
    let mut query = grouped(&org);
    query.limit = Some(10);
    print(&org.store, &mut out, "grouped", &query, &Page::default());
    query.limit = None;
    let page = Page {
        after: Some(Key {
            taken: 2,
            values: vec![
                headwater_catalogue::Value::Decimal("2.75".parse().unwrap()),
                "alpha".into(),
                headwater_catalogue::Value::Null,
            ],
            id: None,
        }),
        rows_max: Some(2),
    };
    print(&org.store, &mut out, "the next page of it", &query, &page);
    if let Some(grouping) = &mut query.group {
        grouping.sets = vec![vec![true, true], vec![true, false], vec![false, false]];
        grouping.aggregates.truncate(1);
        grouping.having = Filter::Always;
    }
    query.columns = vec![Expression::OfGroup(OfGroup::number(GroupPart::Subtotal(1)))];
    query.order.clear();
    print(&org.store, &mut out, "subtotals", &query, &Page::default());
    insta::assert_snapshot!("groups", out);
}
