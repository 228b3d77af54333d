//! From a resolved query to the statements that answer it.
//!
//! Three plans for records, all exact:
//! - *direct*: joins, filter, order in one go;
//! - *narrow*: order the ids first, on as few columns as it takes, then fetch only the winners;
//! - *watermark*: for lists by an inherited field, newest first, read only what can be among the
//!   winners; see [`watermark`].
//!
//! And one for groups; see [`group`].
//!
//! Pages continue by key: the next one asks for the rows after the last one's values of the order's
//! terms. An OFFSET is only there where the query itself says so.

mod children;
mod found;
mod function;
mod group;
mod order;
mod prepared;
mod scope;
mod shape;
mod sources;
mod watermark;

use headwater_catalogue::ValueType;
use headwater_soql::resolved::{Column, Comparison, Expression, Filter, Query, Source};
use sea_query::{Expr, ExprTrait as _, Func, SelectStatement};

use crate::dialect::{Dialect, Statement};
use crate::error::ReadError;
use crate::key::Key;
use crate::rows::Content;
pub(crate) use children::children;
use order::Term;
pub(crate) use prepared::Prepared;
pub(crate) use scope::{Scope, truth};
pub(crate) use shape::Shape;
use sources::{Used, aliased, joins, rows, table};

/// A planned query.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The plan's name.
    pub(crate) name: &'static str,
    pub(crate) select: SelectStatement,
    /// The types of the query's columns; what the statement selects beyond them makes the key.
    pub(crate) types: Vec<ValueType>,
    /// The columns that make up the key of a row, with their types: the order's terms, then the
    /// id. Empty if no key is wanted.
    pub(crate) key: Vec<(usize, ValueType)>,
    /// Whether its rows are groups, whose keys have no id.
    pub(crate) of_groups: bool,
}

/// Which rows of a query are wanted: its LIMIT and OFFSET and those of the page put together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    /// Only rows after this one.
    pub(crate) after: Option<&'a Key>,
    /// At most so many.
    pub(crate) limit: Option<u64>,
    /// Leaving out so many.
    pub(crate) offset: u64,
    /// Whether the key of the last row will be asked for.
    pub(crate) keyed: bool,
}

/// Plans the rows of a query.
///
/// # Errors
/// [`ReadError::BadKey`] if the key has not the form of this query's keys.
pub(crate) fn plan(query: &Query, span: Span<'_>, dialect: Dialect) -> Result<Plan, ReadError> {
    let scope = Scope::of(query, dialect);
    if let Some(grouping) = &query.group {
        return group::plan(scope, query, grouping, span);
    }
    let terms = order::terms(scope, query);
    if span
        .after
        .is_some_and(|key| key.values.len() + 1 != terms.len() || key.id.is_none())
    {
        return Err(ReadError::BadKey);
    }
    if let Some(limit) = span.limit {
        if let Some(plan) = watermark::plan(scope, query, &terms, span, limit) {
            return Ok(plan);
        }
        if !serves(query) {
            let inner = narrow(scope, query, &terms, span);
            return Ok(fetch(scope, query, &terms, inner, None, span));
        }
    }
    Ok(direct(scope, query, &terms, span))
}

/// Everything in one statement: right when the order comes from an index, or all rows are wanted.
fn direct(scope: Scope<'_>, query: &Query, terms: &[Term<'_>], span: Span<'_>) -> Plan {
    let mut used = Used::none(query);
    query
        .columns
        .iter()
        .for_each(|column| used.expression(column));
    let mut select = SelectStatement::new();
    rows(scope, query, &mut used, &mut select);
    for column in &query.columns {
        select.expr(scope.expression(column));
    }
    let key = if span.keyed {
        key_columns(&mut select, query, terms, Term::value)
    } else {
        vec![]
    };
    order::apply(&mut select, terms, span);
    limit(&mut select, span);
    Plan {
        name: "direct",
        select,
        types: types(query),
        key,
        of_groups: false,
    }
}

