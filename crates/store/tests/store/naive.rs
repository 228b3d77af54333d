//! Answers queries the plain way: every row looked at, everything in memory. What the store's
//! plans give must be the same.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Field, Id, Object, Value, ValueType};
use headwater_soql::resolved::{
    Column, Comparison, DateFunction, Expression, Filter, Order, Query, Source,
};
use headwater_store::Store;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::naive_groups::place_of;

/// All rows of a database, by object and id.
pub(crate) struct World {
    rows: HashMap<String, HashMap<Id, Vec<Value>>>,
}

/// A row of each source, as far as there is one to be seen. Behind those of a group's row stand the
/// group's own values.
pub(crate) type Bound<'a> = Vec<Option<&'a Vec<Value>>>;

impl World {
    pub(crate) fn of(store: &Store, catalogue: &Catalogue) -> Self {
        let rows = catalogue
            .objects()
            .iter()
            .map(|object| (object.name.to_string(), rows_of(store, object)));
        Self {
            rows: rows.collect(),
        }
    }

    fn table(&self, object: &Object) -> &HashMap<Id, Vec<Value>> {
        &self.rows[&*object.name]
    }

    /// The rows of a query, in order, limit and offset respected.
    pub(crate) fn select(&self, query: &Query) -> Vec<Vec<Value>> {
        if let Some(grouping) = &query.group {
            return self.groups(query, grouping);
        }
        let mut found = self.found(query);
        found.sort_by(|a, b| self.order(query, a, b));
        let values = |bound: Bound<'_>| {
            let columns = query.columns.iter();
            columns
                .map(|column| self.value(column, &query.sources, &bound))
                .collect()
        };
        wanted(query, found).into_iter().map(values).collect()
    }

    /// The rows that are let through, in no order.
    pub(crate) fn found(&self, query: &Query) -> Vec<Bound<'_>> {
        let mut found: Vec<Bound<'_>> = Vec::new();
        for row in self.table(query.object()).values() {
            let bound = self.bind(query, row);
            let hidden = !query.include_deleted && is_deleted(query.object(), row);
            let source = &query.sources[0];
            if !hidden
                && self.holds(&source.visible, &query.sources, &bound)
                && self.holds(&query.filter, &query.sources, &bound)
            {
                found.push(bound);
            }
        }
        found
    }

    fn bind<'a>(&'a self, query: &Query, row: &'a Vec<Value>) -> Bound<'a> {
        let mut bound = vec![Some(row)];
        for source in &query.sources[1..] {
            let link = source.parent.unwrap();
            let id = bound[link.source].and_then(|row| row[link.field].as_id());
            bound.push(id.and_then(|id| self.table(&source.object).get(&id)));
            if !self.holds(&source.visible, &query.sources, &bound) {
                *bound.last_mut().unwrap() = None;
            }
        }
        bound
    }

    fn order(&self, query: &Query, a: &Bound<'_>, b: &Bound<'_>) -> Ordering {
        let id = |bound: &Bound<'_>| bound[0].unwrap()[0].as_id().unwrap();
        self.order_by(&query.order, query, a, b)
            .then_with(|| id(a).cmp(&id(b)))
    }

    pub(crate) fn order_by(
        &self,
        terms: &[Order],
        query: &Query,
        a: &Bound<'_>,
        b: &Bound<'_>,
    ) -> Ordering {
        for term in terms {
            let (x, y) = (
                self.value(&term.by, &query.sources, a),
                self.value(&term.by, &query.sources, b),
            );
            let order = match (x.is_null(), y.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) if term.nulls_first => Ordering::Less,
                (true, false) => Ordering::Greater,
                (false, true) if term.nulls_first => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => {
                    let order = compare(&x, &y, is_binary(&term.by, &query.sources));
                    if term.descending {
                        order.reverse()
                    } else {
                        order
                    }
                }
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }

    /// The row in which it is kept that somebody has seen a record.
    fn seen(
        &self,
        object: &Object,
        (record, id): (usize, Id),
        (by, user): (usize, &Value),
    ) -> Option<&Vec<Value>> {
        let mut kept = self.table(object).values();
        kept.find(|seen| seen[by] == *user && seen[record].as_text() == Some(id.as_str()))
    }

    pub(crate) fn value(&self, of: &Expression, sources: &[Source], bound: &Bound<'_>) -> Value {
        match of {
            Expression::Column(Column { source, field }) => {
                bound[*source].map_or(Value::Null, |row| row[*field].clone())
            }
            Expression::FirstOf(choices) => choices
                .iter()
                .map(|choice| self.value(choice, sources, bound))
                .find(|value| !value.is_null())
                .unwrap_or_default(),
            Expression::TypeName(places) => places
                .iter()
                .find(|place| bound[**place].is_some())
                .map_or(Value::Null, |place| {
                    Value::from(&*sources[*place].object.name)
                }),
            Expression::Concatenation { parts, separator } => {
                let values = parts.iter().map(|part| self.value(part, sources, bound));
                let texts: Vec<String> = values
                    .filter_map(|value| value.as_text().map(str::to_owned))
                    .collect();
                if texts.is_empty() {
                    Value::Null
                } else {
                    texts.join(separator).into()
                }
            }
            Expression::ConsentReached { given, required } => {
                let Expression::Column(column) = &**given else {
                    panic!("consent is a column");
                };
                if bound[column.source].is_none() {
                    return Value::Null;
                }
                let level = |of: &Expression, names: [&str; 3], other: usize| {
                    let value = self.value(of, sources, bound);
                    let place = names.iter().position(|name| value.as_text() == Some(name));
                    place.map_or(other, |place| place + 1)
                };
                let given_names = ["ImplicitlyOptedIn", "ExplicitlyOptedIn", "DoublyOptedIn"];
                let required_names = ["ImplicitOptIn", "ExplicitOptIn", "DoubleOptIn"];
                (level(given, given_names, 0) >= level(required, required_names, 1)).into()
            }
            Expression::CountOf {
                source,
                object,
                reference,
                holding,
            } => {
                let Some(row) = bound[*source] else {
                    return Value::Null;
                };
                let counted = self.table(object).values().filter(|child| {
                    child[*reference] == row[0]
                        && !is_deleted(object, child)
                        && holding.iter().all(|(field, value)| {
                            !child[*field].is_null()
                                && compare(&child[*field], value, false).is_eq()
                        })
                });
                Value::Integer(i64::try_from(counted.count()).unwrap())
            }
            Expression::LastSeen {
                source,
                object,
                record,
                by,
                at,
                user,
            } => {
                let id = bound[*source].and_then(|row| row[0].as_id());
                let seen = id.and_then(|id| self.seen(object, (*record, id), (*by, user)));
                seen.map_or(Value::Null, |seen| seen[*at].clone())
            }
            Expression::Null(_) => Value::Null,
            Expression::DateFunction { function, of, zone } => {
                let at = match self.value(of, sources, bound) {
                    Value::Null => return Value::Null,
                    Value::Date(date) => date.at(0, 0, 0, 0),
                    Value::DateTime(at) => local(at, zone.as_deref()),
                    other => panic!("{other:?} has no parts"),
                };
                part(*function, at)
            }
            Expression::Label { of, labels } => match self.value(of, sources, bound) {
                Value::Text(text) => {
                    let label = labels
                        .iter()
                        .find(|(value, _)| folded(value) == folded(&text));
                    label.map_or(Value::Text(text), |(_, label)| (**label).into())
                }
                other => other,
            },
            Expression::Distance(_) => panic!("distances have a test of their own"),
            Expression::OfGroup(of_group) => {
                let values = bound.last().unwrap().unwrap();
                values[place_of(of_group.part)].clone()
            }
        }
    }

    pub(crate) fn holds(&self, filter: &Filter, sources: &[Source], bound: &Bound<'_>) -> bool {
        let value = |of: &Expression| self.value(of, sources, bound);
        match filter {
            Filter::Always => true,
            Filter::Never => false,
            Filter::And(all) => all.iter().all(|one| self.holds(one, sources, bound)),
            Filter::Or(all) => all.iter().any(|one| self.holds(one, sources, bound)),
            Filter::Not(one) => !self.holds(one, sources, bound),
            Filter::IsNull(of) => value(of).is_null(),
            Filter::Compare {
                left,
                operator,
                right,
            } => {
                let known = value(left);
                let order = compare(&known, right, is_binary(left, sources));
                !known.is_null()
                    && match operator {
                        Comparison::Equal => order.is_eq(),
                        Comparison::Less => order.is_lt(),
                        Comparison::LessOrEqual => order.is_le(),
                        Comparison::Greater => order.is_gt(),
                        Comparison::GreaterOrEqual => order.is_ge(),
                    }
            }
            Filter::In { left, values } => {
                let known = value(left);
                let binary = is_binary(left, sources);
                !known.is_null()
                    && values
                        .iter()
                        .any(|one| compare(&known, one, binary).is_eq())
            }
            Filter::Like { left, pattern } => {
                let known = value(left);
                let pattern = folded(pattern);
                known
                    .as_text()
                    .is_some_and(|text| like(&folded(text), &pattern))
            }
            Filter::Includes { left, sets } => value(left).as_text().is_some_and(|text| {
                let held: Vec<String> = text.split(';').map(str::to_lowercase).collect();
                sets.iter()
                    .any(|set| set.iter().all(|one| held.contains(&one.to_lowercase())))
            }),
            Filter::InQuery { left, query, .. } => {
                let known = value(left);
                !known.is_null() && self.select(query).iter().any(|row| row[0] == known)
            }
            Filter::Found { .. } => unreachable!("searches have tests of their own"),
        }
    }
}

