//! `composite`: up to 25 requests, later ones with values from the answers of earlier ones.

use std::collections::{HashMap, HashSet};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use headwater_records::Caller;
use serde::Serialize;
use serde_json::value::RawValue;

use super::part::Resource;
use super::reference::is_reference;
use super::transaction::{self, Outcome, Request, Shown};
use crate::answer::json_bytes;
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::json_body;

/// Most parts of a request.
pub(super) const PARTS_MAX: usize = 25;

/// Most of them that are a query or several records.
const LARGE_PARTS_MAX: usize = 5;

/// From this version on, a reference id that nothing could refer to is a mistake of the whole.
const REFERENCES_CHECKED_FROM: u8 = 52;

/// Headers that are the whole request's to say.
const HEADERS_OF_THE_WHOLE: [&str; 3] = ["accept", "authorization", "content-type"];

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompositeBody<'b> {
    #[serde(default)]
    all_or_none: bool,
    #[serde(borrow)]
    composite_request: Vec<RequestBody<'b>>,
}

/// A part, here and in a graph.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestBody<'b> {
    method: String,
    url: String,
    reference_id: String,
    #[serde(borrow)]
    body: Option<&'b RawValue>,
    http_headers: Option<HashMap<String, String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompositeResponse<'a> {
    composite_response: Vec<Shown<'a>>,
}

/// `POST /composite`.
pub(super) async fn composite(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body: CompositeBody<'_> = json_body(&call)?;
    if body.composite_request.len() > PARTS_MAX {
        return Err(too_many("subrequests", PARTS_MAX));
    }
    let requests = requests(&call, body.composite_request)?;
    let large = requests.iter().filter(|request| is_large(request)).count();
    if large > LARGE_PARTS_MAX {
        let what = "subrequests for query, queryAll or several records";
        return Err(too_many(what, LARGE_PARTS_MAX));
    }
    let outcome = if body.all_or_none {
        transaction::all_or_none(&call, &caller, &requests, may).await?
    } else {
        transaction::each(&call, &caller, &requests, may).await
    };
    let body = serde_json::to_vec(&shown(&requests, &outcome)).map_err(Failure::internal)?;
    Ok(json_bytes(StatusCode::OK, body.into()))
}

fn may(resource: Resource) -> bool {
    match resource {
        Resource::Row | Resource::Describe | Resource::Query | Resource::Collection => true,
        Resource::Other | Resource::Never => false,
    }
}

/// The answer to the whole.
pub(super) fn shown<'a>(
    requests: &'a [Request<'_>],
    outcome: &'a Outcome,
) -> CompositeResponse<'a> {
    let shown = requests.iter().zip(&outcome.answers);
    let shown = shown.map(|(request, answer)| Shown {
        reference: &request.reference,
        answer,
    });
    CompositeResponse {
        composite_response: shown.collect(),
    }
}

/// The parts of a body, if they are well formed.
pub(super) fn requests<'b>(
    call: &Call,
    bodies: Vec<RequestBody<'b>>,
) -> Result<Vec<Request<'b>>, Failure> {
    let mut seen = HashSet::new();
    let mut requests = Vec::with_capacity(bodies.len());
    for body in bodies {
        let reference = body.reference_id;
        if !is_reference(&reference) && call.version.number() >= REFERENCES_CHECKED_FROM {
            return Err(Failure::bad_request(
                "INVALID_INPUT",
                format!(
                    "Provided referenceId ('{reference}') must start with a letter or a number, \
                     and it can contain only letters, numbers and underscores ('_')."
                ),
            ));
        }
        if !seen.insert(reference.clone()) {
            let message = format!("Duplicate referenceId '{reference}' in the request");
            return Err(Failure::bad_request("INVALID_INPUT", message));
        }
        requests.push(Request {
            method: method(&body.method)?,
            url: body.url,
            reference,
            headers: headers(body.http_headers.unwrap_or_default())?,
            body: body.body.filter(|body| body.get() != "null"),
        });
    }
    Ok(requests)
}

pub(super) fn method(name: &str) -> Result<Method, Failure> {
    let upper = name.to_ascii_uppercase();
    Method::from_bytes(upper.as_bytes()).map_err(|_| {
        let shown: String = name.chars().take(40).collect();
        Failure::bad_request("INVALID_INPUT", format!("'{shown}' is not an HTTP method"))
    })
}

fn headers(given: HashMap<String, String>) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let parsed = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        );
        let (Ok(known), Ok(value)) = parsed else {
            let message = format!("The header '{name}' cannot be sent");
            return Err(Failure::bad_request("INVALID_INPUT", message));
        };
        if HEADERS_OF_THE_WHOLE.contains(&known.as_str()) {
            let message = format!("The header '{name}' cannot be set for a subrequest");
            return Err(Failure::bad_request("INVALID_INPUT", message));
        }
        headers.insert(known, value);
    }
    Ok(headers)
}

fn is_large(request: &Request<'_>) -> bool {
    let path = request.url.split('?').next().unwrap_or_default();
    let mut words = path.split('/').skip(4).map(str::to_ascii_lowercase);
    matches!(
        words.next().as_deref(),
        Some("query" | "queryall" | "composite")
    )
}

pub(super) fn too_many(what: &str, max: usize) -> Failure {
    let message = format!("The number of {what} is more than {max}");
    Failure::bad_request("LIMIT_EXCEEDED", message)
}
