//! Why a request of a web client was refused, in the shape that its clients read.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use headwater_messaging::Error;
use headwater_records::Error as RecordsError;
use serde_json::json;

use crate::attributes::Problem;

/// After how many seconds a file may be tried again that could not be scanned.
const NOT_SCANNED_SECONDS: i64 = 30;

/// Why nothing was done: `{errorCode, message}`.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Seconds after which to try again.
    retry_after: Option<i64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
    }

    /// A body that is not what it should be.
    pub(super) fn unread(rejection: &JsonRejection) -> Self {
        Self::bad(rejection.body_text())
    }

    /// Somebody asks too often, and may again after so many seconds.
    pub(super) fn too_many(seconds: i64) -> Self {
        let message = format!("Too many requests: try again in {seconds} seconds");
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self {
            retry_after: Some(seconds),
            ..Self::new(status, "TOO_MANY_REQUESTS", message)
        }
    }

    /// A customer's token that is not good, with what is wrong with it.
    pub(super) fn bad_token(why: &str) -> Self {
        let message = format!("The customer's token was not taken: {why}");
        Self::new(StatusCode::UNAUTHORIZED, "INVALID_CUSTOMER_TOKEN", message)
    }

    pub(super) fn signed_out() -> Self {
        let message = "The access token is missing, not ours or over; ask for a new one";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    pub(super) fn no_conversation() -> Self {
        let message = "There is no such conversation of this end user";
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "errorCode": self.code, "message": self.message });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match &error {
            Error::NoSuchChannel(_) => {
                let message = format!("{error}: publish the deployment, or check esDeveloperName");
                Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
            }
            Error::TooLarge { .. }
            | Error::TooLong { .. }
            | Error::Empty
            | Error::FileType(_)
            | Error::EmptyFile
            | Error::Infected { .. }
            | Error::Parameter { .. } => Self::bad(error.to_string()),
            Error::OtherCase => Self::new(StatusCode::CONFLICT, "CONFLICT", error.to_string()),
            Error::Busy
            | Error::Records(
                RecordsError::Busy | RecordsError::InDoubt | RecordsError::FilesUnreachable,
            ) => {
                let message = "The server is busy, try again";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "TRY_AGAIN", message)
            }
            Error::Records(RecordsError::FilesNotScanned) => {
                let message = "Files cannot be scanned for viruses just now, so none is taken. Try again later";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self {
                    retry_after: Some(NOT_SCANNED_SECONDS),
                    ..Self::new(status, "FILES_NOT_SCANNED", message)
                }
            }
            Error::Records(_)
            | Error::WrongStatus { .. }
            | Error::OptedOut { .. }
            | Error::NotOptedIn { .. }
            | Error::NoFiles
            | Error::FileNotTaken { .. }
            | Error::Choices(_)
            | Error::NotFailed
            | Error::Template(_)
            | Error::Account { .. }
            | Error::Carrier(_)
            | Error::Answered(_)
            | Error::Routing(_) => {
                tracing::error!(%error, "a web client's request failed");
                let message = "It could not be done, through no fault of the request";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message)
            }
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Malformed(message) => Self::bad(message),
            Problem::Refused(error) => error.into(),
        }
    }
}

impl From<RecordsError> for Refusal {
    fn from(error: RecordsError) -> Self {
        Error::from(error).into()
    }
}
