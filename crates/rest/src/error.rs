//! Every refusal as Salesforce words it: status, code, message, fields.

mod bulk;
mod messaging;
mod problem;
mod record;
#[cfg(test)]
mod table;

use std::fmt::Write as _;

use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use headwater_catalogue::{Id, Name};
use headwater_records::explain::{Lock, Rule};
use serde_json::{Value, json};

use crate::call::Version;
use crate::route::Format;

pub(crate) use problem::wrong_type;
pub(crate) use record::method_of;

/// Why a request did not do what it asked.
#[derive(Debug)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    /// What the body says, one entry per error; none: no body.
    pub errors: Vec<ErrorItem>,
    /// The records that an external id names, when it names several: the body is their URLs.
    pub several: Option<Box<(Name, Vec<Id>)>>,
    /// Fields that cannot be written, for the header that says where to edit instead.
    pub locks: Vec<Lock>,
    /// Headers of the answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What really happened, for the log alone.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// One entry of an error body.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorItem {
    /// What clients branch on.
    pub code: &'static str,
    /// What people read.
    pub message: String,
    /// The API names of the fields it is about; none: the body has no such key.
    pub fields: Option<Vec<Name>>,
}

/// Where to edit a field that cannot be written here: one entry per field.
const EDIT_AT: HeaderName = HeaderName::from_static("headwater-edit-at");

impl ErrorItem {
    /// An entry that is not about fields of a record.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: None,
        }
    }

    /// An entry about these fields. Errors of writes carry the key even when it is empty.
    pub fn of_fields(code: &'static str, message: impl Into<String>, fields: Vec<Name>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Some(fields),
        }
    }

    fn to_json(&self) -> Value {
        let mut item = json!({ "message": self.message, "errorCode": self.code });
        if let Some(fields) = &self.fields {
            item["fields"] = json!(fields);
        }
        item
    }
}

/// Makers.
impl Failure {
    /// A refusal of the request as a whole.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::of(status, vec![ErrorItem::new(code, message)])
    }

    /// A refusal with these entries.
    pub fn of(status: StatusCode, errors: Vec<ErrorItem>) -> Self {
        Self {
            status,
            errors,
            several: None,
            locks: Vec::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// An answer without a body, such as 304 and 412.
    pub fn empty(status: StatusCode) -> Self {
        Self::of(status, Vec::new())
    }

    /// 400 with a code.
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// The URL leads nowhere, or the caller may not know where.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "The requested resource does not exist",
        )
    }

    /// The access token is missing, unknown, revoked or too old.
    pub fn invalid_session() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "INVALID_SESSION_ID",
            "Session expired or invalid",
        )
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"))
    }

    /// The `Authorization` header is of a scheme that carries no access token.
    pub fn invalid_auth_header() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "INVALID_AUTH_HEADER",
            "INVALID_HEADER_TYPE",
        )
    }

    /// The path has other methods: these.
    pub fn method_not_allowed<'m>(
        asked: &Method,
        allowed: impl IntoIterator<Item = &'m Method>,
    ) -> Self {
        let mut names = Vec::new();
        for method in allowed {
            if *method == Method::GET {
                names.push(Method::HEAD.as_str());
            }
            names.push(method.as_str());
        }
        let names = names.join(",");
        let message = format!("HTTP Method '{asked}' not allowed. Allowed are {names}");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let failure = Self::new(status, "METHOD_NOT_ALLOWED", message);
        match HeaderValue::from_str(&names) {
            Ok(names) => failure.with_header(header::ALLOW, names),
            Err(_) => failure,
        }
    }

    /// The body is of a media type this resource does not read.
    pub fn unsupported_media_type(media_type: &str) -> Self {
        let shown: String = media_type.chars().take(100).collect();
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            format!(
                "Content type '{shown}' is not supported by this resource; send application/json"
            ),
        )
    }

    /// The body is not the JSON it should be. `place` is the text `at [line:1, column:2]` speaks
    /// of.
    pub fn json(message: &str, line: usize, column: usize) -> Self {
        let message = format!("{message} at [line:{line}, column:{column}]");
        Self::bad_request("JSON_PARSER_ERROR", message)
    }

    /// Calls are used up for today.
    pub fn request_limit_exceeded() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "REQUEST_LIMIT_EXCEEDED",
            "TotalRequests Limit exceeded.",
        )
    }

    /// Our fault; the cause is for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut failure = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred. Please include this ErrorId if you contact support",
        );
        failure.cause = Some(cause.into());
        failure
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// The answer.
impl Failure {
    /// The body in a format; empty when there is none.
    pub(crate) fn body(&self, format: Format, version: Version, request_id: &str) -> String {
        if let Some((object, ids)) = self.several.as_deref() {
            let url = |id: &Id| format!("/services/data/v{version}/sobjects/{object}/{id}");
            return json!(ids.iter().map(url).collect::<Vec<_>>()).to_string();
        }
        if self.errors.is_empty() {
            return String::new();
        }
        match format {
            Format::Json => {
                let items = self
                    .errors
                    .iter()
                    .map(|error| self.item(error, version, request_id));
                Value::Array(items.collect()).to_string()
            }
            Format::Xml => self.xml(),
        }
    }

