//! Logins of web visitors that were ended: looked up once for some time, for every request asks.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use headwater_messaging::Messaging;
use jiff::{SignedDuration, Timestamp};

use super::error::Refusal;

/// How long a login is taken to go on before it is asked again, since another node may have ended it.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// Most logins that are remembered.
const LOGINS_MAX: usize = 50_000;

/// When each login was last found to go on.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<HashMap<String, Timestamp>>);

impl Logins {
    /// Lets a login go on.
    ///
    /// # Errors
    /// 401 when it was ended.
    pub(super) async fn check(&self, messaging: &Messaging, login: &str) -> Result<(), Refusal> {
        let now = messaging.org().now();
        let asked = self.lock().get(login).copied();
        if asked.is_some_and(|asked| now.duration_since(asked) < ASKED_AGAIN) {
            return Ok(());
        }
        if messaging.is_revoked(login).await? {
            self.lock().remove(login);
            return Err(Refusal::signed_out());
        }
        let mut known = self.lock();
        if known.len() >= LOGINS_MAX {
            known.clear();
        }
        known.insert(login.to_owned(), now);
        Ok(())
    }

    /// Has a login asked about again.
    pub(super) fn forget(&self, login: &str) {
        self.lock().remove(login);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
