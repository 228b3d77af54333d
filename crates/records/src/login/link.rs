//! Links that log a person in to the console once: for who has shown otherwise that they may, an
//! API client that sends its user to the browser, or whoever started the server.

use headwater_catalogue::{Id, Value};

use super::console::console_grant;
use super::error::LoginError;
use super::secret::Secret;
use super::token::{Issued, ONE_USE_LINK};
use crate::org::Org;

/// Random characters of a link, six bits each: fewer than a token's, for people see it on a line.
const CHARACTERS: usize = 32;

impl Org {
    /// The code of a link that logs this user in to the console, once, within
    /// `authorization_code_seconds_max`.
    ///
    /// # Errors
    /// [`LoginError::InactiveUser`], the database's.
    pub async fn login_link(&self, user: Id) -> Result<Secret, LoginError> {
        self.check_active(user).await?;
        let code = self.new_token("aLnk", CHARACTERS);
        let seconds = self.login().settings.authorization_code_seconds_max;
        let values = [
            ("TokenHash", self.hash_of(&code).await?),
            ("Kind", ONE_USE_LINK.into()),
            ("UserId", user.into()),
            ("Scope", console_grant(user).scopes.to_string().into()),
            ("ExpiresAt", self.after(seconds).into()),
            ("UseCount", Value::Integer(0)),
        ];
        let (_, operation) = self.insertion("OauthToken", &values)?;
        self.write_tokens(vec![operation]).await?;
        Ok(code)
    }

    /// Logs the user of a link in to the console. A link that comes a second time is in the wrong
    /// hands: what it opened ends.
    ///
    /// # Errors
    /// [`LoginError::UnknownGrant`], [`LoginError::InactiveUser`].
    pub async fn redeem_login_link(&self, code: &str) -> Result<Issued, LoginError> {
        let row = self.find_unused(ONE_USE_LINK, None, code).await?;
        let user = row.reference("UserId").ok_or(LoginError::UnknownGrant)?;
        self.check_active(user).await?;
        let (issued, access) = self
            .access_token(&console_grant(user), Some(row.id()?))
            .await?;
        // It stays as long as the session, or a second use would go unnoticed.
        let spent = self.use_up(&row, Some(issued.expires_at.into()))?;
        self.write_unless_used(vec![spent, access], &row).await?;
        Ok(issued)
    }
}
