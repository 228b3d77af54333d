//! From an access token to its user, many thousand times a second: sessions are kept in memory by
//! the token's fingerprint, and asked of the database again every few seconds, so that what
//! another process revoked is over here too.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use headwater_catalogue::{Id, SystemPermission, Value};
use jiff::Timestamp;

use super::error::LoginError;
use super::rows::Found;
use super::scopes::Scopes;
use super::secret::Fingerprint;
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// What an access token stands for.
#[derive(Debug)]
pub struct Session {
    /// Its record.
    pub(super) id: Id,
    /// Whose it is.
    pub user: Id,
    /// Which application got it; none for SOAP logins and the console.
    pub app: Option<Id>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it is over at the latest.
    pub expires_at: Timestamp,
    /// Seconds; the last use that the database knows of.
    written: AtomicI64,
    /// Seconds; the last use.
    used: AtomicI64,
    /// Seconds; when the database was last asked.
    checked: AtomicI64,
}

impl Session {
    fn read(row: &Found, now: Timestamp) -> Result<Self, Error> {
        let missing = |what: &str| Error::internal(format!("a token without {what}"));
        let issued_at = row.instant("CreatedDate").unwrap_or(now);
        let last_use = row.instant("LastUsedDate").unwrap_or(issued_at);
        Ok(Self {
            id: row.id()?,
            user: row.reference("UserId").ok_or_else(|| missing("a user"))?,
            app: row.reference("AppId"),
            scopes: Scopes::parse(row.text("Scope").unwrap_or_default()),
            issued_at,
            expires_at: row.instant("ExpiresAt").ok_or_else(|| missing("an end"))?,
            written: AtomicI64::new(last_use.as_second()),
            used: AtomicI64::new(last_use.as_second()),
            checked: AtomicI64::new(now.as_second()),
        })
    }

    fn is_over(&self, now: Timestamp, idle_seconds_max: i64) -> bool {
        let idle = now.as_second() - self.used.load(Ordering::Relaxed);
        now >= self.expires_at || idle > idle_seconds_max
    }
}

/// Sessions by what is kept of their tokens.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    known: RwLock<HashMap<Fingerprint, Arc<Session>>>,
    /// Counts how often all were forgotten, so that what was read before a revocation is not kept
    /// after it.
    generation: AtomicU64,
}

impl Sessions {
    fn get(&self, fingerprint: Fingerprint) -> Option<Arc<Session>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&fingerprint).cloned()
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Keeps a session that was read in this generation.
    fn put(&self, generation: u64, fingerprint: Fingerprint, session: Arc<Session>, max: usize) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return;
        }
        if known.len() >= max {
            // Those not asked for lately go; when all are in use, a fresh start costs each one
            // look-up.
            let since = session.used.load(Ordering::Relaxed) - 60;
            known.retain(|_, session| session.used.load(Ordering::Relaxed) >= since);
            if known.len() >= max {
                known.clear();
            }
        }
        known.insert(fingerprint, session);
    }

    fn remove(&self, fingerprint: Fingerprint) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.remove(&fingerprint);
    }

    /// Forgets all: after a revocation, which is rare and may have ended several.
    pub(super) fn clear(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        known.clear();
    }
}

impl Org {
    /// Who calls the API with this access token.
    ///
    /// # Errors
    /// [`LoginError::UnknownToken`], [`LoginError::NotForApi`], [`LoginError::ApiDisabled`].
    pub async fn caller_of_token(&self, token: &str) -> Result<Caller, LoginError> {
        let session = self.session_of_token(token).await?;
        if !session.scopes.let_use_the_api() {
            return Err(LoginError::NotForApi);
        }
        let caller = self.caller_of_session(&session).await?;
        if !caller.rights.has(SystemPermission::ApiEnabled) {
            return Err(LoginError::ApiDisabled);
        }
        Ok(caller)
    }

