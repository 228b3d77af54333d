//! Calls from pages of other origins: only the configured ones, named back one by one.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use crate::state::RestSettings;

const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Sforce-Limit-Info, ETag, Sforce-Locator, Sforce-NumberOfRecords, Location, Headwater-Edit-At",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-None-Match, If-Modified-Since, \
     If-Unmodified-Since, Sforce-Call-Options, Sforce-Query-Options, X-PrettyPrint, X-Request-Id",
);
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("3600");
const REQUEST_METHOD: HeaderName = header::ACCESS_CONTROL_REQUEST_METHOD;

/// The request's origin, if it is one that may call.
pub(crate) fn origin(settings: &RestSettings, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let known = |known: &String| known.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
    settings
        .cors_origins
        .iter()
        .any(known)
        .then(|| origin.clone())
}

/// The answer to a browser that asks before it calls.
pub(crate) fn preflight(settings: &RestSettings, parts: &Parts) -> Option<Response> {
    let asks = parts.method == Method::OPTIONS && parts.headers.contains_key(REQUEST_METHOD);
    let origin = asks.then(|| origin(settings, &parts.headers))??;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    expose(headers, &origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    Some(response)
}

/// Lets pages of an origin read the answer.
pub(crate) fn expose(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
