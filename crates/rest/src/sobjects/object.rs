//! `/sobjects/{object}`: what it is, in short, and the caller's recent records.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::{Caller, RecentRecord};
use serde_json::{Value, json};

use crate::answer;
use crate::call::{Call, Version};
use crate::describe::{self, object_path};
use crate::error::Failure;

const RECENT_RECORDS_MAX: usize = 10;

/// `GET /sobjects/{object}`.
pub(crate) async fn basic_information(call: Call, caller: Caller) -> Result<Response, Failure> {
    let view = describe::view(&call, &caller)?;
    let org = &call.state.org;
    let name = Some(&*view.object.name);
    let recent = org.recent(&caller, name, RECENT_RECORDS_MAX).await?;
    let items = recent
        .iter()
        .map(|record| recent_item(call.version, record));
    let body = json!({
        "objectDescribe": describe::item(&view, &caller, call.version),
        "recentItems": items.collect::<Vec<_>>(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// A record in a list of recent ones.
pub(crate) fn recent_item(version: Version, record: &RecentRecord) -> Value {
    let (object, id) = (&record.object.name, record.id.as_str());
    json!({
        "attributes": {
            "type": object,
            "url": format!("{}/{id}", object_path(version, object)),
        },
        "Id": id,
        "Name": record.name,
    })
}
