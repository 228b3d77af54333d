//! Ending tokens: because somebody asks, because a copy was seen, because their time is up.

use std::sync::atomic::Ordering;

use headwater_catalogue::Id;
use headwater_store::WriteError;
use jiff::Timestamp;

use super::error::LoginError;
use super::rows::Found;
use super::token::is_one_use;
use crate::org::Org;

impl Org {
    /// Ends a token: an access token alone, a refresh token with all that came of its login.
    ///
    /// # Errors
    /// [`LoginError::UnknownToken`].
    pub async fn revoke(&self, token: &str) -> Result<(), LoginError> {
        let row = self.find_token(token).await?;
        let row = row.ok_or(LoginError::UnknownToken)?;
        self.end(&row).await
    }

    /// Ends all tokens of a user.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke_all_of(&self, user: Id) -> Result<(), LoginError> {
        loop {
            let rows = self
                .find_all("OauthToken", &[("UserId", user.into())], 200)
                .await?;
            if rows.is_empty() {
                self.login().sessions.clear();
                return Ok(());
            }
            for row in rows {
                self.remove(row.id()?).await?;
            }
        }
    }

    /// A code, link or refresh token that was used up came again: somebody else has a copy. What
    /// came of its login ends; gives what to answer.
    pub(super) async fn end_replayed(&self, row: &Found) -> Result<LoginError, LoginError> {
        tracing::warn!(user = ?row.reference("UserId"), "a used code, link or refresh token came again; its tokens are revoked");
        self.end(row).await?;
        Ok(LoginError::UnknownGrant)
    }

    /// Ends a token and what goes with it.
    async fn end(&self, row: &Found) -> Result<(), LoginError> {
        let id = self.top_of(row).await?;
        self.remove(id).await?;
        self.login().sessions.clear();
        Ok(())
    }

    /// The record whose deletion ends what must end with this token: an access token that has a
    /// refresh token goes alone, everything else with its whole login.
    async fn top_of(&self, row: &Found) -> Result<Id, LoginError> {
        let Some(above) = row.reference("IssuedForId") else {
            return Ok(row.id()?);
        };
        if row.text("Kind") != Some("Access") {
            return Ok(above);
        }
        let parent = self.find_one("OauthToken", "Id", above).await?;
        let goes_alone = parent.is_none_or(|parent| !is_one_use(&parent));
        Ok(if goes_alone { row.id()? } else { above })
    }

    async fn remove(&self, id: Id) -> Result<(), LoginError> {
        match self
            .write_as_system(vec![self.removal("OauthToken", id)?])
            .await
        {
            Ok(()) | Err(WriteError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes some expired tokens, now and then. A failure is for the log: the login that
    /// happened to come by is fine.
    pub(super) async fn sweep(&self) {
        let settings = &self.login().settings;
        let now = self.now();
        let last = self.login().swept.load(Ordering::Relaxed);
        if now.as_second() - last < settings.expired_tokens_sweep_seconds {
            return;
        }
        self.login().swept.store(now.as_second(), Ordering::Relaxed);
        if let Err(error) = self.remove_expired(now).await {
            tracing::warn!(%error, "expired tokens were not removed");
        }
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<(), LoginError> {
        let max = self.login().settings.expired_tokens_swept_max;
        let rows = self
            .find_before("OauthToken", "ExpiresAt", now, max)
            .await?;
        for row in rows {
            // A rotated-out refresh token goes alone: those that followed it may still hold.
            let rotated_out = row.text("Kind") == Some("Refresh") && row.integer("UseCount") > 0;
            let id = if rotated_out {
                row.id()?
            } else {
                self.top_of(&row).await?
            };
            self.remove(id).await?;
        }
        Ok(())
    }
}
