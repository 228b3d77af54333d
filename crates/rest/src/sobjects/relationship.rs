//! `/sobjects/{object}/{id}/{relationship}`: a record's parent, or its children as a query result.

use std::sync::Arc;

use axum::response::Response;
use headwater_catalogue::{Field, Id, Object};
use headwater_records::{Caller, QueryOptions, RecordSink, Row, RowSink, ValueRef};
use headwater_soql::resolved::{Output, Query};

use super::row;
use crate::call::Call;
use crate::error::Failure;
use crate::query::{Twin, first_page};

/// What a relationship's name leads to.
enum Related {
    /// A parent's object and id.
    Parent(String, String),
    /// SOQL for the children.
    Children(String),
}

pub(crate) async fn read(call: &Call, caller: &Caller) -> Result<Response, Failure> {
    match related(call, caller).await? {
        Related::Parent(object, id) => row::read_record(call, caller, &object, &id).await,
        Related::Children(soql) => {
            first_page(call, caller, &soql, QueryOptions::default(), Twin::Data).await
        }
    }
}

pub(crate) async fn update(call: &Call, caller: &Caller) -> Result<Response, Failure> {
    let (object, id) = parent(call, caller).await?;
    row::update_record(call, caller, &object, &id).await
}

pub(crate) async fn delete(call: &Call, caller: &Caller) -> Result<Response, Failure> {
    let (object, id) = parent(call, caller).await?;
    row::delete_record(call, caller, &object, &id).await
}

/// The parent; children are changed one by one at their own addresses.
async fn parent(call: &Call, caller: &Caller) -> Result<(String, String), Failure> {
    match related(call, caller).await? {
        Related::Parent(object, id) => Ok((object, id)),
        Related::Children(_) => {
            let allowed = [axum::http::Method::GET];
            Err(Failure::method_not_allowed(&call.method, &allowed))
        }
    }
}

async fn related(call: &Call, caller: &Caller) -> Result<Related, Failure> {
    let view = crate::describe::view(call, caller)?;
    let name = call.parameter("value");
    let id: Id = call
        .parameter("field")
        .parse()
        .map_err(|_| Failure::not_found())?;
    let reference = view.fields.iter().map(|field| view.field(*field));
    let mut reference = reference.filter(|field| leads_by(field, name));
    if let Some(field) = reference.next() {
        let names = [field.name.to_string()];
        let sink = ReadId::of(&field.name);
        let org = &call.state.org;
        let read = org
            .retrieve(caller, &view.object.name, id.as_str(), Some(&names), sink)
            .await?;
        let parent = read.sink.id.ok_or_else(Failure::not_found)?;
        let object = object_of(caller, field, &parent).ok_or_else(Failure::not_found)?;
        return Ok(Related::Parent(object.name.to_string(), parent.to_string()));
    }
    let children = view.children.iter().find(|incoming| {
        let children = incoming.children.as_deref();
        children.is_some_and(|children| children.eq_ignore_ascii_case(name))
    });
    let children = children.ok_or_else(Failure::not_found)?;
    // A record that is not there has no children list either.
    let only_id = ["Id".to_owned()];
    let sink = ReadId::of("Id");
    let org = &call.state.org;
    org.retrieve(caller, &view.object.name, id.as_str(), Some(&only_id), sink)
        .await?;
    let fields = children_fields(call, caller, &children.object)?.join(", ");
    let (object, field) = (&children.object, &children.field);
    let soql = format!("SELECT {fields} FROM {object} WHERE {field} = '{id}'");
    Ok(Related::Children(soql))
}

fn leads_by(field: &Field, name: &str) -> bool {
    let reference = field.kind.as_reference();
    let relationship = reference.and_then(|reference| reference.relationship.as_deref());
    relationship.is_some_and(|relationship| relationship.eq_ignore_ascii_case(name))
}

fn object_of<'c>(caller: &'c Caller, field: &Field, id: &Id) -> Option<&'c Arc<Object>> {
    let catalogue = &caller.rights.catalogue;
    let by_prefix = catalogue.object_of(id.prefix());
    by_prefix.or_else(|| catalogue.object(field.kind.as_reference()?.targets.names().first()?))
}

/// The fields asked for, or all the caller reads. Only names of fields get into the query.
fn children_fields(call: &Call, caller: &Caller, object: &str) -> Result<Vec<String>, Failure> {
    let view = call.state.org.describe(caller, object)?;
    let known = || view.fields.iter().map(|field| &view.field(*field).name);
    let Some(asked) = row::field_names(call) else {
        return Ok(known().map(ToString::to_string).collect());
    };
    asked
        .into_iter()
        .map(|name| {
            let field = known().find(|known| known.eq_ignore_ascii_case(&name));
            field.map(ToString::to_string).ok_or_else(|| {
                let message = format!("No such column '{name}' on sobject of type {object}");
                Failure::bad_request("INVALID_FIELD", message)
            })
        })
        .collect()
}

/// Keeps the id that one field of a row holds.
struct ReadId {
    field: String,
    column: Option<usize>,
    id: Option<Id>,
}

impl ReadId {
    fn of(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            column: None,
            id: None,
        }
    }
}

impl RecordSink for ReadId {
    fn begin(&mut self, query: &Arc<Query>) {
        self.column = query.outputs.iter().find_map(|output| match output {
            Output::Value { name, column, .. } if *name == self.field => Some(*column),
            Output::Value { .. }
            | Output::Function { .. }
            | Output::Address { .. }
            | Output::Parent { .. }
            | Output::TypeOf { .. }
            | Output::Children { .. } => None,
        });
    }
}

impl RowSink for ReadId {
    fn row(&mut self, row: &Row<'_>) {
        if let Some(ValueRef::Id(id)) = self.column.map(|column| row.get(column)) {
            self.id = id.parse().ok();
        }
    }
}
