//! `composite/batch`: up to 25 requests that have nothing to do with one another.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use headwater_records::Caller;
use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};
use serde_json::value::RawValue;

use super::part::{self, Part, PartAnswer, Resource};
use super::requests::{PARTS_MAX, method, too_many};
use crate::answer::json_bytes;
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::json_body;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchBody<'b> {
    #[serde(default)]
    halt_on_error: bool,
    #[serde(borrow)]
    batch_requests: Vec<RequestBody<'b>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestBody<'b> {
    method: String,
    url: String,
    #[serde(borrow)]
    rich_input: Option<&'b RawValue>,
    binary_part_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Batch<'a> {
    has_errors: bool,
    results: Vec<Shown<'a>>,
}

struct Shown<'a>(&'a PartAnswer);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("Shown", 2)?;
        shown.serialize_field("statusCode", &self.0.status.as_u16())?;
        shown.serialize_field("result", &self.0.json())?;
        shown.end()
    }
}

/// `POST /composite/batch`.
pub(super) async fn batch(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body: BatchBody<'_> = json_body(&call)?;
    if body.batch_requests.len() > PARTS_MAX {
        return Err(too_many("subrequests", PARTS_MAX));
    }
    let mut answers: Vec<PartAnswer> = Vec::with_capacity(body.batch_requests.len());
    let mut has_errors = false;
    for request in body.batch_requests {
        let answer = if has_errors && body.halt_on_error {
            PartAnswer::refusal(&call, halted())
        } else {
            match part(&request) {
                Ok(part) => Box::pin(part::answer(&call, &call.state, &caller, part, may)).await,
                Err(failure) => PartAnswer::refusal(&call, failure),
            }
        };
        has_errors |= !answer.is_success();
        answers.push(answer);
    }
    let body = Batch {
        has_errors,
        results: answers.iter().map(Shown).collect(),
    };
    let body = serde_json::to_vec(&body).map_err(Failure::internal)?;
    Ok(json_bytes(StatusCode::OK, body.into()))
}

fn part(request: &RequestBody<'_>) -> Result<Part, Failure> {
    if request.binary_part_name.is_some() {
        let message = "Files cannot be sent with a batch request";
        return Err(Failure::bad_request("INVALID_INPUT", message));
    }
    // With and without what every address begins with: clients send both.
    let path = request.url.trim_start_matches('/');
    let url = if path.starts_with("services/") {
        format!("/{path}")
    } else {
        format!("/services/data/{path}")
    };
    let input = request.rich_input.map(|input| input.get().as_bytes());
    Ok(Part {
        method: method(&request.method)?,
        url,
        headers: HeaderMap::new(),
        body: input.map_or_else(Bytes::new, Bytes::copy_from_slice),
    })
}

fn may(resource: Resource) -> bool {
    match resource {
        Resource::Row
        | Resource::Describe
        | Resource::Query
        | Resource::Collection
        | Resource::Other => true,
        Resource::Never => false,
    }
}

fn halted() -> Failure {
    Failure::new(
        StatusCode::PRECONDITION_FAILED,
        "BATCH_PROCESSING_HALTED",
        "Batch processing halted per request",
    )
}
