//! Groups: an inner statement gathers the rows, an outer one chooses among the groups.
//!
//! The inner one gives each value of a group a name of its own. The outer one only knows those, so
//! HAVING is its WHERE, and its order and its pages are like those of any other query. ROLLUP and
//! CUBE are a UNION ALL of one inner statement for each set of keys, for SQLite knows neither.
//!
//! A text that compares without case is gathered by its folded form, and shown as the least of its
//! spellings byte by byte: the same one on both engines, whichever row is met first.

use headwater_catalogue::{Name, ValueType};
use headwater_soql::resolved::{
    Aggregate, AggregateFunction, Expression, Filter, GroupPart, Grouping, Query,
};
use sea_query::{
    CaseStatement, Expr, ExprTrait as _, Func, SelectStatement, SimpleExpr, UnionType,
};

use super::order::{self, Term};
use super::scope::Scope;
use super::sources::{Used, rows};
use super::{Plan, Span, key_columns, types};
use crate::dialect::Dialect;
use crate::error::ReadError;

/// What the outer statement calls the inner one.
pub(super) const GROUPS: &str = "w";

/// Digits before a picklist's value that say its place in the list.
const RANK_DIGITS: usize = 4;
/// The place of what is not in the list.
const RANK_OF_OTHERS: usize = 9_999;

/// The groups of a query.
pub(super) fn plan(
    scope: Scope<'_>,
    query: &Query,
    grouping: &Grouping,
    span: Span<'_>,
) -> Result<Plan, ReadError> {
    let terms = order::terms_of_groups(scope, query, grouping);
    if span
        .after
        .is_some_and(|key| key.values.len() != terms.len() || key.id.is_some())
    {
        return Err(ReadError::BadKey);
    }
    let mut select = groups(scope, query, grouping);
    for column in &query.columns {
        select.expr(scope.selected(column));
    }
    let key = if span.keyed {
        key_columns(&mut select, query, &terms, Term::selected)
    } else {
        vec![]
    };
    order::apply(&mut select, &terms, span);
    super::limit(&mut select, span);
    Ok(Plan {
        name: "grouped",
        select,
        types: types(query),
        key,
        of_groups: true,
    })
}

/// FROM and WHERE of the outer statement.
pub(super) fn groups(scope: Scope<'_>, query: &Query, grouping: &Grouping) -> SelectStatement {
    let mut sets = (0..grouping.sets.len()).map(|set| of_set(scope, query, grouping, set));
    let mut inner = sets.next().unwrap_or_default();
    for set in sets {
        inner.union(UnionType::All, set);
    }
    let mut select = SelectStatement::new();
    select.from_subquery(inner, GROUPS);
    if grouping.having != Filter::Always {
        select.and_where(scope.filter(&grouping.having));
    }
    select
}

/// The groups by one set of the keys.
fn of_set(scope: Scope<'_>, query: &Query, grouping: &Grouping, set: usize) -> SelectStatement {
    let by = |key: usize| grouping.sets[set].get(key).copied().unwrap_or(false);
    let keys = || grouping.keys.iter().enumerate();
    let mut used = Used::none(query);
    for (_, key) in keys().filter(|(place, _)| by(*place)) {
        used.expression(key);
    }
    for aggregate in &grouping.aggregates {
        used.expression(&aggregate.of);
    }
    let mut select = SelectStatement::new();
    rows(scope, query, &mut used, &mut select);
    for (place, key) in keys() {
        let value = if by(place) {
            select.add_group_by([scope.gathered(key)]);
            scope.key(key)
        } else {
            scope.dialect.null(key.value_type(scope.sources))
        };
        select.expr_as(value, part_name(GroupPart::Key(place)));
    }
    for (place, aggregate) in grouping.aggregates.iter().enumerate() {
        let name = part_name(GroupPart::Aggregate(place));
        select.expr_as(scope.aggregate(aggregate), name);
    }
    if grouping.sets.len() > 1 {
        for (place, _) in keys() {
            let is_subtotal = Dialect::number(i64::from(!by(place)));
            select.expr_as(is_subtotal, part_name(GroupPart::Subtotal(place)));
        }
        select.expr_as(
            number_of(set, keys().any(|(place, _)| by(place))),
            part_name(GroupPart::Set),
        );
    }
    select
}

