//! Who is let in: passwords, tokens, connected applications, authorization codes, links.
//!
//! Passwords are hashed slowly (`password.rs`); tokens are long and random, so a fast keyed hash of
//! them is what the database keeps (`secret.rs`). Nothing here knows HTTP: `rest` speaks OAuth and
//! SOAP and calls these verbs of `Org`.

mod app;
mod attempts;
mod console;
mod credential;
mod ending;
mod error;
mod facts;
mod link;
mod note;
mod password;
mod person;
mod rows;
mod scopes;
pub(crate) mod secret;
mod session;
mod settings;
mod token;

use std::sync::atomic::AtomicI64;

use headwater_catalogue::Value;
use headwater_store::WriteError;
use tokio::sync::OnceCell;

use crate::clock::Randomness;
use crate::error::Error;
use crate::org::Org;

pub(crate) use app::platform_cli;
pub use app::{AddedApp, App, NewApp, PLATFORM_CLI};
pub use attempts::{Attempt, AttemptLimits};
pub use error::LoginError;
pub use facts::TokenFacts;
pub use person::Person;
pub use scopes::Scopes;
pub use secret::{Secret, ServerKey};
pub use session::Session;
pub use settings::LoginSettings;
pub use token::{CodeGrant, Grant, Issued};

/// What logging in keeps in memory: one per `Org`.
#[derive(Debug)]
pub(crate) struct Login {
    settings: LoginSettings,
    passwords: password::Passwords,
    attempts: attempts::Attempts,
    sessions: session::Sessions,
    key: OnceCell<ServerKey>,
    /// Seconds; when expired tokens were last looked for.
    swept: AtomicI64,
}

impl Login {
    pub(crate) fn new(settings: LoginSettings, randomness: &dyn Randomness) -> Result<Self, Error> {
        Ok(Self {
            passwords: password::Passwords::new(&settings, randomness)?,
            settings,
            attempts: attempts::Attempts::default(),
            sessions: session::Sessions::default(),
            key: OnceCell::new(),
            swept: AtomicI64::new(0),
        })
    }
}

impl Login {
    /// Forgets the sessions known, to be asked of the database again.
    pub(crate) fn forget_sessions(&self) {
        self.sessions.clear();
    }
}

/// The name of the row that holds the key.
const KEY_NAME: &str = "token-key";

impl Org {
    /// How logging in is set up.
    pub fn login_settings(&self) -> &LoginSettings {
        &self.login().settings
    }

    /// The key that tokens are hashed and forms are signed with: the one in the database, made at
    /// the first use.
    ///
    /// # Errors
    /// The database's.
    pub async fn server_key(&self) -> Result<ServerKey, Error> {
        let known = &self.login().key;
        if let Some(key) = known.get() {
            return Ok(*key);
        }
        let key = Box::pin(known.get_or_try_init(|| self.read_or_make_key())).await?;
        Ok(*key)
    }

    async fn read_or_make_key(&self) -> Result<ServerKey, Error> {
        if let Some(key) = self.read_key().await? {
            return Ok(key);
        }
        let key = ServerKey::random(self.randomness());
        let values = [
            ("Name", Value::from(KEY_NAME)),
            ("Value", key.to_hex().into()),
        ];
        let (_, operation) = self.insertion("ServerSecret", &values)?;
        match self.write_as_system(vec![operation]).await {
            Ok(()) => Ok(key),
            // Another process was first; its key is the one.
            Err(WriteError::Duplicate { .. }) => self
                .read_key()
                .await?
                .ok_or_else(|| Error::internal("the server's key is gone")),
            Err(error) => Err(error.into()),
        }
    }

    async fn read_key(&self) -> Result<Option<ServerKey>, Error> {
        let Some(row) = self.find_one("ServerSecret", "Name", KEY_NAME).await? else {
            return Ok(None);
        };
        let key = row.text("Value").and_then(ServerKey::from_hex);
        key.map(Some)
            .ok_or_else(|| Error::internal("the server's key cannot be read"))
    }
}
