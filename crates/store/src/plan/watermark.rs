//! Lists by an inherited field, newest first: "the newest 50 sessions of this account".
//!
//! The sessions belong to Messaging Users, the account to the Messaging Users, and an account may
//! have ten thousand of those. Each user row carries the start of its latest session, kept by the
//! store as a rollup and indexed behind the account. So:
//!
//! 1. *Water-mark.* Let `t` be the N-th greatest latest start among the account's users. N users
//!    have a session at `t` or later, so the newest N sessions all start at `t` or later, and they
//!    belong to users whose latest does. With fewer than N users there is no such bound.
//! 2. *Each user's share.* No user can give more than N of the N newest, so a user's sessions
//!    before its own N-th newest are left out: one user with a hundred thousand sessions costs no
//!    more than N of them.
//! 3. The ids of what is left are ordered, cut to N, and fetched.
//!
//! Bounds include what equals them, so sessions that start together are all candidates and the id
//! decides among them, as in every other plan. After a key, only latest starts strictly past it
//! count for `t`: each of those stands for a session that comes after the key.
//!
//! This is exact only if every not deleted session of the counted users is in the result; so the
//! rest of the filter must be about the user, or a lower bound on the start, and the caller must
//! see all sessions.

use headwater_catalogue::{Field, Keeps, Source as Origin, Value};
use headwater_soql::resolved::{Column, Comparison, Expression, Filter, Link, Query};
use sea_query::{CaseStatement, Expr, ExprTrait as _, Func, Order, SelectStatement};

use super::order::{self, Term};
use super::scope::Scope;
use super::{
    PARENT, Plan, ROW, Span, Used, aliased, fetch, joins, key_columns, table, term_name, types,
};
use crate::ddl::{IS_DELETED, is_filled};
use crate::dialect::Dialect;

const BOUND: &str = "b";
const MARK: &str = "t";

/// Up to so many columns, a row is cheaper sorted than found again.
const COLUMNS_SORTED_MAX: usize = 12;

/// What makes a query one of this kind.
struct Shape<'a> {
    /// The parent's source.
    parent: usize,
    /// The column of the order, on the root.
    start: Column,
    /// The root's reference to the parent.
    reference: Column,
    /// The parent's rollup of the start's greatest value.
    latest: Column,
    /// The parent's rollup of how many rows it has, if it keeps one.
    count: Option<Column>,
    /// What the filter says of the parent.
    of_parent: Vec<&'a Filter>,
    /// What it says of the start.
    of_start: Vec<&'a Filter>,
}

