//! Groups the plain way, as [`crate::naive`] does rows.

use std::cmp::Ordering;

use headwater_catalogue::Value;
use headwater_soql::resolved::{
    Aggregate, AggregateFunction, Expression, GroupPart, Grouping, OfGroup, Order, Query,
};
use rust_decimal::Decimal;

use crate::naive::{Bound, World, compare, folded, is_binary, wanted};

/// Most keys, and most aggregates, of a query.
const PARTS_MAX: usize = 10;

/// Where a part of a group stands among its values.
pub(crate) fn place_of(part: GroupPart) -> usize {
    match part {
        GroupPart::Key(place) => place,
        GroupPart::Aggregate(place) => PARTS_MAX + place,
        GroupPart::Subtotal(place) => 2 * PARTS_MAX + place,
        GroupPart::Set => 3 * PARTS_MAX,
    }
}

impl World {
    /// The groups of a query, in order, limit and offset respected.
    pub(crate) fn groups(&self, query: &Query, grouping: &Grouping) -> Vec<Vec<Value>> {
        let found = self.found(query);
        let mut groups: Vec<Vec<Value>> = Vec::new();
        for set in 0..grouping.sets.len() {
            groups.extend(self.of_set(query, grouping, set, &found));
        }
        let bound = |group| -> Bound<'_> {
            let sources = std::iter::repeat_n(None, query.sources.len());
            sources.chain([Some(group)]).collect()
        };
        let mut kept: Vec<Bound<'_>> = groups
            .iter()
            .map(bound)
            .filter(|bound| self.holds(&grouping.having, &query.sources, bound))
            .collect();
        let terms = terms(query, grouping);
        kept.sort_by(|a, b| self.order_by(&terms, query, a, b));
        let values = |bound: Bound<'_>| {
            let columns = query.columns.iter();
            columns
                .map(|column| self.value(column, &query.sources, &bound))
                .collect()
        };
        wanted(query, kept).into_iter().map(values).collect()
    }

    fn of_set(
        &self,
        query: &Query,
        grouping: &Grouping,
        set: usize,
        found: &[Bound<'_>],
    ) -> Vec<Vec<Value>> {
        let by = &grouping.sets[set];
        let key_of = |bound: &Bound<'_>| -> Vec<Value> {
            let keys = grouping.keys.iter().zip(by);
            keys.map(|(key, by)| {
                if *by {
                    self.value(key, &query.sources, bound)
                } else {
                    Value::Null
                }
            })
            .collect()
        };
        let same = |a: &[Value], b: &[Value]| {
            let mut both = a.iter().zip(b).zip(&grouping.keys);
            both.all(|((a, b), key)| {
                a.is_null() == b.is_null() && compare(a, b, is_binary(key, &query.sources)).is_eq()
            })
        };
        let mut groups: Vec<(Vec<Value>, Vec<&Bound<'_>>)> = Vec::new();
        if by.iter().all(|by| !by) {
            groups.push((vec![Value::Null; by.len()], found.iter().collect()));
        } else {
            for bound in found {
                let key = key_of(bound);
                match groups.iter_mut().find(|(known, _)| same(known, &key)) {
                    Some((known, rows)) => {
                        for (known, value) in known.iter_mut().zip(key) {
                            if let (Some(a), Some(b)) = (known.as_text(), value.as_text())
                                && b < a
                            {
                                *known = value;
                            }
                        }
                        rows.push(bound);
                    }
                    None => groups.push((key, vec![bound])),
                }
            }
        }
        let whole = |(keys, rows): (Vec<Value>, Vec<&Bound<'_>>)| {
            let mut group = vec![Value::Null; 3 * PARTS_MAX + 1];
            for (place, key) in keys.into_iter().enumerate() {
                group[place_of(GroupPart::Key(place))] = key;
                group[place_of(GroupPart::Subtotal(place))] = Value::Integer((!by[place]).into());
            }
            for (place, aggregate) in grouping.aggregates.iter().enumerate() {
                group[place_of(GroupPart::Aggregate(place))] = self.made(query, aggregate, &rows);
            }
            group[place_of(GroupPart::Set)] = Value::Integer(i64::try_from(set).unwrap());
            group
        };
        groups.into_iter().map(whole).collect()
    }

    fn made(&self, query: &Query, aggregate: &Aggregate, rows: &[&Bound<'_>]) -> Value {
        let of = &aggregate.of;
        let values = rows
            .iter()
            .map(|bound| self.value(of, &query.sources, bound));
        let values: Vec<Value> = values.filter(|value| !value.is_null()).collect();
        let binary = is_binary(of, &query.sources);
        match aggregate.function {
            AggregateFunction::Count => Value::Integer(i64::try_from(values.len()).unwrap()),
            AggregateFunction::CountDistinct => {
                let mut different: Vec<&Value> = Vec::new();
                for value in &values {
                    if !different
                        .iter()
                        .any(|known| compare(known, value, binary).is_eq())
                    {
                        different.push(value);
                    }
                }
                Value::Integer(i64::try_from(different.len()).unwrap())
            }
            AggregateFunction::Sum | AggregateFunction::Average => {
                number(aggregate.function, &values)
            }
            AggregateFunction::Least | AggregateFunction::Greatest => {
                let order = |a: &&Value, b: &&Value| ranked(aggregate, a, b, binary);
                let found = if aggregate.function == AggregateFunction::Least {
                    values.iter().min_by(order)
                } else {
                    values.iter().max_by(order)
                };
                found.cloned().unwrap_or_default()
            }
        }
    }
}

fn ranked(aggregate: &Aggregate, a: &Value, b: &Value, binary: bool) -> Ordering {
    let (Some(x), Some(y)) = (a.as_text(), b.as_text()) else {
        return compare(a, b, binary);
    };
    if aggregate.ranks.is_empty() {
        return compare(a, b, binary).then_with(|| x.cmp(y));
    }
    let rank = |text: &str| {
        let place = aggregate
            .ranks
            .iter()
            .position(|rank| folded(rank) == folded(text));
        place.unwrap_or(usize::MAX)
    };
    rank(x).cmp(&rank(y)).then_with(|| x.cmp(y))
}

#[expect(clippy::cast_precision_loss, reason = "so does the store")]
fn number(function: AggregateFunction, values: &[Value]) -> Value {
    if values.is_empty() {
        return Value::Null;
    }
    let whole = |value: &Value| match value {
        Value::Integer(n) => (*n, 1),
        Value::Decimal(n) => (i64::try_from(n.mantissa()).unwrap(), 10_i64.pow(n.scale())),
        other => panic!("{other:?} is no number"),
    };
    let is_whole = matches!(values[0], Value::Integer(_));
    let divisor = whole(&values[0]).1;
    let sum: i64 = values.iter().map(|value| whole(value).0).sum();
    let double = match function {
        AggregateFunction::Sum if is_whole => return Value::Integer(sum),
        AggregateFunction::Average => sum as f64 / values.len() as f64 / divisor as f64,
        _ => sum as f64 / divisor as f64,
    };
    Value::Decimal(double.to_string().parse::<Decimal>().unwrap())
}

/// The query's order, then the keys, then the set.
fn terms(query: &Query, grouping: &Grouping) -> Vec<Order> {
    let ascending = |of_group| Order {
        by: Expression::OfGroup(of_group),
        descending: false,
        nulls_first: true,
    };
    let keys = grouping.keys.iter().enumerate().map(|(place, key)| {
        ascending(OfGroup::holding(GroupPart::Key(place), key, &query.sources))
    });
    let order = query.order.iter().cloned();
    order
        .chain(keys)
        .chain([ascending(OfGroup::set())])
        .collect()
}
