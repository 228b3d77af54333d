//! Logging in to the console: an access token of its own kind of scope, kept in a cookie, and what
//! ties a form to the browser it was shown in.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headwater_catalogue::Id;

use super::error::LoginError;
use super::scopes::Scopes;
use super::secret::Secret;
use super::session::Session;
use super::token::{Grant, Issued};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

const FORM_PURPOSE: &str = "form";

impl Org {
    /// Logs a person in to the console by their password, within the limits on trying. What they
    /// get opens the console and not the API.
    ///
    /// # Errors
    /// [`LoginError::Refused`], [`LoginError::InactiveUser`], [`LoginError::TooManyAttempts`],
    /// [`LoginError::Busy`].
    pub async fn sign_in(
        &self,
        username: &str,
        password: &Secret,
        address: Option<IpAddr>,
    ) -> Result<Issued, LoginError> {
        let user = self.authenticate_from(address, username, password).await?;
        self.issue_token(&console_grant(user)).await
    }

    /// Opens a console session for whoever holds a token that may: a client that sends its user
    /// to the browser. The session is a new one, so that the browser never holds a token that
    /// somebody else could have put there.
    ///
    /// # Errors
    /// As [`Org::console_caller`].
    pub async fn sign_in_by_token(&self, token: &str) -> Result<Issued, LoginError> {
        let (caller, _) = self.console_caller(token).await?;
        self.issue_token(&console_grant(caller.user)).await
    }

    /// Who is at the console with this token.
    ///
    /// # Errors
    /// [`LoginError::UnknownToken`], [`LoginError::NotForConsole`].
    pub async fn console_caller(&self, token: &str) -> Result<(Caller, Arc<Session>), LoginError> {
        let session = self.session_of_token(token).await?;
        if !session.scopes.let_use_the_console() {
            return Err(LoginError::NotForConsole);
        }
        let caller = self.caller_of_session(&session).await?;
        Ok((caller, session))
    }

    /// Ends a session, and what it came of. One that is over already is no error: who logs out
    /// wants it to be over.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_out(&self, token: &str) -> Result<(), LoginError> {
        match self.revoke(token).await {
            Ok(()) | Err(LoginError::UnknownToken) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What a form carries to show that it was on a page of ours in the browser that holds this
    /// value: a session's token, or before there is a session the login page's cookie. Another
    /// site can make the browser send the cookie, but not know what belongs in the form.
    ///
    /// # Errors
    /// The database's.
    pub async fn form_token(&self, held: &str) -> Result<String, Error> {
        let key = self.server_key().await?;
        Ok(URL_SAFE_NO_PAD.encode(key.sign(FORM_PURPOSE, held.as_bytes())))
    }

    /// Whether a form carried what belongs to this value; takes as long for a wrong one as for a
    /// right one.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_form_token(&self, held: &str, given: &str) -> Result<bool, Error> {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(given) else {
            return Ok(false);
        };
        let key = self.server_key().await?;
        Ok(key.signed(FORM_PURPOSE, held.as_bytes(), &signature))
    }
}

/// What a login to the console gets.
pub(super) fn console_grant(user: Id) -> Grant {
    Grant {
        user,
        app: None,
        scopes: Scopes::console(),
    }
}
