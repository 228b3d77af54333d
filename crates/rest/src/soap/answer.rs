//! Writing envelopes. Clients read these answers with regular expressions, so the elements stand
//! there bare, without prefixes; of attributes they have what says that a value is nil, and the type
//! where a client could not tell it.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::answer::escape;

/// An answer of SOAP's type.
pub(super) fn response(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let xml = HeaderValue::from_static("text/xml;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, xml);
    response
}

/// An envelope around a response element with this inside.
pub(super) fn wrapped(element: &str, inside: &str) -> String {
    if inside.is_empty() {
        return envelope(&format!("<{element}/>"), RECORDS);
    }
    envelope(&format!("<{element}>{inside}</{element}>"), RECORDS)
}

/// What `sf:` stands for in an answer: the fields of records, or the parts of a fault.
pub(super) const RECORDS: &str = "urn:sobject.partner.soap.sforce.com";
pub(super) const FAULTS: &str = "urn:fault.partner.soap.sforce.com";

/// The namespaces stand at the root, so that nothing below needs an attribute for them.
pub(super) fn envelope(body: &str, sf: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"urn:partner.soap.sforce.com\" xmlns:sf=\"{sf}\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}\
         </soapenv:Body></soapenv:Envelope>"
    )
}

/// An element without prefix and attributes; one without a value says that it is nil.
pub(super) fn element(xml: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = if value.is_empty() {
        write!(xml, "<{name} xsi:nil=\"true\"/>")
    } else {
        write!(xml, "<{name}>{}</{name}>", escape(value))
    };
}

pub(super) fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// A value of describe, whose lists are elements that come again. The addresses of REST's
/// resources are left out.
pub(super) fn described(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => element(xml, name, ""),
        Value::Bool(on) => element(xml, name, flag(*on)),
        Value::Number(number) => element(xml, name, &number.to_string()),
        // An empty text is no missing one.
        Value::String(text) if text.is_empty() => {
            let _ = write!(xml, "<{name}></{name}>");
        }
        Value::String(text) => element(xml, name, text),
        Value::Array(values) => {
            for value in values {
                described(xml, name, value);
            }
        }
        Value::Object(members) => {
            let _ = write!(xml, "<{name}>");
            for (key, value) in members.iter().filter(|(key, _)| *key != "urls") {
                described(xml, key, value);
            }
            let _ = write!(xml, "</{name}>");
        }
    }
}
