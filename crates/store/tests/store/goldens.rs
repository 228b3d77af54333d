//! The SQL as it is printed, for both engines. Refresh with `cargo insta accept` after a look.

use headwater_soql::resolved::{Comparison, Expression, Filter, Order, Query};
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
            id: headwater_catalogue::Id::new(session.prefix, 3),
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