    /// One entry with what only we add: clients of Salesforce ignore keys they do not know.
    fn item(&self, error: &ErrorItem, version: Version, request_id: &str) -> Value {
        let mut item = error.to_json();
        if self.status == StatusCode::INTERNAL_SERVER_ERROR {
            let message = format!("{}: {request_id}", error.message);
            item["message"] = Value::String(message);
        }
        if !self.locks.is_empty() {
            let locks = self.locks.iter().map(|lock| lock_json(lock, version));
            item["notWritable"] = Value::Array(locks.collect());
        }
        item
    }

    fn xml(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Errors>");
        for error in &self.errors {
            // Writing to a String cannot fail.
            let _ = write!(
                xml,
                "<Error><errorCode>{}</errorCode><message>{}</message></Error>",
                error.code,
                crate::answer::escape(error.message.as_str())
            );
        }
        xml.push_str("</Errors>");
        xml
    }

    /// The header that says where to edit, when there is such a place.
    pub(crate) fn edit_at(&self, version: Version) -> Option<(HeaderName, HeaderValue)> {
        let places = self.locks.iter().filter_map(|lock| {
            let url = edit_at_url(lock, version)?;
            Some(format!("{}={url}", lock.field))
        });
        let places = places.collect::<Vec<_>>().join(", ");
        let value = HeaderValue::from_str(&places).ok()?;
        (!places.is_empty()).then_some((EDIT_AT, value))
    }
}

/// Why a field cannot be written and where to edit instead.
pub(crate) fn lock_json(lock: &Lock, version: Version) -> Value {
    let edit_at = lock.edit_at.as_ref().map(|place| {
        json!({
            "object": place.object,
            "field": place.field,
            "id": place.record.map(|id| id.to_string()),
            "url": edit_at_url(lock, version),
            "sessions": place.sessions,
            "editable": place.editable,
        })
    });
    json!({
        "field": lock.field,
        "rule": rule_word(lock.rule),
        "reason": lock.reason,
        "grantedBy": lock.granted_by,
        "editAt": edit_at,
    })
}

fn rule_word(rule: Rule) -> &'static str {
    match rule {
        Rule::Inherited => "inherited",
        Rule::Computed => "computed",
        Rule::System => "system",
        Rule::SetOnce => "setOnce",
        Rule::ObjectReadOnly => "objectReadOnly",
        Rule::ObjectRight => "objectRight",
        Rule::FieldRight => "fieldRight",
        Rule::RecordAccess => "recordAccess",
        Rule::ObjectHidden => "objectHidden",
        Rule::RecordHidden => "recordHidden",
        Rule::FieldHidden => "fieldHidden",
    }
}

/// Where to edit instead; with Salesforce's own `{ID}` where the record is not known.
fn edit_at_url(lock: &Lock, version: Version) -> Option<String> {
    let place = lock.edit_at.as_ref()?;
    let (object, field) = (&place.object, &place.field);
    let id = place
        .record
        .map_or_else(|| "{ID}".to_owned(), |id| id.to_string());
    Some(format!(
        "/services/data/v{version}/sobjects/{object}/{id}/{field}"
    ))
}
