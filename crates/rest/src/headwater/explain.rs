//! `explain`: whether the caller may edit fields, why not, and where to edit instead.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::Caller;
use headwater_records::explain::Explanation;
use serde_json::{Value, json};

use crate::answer;
use crate::call::{Call, Version};
use crate::error::{Failure, lock_json};

/// All fields of an object.
pub(super) async fn object(call: Call, caller: Caller) -> Result<Response, Failure> {
    all(&call, &caller, None).await
}

/// One field of an object, or all fields of a record.
pub(super) async fn field_or_record(call: Call, caller: Caller) -> Result<Response, Failure> {
    let name = call.parameter("name");
    if is_record(&caller, name) {
        return all(&call, &caller, Some(name)).await;
    }
    one(&call, &caller, None, name).await
}

/// One field of a record.
pub(super) async fn field_of_record(call: Call, caller: Caller) -> Result<Response, Failure> {
    one(
        &call,
        &caller,
        Some(call.parameter("id")),
        call.parameter("field"),
    )
    .await
}

/// Whether a name is a record's id. Names of fields can look like one (`EndUserLanguage`), but
/// their first letters are no object's prefix.
fn is_record(caller: &Caller, name: &str) -> bool {
    let id = name.parse::<Id>().ok();
    id.is_some_and(|id| caller.rights.catalogue.object_of(id.prefix()).is_some())
}

async fn one(
    call: &Call,
    caller: &Caller,
    record: Option<&str>,
    field: &str,
) -> Result<Response, Failure> {
    let org = &call.state.org;
    let explanation = org
        .explain(caller, call.parameter("object"), field, record)
        .await?;
    Ok(answer::json(
        StatusCode::OK,
        &explanation_json(&explanation, call.version),
    ))
}

async fn all(call: &Call, caller: &Caller, record: Option<&str>) -> Result<Response, Failure> {
    let name = call.parameter("object");
    let explanations = call.state.org.explain_object(caller, name, record).await?;
    let object = caller
        .rights
        .catalogue
        .object(name)
        .ok_or_else(Failure::not_found)?;
    let id = explanations.first().and_then(|first| first.record);
    let fields = explanations
        .iter()
        .map(|one| explanation_json(one, call.version));
    let body = json!({
        "object": object.name,
        "label": object.label,
        "id": id.map(|id| id.to_string()),
        "fields": fields.collect::<Vec<_>>(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

pub(super) fn explanation_json(explanation: &Explanation, version: Version) -> Value {
    json!({
        "object": explanation.object,
        "field": explanation.field,
        "label": explanation.label,
        "id": explanation.record.map(|id| id.to_string()),
        "editable": explanation.editable,
        "createable": explanation.createable,
        "lock": explanation.lock.as_ref().map(|lock| lock_json(lock, version)),
    })
}
