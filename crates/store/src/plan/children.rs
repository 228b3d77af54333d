//! The rows of a child relationship for many parents, in one statement.
//!
//! A window over each parent's rows numbers them in order and counts them, on as few columns as
//! that takes; only the rows that are wanted are then fetched. So the number of statements does
//! not grow with the number of parents, nor the answer with the number of their children.

use headwater_catalogue::ValueType;
use headwater_soql::resolved::{Expression, Query};
use sea_query::{
    Expr, ExprTrait as _, Func, NullOrdering, Order, OverStatement as _, SelectStatement,
    WindowStatement,
};

use super::order::{self, Term};
use super::scope::Scope;
use super::sources::{Used, aliased, joins, rows};
use super::{PARENT, ROW, WINNERS, term_name, types};
use crate::dialect::Dialect;

const NUMBER: &str = "number";
const TOTAL: &str = "total";

/// A planned query for children.
#[derive(Debug)]
pub(crate) struct ChildPlan {
    pub(crate) select: SelectStatement,
    /// The types of all that is selected: the query's columns, the parent's id, the number of the
    /// parent's rows, and the terms of the order, which make up a row's key.
    pub(crate) types: Vec<ValueType>,
}

/// Plans the first rows of each parent, parent by parent. Which parents is in the query's filter;
/// `parent` is the expression that names a row's. The query's LIMIT and OFFSET are each parent's.
pub(crate) fn children(
    query: &Query,
    parent: &Expression,
    rows_max: u64,
    dialect: Dialect,
) -> ChildPlan {
    let scope = Scope::of(query, dialect);
    let terms = order::terms(scope, query);
    let numbered = numbered(scope, query, parent, &terms);
    let mut used = Used::none(query);
    for column in &query.columns {
        used.expression(column);
    }
    used.close();
    let won = |name: &str| Expr::col((WINNERS, name.to_owned()));
    let mut select = SelectStatement::new();
    select
        .from_subquery(numbered, WINNERS)
        .cross_join(aliased(scope, query, 0))
        .and_where(scope.named(0, dialect.locator()).equals((WINNERS, ROW)));
    joins(scope, query, &used, None, &mut select);
    for column in &query.columns {
        select.expr(scope.expression(column));
    }
    select.expr(won(PARENT)).expr(won(TOTAL));
    for place in 0..terms.len() {
        select.expr(won(&term_name(place)));
    }
    let first = i64::try_from(query.offset).unwrap_or(i64::MAX);
    let last = first.saturating_add(i64::try_from(rows_max).unwrap_or(i64::MAX));
    select.and_where(won(NUMBER).gt(first));
    select.and_where(won(NUMBER).lte(last));
    select.order_by_expr(won(PARENT), Order::Asc);
    select.order_by_expr(won(NUMBER), Order::Asc);
    let mut all = types(query);
    all.extend([ValueType::Id, ValueType::Integer]);
    all.extend(terms.iter().map(|term| term.value_type));
    ChildPlan { select, types: all }
}

/// Where all rows are, each with its parent, its place among that parent's rows, and how many
/// those are.
fn numbered(
    scope: Scope<'_>,
    query: &Query,
    parent: &Expression,
    terms: &[Term<'_>],
) -> SelectStatement {
    let mut used = Used::none(query);
    used.expression(parent);
    let mut select = SelectStatement::new();
    rows(scope, query, &mut used, &mut select);
    select.expr_as(scope.named(0, scope.dialect.locator()), ROW);
    select.expr_as(scope.expression(parent), PARENT);
    for (place, term) in terms.iter().enumerate() {
        select.expr_as(term.value(place), term_name(place));
    }
    let mut of_parent = WindowStatement::new();
    of_parent.add_partition_by(scope.expression(parent));
    let mut in_order = of_parent.clone();
    for (place, term) in terms.iter().enumerate() {
        order_by(&mut in_order, term, place);
    }
    let number = Func::cust("ROW_NUMBER");
    select.expr_window_as(number, in_order, NUMBER);
    let all = Func::count(Expr::col(sea_query::Asterisk));
    select.expr_window_as(all, of_parent, TOTAL);
    select
}

fn order_by(window: &mut WindowStatement, term: &Term<'_>, place: usize) {
    let order = if term.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let nulls: Option<NullOrdering> = term.nulls;
    match nulls {
        None => window.order_by_expr(term.value(place), order),
        Some(nulls) => window.order_by_expr_with_nulls(term.value(place), order, nulls),
    };
}
