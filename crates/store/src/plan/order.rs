//! The order of a query's rows, and the rows that come after a key in it.

use std::borrow::Cow;

use headwater_catalogue::{Value, ValueType};
use headwater_soql::resolved::{Column, Expression, GroupPart, Grouping, OfGroup, Query};
use sea_query::{Expr, ExprTrait as _, NullOrdering, Order, SelectStatement};

use super::scope::{Scope, truth};
use super::{Span, found};
use crate::ddl::is_filled;
use crate::dialect::Dialect;

/// One term of an order, as SQL.
#[derive(Debug, Clone)]
pub(super) struct Term<'a> {
    pub(super) by: Cow<'a, Expression>,
    value: Expr,
    pub(super) value_type: ValueType,
    dialect: Dialect,
    ignores_case: bool,
    pub(super) descending: bool,
    /// Whether it is an id in the form in which an index of words has it.
    numbered: bool,
    /// None if there are no nulls: then nothing is said about them, for the plain order is the one
    /// that indexes have.
    pub(super) nulls: Option<NullOrdering>,
}

/// A query's order with the record's id at its end.
pub(super) fn terms<'a>(scope: Scope<'a>, query: &'a Query) -> Vec<Term<'a>> {
    let id = Expression::Column(Column {
        source: 0,
        field: 0,
    });
    if let Some(term) = by_words(scope, query, &id) {
        return vec![term];
    }
    let mut terms = Vec::new();
    for order in &query.order {
        let last = order.by == id;
        let nulls = if order.nulls_first {
            NullOrdering::First
        } else {
            NullOrdering::Last
        };
        let by = Cow::Borrowed(&order.by);
        terms.push(term(scope, by, order.descending, nulls));
        if last {
            return terms;
        }
    }
    terms.push(term(scope, Cow::Owned(id), false, NullOrdering::First));
    terms
}

/// The newest of what a search finds first: an index of words gives its records in the order of
/// their ids, so that the others need not be looked at.
fn by_words<'a>(scope: Scope<'a>, query: &'a Query, id: &Expression) -> Option<Term<'a>> {
    let [order] = &query.order[..] else {
        return None;
    };
    let leads = order.by == *id && query.search().is_some();
    leads.then(|| Term {
        value: scope.dialect.found_order(&found::index(scope)),
        numbered: true,
        ..term(
            scope,
            Cow::Borrowed(&order.by),
            order.descending,
            NullOrdering::First,
        )
    })
}

/// The order of a query's groups, with the keys at its end: no two groups of a set have the same.
pub(super) fn terms_of_groups<'a>(
    scope: Scope<'a>,
    query: &'a Query,
    grouping: &Grouping,
) -> Vec<Term<'a>> {
    let terms = order_of_groups(query, grouping).into_iter();
    terms
        .map(|(by, descending, nulls)| term(scope, by, descending, nulls))
        .collect()
}

/// The types of the values in the keys of a query's pages, but for the id.
pub(super) fn key_types(query: &Query) -> Vec<ValueType> {
    match &query.group {
        Some(grouping) => order_of_groups(query, grouping)
            .iter()
            .map(|(by, ..)| query.value_type(by))
            .collect(),
        None => query
            .order
            .iter()
            .map(|term| query.value_type(&term.by))
            .collect(),
    }
}

fn order_of_groups<'a>(
    query: &'a Query,
    grouping: &Grouping,
) -> Vec<(Cow<'a, Expression>, bool, NullOrdering)> {
    let mut terms: Vec<(Cow<'a, Expression>, bool, NullOrdering)> = Vec::new();
    for order in &query.order {
        let nulls = if order.nulls_first {
            NullOrdering::First
        } else {
            NullOrdering::Last
        };
        if !terms.iter().any(|(by, ..)| **by == order.by) {
            terms.push((Cow::Borrowed(&order.by), order.descending, nulls));
        }
    }
    let keys = grouping
        .keys
        .iter()
        .enumerate()
        .map(|(place, key)| OfGroup::holding(GroupPart::Key(place), key, &query.sources));
    let several = (grouping.sets.len() > 1).then(OfGroup::set);
    for part in keys.chain(several) {
        let by = Expression::OfGroup(part);
        if !terms.iter().any(|(known, ..)| **known == by) {
            terms.push((Cow::Owned(by), false, NullOrdering::First));
        }
    }
    terms
}

fn term<'a>(
    scope: Scope<'a>,
    by: Cow<'a, Expression>,
    descending: bool,
    nulls: NullOrdering,
) -> Term<'a> {
    let filled = matches!(&*by, Expression::Column(column)
        if column.source == 0 && is_filled(scope.field(*column)));
    Term {
        value: scope.comparable(&by),
        value_type: by.value_type(scope.sources),
        dialect: scope.dialect,
        ignores_case: scope.ignores_case(&by),
        by,
        numbered: false,
        descending,
        nulls: (!filled).then_some(nulls),
    }
}

