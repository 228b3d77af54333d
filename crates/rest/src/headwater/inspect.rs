//! `inspect`: what another user may do with the fields of an object or a record, and what would let
//! them.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use headwater_records::explain::{Explanation, Remedy};
use serde_json::{Value, json};

use super::explain::explanation_json;
use crate::answer;
use crate::call::{Call, Version};
use crate::error::Failure;

/// Every field, those that the user does not see among them.
pub(super) async fn object(call: Call, caller: Caller) -> Result<Response, Failure> {
    let Some(user) = call.query("user").filter(|user| !user.is_empty()) else {
        let message = "the parameter user says who is asked about: an id or a user name";
        return Err(Failure::bad_request("MISSING_ARGUMENT", message));
    };
    let record = call.query("record");
    let object = call.parameter("object");
    let org = &call.state.org;
    let explained = org
        .inspect(&caller, &user, object, record.as_deref())
        .await?;
    let first = explained.first();
    let fields = explained.iter().map(|one| inspected(one, call.version));
    let body = json!({
        "object": first.map(|first| &first.object),
        "user": user,
        "id": first.and_then(|first| first.record).map(|id| id.to_string()),
        "fields": fields.collect::<Vec<_>>(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

fn inspected(explanation: &Explanation, version: Version) -> Value {
    let mut body = explanation_json(explanation, version);
    body["visible"] = json!(explanation.visible);
    if let Some(lock) = &explanation.lock {
        body["lock"]["remedy"] = json!(lock.remedy.as_ref().map(remedy_json));
    }
    body
}

fn remedy_json(remedy: &Remedy) -> Value {
    let sets = remedy.permission_sets.iter();
    let sets = sets.map(|set| json!({ "id": set.id.to_string(), "label": set.label }));
    json!({
        "sentence": remedy.sentence,
        "permissionSets": sets.collect::<Vec<_>>(),
        "profilePermissionSetId": remedy.profile_set.map(|id| id.to_string()),
    })
}
