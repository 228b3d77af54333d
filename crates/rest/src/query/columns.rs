//! `columns=true`: what a query's columns are. The sf command line asks this after every query.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Field, Kind, Name, Object};
use headwater_records::Caller;
use headwater_soql::resolved::{Output, Query};
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

pub(crate) fn describe(call: &Call, caller: &Caller, soql: &str) -> Result<Response, Failure> {
    let query = call.state.org.resolve(caller, soql)?;
    Ok(answer::json(StatusCode::OK, &columns(&query)))
}

fn columns(query: &Query) -> Value {
    let object = query.object();
    let is_id = |output: &Output| matches!(output, Output::Value { name, .. } if name == "Id");
    let columns = query
        .outputs
        .iter()
        .map(|output| column(query, object, output));
    json!({
        "columnMetadata": columns.collect::<Vec<_>>(),
        "entityName": object.name,
        "groupBy": query.group.as_ref().is_some_and(|group| !group.keys.is_empty()),
        "idSelected": query.outputs.iter().any(is_id),
        "keyPrefix": (!object.prefix_is_shared).then(|| object.prefix.as_str()),
    })
}

fn column(query: &Query, object: &Object, output: &Output) -> Value {
    match output {
        Output::Value { name, kind, .. } => of_field(object.field(name), name, kind),
        Output::Function {
            name, kind, call, ..
        } => {
            let mut column = of_field(None, name, kind);
            column["aggregate"] = true.into();
            column["displayName"] = call.as_str().into();
            column
        }
        Output::Address { name, .. } => {
            let kind = Kind::Address {
                prefix: Name::Borrowed(""),
            };
            of_field(object.field(name), name, &kind)
        }
        Output::Parent {
            name,
            records,
            outputs,
        } => {
            let parent = records.first().map_or(object, |(parent, _)| parent);
            joined(
                name,
                outputs.iter().map(|output| column(query, parent, output)),
            )
        }
        Output::TypeOf { name, branches } => {
            let of_all = branches.iter().flat_map(|branch| {
                let outputs = branch.outputs.iter();
                outputs.map(|output| column(query, &branch.object, output))
            });
            joined(name, of_all)
        }
        Output::Children { name, place } => {
            let children = query.children.get(*place).map(|children| &children.query);
            let of_children = children.into_iter().flat_map(|query| {
                let outputs = query.outputs.iter();
                outputs.map(|output| column(query, query.object(), output))
            });
            let mut column = joined(name, of_children);
            column["aggregate"] = json!(true);
            column
        }
    }
}

/// A column that stands for several.
fn joined(name: &str, columns: impl Iterator<Item = Value>) -> Value {
    let mut column = of_field(None, name, &Kind::Any);
    column["joinColumns"] = columns.collect();
    column
}

/// A column of what is no record of the catalogue, by a value that it has.
pub(crate) fn column_of_value(name: &str, value: &Value) -> Value {
    let kind = match value {
        Value::Bool(_) => Kind::Boolean,
        Value::Number(_) => Kind::Integer { digits: 9 },
        Value::Null | Value::String(_) => Kind::Text { length: 255 },
        Value::Array(_) | Value::Object(_) => Kind::Any,
    };
    of_field(None, name, &kind)
}

/// The same of a parent, with the columns of its own.
pub(crate) fn column_of_parent(name: &str, columns: Vec<Value>) -> Value {
    joined(name, columns.into_iter())
}

fn of_field(field: Option<&Field>, name: &str, kind: &Kind) -> Value {
    let is_number = matches!(
        kind,
        Kind::Integer { .. } | Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_)
    );
    let is_boolean = matches!(kind, Kind::Boolean);
    let has_text = !is_number
        && !matches!(
            kind,
            Kind::Boolean
                | Kind::Date
                | Kind::DateTime
                | Kind::Time
                | Kind::Any
                | Kind::Address { .. }
        );
    let relationship = kind.as_reference().and_then(|r| r.relationship.as_ref());
    json!({
        "aggregate": false,
        "apexType": apex_type(kind),
        "booleanType": is_boolean,
        "columnName": name,
        "custom": field.is_some_and(|field| field.custom),
        "displayName": name,
        "foreignKeyName": relationship,
        "insertable": field.is_some_and(|field| field.createable),
        "joinColumns": [],
        "numberType": is_number,
        "textType": has_text,
        "updatable": field.is_some_and(|field| field.updateable),
    })
}

fn apex_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference(_) => "Id",
        Kind::Boolean => "Boolean",
        Kind::Integer { .. } => "Integer",
        Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_) => "Double",
        Kind::Date => "Date",
        Kind::DateTime => "Datetime",
        Kind::Time => "Time",
        Kind::Address { .. } => "System.Address",
        Kind::Base64(_) => "Blob",
        Kind::Any => "Object",
        Kind::Text { .. }
        | Kind::TextArea { .. }
        | Kind::Email
        | Kind::Phone
        | Kind::Url { .. }
        | Kind::Picklist(_)
        | Kind::MultiPicklist(_)
        | Kind::Combobox(_)
        | Kind::AutoNumber { .. } => "String",
    }
}
