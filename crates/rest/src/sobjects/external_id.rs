//! `/sobjects/{object}/{field}/{value}`: one record by an external id. The same shape of path
//! also names a record's relationship or the bytes in one of its fields; the object's fields tell which
//! it is.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::Caller;
use serde_json::json;

use super::{content, relationship, row};
use crate::answer::{self, no_content};
use crate::call::{Call, Version};
use crate::error::Failure;
use crate::record_body::RecordBody;

/// Up to this version, an upsert that updated answers 204; later ones 200 with a body.
const SILENT_UPDATE_LAST: u8 = 45;

/// Whether a path names a record's relationship: a record's id where a field would be.
fn is_relationship(call: &Call, caller: &Caller) -> bool {
    let key = call.parameter("field");
    let object = caller.rights.catalogue.object(call.parameter("object"));
    key.parse::<Id>().is_ok() && object.is_none_or(|object| object.field(key).is_none())
}

fn is_id(call: &Call) -> bool {
    call.parameter("field").eq_ignore_ascii_case("Id")
}

/// The record that the path names.
async fn find(call: &Call, caller: &Caller) -> Result<String, Failure> {
    let (object, field) = (call.parameter("object"), call.parameter("field"));
    let value = call.parameter("value");
    if is_id(call) {
        return Ok(value.to_owned());
    }
    let id = call.state.org.find(caller, object, field, value).await?;
    Ok(id.to_string())
}

/// `GET`.
pub(crate) async fn read(call: Call, caller: Caller) -> Result<Response, Failure> {
    if is_relationship(&call, &caller) {
        if content::is_content(&call, &caller) {
            return content::read(&call, &caller).await;
        }
        return relationship::read(&call, &caller).await;
    }
    let id = find(&call, &caller).await?;
    row::read_record(&call, &caller, call.parameter("object"), &id).await
}

/// `PATCH`: an upsert; by `Id` an update.
pub(crate) async fn upsert(call: Call, caller: Caller) -> Result<Response, Failure> {
    if is_relationship(&call, &caller) {
        return relationship::update(&call, &caller).await;
    }
    let object = row::canonical_name(&call, &caller)?;
    if is_id(&call) {
        let id = call.parameter("value");
        row::update_record(&call, &caller, &object, id).await?;
        let id: Id = id.parse().map_err(|_| Failure::not_found())?;
        return Ok(upserted(call.version, id, false));
    }
    let (field, value) = (call.parameter("field"), call.parameter("value"));
    let body = RecordBody::of(&call)?.without(field)?;
    let update_only = call.flag("updateOnly");
    let org = &call.state.org;
    let done = org.upsert(&caller, &object, field, value, body.draft()?, update_only);
    let done = done
        .await
        .map_err(|error| row::refusal(&caller, &object, body, error))?;
    Ok(upserted(call.version, done.id, done.created))
}

fn upserted(version: Version, id: Id, created: bool) -> Response {
    if !created && version.number() <= SILENT_UPDATE_LAST {
        return no_content();
    }
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let body = json!({ "id": id.as_str(), "success": true, "errors": [], "created": created });
    answer::json(status, &body)
}

/// `DELETE`.
pub(crate) async fn delete(call: Call, caller: Caller) -> Result<Response, Failure> {
    if is_relationship(&call, &caller) {
        return relationship::delete(&call, &caller).await;
    }
    let id = find(&call, &caller).await?;
    row::delete_record(&call, &caller, call.parameter("object"), &id).await
}
