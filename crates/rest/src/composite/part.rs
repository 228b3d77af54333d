//! One request inside of another's body, answered by the handler that answers it alone.

use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use headwater_records::Caller;
use http_body_util::BodyExt as _;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::value::RawValue;

use super::COLLECTION;
use crate::answer::is_file;
use crate::call::Call;
use crate::error::Failure;
use crate::route::{Format, Handler};
use crate::serve;
use crate::state::RestState;

/// What may stand in an address as people write it and not as HTTP has it.
const UNFIT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A request to be answered inside of another.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) method: Method,
    /// From `/services` on.
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What kind of resource a part is for: each way to send parts takes some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// A record, or an object's records, for whoever writes them.
    Row,
    /// Something else under `sobjects`.
    Describe,
    /// `query` or `queryAll`.
    Query,
    /// Several records.
    Collection,
    /// All else that is there for clients.
    Other,
    /// What holds parts itself, or takes bytes and not JSON.
    Never,
}

impl Resource {
    fn of(pattern: &str) -> Self {
        let Some(path) = pattern.strip_prefix("/services/data/{version}/") else {
            return Self::Never;
        };
        match path {
            "sobjects/{object}"
            | "sobjects/{object}/Id"
            | "sobjects/{object}/{id}"
            | "sobjects/{object}/{field}/{value}" => Self::Row,
            "sobjects/User/{id}/password" => Self::Never,
            "query" | "queryAll" | "query/{locator}" | "queryAll/{locator}" => Self::Query,
            _ if pattern.starts_with(COLLECTION) => Self::Collection,
            _ if path.starts_with("composite") => Self::Never,
            _ if path.starts_with("sobjects") => Self::Describe,
            _ => Self::Other,
        }
    }
}

/// A part's answer.
#[derive(Debug)]
pub(super) struct PartAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// JSON, or nothing.
    pub(super) body: Bytes,
}

impl PartAnswer {
    /// An answer that refuses.
    pub(super) fn refusal(call: &Call, failure: Failure) -> Self {
        call.report(&failure);
        let body = failure.body(Format::Json, call.version, &call.request_id);
        Self {
            status: failure.status,
            headers: failure.headers.into_iter().collect(),
            body: body.into(),
        }
    }

    /// Whether it did what was asked.
    pub(super) fn is_success(&self) -> bool {
        self.status.is_success() || self.status == StatusCode::NOT_MODIFIED
    }

    /// The body as it stands in the answer to the whole.
    pub(super) fn json(&self) -> Option<&RawValue> {
        serde_json::from_slice(&self.body).ok()
    }

    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let collected = if body.is_end_stream() {
            Bytes::new()
        } else {
            let collected = body.collect().await;
            collected.map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes)
        };
        Self {
            status: parts.status,
            headers: parts.headers,
            body: collected,
        }
    }
}

/// Answers a part, if it is for a resource that may be asked so.
pub(super) async fn answer(
    call: &Call,
    state: &Arc<RestState>,
    caller: &Caller,
    part: Part,
    may: impl Fn(Resource) -> bool,
) -> PartAnswer {
    match handled(call, state, caller, part, may).await {
        Ok(response) => PartAnswer::of(response).await,
        Err(failure) => PartAnswer::refusal(call, failure),
    }
}

async fn handled(
    call: &Call,
    state: &Arc<RestState>,
    caller: &Caller,
    part: Part,
    may: impl Fn(Resource) -> bool,
) -> Result<Response, Failure> {
    let uri = uri(&part.url)?;
    let table = Arc::clone(&call.table);
    let routed = serve::find(&table, &part.method, uri.path())?;
    let handler = match &routed.route.handler {
        Handler::Caller(handler) if may(Resource::of(routed.route.pattern)) => handler,
        Handler::Caller(_) | Handler::Nobody(_) | Handler::Upload(_) => {
            return Err(not_here(&part.url));
        }
    };
    let inner = Call {
        state: Arc::clone(state),
        table: Arc::clone(&call.table),
        request_id: Arc::clone(&call.request_id),
        method: part.method,
        uri,
        headers: headers(call, part.headers),
        body: part.body,
        parameters: routed.parameters,
        version: routed.version,
        scheme: call.scheme,
        address: call.address,
    };
    let response = serve::caught(handler(inner, caller.clone())).await?;
    // The answer to the whole is JSON, which holds no bytes.
    if is_file(&response) {
        return Err(not_here(&part.url));
    }
    Ok(response)
}

fn uri(url: &str) -> Result<Uri, Failure> {
    let fit = utf8_percent_encode(url, UNFIT).to_string();
    fit.parse().map_err(|_| Failure::not_found())
}

/// The part's own headers, and of the whole what says where the answer goes.
fn headers(call: &Call, mut own: HeaderMap) -> HeaderMap {
    for name in ["host", "x-forwarded-proto", "x-forwarded-host"] {
        if let Some(value) = call.headers.get(name) {
            own.insert(name, value.clone());
        }
    }
    own.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    own
}

fn not_here(url: &str) -> Failure {
    let shown: String = url.chars().take(200).collect();
    Failure::new(
        StatusCode::NOT_FOUND,
        "OPERATION_NOT_ALLOWED",
        format!("The resource {shown} is not supported within this request"),
    )
}
