//! A query without its values: what a plan is remembered by.
//!
//! Queries come again and again with other ids, dates and texts in the same places. The walk over
//! a query writes down everything a plan depends on, and gathers the values, which it does not.

use std::sync::Arc;

use headwater_catalogue::{Object, Value, ValueType};
use headwater_soql::resolved::{Column, Expression, Filter, GroupPart, Grouping, Query, Source};

use super::{Span, order};

/// What a walk over a query has found.
#[derive(Debug, Default)]
pub(crate) struct Shape<'a> {
    /// Equal for queries that one plan serves, and for no others as long as the objects live.
    pub(crate) signature: Vec<u8>,
    /// The values in the order of the walk, each with the type of what it is compared with.
    pub(crate) values: Vec<(&'a Value, ValueType)>,
    /// The objects, which the signature knows by their addresses.
    pub(crate) objects: Vec<&'a Arc<Object>>,
}

impl<'a> Shape<'a> {
    /// The shape of a page of a query; the key's id is not among its values.
    pub(crate) fn of(query: &'a Query, span: Span<'a>) -> Self {
        let mut shape = Self::default();
        shape.query(query);
        shape.flag(span.limit.is_some());
        shape.flag(span.offset > 0);
        shape.flag(span.keyed);
        shape.number(span.after.map_or(usize::MAX, |key| key.values.len()));
        for (value, value_type) in span
            .after
            .iter()
            .flat_map(|key| &key.values)
            .zip(order::key_types(query))
        {
            shape.value(value, value_type);
        }
        shape
    }

    fn byte(&mut self, byte: u8) {
        self.signature.push(byte);
    }

    fn flag(&mut self, on: bool) {
        self.byte(u8::from(on));
    }

