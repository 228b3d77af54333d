//! Giving out and exchanging tokens.
//!
//! A login leaves a small tree of records: the authorization code or link, if there was one; below it
//! the refresh token; below that the access tokens. Deleting a record ends all below it. A code or a
//! rotated refresh token stays after its one use, so that a second use is seen: then somebody else
//! has a copy, and the whole tree ends.

use headwater_catalogue::{Id, Value};
use headwater_store::{Operation, WriteError};
use jiff::{SignedDuration, Timestamp};

use super::app::App;
use super::error::LoginError;
use super::rows::Found;
use super::scopes::Scopes;
use super::secret::{Secret, digest, random_text, same};
use crate::error::Error;
use crate::org::Org;

/// Random characters of a token, six bits each.
const TOKEN_CHARACTERS: usize = 86;
/// The kinds that are good for one use, as the records name them.
pub(super) const ONE_USE_CODE: &str = "Code";
pub(super) const ONE_USE_LINK: &str = "Link";
/// As long as a verifier gets in any client seen.
const VERIFIER_BYTES_MAX: usize = 512;

/// A login that has been let in and wants its tokens.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Whose session it is.
    pub user: Id,
    /// Through which application; none for SOAP.
    pub app: Option<App>,
    /// What it may be used for.
    pub scopes: Scopes,
}

/// Tokens given out.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Opens the API.
    pub access_token: Secret,
    /// Gets new access tokens, if the login may have one.
    pub refresh_token: Option<Secret>,
    /// Whose they are.
    pub user: Id,
    /// What they may be used for.
    pub scopes: Scopes,
    /// When.
    pub issued_at: Timestamp,
    /// When the access token is over at the latest.
    pub expires_at: Timestamp,
}

/// What an authorization code is to be tied to.
#[derive(Debug, Clone)]
pub struct CodeGrant {
    /// Who let the application in.
    pub user: Id,
    /// The application.
    pub app: App,
    /// What it may do.
    pub scopes: Scopes,
    /// Where the code is sent, which redeeming it must name again.
    pub redirect: String,
    /// SHA-256 of the verifier that redeeming it must show, in base64url.
    pub challenge: Option<String>,
}

impl Org {
    /// Gives out an access token, without a refresh token: for logins that can simply be done
    /// again.
    ///
    /// # Errors
    /// The database's.
    pub async fn issue_token(&self, grant: &Grant) -> Result<Issued, LoginError> {
        let (issued, operation) = self.access_token(grant, None).await?;
        self.write_tokens(vec![operation]).await?;
        Ok(issued)
    }

    /// Gives out an authorization code.
    ///
    /// # Errors
    /// The database's.
    pub async fn issue_code(&self, grant: &CodeGrant) -> Result<Secret, LoginError> {
        let code = self.new_token("aPrx", TOKEN_CHARACTERS);
        let seconds = self.login().settings.authorization_code_seconds_max;
        let values = [
            ("TokenHash", self.hash_of(&code).await?),
            ("Kind", ONE_USE_CODE.into()),
            ("UserId", grant.user.into()),
            ("AppId", grant.app.id.into()),
            ("Scope", grant.scopes.to_string().into()),
            ("ExpiresAt", self.after(seconds).into()),
            ("UseCount", Value::Integer(0)),
            ("CodeChallenge", grant.challenge.clone().into()),
            ("RedirectUri", grant.redirect.clone().into()),
        ];
        let (_, operation) = self.insertion("OauthToken", &values)?;
        self.write_tokens(vec![operation]).await?;
        Ok(code)
    }

    /// Exchanges an authorization code for tokens, once.
    ///
    /// # Errors
    /// [`LoginError::UnknownGrant`], [`LoginError::WrongRedirect`], [`LoginError::WrongVerifier`].
    pub async fn redeem_code(
        &self,
        app: &App,
        code: &str,
        redirect: &str,
        verifier: Option<&str>,
    ) -> Result<Issued, LoginError> {
        let row = self.find_unused(ONE_USE_CODE, Some(app), code).await?;
        if row.text("RedirectUri") != Some(redirect) {
            return Err(LoginError::WrongRedirect);
        }
        if !fits_challenge(row.text("CodeChallenge"), verifier) {
            return Err(LoginError::WrongVerifier);
        }
        let grant = grant_of(&row, app)?;
        self.check_active(grant.user).await?;
        let mut operations = Vec::new();
        let issued = if app.allows_refresh && grant.scopes.ask_for_refresh() {
            let (refresh, id, operation) = self.refresh_token(&grant, row.id()?).await?;
            let (issued, access) = self.access_token(&grant, Some(id)).await?;
            operations.extend([operation, access]);
            Issued {
                refresh_token: Some(refresh),
                ..issued
            }
        } else {
            let grant = Grant {
                scopes: grant.scopes.without_refresh(),
                ..grant
            };
            let (issued, access) = self.access_token(&grant, Some(row.id()?)).await?;
            operations.push(access);
            issued
        };
        // It stays as long as what it was exchanged for, or a second use would go unnoticed.
        let end = match issued.refresh_token {
            Some(_) => Value::Null,
            None => issued.expires_at.into(),
        };
        operations.insert(0, self.use_up(&row, Some(end))?);
        self.write_unless_used(operations, &row).await?;
        Ok(issued)
    }

