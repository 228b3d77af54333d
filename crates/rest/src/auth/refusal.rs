//! OAuth's own errors: an object, not the list of the data API.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use headwater_records::{Error, LoginError};
use serde_json::json;

use crate::answer;

/// Why an OAuth request got nothing.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) description: String,
    /// What really happened, for the log alone.
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Refusal {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
            cause: None,
        }
    }

    pub(super) fn invalid_request(description: &str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(super) fn authentication_failure() -> Self {
        Self::new("invalid_grant", "authentication failure")
    }

    pub(super) fn unauthorized_client(what: &str) -> Self {
        Self::new(
            "unauthorized_client",
            format!("this app may not use {what}"),
        )
    }

    fn rate_limit_exceeded() -> Self {
        let text = "too many failed logins, try again in a minute";
        Self::new("rate_limit_exceeded", text)
    }

    fn unavailable() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Self::new("temporarily_unavailable", "the server is busy, try again")
        }
    }

    fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            cause: Some(cause.into()),
            ..Self::new("server_error", "an unexpected error occurred")
        }
    }

    /// The answer, for clients that speak JSON.
    pub(super) fn response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(cause = cause.as_ref(), "a login failed");
        }
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = private(answer::json(self.status, &body));
        let retry = match self.error {
            "rate_limit_exceeded" => Some("60"),
            "temporarily_unavailable" => Some("1"),
            _ => None,
        };
        if let Some(seconds) = retry {
            let seconds = HeaderValue::from_static(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<LoginError> for Refusal {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Refused => Self::authentication_failure(),
            LoginError::TooManyAttempts => Self::rate_limit_exceeded(),
            LoginError::InactiveUser => Self::new("inactive_user", "user is inactive"),
            LoginError::ApiDisabled => {
                Self::new("invalid_grant", "the API is disabled for this user")
            }
            LoginError::UnknownToken => Self::new("invalid_token", "invalid token"),
            LoginError::NotForApi | LoginError::NotForConsole => {
                Self::new("insufficient_scope", "insufficient scope")
            }
            LoginError::UnknownApp => Self::new("invalid_client_id", "client identifier invalid"),
            LoginError::WrongAppSecret => Self::new("invalid_client", "invalid client credentials"),
            LoginError::NotForApp(what) => Self::unauthorized_client(what),
            LoginError::NoRunAsUser => {
                Self::new("invalid_grant", "no client credentials user enabled")
            }
            LoginError::UnknownGrant => Self::new("invalid_grant", "expired access/refresh token"),
            LoginError::WrongRedirect => Self::new(
                "redirect_uri_mismatch",
                "redirect_uri must match configuration",
            ),
            LoginError::WrongVerifier => Self::new("invalid_grant", "invalid code verifier"),
            LoginError::PasswordTooShort { .. }
            | LoginError::PasswordTooLong { .. }
            | LoginError::BadApp(_) => Self::invalid_request(&error.to_string()),
            LoginError::Busy | LoginError::Records(Error::Busy) => Self::unavailable(),
            LoginError::Records(error) => Self::internal(error),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        LoginError::Records(error).into()
    }
}

/// Either answer.
pub(super) fn answered(result: Result<Response, Refusal>) -> Response {
    result.unwrap_or_else(Refusal::response)
}

/// An answer that no cache keeps.
pub(crate) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
