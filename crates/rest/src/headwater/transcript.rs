//! `sessions/{id}/transcript`: all that was said in a session, as JSON or as text.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use headwater_records::Caller;

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// What the text says it is.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The whole transcript; notes and flags with `internal=true`.
pub(super) async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let as_text = wants_text(&call)?;
    let messaging = &call.state.messaging;
    let read = messaging.whole_transcript(&caller, call.parameter("id"), call.flag("internal"));
    let transcript = read.await?;
    if !as_text {
        return Ok(answer::json(StatusCode::OK, &transcript.json()));
    }
    let mut response = Response::new(transcript.text(&caller.zone).into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, TEXT);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Ok(response)
}

/// Whether text is asked for: by `format`, or where that is not given by what is accepted first.
fn wants_text(call: &Call) -> Result<bool, Failure> {
    match call.query("format").as_deref() {
        Some("text") => Ok(true),
        Some("json") => Ok(false),
        Some(other) => {
            let message = format!("format: '{other}' is neither json nor text");
            Err(Failure::bad_request("INVALID_QUERY_VALUE", message))
        }
        None => {
            let accepted = call.header(header::ACCEPT).unwrap_or_default();
            let first = accepted.split([',', ';']).next().unwrap_or_default();
            Ok(first.trim().eq_ignore_ascii_case("text/plain"))
        }
    }
}
