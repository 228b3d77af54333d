//! A plan that serves every query of one shape.
//!
//! It is made from a query in which each value has a stand-in of its own, so that the statement's
//! parameters tell which value they take. Where that cannot be told, the plan is made for one
//! query only, which is always right.

use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Id, KeyPrefix, Object, Value, ValueType};
use headwater_soql::resolved::{Expression, Filter, Query};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::shape::Shape;
use super::{Plan, Span};
use crate::dialect::{Dialect, Statement};
use crate::error::ReadError;
use crate::key::Key;
use crate::rows::{self, Cells, Content, decode};

/// A statement for every query of a shape.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) text: Arc<str>,
    pub(crate) types: Arc<[ValueType]>,
    pub(crate) key: Arc<[(usize, ValueType)]>,
    /// Whether its rows are groups.
    of_groups: bool,
    slots: Vec<Slot>,
    /// Kept alive, for the shape knows them by their addresses.
    _objects: Vec<Arc<Object>>,
}

/// What goes into a parameter.
#[derive(Debug, Clone, PartialEq)]
enum Slot {
    /// The value at this place of the walk.
    Value(usize),
    /// The id of the key.
    KeyId,
    /// The number of that id, by which an index of words knows its record.
    KeyNumber,
    Limit,
    Offset,
    /// The number of rows before the last wanted one.
    BeforeLast,
    /// Always the same.
    Constant(Content),
}

const LIMIT: u64 = 800_000_000_000_001;
const OFFSET: u64 = 810_000_000_000_000;
const KEY_NUMBER: u64 = 820_000_000_000_000;

impl Prepared {
    /// Plans for a shape; none if the parameters do not tell what they take.
    pub(crate) fn of(
        query: &Query,
        span: Span<'_>,
        shape: &Shape<'_>,
        dialect: Dialect,
    ) -> Result<Option<Self>, ReadError> {
        let mut query = query.clone();
        let mut number = 0;
        in_query(&mut query, &mut number);
        let key = span.after.map(|key| {
            let mut key = key.clone();
            key.values
                .iter_mut()
                .for_each(|value| stand_in(value, &mut number));
            key.id = key.id.map(|_| Id::new(KEY, KEY_NUMBER));
            key
        });
        let span = Span {
            after: key.as_ref(),
            limit: span.limit.map(|_| LIMIT),
            offset: if span.offset > 0 { OFFSET } else { 0 },
            ..span
        };
        let plan = super::plan(&query, span, dialect)?;
        let statement = dialect.build(&plan.select);
        let replaced = Shape::of(&query, span);
        if replaced.signature != shape.signature {
            return Ok(None);
        }
        let objects = shape
            .objects
            .iter()
            .map(|object| Arc::clone(object))
            .collect();
        let slots = slots(&statement, &replaced, span);
        Ok(slots.map(|slots| Self::new(plan, statement.text, slots, objects)))
    }

    fn new(plan: Plan, text: String, slots: Vec<Slot>, objects: Vec<Arc<Object>>) -> Self {
        Self {
            text: text.into(),
            types: plan.types.into(),
            key: plan.key.into(),
            of_groups: plan.of_groups,
            slots,
            _objects: objects,
        }
    }

    /// Plans for one query only.
    pub(crate) fn once(query: &Query, span: Span<'_>, dialect: Dialect) -> Result<Self, ReadError> {
        let plan = super::plan(query, span, dialect)?;
        let statement = dialect.build(&plan.select);
        let slots = statement
            .parameters
            .into_iter()
            .map(Slot::Constant)
            .collect();
        Ok(Self::new(plan, statement.text, slots, Vec::new()))
    }

    /// A statement that is run as it is, with its parameters.
    pub(crate) fn of_statement(
        statement: Statement,
        types: Vec<ValueType>,
    ) -> (Self, Vec<Content>) {
        let prepared = Self {
            text: statement.text.into(),
            types: types.into(),
            key: Arc::default(),
            of_groups: false,
            slots: Vec::new(),
            _objects: Vec::new(),
        };
        (prepared, statement.parameters)
    }

    /// What makes up the key of a row: the values of the order's terms, and the id of a record.
    pub(crate) fn key_of(&self, row: &dyn Cells) -> Option<(Vec<Value>, Option<Id>)> {
        let value = |(place, value_type): &(usize, ValueType)| {
            decode(row.content(*place), *value_type).to_value()
        };
        let mut values: Vec<Value> = self.key.iter().map(value).collect();
        if self.of_groups {
            return Some((values, None));
        }
        let id = values.pop()?.as_id()?;
        Some((values, Some(id)))
    }

    /// The parameters for a query of the shape.
    pub(crate) fn parameters(&self, shape: &Shape<'_>, span: Span<'_>) -> Vec<Content> {
        let limit = span.limit.unwrap_or_default();
        let number = |n: u64| Content::Number(i64::try_from(n).unwrap_or(i64::MAX));
        let parameter = |slot: &Slot| match slot {
            Slot::Value(place) => {
                let (value, value_type) = shape.values[*place];
                Content::of(value, value_type)
            }
            Slot::KeyId => span.after.and_then(id).unwrap_or(Content::Null),
            Slot::KeyNumber => {
                let id = span.after.and_then(|key| key.id);
                id.map_or(Content::Null, |id| number(id.counter()))
            }
            Slot::Limit => number(limit),
            Slot::Offset => number(span.offset),
            Slot::BeforeLast => number(limit.saturating_add(span.offset).saturating_sub(1)),
            Slot::Constant(content) => content.clone(),
        };
        self.slots.iter().map(parameter).collect()
    }
}

