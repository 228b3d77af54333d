//! Who asks, by the access token of the request, and what they are told who may not.

use axum::http::{HeaderMap, header};
use headwater_records::{Caller, LoginError, Org};

/// Why a request is not let in, in the words that clients look for: `401::Authentication invalid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) error: String,
    /// Whether to come back is of any use.
    pub(crate) passes: bool,
}

impl Refused {
    fn for_good(error: &str) -> Self {
        Self {
            error: error.to_owned(),
            passes: false,
        }
    }

    /// That the server cannot say now; the cause is the log's.
    pub(crate) fn for_now() -> Self {
        Self {
            error: "503::The server is busy, try again".to_owned(),
            passes: true,
        }
    }
}

/// `Authorization: Bearer T` or `Authorization: OAuth T`.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let carries_token = ["bearer", "oauth"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    carries_token.then(|| token.trim().to_owned())
}

/// The caller of a token.
///
/// # Errors
/// Why there is none.
pub(crate) async fn caller(org: &Org, token: Option<&str>) -> Result<Caller, Refused> {
    let Some(token) = token else {
        return Err(Refused::for_good("401::Request requires authentication"));
    };
    org.caller_of_token(token).await.map_err(refused)
}

fn refused(error: LoginError) -> Refused {
    match error {
        LoginError::ApiDisabled => Refused::for_good("403::API is disabled for this User"),
        LoginError::NotForApi => Refused::for_good(
            "403::This session is not valid for use with the API: its scopes have neither api nor full",
        ),
        LoginError::Records(error) => {
            tracing::warn!(%error, "whose an access token is cannot be said now");
            Refused::for_now()
        }
        LoginError::Busy => Refused::for_now(),
        LoginError::UnknownToken
        | LoginError::Refused
        | LoginError::TooManyAttempts
        | LoginError::NotForConsole
        | LoginError::InactiveUser
        | LoginError::UnknownApp
        | LoginError::WrongAppSecret
        | LoginError::NotForApp(_)
        | LoginError::NoRunAsUser
        | LoginError::UnknownGrant
        | LoginError::WrongRedirect
        | LoginError::WrongVerifier
        | LoginError::PasswordTooShort { .. }
        | LoginError::PasswordTooLong { .. }
        | LoginError::BadApp(_) => Refused::for_good("401::Authentication invalid"),
    }
}