/// The plan; none if the query is not of this kind.
pub(super) fn plan(
    scope: Scope<'_>,
    query: &Query,
    terms: &[Term<'_>],
    span: Span<'_>,
    limit: u64,
) -> Option<Plan> {
    let shape = shape(scope, query)?;
    // The N-th is found by skipping the N - 1 before it.
    let before_last = limit.checked_add(span.offset)?.checked_sub(1)?;
    let mut select = candidates(scope, query, &shape, span, before_last);
    if query.columns.len() <= COLUMNS_SORTED_MAX {
        return Some(whole(scope, query, terms, select, shape.parent, span));
    }
    select
        .expr_as(scope.named(0, scope.dialect.locator()), ROW)
        .expr_as(scope.named(shape.parent, scope.dialect.locator()), PARENT);
    for (place, term) in terms.iter().enumerate() {
        select.expr_as(term.value(place), term_name(place));
    }
    order::apply(&mut select, terms, span);
    super::limit(&mut select, span);
    Some(fetch(scope, query, terms, select, Some(shape.parent), span))
}

/// Few columns are sorted with their rows, which saves finding the winners again.
fn whole(
    scope: Scope<'_>,
    query: &Query,
    terms: &[Term<'_>],
    mut select: SelectStatement,
    parent: usize,
    span: Span<'_>,
) -> Plan {
    let mut used = Used::none(query);
    query
        .columns
        .iter()
        .for_each(|column| used.expression(column));
    used.close();
    used.sources[parent] = false;
    joins(scope, query, &used, None, &mut select);
    for column in &query.columns {
        select.expr(scope.expression(column));
    }
    let key = if span.keyed {
        key_columns(&mut select, query, terms, Term::value)
    } else {
        vec![]
    };
    order::apply(&mut select, terms, span);
    super::limit(&mut select, span);
    Plan {
        name: "watermark",
        select,
        types: types(query),
        key,
        of_groups: false,
    }
}

/// The parents from the water-mark on, each with its share of the rows.
fn candidates(
    scope: Scope<'_>,
    query: &Query,
    shape: &Shape<'_>,
    span: Span<'_>,
    before_last: u64,
) -> SelectStatement {
    let bound = || Expr::col((BOUND, MARK));
    let mut select = SelectStatement::new();
    let mark = mark(scope, query, shape, span, before_last);
    select
        .from_subquery(mark, BOUND)
        .cross_join(aliased(scope, query, shape.parent))
        .cross_join(aliased(scope, query, 0));
    about_parent(scope, query, shape, &mut select);
    let newest = share(scope, query, shape, span, before_last);
    let newest = Func::coalesce([Expr::SubQuery(None, Box::new(newest.into())), bound()]);
    let least: Expr = match shape.count {
        // Most parents have fewer rows than are wanted, and need no looking.
        Some(count) => {
            let many = scope.column(count).gt(before_last);
            CaseStatement::new()
                .case(many, newest)
                .finally(bound())
                .into()
        }
        None => newest.into(),
    };
    select
        .and_where(scope.column(shape.latest).gte(bound()))
        .and_where(
            scope
                .column(shape.reference)
                .eq(scope.named(shape.parent, "Id")),
        )
        .and_where(scope.column(shape.start).gte(least));
    about_row(scope, query, shape, &mut select);
    select
}

/// The water-mark, or less than any start when there are too few parents for one.
fn mark(
    scope: Scope<'_>,
    query: &Query,
    shape: &Shape<'_>,
    span: Span<'_>,
    before_last: u64,
) -> SelectStatement {
    let mut latest = SelectStatement::new();
    let inside = Scope {
        depth: scope.depth + 1,
        ..scope
    };
    latest
        .expr(inside.column(shape.latest))
        .from_as(
            table(&query.sources[shape.parent]),
            inside.alias(shape.parent),
        )
        .and_where(inside.column(shape.latest).is_not_null());
    about_parent(inside, query, shape, &mut latest);
    if let Some(start) = span.after.and_then(|key| key.values.first()) {
        let start = scope.value_for(&Expression::Column(shape.start), start);
        latest.and_where(inside.column(shape.latest).lt(start));
    }
    latest
        .order_by_expr(inside.column(shape.latest), Order::Desc)
        .limit(1)
        .offset(before_last);
    let found = Expr::SubQuery(None, Box::new(latest.into()));
    let mark = Func::coalesce([found, Dialect::number(i64::MIN + 1)]);
    SelectStatement::new().expr_as(mark, MARK).take()
}

/// The N-th newest start of one parent's rows at or past the water-mark.
fn share(
    scope: Scope<'_>,
    query: &Query,
    shape: &Shape<'_>,
    span: Span<'_>,
    before_last: u64,
) -> SelectStatement {
    let inside = Scope {
        depth: scope.depth + 1,
        ..scope
    };
    let mut starts = SelectStatement::new();
    starts
        .expr(inside.column(shape.start))
        .from_as(table(&query.sources[0]), inside.alias(0))
        .and_where(
            inside
                .column(shape.reference)
                .eq(scope.named(shape.parent, "Id")),
        )
        .and_where(inside.column(shape.start).gte(Expr::col((BOUND, MARK))));
    about_row(inside, query, shape, &mut starts);
    for condition in order::after(&order::terms(inside, query), span) {
        starts.and_where(condition);
    }
    starts
        .order_by_expr(inside.column(shape.start), Order::Desc)
        .limit(1)
        .offset(before_last);
    starts
}

fn about_parent(scope: Scope<'_>, query: &Query, shape: &Shape<'_>, select: &mut SelectStatement) {
    let visible = &query.sources[shape.parent].visible;
    for filter in shape
        .of_parent
        .iter()
        .copied()
        .chain(std::iter::once(visible))
    {
        if *filter != Filter::Always {
            select.and_where(scope.filter(filter));
        }
    }
}

fn about_row(scope: Scope<'_>, query: &Query, shape: &Shape<'_>, select: &mut SelectStatement) {
    if query.object().keeps_deleted() {
        select.and_where(scope.named(0, IS_DELETED).eq(scope.dialect.boolean(false)));
    }
    for filter in &shape.of_start {
        select.and_where(scope.filter(filter));
    }
}

fn shape<'a>(scope: Scope<'_>, query: &'a Query) -> Option<Shape<'a>> {
    let [order] = &query.order[..] else {
        return None;
    };
    let Expression::Column(start) = order.by else {
        return None;
    };
    let root = query.object();
    let fits = start.source == 0 && order.descending && is_filled(scope.field(start));
    if !fits || query.include_deleted || query.sources[0].visible != Filter::Always {
        return None;
    }
    let conditions: Vec<&Filter> = match &query.filter {
        Filter::And(all) => all.iter().collect(),
        one => vec![one],
    };
    // The parent is the source that the filter compares for equality; there is only one such.
    let parent = conditions
        .iter()
        .find_map(|condition| equal_source(condition))?;
    let Link { source: 0, field } = query.sources[parent].parent? else {
        return None;
    };
    let kept = |wanted: &Keeps| {
        let is_wanted = |candidate: &Field| {
            matches!(&candidate.source, Origin::Rollup(rollup)
                if rollup.object == root.name
                    && rollup.reference == root.fields[field].name
                    && rollup.keeps == *wanted)
        };
        let field = query.sources[parent]
            .object
            .fields
            .iter()
            .position(is_wanted)?;
        let source = parent;
        Some(Column { source, field })
    };
    let latest = kept(&Keeps::Greatest(scope.field(start).name.clone()))?;
    let (of_parent, rest): (Vec<_>, Vec<_>) = conditions
        .into_iter()
        .partition(|condition| is_about(condition, parent));
    if !rest
        .iter()
        .all(|condition| is_lower_bound(condition, start))
    {
        return None;
    }
    if !is_about(&query.sources[parent].visible, parent) {
        return None;
    }
    Some(Shape {
        parent,
        start,
        reference: Column { source: 0, field },
        latest,
        count: kept(&Keeps::Count),
        of_parent,
        of_start: rest,
    })
}

/// The parent whose column must equal a value.
fn equal_source(condition: &Filter) -> Option<usize> {
    match condition {
        Filter::Compare {
            left: Expression::Column(column),
            operator: Comparison::Equal,
            ..
        } if column.source > 0 => Some(column.source),
        _ => None,
    }
}

/// Whether a condition names no source but this one.
fn is_about(condition: &Filter, source: usize) -> bool {
    match condition {
        Filter::Always | Filter::Never => true,
        Filter::And(all) | Filter::Or(all) => all.iter().all(|one| is_about(one, source)),
        Filter::Not(one) => is_about(one, source),
        Filter::Found { source: found, .. } => *found == source,
        Filter::IsNull(left)
        | Filter::Compare { left, .. }
        | Filter::In { left, .. }
        | Filter::Like { left, .. }
        | Filter::Includes { left, .. }
        | Filter::InQuery { left, .. } => {
            matches!(left, Expression::Column(column) if column.source == source)
        }
    }
}

/// Whether a condition only leaves out the oldest rows: the newest of what is left are then the
/// newest of all.
fn is_lower_bound(condition: &Filter, start: Column) -> bool {
    matches!(condition, Filter::Compare {
        left: Expression::Column(column),
        operator: Comparison::Greater | Comparison::GreaterOrEqual,
        right: Value::DateTime(_) | Value::Date(_) | Value::Integer(_),
    } if *column == start)
}