fn id(key: &Key) -> Option<Content> {
    key.id.map(|id| Content::Text(id.as_str().to_owned()))
}

fn slots(statement: &Statement, replaced: &Shape<'_>, span: Span<'_>) -> Option<Vec<Slot>> {
    let number = |n: u64| Content::Number(i64::try_from(n).unwrap_or(i64::MAX));
    let mut known = HashMap::new();
    let mut add = |content: Content, slot: Slot| known.insert(content, slot).is_none();
    let mut distinct = true;
    for (place, (value, value_type)) in replaced.values.iter().enumerate() {
        distinct &= add(Content::of(value, *value_type), Slot::Value(place));
    }
    if let Some(key) = span.after
        && let (Some(id), Some(content)) = (key.id, id(key))
    {
        distinct &= add(content, Slot::KeyId);
        distinct &= add(number(id.counter()), Slot::KeyNumber);
    }
    distinct &= add(number(LIMIT), Slot::Limit);
    distinct &= add(number(OFFSET), Slot::Offset);
    distinct &= add(number(LIMIT + span.offset - 1), Slot::BeforeLast);
    if !distinct {
        return None;
    }
    let slot = |content: &Content| match (known.get(content), content) {
        (Some(slot), _) => Some(slot.clone()),
        // Checkboxes and patterns, which belong to the shape.
        (None, Content::Number(0 | 1) | Content::Text(_)) => Some(Slot::Constant(content.clone())),
        (None, Content::Number(_) | Content::Null) => None,
    };
    statement.parameters.iter().map(slot).collect()
}

const KEY: KeyPrefix = KeyPrefix::new("zzz");
const VALUE: KeyPrefix = KeyPrefix::new("zzy");

/// Replaces a value by one of its sort that no other place has. Each sort has a range of its own,
/// far from what queries hold as constants.
fn stand_in(value: &mut Value, number: &mut u32) {
    *number += 1;
    let n = i64::from(*number);
    *value = match value {
        Value::Null | Value::Boolean(_) => return,
        Value::Integer(_) => Value::Integer(700_000_000_000_000 + n),
        Value::Decimal(_) => Value::Decimal(Decimal::from(600_000_000 + n)),
        Value::Text(_) => Value::Text(format!("\u{1}{n}")),
        Value::Id(_) => Value::Id(Id::new(VALUE, n.unsigned_abs())),
        Value::Date(_) => Value::Date(rows::date(1_000_000 + n).unwrap_or_default()),
        Value::DateTime(_) => Value::DateTime(
            Timestamp::from_microsecond(500_000_000_000_000 + n).unwrap_or_default(),
        ),
        Value::Time(_) => Value::Time(rows::time(40_000_000 + n).unwrap_or_default()),
    };
}

fn in_query(query: &mut Query, number: &mut u32) {
    for source in &mut query.sources {
        in_filter(&mut source.visible, number);
    }
    for column in &mut query.columns {
        in_expression(column, number);
    }
    in_filter(&mut query.filter, number);
    if let Some(group) = &mut query.group {
        for key in &mut group.keys {
            in_expression(key, number);
        }
        for aggregate in &mut group.aggregates {
            in_expression(&mut aggregate.of, number);
        }
        in_filter(&mut group.having, number);
    }
    for term in &mut query.order {
        in_expression(&mut term.by, number);
    }
}

fn in_expression(expression: &mut Expression, number: &mut u32) {
    match expression {
        Expression::Column(_)
        | Expression::TypeName(_)
        | Expression::Null(_)
        | Expression::Distance(_)
        | Expression::OfGroup(_) => {}
        Expression::FirstOf(parts) | Expression::Concatenation { parts, .. } => {
            for part in parts {
                in_expression(part, number);
            }
        }
        Expression::ConsentReached { given, required } => {
            in_expression(given, number);
            in_expression(required, number);
        }
        Expression::CountOf { holding, .. } => {
            for (_, value) in holding {
                stand_in(value, number);
            }
        }
        Expression::LastSeen { user, .. } => stand_in(user, number),
        Expression::DateFunction { of, .. } | Expression::Label { of, .. } => {
            in_expression(of, number);
        }
    }
}

fn in_filter(filter: &mut Filter, number: &mut u32) {
    match filter {
        // What is searched for belongs to the shape.
        Filter::Always | Filter::Never | Filter::Found { .. } => {}
        Filter::And(all) | Filter::Or(all) => {
            for one in all {
                in_filter(one, number);
            }
        }
        Filter::Not(one) => in_filter(one, number),
        Filter::IsNull(left) | Filter::Like { left, .. } | Filter::Includes { left, .. } => {
            in_expression(left, number);
        }
        Filter::Compare { left, right, .. } => {
            in_expression(left, number);
            stand_in(right, number);
        }
        Filter::In { left, values } => {
            in_expression(left, number);
            for value in values {
                stand_in(value, number);
            }
        }
        Filter::InQuery { left, query, .. } => {
            in_expression(left, number);
            in_query(query, number);
        }
    }
}
