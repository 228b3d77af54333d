//! Describe: what exists, as the caller sees it, with every key Salesforce's answers have.

mod cache;
mod children;
mod field;
mod object;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use headwater_records::{Caller, Error, ObjectView};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::json_bytes;
use crate::call::{Call, Version};
use crate::conditions::{http_date, is_none_match, modified_since};
use crate::error::Failure;

pub(crate) use cache::{DescribeCache, Described};
pub(crate) use field::type_of;
pub(crate) use object::{item, record_types};

/// Most records one call of Salesforce's older doors takes, which global describe tells.
const BATCH_RECORDS_MAX: u32 = 200;

/// `GET /sobjects`.
pub(crate) async fn global(call: Call, caller: Caller) -> Result<Response, Failure> {
    let described = call.state.describes.get(&caller, call.version, "", || {
        let body = global_body(&call, &caller, call.version);
        Ok((body, caller.rights.since))
    })?;
    Ok(answer(&described, &call.headers))
}

/// All objects that the caller sees.
pub(crate) fn global_body(call: &Call, caller: &Caller, version: Version) -> Value {
    let views = call.state.org.describe_global(caller);
    let items = views.iter().map(|view| item(view, caller, version));
    json!({
        "encoding": "UTF-8",
        "maxBatchSize": BATCH_RECORDS_MAX,
        "sobjects": items.collect::<Vec<_>>(),
    })
}

/// The whole describe of an object.
pub(crate) fn object_body(
    call: &Call,
    caller: &Caller,
    version: Version,
    name: &str,
) -> Result<Value, Error> {
    let view = call.state.org.describe(caller, name)?;
    Ok(object::describe(&view, caller, version))
}

/// `GET /sobjects/{object}/describe`.
pub(crate) async fn one(call: Call, caller: Caller) -> Result<Response, Failure> {
    let name = call.parameter("object").to_ascii_lowercase();
    let described = call.state.describes.get(&caller, call.version, &name, || {
        let view = call.state.org.describe(&caller, &name)?;
        let body = object::describe(&view, &caller, call.version);
        Ok((body, view.last_changed))
    })?;
    Ok(answer(&described, &call.headers))
}

/// What the caller sees of the object in the path.
pub(crate) fn view(call: &Call, caller: &Caller) -> Result<ObjectView, Failure> {
    Ok(call.state.org.describe(caller, call.parameter("object"))?)
}

fn answer(described: &Arc<Described>, headers: &HeaderMap) -> Response {
    let is_known = if headers.contains_key(header::IF_NONE_MATCH) {
        is_none_match(headers, &described.tag)
    } else {
        !modified_since(headers, described.last_changed)
    };
    let mut response = if is_known {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        json_bytes(StatusCode::OK, described.body.clone())
    };
    put_versions(
        response.headers_mut(),
        &described.tag,
        described.last_changed,
    );
    response
}

/// Says which version of something the answer is.
pub(crate) fn put_versions(headers: &mut HeaderMap, tag: &str, last_modified: Timestamp) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Ok(date) = HeaderValue::try_from(http_date(last_modified)) {
        headers.insert(header::LAST_MODIFIED, date);
    }
}

/// The URL of an object's resources: `/services/data/v68.0/sobjects/Account`.
pub(crate) fn object_path(version: Version, object: &str) -> String {
    format!("/services/data/v{version}/sobjects/{object}")
}

/// A map's keys and values as one JSON object, in order.
pub(crate) fn object_of(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.into_iter().collect())
}