/// Those that LIMIT and OFFSET leave.
pub(crate) fn wanted<T>(query: &Query, found: Vec<T>) -> Vec<T> {
    let skip = usize::try_from(query.offset).unwrap();
    let take = query
        .limit
        .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
    found.into_iter().skip(skip).take(take).collect()
}

/// What a zone's clocks and calendars show.
pub(crate) fn local(at: Timestamp, zone: Option<&str>) -> DateTime {
    let zone = zone.map_or(TimeZone::UTC, |name| TimeZone::get(name).unwrap());
    zone.to_datetime(at)
}

pub(crate) fn part(function: DateFunction, at: DateTime) -> Value {
    let number = match function {
        DateFunction::DayOnly => return Value::Date(at.date()),
        DateFunction::CalendarYear | DateFunction::FiscalYear => at.year(),
        DateFunction::CalendarQuarter | DateFunction::FiscalQuarter => {
            (i16::from(at.month()) + 2) / 3
        }
        DateFunction::CalendarMonth | DateFunction::FiscalMonth => at.month().into(),
        DateFunction::DayInMonth => at.day().into(),
        DateFunction::DayInWeek => i16::from(at.weekday().to_sunday_zero_offset()) + 1,
        DateFunction::DayInYear => at.day_of_year(),
        DateFunction::HourInDay => at.hour().into(),
        DateFunction::WeekInMonth => (i16::from(at.day()) + 6) / 7,
        DateFunction::WeekInYear => (at.day_of_year() + 6) / 7,
    };
    Value::Integer(number.into())
}

