//! Answers that succeed, and the forms a client may ask them in.

mod escape;
mod pretty;
mod xml;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;

pub(crate) use escape::{escape, is_xml};
pub(crate) use pretty::pretty;
pub(crate) use xml::xml_of;

/// What JSON answers say they are.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

/// What XML answers say they are.
pub(crate) const XML: HeaderValue = HeaderValue::from_static("application/xml;charset=UTF-8");

/// A JSON answer.
pub fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    json_bytes(status, body.to_string().into())
}

/// A JSON answer that is written already.
pub(crate) fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// A file, as it is. No browser is to show it as a page of this server's, whatever it says it is.
pub(crate) fn file(body: Body, media_type: HeaderValue) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    for (name, value) in [
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether an answer is a file, which is sent as it is whatever form was asked for.
pub(crate) fn is_file(response: &Response) -> bool {
    response.headers().contains_key(header::CONTENT_DISPOSITION)
}

/// 204.
pub fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