    /// Exchanges a refresh token for a new access token, and for a new refresh token if its
    /// application rotates them.
    ///
    /// # Errors
    /// [`LoginError::UnknownGrant`], [`LoginError::WrongAppSecret`].
    pub async fn refresh(
        &self,
        app: &App,
        refresh_token: &str,
        secret: Option<&str>,
    ) -> Result<Issued, LoginError> {
        if app.requires_secret_for_refresh || secret.is_some() {
            self.check_app(app, secret).await?;
        }
        let row = self
            .find_unused("Refresh", Some(app), refresh_token)
            .await?;
        let grant = grant_of(&row, app)?;
        self.check_active(grant.user).await?;
        if !app.rotates_refresh {
            let (issued, access) = self.access_token(&grant, Some(row.id()?)).await?;
            let values = [
                ("ExpiresAt", self.refresh_end(app).into()),
                ("LastUsedDate", self.now().into()),
            ];
            let used = self.change("OauthToken", row.id()?, &values, &[])?;
            self.write_tokens(vec![used, access]).await?;
            return Ok(issued);
        }
        let above = row.reference("IssuedForId").map_or_else(|| row.id(), Ok)?;
        let (refresh, id, operation) = self.refresh_token(&grant, above).await?;
        let (issued, access) = self.access_token(&grant, Some(id)).await?;
        let operations = vec![self.use_up(&row, None)?, operation, access];
        self.write_unless_used(operations, &row).await?;
        Ok(Issued {
            refresh_token: Some(refresh),
            ..issued
        })
    }
}

/// The steps.
impl Org {
    /// A new token; what it begins with tells people and scanners of leaked secrets what it is.
    pub(super) fn new_token(&self, beginning: &str, characters: usize) -> Secret {
        let random = random_text(self.randomness(), characters);
        Secret::new(format!("{beginning}{random}"))
    }

    pub(super) async fn access_token(
        &self,
        grant: &Grant,
        issued_for: Option<Id>,
    ) -> Result<(Issued, Operation), LoginError> {
        let beginning = format!("{}!", self.organization().short());
        let access_token = self.new_token(&beginning, TOKEN_CHARACTERS);
        let seconds = grant.app.as_ref().and_then(|app| app.access_seconds);
        let expires_at = self.after(seconds.unwrap_or(self.login().settings.session_seconds_max));
        let values = [
            ("TokenHash", self.hash_of(&access_token).await?),
            ("Kind", "Access".into()),
            ("UserId", grant.user.into()),
            ("AppId", grant.app.as_ref().map(|app| app.id).into()),
            ("IssuedForId", issued_for.into()),
            ("Scope", grant.scopes.to_string().into()),
            ("ExpiresAt", expires_at.into()),
            ("LastUsedDate", self.now().into()),
        ];
        let (_, operation) = self.insertion("OauthToken", &values)?;
        let issued = Issued {
            access_token,
            refresh_token: None,
            user: grant.user,
            scopes: grant.scopes.clone(),
            issued_at: self.now(),
            expires_at,
        };
        Ok((issued, operation))
    }

    async fn refresh_token(
        &self,
        grant: &Grant,
        issued_for: Id,
    ) -> Result<(Secret, Id, Operation), LoginError> {
        let app = grant.app.as_ref().ok_or(LoginError::UnknownApp)?;
        let token = self.new_token("5Aep861", TOKEN_CHARACTERS);
        let values = [
            ("TokenHash", self.hash_of(&token).await?),
            ("Kind", "Refresh".into()),
            ("UserId", grant.user.into()),
            ("AppId", app.id.into()),
            ("IssuedForId", issued_for.into()),
            ("Scope", grant.scopes.to_string().into()),
            ("ExpiresAt", self.refresh_end(app).into()),
            ("UseCount", Value::Integer(0)),
        ];
        let (id, operation) = self.insertion("OauthToken", &values)?;
        Ok((token, id, operation))
    }

