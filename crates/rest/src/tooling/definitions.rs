//! `EntityDefinition` and `FieldDefinition`: what describe tells of objects and fields, as records
//! that a query selects from. They are made of the catalogue as the caller sees it, for each query.

mod matching;
mod rows;

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::{Caller, Error};
use headwater_soql::ast::{Expression, Function, Order, Path, Query, SelectItem};
use headwater_soql::{SoqlError, SoqlErrorKind};
use serde_json::{Map, Value, json};

use super::absent;
use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::query::Twin;
use crate::query::columns::{column_of_parent, column_of_value};
use matching::{matches, order};

/// A definition's fields, those of its parent within.
pub(super) type Row = Map<String, Value>;

/// The answer to a query of definitions; none if it is of something else, or no query. The Tooling
/// API also answers for what is [`absent`] here.
pub(crate) fn of_query(
    call: &Call,
    caller: &Caller,
    soql: &str,
    twin: Twin,
) -> Option<Result<Response, Failure>> {
    let query = headwater_soql::parse(soql).ok()?;
    let object = query.from.first()?.path.single()?;
    let (rows, template) = if object.is(rows::ENTITY) {
        let rows = rows::entities(call, caller);
        let template = rows.first().cloned();
        (rows, template)
    } else if object.is(rows::FIELD) {
        let rows = rows::fields(call, caller);
        let template = rows.first().cloned();
        (rows, template)
    } else if twin == Twin::Tooling && absent::is_absent(object.text) {
        (Vec::new(), Some(absent::template(&query)))
    } else {
        return None;
    };
    let answered = if call.flag("columns") {
        columns(&query, object.text, &template.unwrap_or_default())
    } else {
        selected(&query, rows)
    };
    let answered = answered.map_err(|error| Error::Soql {
        kind: error.kind,
        message: error.render(soql),
    });
    let answered = answered.map(|body| answer::json(StatusCode::OK, &body));
    Some(answered.map_err(Failure::from))
}

/// What the columns of a query are, told from a record that it might give.
fn columns(query: &Query<'_>, object: &str, template: &Row) -> Result<Value, SoqlError> {
    let record = match record(query, template)? {
        Value::Object(record) => record,
        _ => Row::new(),
    };
    Ok(json!({
        "columnMetadata": columns_of(&record),
        "entityName": object,
        "groupBy": false,
        "idSelected": member(&record, "Id").is_some(),
        "keyPrefix": null,
    }))
}

fn columns_of(record: &Row) -> Vec<Value> {
    let fields = record.iter().filter(|(name, _)| *name != "attributes");
    let column = |(name, value): (&String, &Value)| match value {
        Value::Object(parent) if parent.contains_key("attributes") => {
            column_of_parent(name, columns_of(parent))
        }
        value => column_of_value(name, value),
    };
    fields.map(column).collect()
}

fn selected(query: &Query<'_>, rows: Vec<Row>) -> Result<Value, SoqlError> {
    let mut kept = Vec::new();
    for row in rows {
        let is_kept = match &query.condition {
            Some(condition) => matches(&row, condition)?,
            None => true,
        };
        if is_kept {
            kept.push(row);
        }
    }
    let mut orders = query.order_by.iter().rev().collect::<Vec<_>>();
    for order_by in orders.drain(..) {
        sort(&mut kept, order_by)?;
    }
    if is_count(query) {
        return Ok(json!({ "totalSize": kept.len(), "done": true, "records": [] }));
    }
    let rows_of = |count: &Option<headwater_soql::ast::Count>| {
        count
            .as_ref()
            .and_then(|count| usize::try_from(count.rows).ok())
    };
    let (offset, limit) = (rows_of(&query.offset), rows_of(&query.limit));
    let page = kept
        .iter()
        .skip(offset.unwrap_or(0))
        .take(limit.unwrap_or(usize::MAX));
    let records = page
        .map(|row| record(query, row))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "totalSize": records.len(), "done": true, "records": records }))
}