/// A set's number. Without keys something must be counted for the rows to be one group.
fn number_of(set: usize, has_keys: bool) -> SimpleExpr {
    let number = Dialect::number(i64::try_from(set).unwrap_or(i64::MAX));
    if has_keys {
        return number;
    }
    let rows: Expr = Func::count(Expr::col(sea_query::Asterisk)).into();
    rows.mul(Dialect::number(0)).add(number)
}

/// What the inner statement calls a value of a group.
pub(super) fn part_name(part: GroupPart) -> String {
    match part {
        GroupPart::Key(place) => format!("g{place}"),
        GroupPart::Aggregate(place) => format!("a{place}"),
        GroupPart::Subtotal(place) => format!("s{place}"),
        GroupPart::Set => "n".to_owned(),
    }
}

impl Scope<'_> {
    /// A key in GROUP BY.
    fn gathered(self, key: &Expression) -> Expr {
        match key {
            Expression::Null(value_type) => self.dialect.null(*value_type),
            _ => self.comparable(key),
        }
    }

    /// A key as the group shows it.
    fn key(self, key: &Expression) -> Expr {
        match key {
            Expression::Null(value_type) => self.dialect.null(*value_type),
            _ if self.ignores_case(key) => {
                Func::min(self.dialect.byte_by_byte(self.expression(key))).into()
            }
            _ => self.expression(key),
        }
    }

    fn aggregate(self, aggregate: &Aggregate) -> Expr {
        let of = &aggregate.of;
        let value_type = of.value_type(self.sources);
        let value = match of {
            Expression::Null(value_type) => self.dialect.null(*value_type),
            _ => self.expression(of),
        };
        let divisor = match value_type {
            ValueType::Decimal { scale } => 10_i64.pow(scale.into()),
            _ => 1,
        };
        match aggregate.function {
            AggregateFunction::Count => Func::count(value).into(),
            AggregateFunction::CountDistinct => Func::count_distinct(self.gathered(of)).into(),
            AggregateFunction::Sum if value_type == ValueType::Integer => self.dialect.sum(value),
            AggregateFunction::Sum => self.dialect.total(value, divisor),
            AggregateFunction::Average => self.dialect.average(value, divisor),
            AggregateFunction::Least | AggregateFunction::Greatest => {
                let is_least = aggregate.function == AggregateFunction::Least;
                self.extreme(of, value, &aggregate.ranks, is_least)
            }
        }
    }

    /// The least or the greatest value.
    fn extreme(self, of: &Expression, value: Expr, ranks: &[Name], is_least: bool) -> Expr {
        let plain = |value: Expr| -> Expr {
            if is_least {
                Func::min(value).into()
            } else {
                Func::max(value).into()
            }
        };
        if !self.ignores_case(of) {
            return plain(value);
        }
        if ranks.is_empty() {
            return Dialect::extreme_text(value, is_least);
        }
        let ranked = self.ranked(of, value, ranks);
        let behind_rank = i64::try_from(RANK_DIGITS + 1).unwrap_or_default();
        Func::cust("substr")
            .arg(plain(ranked))
            .arg(Dialect::number(behind_rank))
            .into()
    }

    /// A picklist's value with its place in the list before it, so that it compares by that.
    fn ranked(self, of: &Expression, value: Expr, ranks: &[Name]) -> Expr {
        let rank = |place: usize| {
            let place = place.min(RANK_OF_OTHERS);
            Expr::Constant(format!("{place:0RANK_DIGITS$}").into())
        };
        let mut case = CaseStatement::new();
        for (place, name) in ranks.iter().enumerate() {
            let name = self.dialect.folded(Expr::val(name.to_string()));
            case = case.case(self.comparable(of).eq(name), rank(place));
        }
        let place: Expr = case.finally(rank(RANK_OF_OTHERS)).into();
        self.dialect.byte_by_byte(Dialect::joined(place, value))
    }
}
