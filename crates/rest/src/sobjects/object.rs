//! `/sobjects/{object}`: what it is, in short, and the caller's recent records.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::Caller;
use serde_json::{Value, json};

use crate::answer;
use crate::call::{Call, Version};
use crate::describe::{self, object_path};
use crate::error::Failure;

const RECENT_RECORDS_MAX: u32 = 10;

/// `GET /sobjects/{object}`.
pub(crate) async fn basic_information(call: Call, caller: Caller) -> Result<Response, Failure> {
    let view = describe::view(&call, &caller)?;
    let object = view.object.name.to_string();
    let org = &call.state.org;
    let recent = org.recent(&caller, &object, RECENT_RECORDS_MAX).await?;
    let items = recent
        .iter()
        .map(|(id, name)| recent_item(call.version, &object, *id, name));
    let body = json!({
        "objectDescribe": describe::item(&view, &caller, call.version),
        "recentItems": items.collect::<Vec<_>>(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// A record in a list of recent ones.
pub(crate) fn recent_item(version: Version, object: &str, id: Id, name: &str) -> Value {
    let id = id.as_str();
    json!({
        "attributes": {
            "type": object,
            "url": format!("{}/{id}", object_path(version, object)),
        },
        "Id": id,
        "Name": name,
    })
}
