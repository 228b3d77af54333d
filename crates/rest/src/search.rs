//! `/search`: SOSL, the same by parameters, suggestions as somebody types, and what searches show.

mod parameters;
mod shown;
mod suggestions;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_records::Caller;
use headwater_records::search::SearchAnswer;
use headwater_soql::resolved::{Output, Query};
use serde_json::{Value, json};

use crate::answer::json_bytes;
use crate::call::{Call, Version};
use crate::error::Failure;
use crate::record_json::RecordJson;
use crate::route::Route;

/// From this version on the records of a search stand in an object; before they are the answer.
const WRAPPED_SINCE: u8 = 37;

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PARAMETERIZED: &str = "/services/data/{version}/parameterizedSearch";
    vec![
        Route::caller(GET, "/services/data/{version}/search", search),
        Route::caller(
            GET,
            "/services/data/{version}/search/scopeOrder",
            shown::scope_order,
        ),
        Route::caller(GET, "/services/data/{version}/search/layout", shown::layout),
        Route::caller(
            GET,
            "/services/data/{version}/search/suggestions",
            suggestions::suggest,
        ),
        Route::caller(GET, PARAMETERIZED, parameters::of_query),
        Route::caller(POST, PARAMETERIZED, parameters::of_body),
    ]
}

async fn search(call: Call, caller: Caller) -> Result<Response, Failure> {
    let text = call.query("q").filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| malformed("A search string has to be specified"))?;
    answer(&call, &caller, &text).await
}

/// A refusal of a search before it is one.
fn malformed(message: impl Into<String>) -> Failure {
    Failure::bad_request("MALFORMED_SEARCH", message)
}

/// The answer of a search.
async fn answer(call: &Call, caller: &Caller, text: &str) -> Result<Response, Failure> {
    let sink = RecordJson::new(call.version);
    let found = call.state.org.search(caller, text, sink).await?;
    Ok(written(call.version, found))
}

fn written(version: Version, found: SearchAnswer<RecordJson>) -> Response {
    let labels = found.labels.then(|| labels(&found));
    let records = found.sink.into_bytes();
    let mut body = Vec::with_capacity(records.len() + 40);
    let is_wrapped = version.number() >= WRAPPED_SINCE;
    body.extend_from_slice(if is_wrapped {
        b"{\"searchRecords\":["
    } else {
        b"["
    });
    body.extend_from_slice(&records);
    body.push(b']');
    if is_wrapped {
        if let Some(labels) = labels {
            body.extend_from_slice(b",\"metadata\":");
            body.extend_from_slice(labels.to_string().as_bytes());
        }
        body.push(b'}');
    }
    json_bytes(StatusCode::OK, body.into())
}

/// What the fields are called: `WITH METADATA = 'LABELS'`.
fn labels(found: &SearchAnswer<RecordJson>) -> Value {
    let entities = found
        .queries
        .iter()
        .map(|query| json!({ "entityName": query.object().name, "fieldMetadata": fields(query) }));
    json!({ "entityMetadata": entities.collect::<Vec<_>>() })
}

fn fields(query: &Query) -> Value {
    let object = query.object();
    let names = query.outputs.iter().map(|output| match output {
        Output::Value { name, .. }
        | Output::Function { name, .. }
        | Output::Address { name, .. }
        | Output::Parent { name, .. }
        | Output::TypeOf { name, .. }
        | Output::Children { name, .. } => name,
    });
    let fields = names.map(|name| {
        let label = object.field(name).map_or(name, |field| &field.label);
        json!({ "name": name, "label": label })
    });
    fields.collect()
}
