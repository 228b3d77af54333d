//! Why somebody is not let in.

use headwater_catalogue::CatalogueError;
use headwater_store::{ReadError, WriteError};

use crate::error::Error;

/// Why a login, a token or a code is refused. What a stranger is told of [`Self::Refused`] is the
/// same whether the user exists, the password is wrong or the user is locked out.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown user, wrong password, or locked out.
    #[error("wrong user name or password, or the user is locked out")]
    Refused,
    /// The password is right and the user is switched off.
    #[error("the user is not active")]
    InactiveUser,
    /// The user may not use the API.
    #[error("the user may not use the API")]
    ApiDisabled,
    /// Too many failed logins from there or with that name; nothing was checked.
    #[error("too many failed logins, try again in a minute")]
    TooManyAttempts,
    /// Too many logins at once; nothing was checked.
    #[error("too many logins at once, try again")]
    Busy,
    /// The access token is unknown, expired or revoked.
    #[error("the session has expired or is not valid")]
    UnknownToken,
    /// The access token is good, but was not given for the API.
    #[error("the token was not given for the API")]
    NotForApi,
    /// The access token is good, but was not given for the console.
    #[error("the token was not given for the console")]
    NotForConsole,
    /// No application has this client id, or it is switched off.
    #[error("there is no such application")]
    UnknownApp,
    /// The application's secret is missing or wrong.
    #[error("the application's secret is wrong")]
    WrongAppSecret,
    /// The application does not take this way of logging in.
    #[error("the application does not allow this: {0}")]
    NotForApp(&'static str),
    /// The application names no user to run as.
    #[error("the application has no user to run as")]
    NoRunAsUser,
    /// The authorization code, refresh token or link is unknown, expired, used up, or another
    /// application's.
    #[error("expired access/refresh token")]
    UnknownGrant,
    /// The redirect address is not the one the code was given for.
    #[error("the redirect address differs from the one of the code")]
    WrongRedirect,
    /// The code verifier does not fit the challenge of the code.
    #[error("the code verifier does not fit the code")]
    WrongVerifier,
    /// The new password is too short.
    #[error("a password has at least {min} characters")]
    PasswordTooShort {
        /// What it needs.
        min: usize,
    },
    /// The new password is longer than what is looked at.
    #[error("a password has at most {max} bytes")]
    PasswordTooLong {
        /// What it may have.
        max: usize,
    },
    /// The new application contradicts itself.
    #[error("{0}")]
    BadApp(String),
    /// Anything that is not about logging in.
    #[error(transparent)]
    Records(#[from] Error),
}

impl From<ReadError> for LoginError {
    fn from(error: ReadError) -> Self {
        Self::Records(error.into())
    }
}

impl From<WriteError> for LoginError {
    fn from(error: WriteError) -> Self {
        Self::Records(error.into())
    }
}

impl From<CatalogueError> for LoginError {
    fn from(error: CatalogueError) -> Self {
        Self::Records(error.into())
    }
}
