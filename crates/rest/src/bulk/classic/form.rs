//! JSON or XML: what answers of Bulk API 1.0 are written in, refusals too.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use headwater_records::bulk::Job;
use serde_json::{Map, Value, json};

use crate::answer::escape;
use crate::error::Failure;

/// The default namespace of every document.
pub(super) const NAMESPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const XML: HeaderValue = HeaderValue::from_static("application/xml");
pub(super) const CSV: HeaderValue = HeaderValue::from_static("text/csv");

/// What an answer is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerForm {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

impl AnswerForm {
    /// What refusals of a request are written in; none where they are not those of this API.
    pub(crate) fn of_refusals(path: &str, headers: &HeaderMap) -> Option<Self> {
        const HERE: &str = "/services/async";
        let is_here = path
            .get(..HERE.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(HERE));
        is_here.then(|| Self::of_request(headers))
    }

    /// What is said of a job to this request.
    pub(super) fn of_request(headers: &HeaderMap) -> Self {
        let media_type = headers.get(header::CONTENT_TYPE);
        let is_json = media_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().contains("json"));
        if is_json { Self::Json } else { Self::Xml }
    }

    /// What is said of a job's batches.
    pub(super) fn of_batches(job: &Job) -> Self {
        match job.rows_type() {
            "JSON" => Self::Json,
            _ => Self::Xml,
        }
    }

    /// An object as an answer; in XML under this element.
    pub(super) fn answer(self, status: StatusCode, element: &str, value: &Value) -> Response {
        let text = match self {
            Self::Json => value.to_string(),
            Self::Xml => {
                let mut xml = format!("{DECLARATION}<{element} xmlns=\"{NAMESPACE}\">");
                if let Value::Object(map) = value {
                    elements(&mut xml, map);
                }
                let _ = write!(xml, "</{element}>");
                xml
            }
        };
        self.written(status, text)
    }

    /// A text that is of this form already.
    pub(super) fn written(self, status: StatusCode, text: String) -> Response {
        let media_type = match self {
            Self::Json => JSON,
            Self::Xml => XML,
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        response
    }
}

/// The media type of a job's own data.
pub(super) fn media_type(job: &Job) -> HeaderValue {
    match job.rows_type() {
        "JSON" => JSON,
        "XML" => XML,
        _ => CSV,
    }
}

/// The beginning of a document.
pub(super) fn document(element: &str, more: &str) -> String {
    format!("{DECLARATION}<{element} xmlns=\"{NAMESPACE}\"{more}>")
}

/// Keys as elements; a list repeats its own.
fn elements(xml: &mut String, map: &Map<String, Value>) {
    for (name, value) in map {
        match value {
            Value::Array(items) => items.iter().for_each(|item| element(xml, name, item)),
            value => element(xml, name, value),
        }
    }
}

fn element(xml: &mut String, name: &str, value: &Value) {
    // Writing to a String cannot fail.
    let _ = write!(xml, "<{name}>");
    match value {
        Value::Object(map) => elements(xml, map),
        Value::String(text) => xml.push_str(&escape(text.as_str())),
        Value::Null | Value::Array(_) => {}
        Value::Bool(_) | Value::Number(_) => {
            let _ = write!(xml, "{value}");
        }
    }
    let _ = write!(xml, "</{name}>");
}

/// A refusal in this API's words.
pub(crate) fn refusal(failure: &Failure, form: AnswerForm) -> Response {
    let first = failure.errors.first();
    let (code, message) = first.map_or(("", ""), |item| (item.code, item.message.as_str()));
    let exception = match code {
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => "InvalidSessionId",
        "NOT_FOUND" if message.starts_with("Invalid job id") => "InvalidJob",
        "NOT_FOUND" | "METHOD_NOT_ALLOWED" => "InvalidUrl",
        "INVALIDJOB" => "InvalidJob",
        "INVALIDJOBSTATE" => "InvalidJobState",
        "INVALIDBATCH" | "JOB_NOT_COMPLETE" => "InvalidBatch",
        "INVALIDENTITY" => "InvalidEntity",
        "FEATURENOTENABLED" | "API_CURRENTLY_DISABLED" => "FeatureNotEnabled",
        "EXCEEDEDQUOTA" | "REQUEST_LIMIT_EXCEEDED" | "REQUEST_ENTITY_TOO_LARGE" => "ExceededQuota",
        "SERVER_UNAVAILABLE" => "Timeout",
        "UNKNOWN_EXCEPTION" => "Unknown",
        _ => "ClientInputError",
    };
    // What clients look at is the code; a session that has ended is a 400 here as well.
    let status = if failure.status.is_server_error() {
        failure.status
    } else {
        StatusCode::BAD_REQUEST
    };
    let value = json!({ "exceptionCode": exception, "exceptionMessage": message });
    let mut response = form.answer(status, "error", &value);
    response
        .headers_mut()
        .extend(failure.headers.iter().cloned());
    response
}
