//! Searches: an index of words leads to the records, if that is what a query is about.
//!
//! A search that every row must be found by stands first, and its records are looked up from
//! there. SQLite runs the cross join as it is written, and where the newest are wanted stops after
//! those; PostgreSQL chooses by how frequent the words are. A search that is one way among others
//! is a set of ids.

use std::sync::Arc;

use headwater_soql::resolved::{Filter, Query};
use headwater_soql::search::Search;
use sea_query::SelectStatement;

use super::scope::Scope;
use super::sources::aliased;
use crate::search::table_name;

/// The conditions of a filter beside that search.
pub(super) fn others<'a>(
    filter: &'a Filter,
    leading: Option<&'a Arc<Search>>,
) -> impl Iterator<Item = &'a Filter> {
    let is_leading = move |one: &Filter| {
        matches!((one, leading), (Filter::Found { search, .. }, Some(leading))
            if Arc::ptr_eq(search, leading))
    };
    let conditions = match (filter, leading) {
        (Filter::And(all), Some(_)) => &all[..],
        (one, _) => std::slice::from_ref(one),
    };
    conditions.iter().filter(move |one| !is_leading(one))
}

/// What the index is called in the statement.
pub(super) fn index(scope: Scope<'_>) -> String {
    format!("{}w", scope.alias(0))
}

/// FROM, with the records that the search finds.
pub(super) fn begin(
    scope: Scope<'_>,
    query: &Query,
    search: &Search,
    select: &mut SelectStatement,
) {
    let (object, index) = (query.object(), index(scope));
    select
        .from_as(table_name(&object.name), index.clone())
        .cross_join(aliased(scope, query, 0));
    let id = scope.named(0, "Id");
    for condition in scope.dialect.found(object, search, &index, id) {
        select.and_where(condition);
    }
}