    fn number(&mut self, number: usize) {
        self.signature.extend_from_slice(&number.to_ne_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.signature.extend_from_slice(text.as_bytes());
    }

    fn object(&mut self, object: &'a Arc<Object>) {
        self.number(Arc::as_ptr(object).addr());
        self.objects.push(object);
    }

    fn query(&mut self, query: &'a Query) {
        self.number(query.sources.len());
        for source in &query.sources {
            self.object(&source.object);
            let (parent, field) = source
                .parent
                .map_or((usize::MAX, 0), |link| (link.source, link.field));
            self.number(parent);
            self.number(field);
            self.filter(&source.visible, &query.sources);
        }
        self.number(query.columns.len());
        for column in &query.columns {
            self.expression(column, &query.sources);
        }
        self.filter(&query.filter, &query.sources);
        self.flag(query.group.is_some());
        if let Some(grouping) = &query.group {
            self.grouping(grouping, &query.sources);
        }
        self.number(query.order.len());
        for term in &query.order {
            self.expression(&term.by, &query.sources);
            self.flag(term.descending);
            self.flag(term.nulls_first);
        }
        self.flag(query.include_deleted);
    }

    fn grouping(&mut self, grouping: &'a Grouping, sources: &'a [Source]) {
        self.each(&grouping.keys, sources);
        self.number(grouping.sets.len());
        for by in grouping.sets.iter().flatten() {
            self.flag(*by);
        }
        self.number(grouping.aggregates.len());
        for aggregate in &grouping.aggregates {
            self.byte(aggregate.function as u8);
            self.expression(&aggregate.of, sources);
            self.number(aggregate.ranks.len());
            for name in &aggregate.ranks {
                self.text(name);
            }
        }
        self.filter(&grouping.having, sources);
    }

    fn column(&mut self, column: Column) {
        self.number(column.source);
        self.number(column.field);
    }

    fn each(&mut self, expressions: &'a [Expression], sources: &'a [Source]) {
        self.number(expressions.len());
        for expression in expressions {
            self.expression(expression, sources);
        }
    }

    fn expression(&mut self, expression: &'a Expression, sources: &'a [Source]) {
        match expression {
            Expression::Column(column) => {
                self.byte(1);
                self.column(*column);
            }
            Expression::FirstOf(choices) => {
                self.byte(2);
                self.each(choices, sources);
            }
            Expression::TypeName(places) => {
                self.byte(3);
                self.number(places.len());
                for place in places {
                    self.number(*place);
                }
            }
            Expression::Concatenation { parts, separator } => {
                self.byte(4);
                self.each(parts, sources);
                self.text(separator);
            }
            Expression::ConsentReached { given, required } => {
                self.byte(5);
                self.expression(given, sources);
                self.expression(required, sources);
            }
            Expression::CountOf {
                source,
                object,
                reference,
                holding,
            } => {
                self.byte(6);
                self.object(object);
                for number in [*source, *reference, holding.len()] {
                    self.number(number);
                }
                for (field, value) in holding {
                    self.number(*field);
                    self.value(value, object.fields[*field].kind.value_type());
                }
            }
            Expression::LastSeen {
                source,
                object,
                record,
                by,
                at,
                user,
            } => {
                self.byte(9);
                self.object(object);
                for number in [*source, *record, *by, *at] {
                    self.number(number);
                }
                self.value(user, ValueType::Id);
            }
            Expression::Null(value_type) => {
                self.byte(7);
                self.value_type(*value_type);
            }
            Expression::DateFunction { function, of, zone } => {
                self.byte(8);
                self.byte(*function as u8);
                self.expression(of, sources);
                self.text(zone.as_deref().unwrap_or_default());
            }
            Expression::Label { of, labels } => {
                self.byte(12);
                self.expression(of, sources);
                self.number(labels.len());
                for (value, label) in labels {
                    self.text(value);
                    self.text(label);
                }
            }
            Expression::Distance(distance) => {
                self.byte(10);
                self.column(distance.latitude);
                self.column(distance.longitude);
                for degrees in [distance.from.0, distance.from.1] {
                    self.signature.extend_from_slice(&degrees.serialize());
                }
                self.byte(distance.unit as u8);
            }
            Expression::OfGroup(of_group) => {
                self.byte(11);
                let (part, place) = match of_group.part {
                    GroupPart::Key(place) => (1, place),
                    GroupPart::Aggregate(place) => (2, place),
                    GroupPart::Subtotal(place) => (3, place),
                    GroupPart::Set => (4, 0),
                };
                self.byte(part);
                self.number(place);
            }
        }
    }

    fn filter(&mut self, filter: &'a Filter, sources: &'a [Source]) {
        match filter {
            Filter::Always => self.byte(1),
            Filter::Never => self.byte(2),
            Filter::And(all) | Filter::Or(all) => {
                self.byte(if matches!(filter, Filter::And(_)) {
                    3
                } else {
                    4
                });
                self.number(all.len());
                for one in all {
                    self.filter(one, sources);
                }
            }
            Filter::Not(one) => {
                self.byte(5);
                self.filter(one, sources);
            }
            Filter::IsNull(left) => {
                self.byte(6);
                self.expression(left, sources);
            }
            Filter::Compare {
                left,
                operator,
                right,
            } => {
                self.byte(7);
                self.expression(left, sources);
                self.byte(*operator as u8);
                self.value(right, left.value_type(sources));
            }
            Filter::In { left, values } => {
                self.byte(8);
                self.expression(left, sources);
                self.number(values.len());
                for value in values {
                    self.value(value, left.value_type(sources));
                }
            }
            Filter::Like { left, pattern } => {
                self.byte(9);
                self.expression(left, sources);
                self.text(pattern);
            }
            Filter::Includes { left, sets } => {
                self.byte(10);
                self.expression(left, sources);
                self.number(sets.len());
                for set in sets {
                    self.number(set.len());
                    for value in set {
                        self.text(value);
                    }
                }
            }
            Filter::InQuery {
                left,
                query,
                by_row,
            } => {
                self.byte(11);
                self.byte(u8::from(*by_row));
                self.expression(left, sources);
                self.query(query);
                // Those of a query within another are written into its text.
                for number in [query.limit.unwrap_or(u64::MAX), query.offset] {
                    self.signature.extend_from_slice(&number.to_ne_bytes());
                }
            }
            Filter::Found { source, search } => {
                self.byte(12);
                self.number(*source);
                self.text(&format!("{search:?}"));
            }
        }
    }

    /// What sort of value it is belongs to the shape; a checkbox has no more than that.
    fn value(&mut self, value: &'a Value, value_type: ValueType) {
        self.byte(match value {
            Value::Null => 0,
            Value::Boolean(false) => 1,
            Value::Boolean(true) => 2,
            Value::Integer(_) => 3,
            Value::Decimal(_) => 4,
            Value::Text(_) => 5,
            Value::Id(_) => 6,
            Value::Date(_) => 7,
            Value::DateTime(_) => 8,
            Value::Time(_) => 9,
        });
        if !matches!(value, Value::Null | Value::Boolean(_)) {
            self.values.push((value, value_type));
        }
    }

    fn value_type(&mut self, value_type: ValueType) {
        let (tag, scale) = match value_type {
            ValueType::Boolean => (1, 0),
            ValueType::Integer => (2, 0),
            ValueType::Decimal { scale } => (3, scale),
            ValueType::Text => (4, 0),
            ValueType::Id => (5, 0),
            ValueType::Date => (6, 0),
            ValueType::DateTime => (7, 0),
            ValueType::Time => (8, 0),
            ValueType::Double => (9, 0),
        };
        self.byte(tag);
        self.byte(scale);
    }
}
