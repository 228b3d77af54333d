//! What calls to the carriers' APIs have in common.

use headwater_messaging::{Again, Undelivered};
use jiff::SignedDuration;
use reqwest::{Response, StatusCode, header};
use serde_json::Value;

/// An answer of a carrier's: its status, when to come back if it says so, and what it says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<SignedDuration>,
    pub(crate) body: Value,
}

impl Answer {
    /// A text of the body, by its JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<String> {
        text(&self.body, pointer)
    }

    /// A whole number of the body, by its JSON pointer.
    pub(crate) fn number(&self, pointer: &str) -> Option<i64> {
        self.body.pointer(pointer)?.as_i64()
    }

    /// When to try again what this answer refused.
    pub(crate) fn again(&self) -> Again {
        let may_pass =
            self.status == StatusCode::TOO_MANY_REQUESTS || self.status.is_server_error();
        match self.retry_after {
            Some(wait) if may_pass => Again::After(wait),
            _ if may_pass => Again::Later,
            _ => Again::Never,
        }
    }
}

/// Text or number at a place of a JSON value, as text.
pub(crate) fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Makes a request, and reads the answer as JSON; what is none counts as an empty one.
///
/// # Errors
/// No answer. Carriers know no message again, so one whose answer is lost is not tried again by itself:
/// the agent is told, and decides.
pub(crate) async fn call(
    carrier: &str,
    request: reqwest::RequestBuilder,
) -> Result<Answer, Undelivered> {
    let not_reached = |error: reqwest::Error| not_reached(carrier, &error);
    let response = request.send().await.map_err(not_reached)?;
    let status = response.status();
    let retry_after = retry_after(&response);
    let body = response.bytes().await.map_err(not_reached)?;
    Ok(Answer {
        status,
        retry_after,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

/// An answer that says that something went well and lacks what it should say.
pub(crate) fn not_understood(carrier: &str) -> Undelivered {
    Undelivered::for_good(
        "NOT_UNDERSTOOD",
        format!(
            "{carrier} answered what cannot be understood, so it is not certain whether it did it"
        ),
    )
}

/// How long `Retry-After` asks to wait, in seconds; a date is not read, for no carrier sends one.
fn retry_after(response: &Response) -> Option<SignedDuration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim()
        .parse()
        .ok()
        .map(|seconds: u32| SignedDuration::from_secs(seconds.into()))
}

pub(crate) fn not_reached(carrier: &str, error: &reqwest::Error) -> Undelivered {
    // Nothing was sent when there was no connection; else the carrier may have it. The error itself
    // is not told: it holds the address, and Telegram's hold the token.
    if error.is_connect() {
        let reason = format!("{carrier} cannot be reached");
        return Undelivered::for_good("NOT_REACHED", reason).again(Again::Later);
    }
    let reason =
        format!("{carrier} did not answer, so it is not certain whether the message went out");
    Undelivered::for_good("NO_ANSWER", reason)
}