    /// Who the session's user is now.
    ///
    /// # Errors
    /// [`LoginError::UnknownToken`] when the user is not active any more.
    pub async fn caller_of_session(&self, session: &Session) -> Result<Caller, LoginError> {
        match self.caller(session.user).await {
            Ok(caller) => Ok(caller),
            Err(error @ (Error::Internal(_) | Error::Busy)) => Err(error.into()),
            Err(_) => Err(LoginError::UnknownToken),
        }
    }

    /// What an access token stands for, whatever it may be used for. Counts as a use.
    ///
    /// # Errors
    /// [`LoginError::UnknownToken`].
    pub async fn session_of_token(&self, token: &str) -> Result<Arc<Session>, LoginError> {
        if !self.could_be_ours(token) {
            return Err(LoginError::UnknownToken);
        }
        let now = self.now();
        let login = self.login();
        let fingerprint = self.server_key().await?.fingerprint(token);
        let idle_max = login.settings.session_idle_seconds_max;
        let known = login.sessions.get(fingerprint);
        if let Some(session) = &known {
            let age = now.as_second() - session.checked.load(Ordering::Relaxed);
            let fresh = (0..login.settings.session_recheck_seconds).contains(&age);
            if fresh && !session.is_over(now, idle_max) {
                session.used.store(now.as_second(), Ordering::Relaxed);
                return Ok(Arc::clone(session));
            }
        }
        // Apart, for what is seldom needed would make the future of every request larger.
        Box::pin(self.session_anew(fingerprint, known.as_deref(), now)).await
    }

    /// The session as the database has it, kept for the next requests.
    async fn session_anew(
        &self,
        fingerprint: Fingerprint,
        known: Option<&Session>,
        now: Timestamp,
    ) -> Result<Arc<Session>, LoginError> {
        let login = self.login();
        let generation = login.sessions.generation();
        let session = self.read_session(fingerprint, known).await?;
        if session.is_over(now, login.settings.session_idle_seconds_max) {
            login.sessions.remove(fingerprint);
            return Err(LoginError::UnknownToken);
        }
        session.used.store(now.as_second(), Ordering::Relaxed);
        self.note_use(&session, now).await;
        let max = login.settings.sessions_cached_max;
        login
            .sessions
            .put(generation, fingerprint, Arc::clone(&session), max);
        Ok(session)
    }

    async fn read_session(
        &self,
        fingerprint: Fingerprint,
        known: Option<&Session>,
    ) -> Result<Arc<Session>, LoginError> {
        let row = self
            .find_one("OauthToken", "TokenHash", fingerprint.to_hex())
            .await?;
        let Some(row) = row.filter(|row| row.text("Kind") == Some("Access")) else {
            self.login().sessions.remove(fingerprint);
            return Err(LoginError::UnknownToken);
        };
        let session = Session::read(&row, self.now())?;
        if let Some(app) = session.app
            && !self.app_is_active(app).await?
        {
            self.login().sessions.remove(fingerprint);
            return Err(LoginError::UnknownToken);
        }
        if let Some(known) = known {
            let used = known.used.load(Ordering::Relaxed);
            session.used.fetch_max(used, Ordering::Relaxed);
        }
        Ok(Arc::new(session))
    }

    /// Writes down the use, now and then. That it fails is no reason to turn the caller away: the
    /// session then looks unused for a little longer than it was.
    async fn note_use(&self, session: &Session, now: Timestamp) {
        let unwritten = now.as_second() - session.written.load(Ordering::Relaxed);
        if unwritten < self.login().settings.session_use_written_seconds {
            return;
        }
        let values = [("LastUsedDate", Value::DateTime(now))];
        let written = match self.change("OauthToken", session.id, &values, &[]) {
            Ok(change) => self
                .write_as_system(vec![change])
                .await
                .map_err(Error::from),
            Err(error) => Err(error),
        };
        match written {
            Ok(()) => session.written.store(now.as_second(), Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "a session's last use was not written"),
        }
    }

    /// Tokens say which organization they are of; another server's are turned away unread.
    fn could_be_ours(&self, token: &str) -> bool {
        token.len() < 256
            && token
                .split_once('!')
                .is_some_and(|(organization, _)| organization == self.organization().short())
    }
}