    /// The code, link or refresh token of this application, or of none, unless it is over. One
    /// that was used up already ends all that came of its login.
    pub(super) async fn find_unused(
        &self,
        kind: &str,
        app: Option<&App>,
        token: &str,
    ) -> Result<Found, LoginError> {
        let app = app.map(|app| app.id);
        let row = self.find_token(token).await?;
        let row = row.filter(|row| row.text("Kind") == Some(kind) && row.reference("AppId") == app);
        let row = row.ok_or(LoginError::UnknownGrant)?;
        if row.integer("UseCount") > 0 {
            return Err(self.end_replayed(&row).await?);
        }
        if row
            .instant("ExpiresAt")
            .is_some_and(|end| end <= self.now())
        {
            return Err(LoginError::UnknownGrant);
        }
        Ok(row)
    }

    pub(super) async fn find_token(&self, token: &str) -> Result<Option<Found>, LoginError> {
        if token.is_empty() || token.len() > 256 {
            return Ok(None);
        }
        let hash = self.server_key().await?.fingerprint(token).to_hex();
        Ok(self.find_one("OauthToken", "TokenHash", hash).await?)
    }

    pub(super) fn use_up(
        &self,
        row: &Found,
        new_end: Option<Value>,
    ) -> Result<Operation, LoginError> {
        let mut values = vec![
            ("UseCount", Value::Integer(1)),
            ("LastUsedDate", self.now().into()),
        ];
        values.extend(new_end.map(|end| ("ExpiresAt", end)));
        let unused = [("UseCount", Value::Integer(0))];
        Ok(self.change("OauthToken", row.id()?, &values, &unused)?)
    }

    /// Of two requests with the same code at the same moment, the second is a replay as well.
    pub(super) async fn write_unless_used(
        &self,
        operations: Vec<Operation>,
        row: &Found,
    ) -> Result<(), LoginError> {
        match self.write_as_system(operations).await {
            Ok(()) => {
                self.sweep().await;
                Ok(())
            }
            Err(WriteError::Unexpected { .. }) => Err(self.end_replayed(row).await?),
            Err(WriteError::NotFound { .. }) => Err(LoginError::UnknownGrant),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn write_tokens(&self, operations: Vec<Operation>) -> Result<(), LoginError> {
        self.write_as_system(operations).await?;
        self.sweep().await;
        Ok(())
    }

    /// A token for somebody who has been switched off would be refused at its first use; saying so
    /// now is clearer.
    pub(super) async fn check_active(&self, user: Id) -> Result<(), LoginError> {
        let row = self.find_one("User", "Id", user).await?;
        match row {
            Some(row) if row.is_true("IsActive") => Ok(()),
            Some(_) | None => Err(LoginError::InactiveUser),
        }
    }

    pub(super) async fn hash_of(&self, token: &Secret) -> Result<Value, LoginError> {
        let key = self.server_key().await?;
        Ok(key.fingerprint(token.expose()).to_hex().into())
    }

    fn refresh_end(&self, app: &App) -> Timestamp {
        let usual = self.login().settings.refresh_token_idle_seconds_max;
        self.after(app.refresh_seconds.unwrap_or(usual))
    }

    pub(super) fn after(&self, seconds: i64) -> Timestamp {
        self.now()
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap_or(Timestamp::MAX)
    }
}

/// Whether the token is a code or link: not for asking with, and what it was exchanged for ends
/// with it.
pub(super) fn is_one_use(row: &Found) -> bool {
    matches!(row.text("Kind"), Some(ONE_USE_CODE | ONE_USE_LINK))
}

fn grant_of(row: &Found, app: &App) -> Result<Grant, Error> {
    Ok(Grant {
        user: row
            .reference("UserId")
            .ok_or_else(|| Error::internal("a token without a user"))?,
        app: Some(app.clone()),
        scopes: Scopes::parse(row.text("Scope").unwrap_or_default()),
    })
}

/// Whether the verifier is the one whose SHA-256 the challenge is. A verifier for a code without
/// challenge means that the challenge was taken out on the way.
fn fits_challenge(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) if verifier.len() <= VERIFIER_BYTES_MAX => same(
            &URL_SAFE_NO_PAD.encode(digest(verifier.as_bytes())),
            challenge.trim_end_matches('='),
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_fits_the_challenge_of_rfc_7636() {
        let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(fits_challenge(challenge, Some(verifier)));
        assert!(!fits_challenge(challenge, Some("another")));
        assert!(!fits_challenge(challenge, None));
        assert!(!fits_challenge(None, Some(verifier)));
        assert!(fits_challenge(None, None));
    }
}