/// Where the wanted rows are, with their order's terms, in order.
fn narrow(scope: Scope<'_>, query: &Query, terms: &[Term<'_>], span: Span<'_>) -> SelectStatement {
    let mut used = Used::none(query);
    let mut select = SelectStatement::new();
    rows(scope, query, &mut used, &mut select);
    select.expr_as(scope.named(0, scope.dialect.locator()), ROW);
    for (place, term) in terms.iter().enumerate() {
        select.expr_as(term.value(place), term_name(place));
    }
    order::apply(&mut select, terms, span);
    limit(&mut select, span);
    select
}

const WINNERS: &str = "w";
const ROW: &str = "row";
const PARENT: &str = "parent";

fn term_name(place: usize) -> String {
    format!("k{place}")
}

/// The columns of the rows that an inner statement has found and ordered; it may have found the
/// rows of a parent as well.
fn fetch(
    scope: Scope<'_>,
    query: &Query,
    terms: &[Term<'_>],
    inner: SelectStatement,
    parent: Option<usize>,
    span: Span<'_>,
) -> Plan {
    let mut used = Used::none(query);
    query
        .columns
        .iter()
        .for_each(|column| used.expression(column));
    let mut select = SelectStatement::new();
    // A cross join, for SQLite keeps the order of those: first the winners, then their rows.
    select
        .from_subquery(inner, WINNERS)
        .cross_join(aliased(scope, query, 0))
        .and_where(
            scope
                .named(0, scope.dialect.locator())
                .equals((WINNERS, ROW)),
        );
    used.close();
    joins(scope, query, &used, parent, &mut select);
    for column in &query.columns {
        select.expr(scope.expression(column));
    }
    let won = |term: &Term<'_>, place| term.reordered(Expr::col((WINNERS, term_name(place))));
    let key = if span.keyed {
        key_columns(&mut select, query, terms, won)
    } else {
        vec![]
    };
    if !scope.dialect.joins_in_order() {
        order::apply_to(&mut select, terms, won);
    }
    Plan {
        name: if parent.is_some() {
            "watermark"
        } else {
            "narrow"
        },
        select,
        types: types(query),
        key,
        of_groups: false,
    }
}

/// Selects what the key of a row is made of, unless it is among the columns already.
fn key_columns<'a>(
    select: &mut SelectStatement,
    query: &Query,
    terms: &[Term<'a>],
    value: impl Fn(&Term<'a>, usize) -> Expr,
) -> Vec<(usize, ValueType)> {
    let mut next = query.columns.len();
    let mut places = Vec::with_capacity(terms.len());
    for (place, term) in terms.iter().enumerate() {
        let known = query.columns.iter().position(|column| column == &*term.by);
        places.push((known.unwrap_or(next), term.value_type));
        if known.is_none() {
            select.expr(value(term, place));
            next += 1;
        }
    }
    places
}

/// How many rows a query has.
pub(crate) fn count(query: &Query, dialect: Dialect) -> SelectStatement {
    let scope = Scope::of(query, dialect);
    let all = || Func::count(Expr::col(sea_query::Asterisk));
    let whole = query.limit.is_none() && query.offset == 0;
    let mut select = if let Some(grouping) = &query.group {
        group::groups(scope, query, grouping)
    } else {
        let mut select = SelectStatement::new();
        rows(scope, query, &mut Used::none(query), &mut select);
        select
    };
    if whole && query.group.is_some() {
        return select.expr(all()).take();
    }
    if whole {
        return select.expr(Func::count(scope.named(0, "Id"))).take();
    }
    select.expr(Dialect::number(1));
    limit(
        &mut select,
        Span {
            after: None,
            limit: query.limit,
            offset: query.offset,
            keyed: false,
        },
    );
    SelectStatement::new()
        .expr(all())
        .from_subquery(select, WINNERS)
        .take()
}

/// The query for one record: its text, its parameters, and which of them is the id.
pub(crate) fn by_id(query: &Query, dialect: Dialect) -> (Statement, usize, Vec<ValueType>) {
    /// Stands where the id goes; no value of a query has a control character.
    const MARK: &str = "\u{1}id";
    let scope = Scope::of(query, dialect);
    let mut used = Used::none(query);
    query
        .columns
        .iter()
        .for_each(|column| used.expression(column));
    let mut select = SelectStatement::new();
    rows(scope, query, &mut used, &mut select);
    for column in &query.columns {
        select.expr(scope.expression(column));
    }
    select.and_where(scope.named(0, "Id").eq(MARK));
    let statement = dialect.build(&select);
    let place = statement
        .parameters
        .iter()
        .rposition(|value| *value == Content::Text(MARK.to_owned()));
    (statement, place.unwrap_or_default(), types(query))
}

/// A query whose one column another one's filter looks into.
fn subquery(scope: Scope<'_>, query: &Query) -> SelectStatement {
    let mut used = Used::none(query);
    query
        .columns
        .iter()
        .for_each(|column| used.expression(column));
    let mut select = SelectStatement::new();
    rows(scope, query, &mut used, &mut select);
    if let Some(column) = query.columns.first() {
        select.expr(scope.comparable(column));
    }
    if query.limit.is_some() || query.offset > 0 {
        let span = Span {
            after: None,
            limit: query.limit,
            offset: query.offset,
            keyed: false,
        };
        order::apply(&mut select, &order::terms(scope, query), span);
        limit(&mut select, span);
    }
    select
}

/// Whether a record of one object passes a filter: source 0 is the object. One row with one
/// column, if the record is there at all.
pub(crate) fn passes(source: &[Source], filter: &Filter, dialect: Dialect) -> SelectStatement {
    let scope = Scope::of_sources(source, dialect);
    let mut select = SelectStatement::new();
    let let_through = scope.filter(filter).is(truth(true));
    select
        .expr(let_through)
        .from_as(table(&source[0]), scope.alias(0))
        .and_where(scope.named(0, "Id").eq(String::new()));
    select
}

fn limit(select: &mut SelectStatement, span: Span<'_>) {
    // SQLite knows no OFFSET without a LIMIT.
    let all = (span.offset > 0).then_some(i64::MAX.unsigned_abs());
    if let Some(rows) = span.limit.or(all) {
        select.limit(rows);
    }
    if span.offset > 0 {
        select.offset(span.offset);
    }
}

fn types(query: &Query) -> Vec<ValueType> {
    query
        .columns
        .iter()
        .map(|column| query.value_type(column))
        .collect()
}

/// Whether an index gives the rows in order: equality on its first columns, then the order's.
/// Then the database stops by itself after the wanted rows; unless few rows pass the filter, as
/// when it names a parent.
fn serves(query: &Query) -> bool {
    // An index of words leads, and has an order of its own.
    if query.search().is_some() {
        return false;
    }
    let mut equal = Vec::new();
    let mut of_parent = false;
    equalities(&query.filter, &mut |column| {
        if column.source == 0 {
            equal.push(column.field);
        } else {
            of_parent = true;
        }
    });
    if of_parent || query.order.is_empty() {
        // Without an order, the ids' own index serves.
        return !of_parent;
    }
    let object = query.object();
    let place = |name: &str| object.position(name);
    object
        .indexes
        .iter()
        .filter(|index| !index.unique && index.unless.is_none())
        .any(|index| {
            let mut columns = index
                .columns
                .iter()
                .skip_while(|(name, _)| place(name).is_some_and(|place| equal.contains(&place)));
            query.order.iter().all(|term| {
                let next = columns.next();
                matches!((&term.by, next), (Expression::Column(column), Some((name, descending)))
                if column.source == 0
                    && Some(column.field) == place(name)
                    && term.descending == *descending
                    && crate::ddl::is_filled(&object.fields[column.field]))
            })
        })
}

/// Each column that must equal a value for the filter to let a row through.
fn equalities(filter: &Filter, found: &mut impl FnMut(Column)) {
    match filter {
        Filter::And(all) => all.iter().for_each(|one| equalities(one, found)),
        Filter::Compare {
            left: Expression::Column(column),
            operator: Comparison::Equal,
            ..
        } => found(*column),
        _ => {}
    }
}