fn sort(rows: &mut [Row], by: &Order<'_>) -> Result<(), SoqlError> {
    let Expression::Path(path) = &by.expression else {
        return Err(unsupported("ORDER BY of a function"));
    };
    for row in rows.iter() {
        value(row, path)?;
    }
    rows.sort_by(|a, b| {
        let of = |row| value(row, path).unwrap_or(&Value::Null);
        let ordering = order(of(a), of(b));
        if by.descending {
            ordering.reverse()
        } else {
            ordering
        }
    });
    Ok(())
}

/// Whether all that is asked for is `COUNT()`.
fn is_count(query: &Query<'_>) -> bool {
    let [SelectItem::Expression { expression, .. }] = &query.select[..] else {
        return false;
    };
    matches!(expression, Expression::Call(call)
        if call.function == Function::Count && call.arguments.is_empty())
}

/// The record that a query selects of a row.
fn record(query: &Query<'_>, row: &Row) -> Result<Value, SoqlError> {
    let mut record = Map::new();
    put(&mut record, row, "attributes");
    for item in &query.select {
        match item {
            SelectItem::Expression {
                expression: Expression::Path(path),
                ..
            } => select(&mut record, row, path)?,
            SelectItem::Fields { .. } => {
                let own = row.iter().filter(|(_, value)| !is_parent(value));
                record.extend(own.map(|(name, value)| (name.clone(), value.clone())));
            }
            SelectItem::Expression { .. } | SelectItem::Subquery(_) | SelectItem::TypeOf(_) => {
                return Err(unsupported("This part of SELECT"));
            }
        }
    }
    Ok(Value::Object(record))
}

/// Puts the value at a path into a record, within its parent's where the path goes through one.
fn select(record: &mut Row, row: &Row, path: &Path<'_>) -> Result<(), SoqlError> {
    value(row, path)?;
    let (mut into, mut from) = (record, row);
    for name in path.names() {
        let Some((key, found)) = member(from, name.text) else {
            return Ok(());
        };
        match found {
            Value::Object(parent) if is_parent(found) => {
                let child = into.entry(key.clone()).or_insert_with(|| json!({}));
                let Value::Object(child) = child else {
                    return Ok(());
                };
                put(child, parent, "attributes");
                (into, from) = (child, parent);
            }
            found => {
                into.insert(key.clone(), found.clone());
                return Ok(());
            }
        }
    }
    Ok(())
}

fn put(into: &mut Row, from: &Row, name: &str) {
    if let Some(value) = from.get(name) {
        into.insert(name.to_owned(), value.clone());
    }
}

/// Whether a value is a definition of its own.
fn is_parent(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|members| members.contains_key("attributes"))
}

/// The value at a path; a definition that is asked for as a whole has none.
fn value<'r>(row: &'r Row, path: &Path<'_>) -> Result<&'r Value, SoqlError> {
    let mut here = row;
    for name in path.names() {
        let found = member(here, name.text).filter(|(key, _)| *key != "attributes");
        match found {
            Some((_, Value::Object(parent))) if parent.contains_key("attributes") => here = parent,
            Some((_, value)) => return Ok(value),
            None => {
                let message = format!("No such column '{}' on a definition.", name.text);
                return Err(SoqlError::new(
                    SoqlErrorKind::InvalidField,
                    name.at,
                    message,
                ));
            }
        }
    }
    Err(SoqlError::new(
        SoqlErrorKind::InvalidField,
        path.at,
        "A definition has no value of its own; name one of its fields.",
    ))
}

fn member<'r>(row: &'r Row, name: &str) -> Option<(&'r String, &'r Value)> {
    row.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))
}

fn unsupported(what: &str) -> SoqlError {
    let message = format!("{what} is not answered of definitions.");
    SoqlError::whole(SoqlErrorKind::Unsupported, message)
}