fn rows_of(store: &Store, object: &Arc<Object>) -> HashMap<Id, Vec<Value>> {
    let mut query = Query::of_object(object);
    query.include_deleted = true;
    let columns = object
        .fields
        .iter()
        .enumerate()
        .map(|(field, facts)| expression(field, facts));
    query.columns = columns.collect();
    let rows = store.read_rows_blocking(&query).unwrap();
    rows.into_iter()
        .map(|row| (row[0].as_id().unwrap(), row))
        .collect()
}

fn expression(field: usize, facts: &Field) -> Expression {
    if facts.is_column() {
        Expression::Column(Column { source: 0, field })
    } else {
        Expression::Null(facts.kind.value_type())
    }
}

fn is_deleted(object: &Object, row: &[Value]) -> bool {
    object
        .position("IsDeleted")
        .is_some_and(|place| row[place].is_true())
}

pub(crate) fn is_binary(of: &Expression, sources: &[Source]) -> bool {
    match of {
        Expression::OfGroup(of_group) => of_group.case_sensitive,
        Expression::Column(Column { source, field }) => {
            let field = &sources[*source].object.fields[*field];
            field.case_sensitive || field.kind.value_type() == ValueType::Id
        }
        _ => false,
    }
}

pub(crate) fn compare(a: &Value, b: &Value, binary: bool) -> Ordering {
    match (a, b) {
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) if binary => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => folded(a).cmp(&folded(b)),
        (Value::Id(a), Value::Id(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Null, _) | (_, Value::Null) => Ordering::Equal,
        (a, b) => panic!("{a:?} and {b:?} do not compare"),
    }
}

/// Each character for itself: no word, no language.
pub(crate) fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|start| like(&text[start..], rest)),
        ['_', rest @ ..] => !text.is_empty() && like(&text[1..], rest),
        ['\\', sign, rest @ ..] | [sign, rest @ ..] => {
            text.first() == Some(sign) && like(&text[1..], rest)
        }
    }
}
