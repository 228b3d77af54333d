//! What is known of a request before its handler runs, and the limits it must keep.

use axum::body::{Body, HttpBody as _};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::packing;
use super::{PRETTY_PRINT, REQUEST_ID, cors, format_wanted};
use crate::bulk::AnswerForm;
use crate::call::Version;
use crate::error::Failure;
use crate::route::Format;
use crate::state::RestState;

/// Most characters of a request id that a client chooses.
const REQUEST_ID_CHARACTERS_MAX: usize = 128;

/// What the answer needs to know of the request.
pub(crate) struct Intake {
    pub(crate) request_id: String,
    pub(crate) format: Format,
    pub(crate) pretty: bool,
    pub(crate) version: Version,
    /// How the answer may be packed.
    pub(crate) encodings: Option<HeaderValue>,
    /// The origin to let read the answer.
    pub(crate) origin: Option<HeaderValue>,
    /// How refusals of Bulk API 1.0 are to look, which has words of its own.
    pub(crate) classic: Option<AnswerForm>,
    /// Calls today with this one; none where calls are not counted.
    pub(crate) calls_today: Option<u64>,
}

impl Intake {
    /// What a request says, whose route has this version, if it has a route.
    pub(crate) fn new(state: &RestState, parts: &Parts, routed: Option<Version>) -> Self {
        let path = parts.uri.path();
        let is_data = path
            .get(..DATA.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(DATA));
        Self {
            request_id: request_id(state, &parts.headers),
            format: format_wanted(&parts.uri, &parts.headers),
            pretty: parts.headers.get(PRETTY_PRINT).is_some_and(|v| v == "1"),
            version: routed.unwrap_or_else(|| version(path)),
            encodings: parts.headers.get(header::ACCEPT_ENCODING).cloned(),
            classic: AnswerForm::of_refusals(path, &parts.headers),
            origin: cors::origin(&state.settings, &parts.headers),
            calls_today: is_data.then(|| state.usage.count(state.org.now())),
        }
    }

    /// Refuses requests beyond a limit.
    pub(crate) fn check(&self, state: &RestState, parts: &Parts) -> Result<(), Failure> {
        let settings = &state.settings;
        let uri_bytes = parts.uri.path_and_query().map_or(0, |p| p.as_str().len());
        if uri_bytes > settings.uri_bytes_max {
            let max = settings.uri_bytes_max;
            let message = format!("The URI is longer than {max} bytes");
            return Err(Failure::new(
                StatusCode::URI_TOO_LONG,
                "URI_TOO_LONG",
                message,
            ));
        }
        let header_bytes: usize = parts
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        if header_bytes > settings.header_bytes_max {
            let message = format!(
                "The headers have more than {} bytes",
                settings.header_bytes_max
            );
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Err(Failure::new(status, "REQUEST_HEADERS_TOO_LARGE", message));
        }
        match self.calls_today {
            Some(calls) if calls > settings.api_requests_daily_max => {
                Err(Failure::request_limit_exceeded())
            }
            _ => Ok(()),
        }
    }
}

const DATA: &str = "/services/data";

/// The version in the path, for URLs in the answer; the newest where there is none.
fn version(path: &str) -> Version {
    let segment = path.split('/').nth(3).unwrap_or_default();
    segment.parse().unwrap_or(Version::NEWEST)
}

/// The client's name for the request, if it is one that can stand in a log; else one of ours.
fn request_id(state: &RestState, headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_fit = |id: &&str| {
        let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        !id.is_empty() && id.len() <= REQUEST_ID_CHARACTERS_MAX && id.chars().all(fit)
    };
    given
        .filter(is_fit)
        .map_or_else(|| state.request_ids.next(), str::to_owned)
}

/// The whole body, unless it is too large or packed in a way we do not know.
pub(crate) async fn read(body: Body, parts: &Parts, max: usize) -> Result<Bytes, Failure> {
    let body = match parts.headers.get(header::CONTENT_ENCODING) {
        None if body.is_end_stream() => return Ok(Bytes::new()),
        _ => unpacked(body, parts).await?,
    };
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "REQUEST_ENTITY_TOO_LARGE",
            format!("Maximum size of request reached. Maximum size of request is {max} bytes."),
        )),
        Err(_) => Err(Failure::bad_request(
            "JSON_PARSER_ERROR",
            "The body ended early or could not be unpacked",
        )),
    }
}

/// The body, unpacked while it is read.
pub(crate) async fn unpacked(body: Body, parts: &Parts) -> Result<Body, Failure> {
    match parts.headers.get(header::CONTENT_ENCODING) {
        None => Ok(body),
        Some(encoding) => packing::unpacked(body, encoding)
            .await
            .ok_or_else(|| unknown_encoding(encoding)),
    }
}

fn unknown_encoding(encoding: &HeaderValue) -> Failure {
    let name = encoding.to_str().unwrap_or("?");
    let message = format!("Content encoding '{name}' is not supported; send gzip or none");
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Failure::new(status, "UNSUPPORTED_MEDIA_TYPE", message)
}
