//! The children of many parents in one statement are those that a plain look finds for each.

use std::sync::Arc;

use headwater_catalogue::{Id, Value};
use headwater_soql::resolved::{Children, Comparison, Expression, Filter, Query};
use headwater_store::{ChildRows, Page, Rows};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::naive::World;
use crate::org::{Org, catalogue, column_of};
use crate::plans::{Dice, drawn, filled, ids};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// The rows of a parent's family, as far as they are columns of the query.
fn family_rows(found: &ChildRows, parent: Id, columns: usize) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    if let Some(family) = found.family(parent) {
        family.each(|row| {
            let values = (0..columns).map(|column| row.get(column).to_value());
            rows.push(values.collect());
        });
    }
    rows
}

fn of_parent(children: &Children, parent: Id) -> Query {
    let mut query = Query::clone(&children.query);
    let left = children.parent.clone();
    let of_it = Filter::Compare {
        left,
        operator: Comparison::Equal,
        right: parent.into(),
    };
    query.filter = of_it.and(query.filter);
    query
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_parent_gets_the_first_of_its_rows_and_a_key_to_the_others(seed: u64) {
        let mut dice = Dice(seed);
        let org = filled(&mut dice);
        let catalogue = catalogue();
        let world = World::of(&org.store, &catalogue);
        let (accounts, persons) = (ids(&org, "Account"), ids(&org, "Person"));
        let runtime = runtime();
        for _ in 0..20 {
            let query = drawn(&mut dice, &catalogue, &accounts, &persons);
            // By a column of its own, or by one that it inherits.
            let (parent, parents) = if dice.chance(2) {
                (column_of(query.object(), 0, "PersonId"), &persons)
            } else {
                (column_of(&query.sources[1].object, 1, "AccountId"), &accounts)
            };
            let children = Children { relationship: "Sessions".into(), query: Arc::new(query), parent };
            let columns = children.query.columns.len();
            let rows_max = 1 + dice.roll(6) as u64;
            let found = org.store.children(&children, parents, rows_max);
            let found = runtime.block_on(found).unwrap();
            for parent in parents {
                let query = of_parent(&children, *parent);
                let expected = world.select(&query);
                let first = expected.len().min(usize::try_from(rows_max).unwrap());
                let rows = family_rows(&found, *parent, columns);
                prop_assert_eq!(&rows, &expected[..first], "{:#?}", &query);
                let Some(family) = found.family(*parent) else {
                    prop_assert!(expected.is_empty());
                    continue;
                };
                prop_assert_eq!(family.total(), expected.len() as u64, "{:#?}", &query);
                prop_assert_eq!(family.next().is_some(), expected.len() > first);
                let rest = match family.next() {
                    Some(after) => {
                        let page = Page { after: Some(after), rows_max: None };
                        let rest = org.store.select_blocking(&query, &page, Rows::default());
                        rest.unwrap().sink.rows
                    }
                    None => Vec::new(),
                };
                prop_assert_eq!(&rest, &expected[first..], "{:#?}", &query);
            }
        }
    }
}

#[test]
fn nobody_has_children_where_nobody_is_asked_about() {
    let org = Org::new();
    let query = Query::of_object(&org.object("Session"));
    let parent: Expression = column_of(query.object(), 0, "PersonId");
    let children = Children {
        relationship: "Sessions".into(),
        query: Arc::new(query),
        parent,
    };
    let found = runtime()
        .block_on(org.store.children(&children, &[], 5))
        .unwrap();
    assert!(found.rows().is_empty());
    assert!(!found.leaves_some_out());
}
