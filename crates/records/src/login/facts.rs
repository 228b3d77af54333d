//! What is known of tokens that were given out.

use headwater_catalogue::Id;
use jiff::Timestamp;

use super::app::App;
use super::error::LoginError;
use super::scopes::Scopes;
use super::token::is_one_use;
use crate::error::Error;
use crate::org::Org;

/// What a valid token says about itself.
#[derive(Debug, Clone)]
pub struct TokenFacts {
    /// Whether it is a refresh token.
    pub is_refresh: bool,
    /// Whose.
    pub user: Id,
    /// Through which application.
    pub app: Option<Id>,
    /// For what.
    pub scopes: Scopes,
    /// Since when.
    pub issued_at: Timestamp,
    /// Until when at the latest.
    pub expires_at: Option<Timestamp>,
}

impl Org {
    /// What a token says about itself; none when it is not valid.
    ///
    /// # Errors
    /// The database's.
    pub async fn introspect(&self, token: &str) -> Result<Option<TokenFacts>, LoginError> {
        let Some(row) = self.find_token(token).await? else {
            return Ok(None);
        };
        let is_refresh = row.text("Kind") == Some("Refresh");
        let used_up = row.integer("UseCount") > 0;
        let over = row
            .instant("ExpiresAt")
            .is_some_and(|end| end <= self.now());
        if used_up || over || is_one_use(&row) {
            return Ok(None);
        }
        if !is_refresh && self.session_of_token(token).await.is_err() {
            return Ok(None);
        }
        let missing = || Error::internal("a token without a user");
        Ok(Some(TokenFacts {
            is_refresh,
            user: row.reference("UserId").ok_or_else(missing)?,
            app: row.reference("AppId"),
            scopes: Scopes::parse(row.text("Scope").unwrap_or_default()),
            issued_at: row.instant("CreatedDate").unwrap_or_else(|| self.now()),
            expires_at: row.instant("ExpiresAt"),
        }))
    }

    /// Whether the user has let the application in by an earlier login that still holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_approved(&self, user: Id, app: &App) -> Result<bool, LoginError> {
        let equal = [
            ("UserId", user.into()),
            ("AppId", app.id.into()),
            ("Kind", "Refresh".into()),
        ];
        Ok(!self.find_all("OauthToken", &equal, 1).await?.is_empty())
    }
}