impl Term<'_> {
    /// What is compared.
    pub(super) fn value(&self, _: usize) -> Expr {
        self.value.clone()
    }

    /// What is compared, as it is read from the database.
    pub(super) fn selected(&self, _: usize) -> Expr {
        self.dialect.selected(self.value.clone(), self.value_type)
    }

    /// What is compared, when the value has come out of a subquery: it has lost its collation.
    pub(super) fn reordered(&self, value: Expr) -> Expr {
        if self.ignores_case {
            self.dialect.still_without_case(value)
        } else {
            value
        }
    }

    /// A value to compare with it.
    fn bound(&self, known: &Value) -> Expr {
        if let (true, Value::Id(id)) = (self.numbered, known) {
            return Expr::val(self.dialect.bound_key(*id));
        }
        let bound = self.dialect.bound(known, self.value_type);
        if self.ignores_case {
            self.dialect.folded(bound)
        } else {
            bound
        }
    }

    /// Rows whose value comes after this one.
    fn strictly_after(&self, known: &Value) -> Expr {
        let nulls_first = matches!(self.nulls, Some(NullOrdering::First));
        if known.is_null() {
            return if nulls_first {
                self.value.clone().is_not_null()
            } else {
                truth(false)
            };
        }
        let bound = self.bound(known);
        let after = if self.descending {
            self.value.clone().lt(bound)
        } else {
            self.value.clone().gt(bound)
        };
        if matches!(self.nulls, Some(NullOrdering::Last)) {
            after.or(self.value.clone().is_null())
        } else {
            after
        }
    }

    fn same(&self, known: &Value) -> Expr {
        if known.is_null() {
            return self.value.clone().is_null();
        }
        self.value.clone().eq(self.bound(known))
    }

    /// A range that all rows after the key lie in, for an index to begin at. The full condition
    /// alone is an OR, which no index begins at.
    fn not_before(&self, known: &Value) -> Option<Expr> {
        if known.is_null() || matches!(self.nulls, Some(NullOrdering::Last)) {
            return None;
        }
        let bound = self.bound(known);
        Some(if self.descending {
            self.value.clone().lte(bound)
        } else {
            self.value.clone().gte(bound)
        })
    }
}

/// Orders a statement, and leaves out what comes before the key.
pub(super) fn apply(select: &mut SelectStatement, terms: &[Term<'_>], span: Span<'_>) {
    for condition in after(terms, span) {
        select.and_where(condition);
    }
    apply_to(select, terms, Term::value);
}

/// The conditions of the rows after the key.
pub(super) fn after(terms: &[Term<'_>], span: Span<'_>) -> Vec<Expr> {
    let Some(key) = span.after else {
        return Vec::new();
    };
    let id = key.id.map(Value::Id);
    let known: Vec<&Value> = key.values.iter().chain(&id).collect();
    let mut condition: Option<Expr> = None;
    for (term, value) in terms.iter().zip(&known).rev() {
        let strictly = term.strictly_after(value);
        condition = Some(match condition {
            None => strictly,
            Some(rest) => strictly.or(term.same(value).and(rest)),
        });
    }
    let range = match terms {
        [first, _, ..] => known.first().and_then(|value| first.not_before(value)),
        _ => None,
    };
    range.into_iter().chain(condition).collect()
}

/// Orders a statement by the terms' values as they stand in it.
pub(super) fn apply_to<'a>(
    select: &mut SelectStatement,
    terms: &[Term<'a>],
    value: impl Fn(&Term<'a>, usize) -> Expr,
) {
    for (place, term) in terms.iter().enumerate() {
        let order = if term.descending {
            Order::Desc
        } else {
            Order::Asc
        };
        match term.nulls {
            None => select.order_by_expr(value(term, place), order),
            Some(nulls) => select.order_by_expr_with_nulls(value(term, place), order, nulls),
        };
    }
}
