//! From a configuration to an open org.

use std::sync::Arc;
use std::time::Duration;

use headwater_catalogue::Catalogue;
use headwater_records::login::AttemptLimits;
use headwater_records::{LoginSettings, Org, SystemClock, SystemRandomness};
use headwater_store::{Location, Options, Store, StoreError};

use crate::configuration::{self, Configuration, Logins, Passwords};
use crate::directory::{self, Directory, Lock};
use crate::failure::{Context as _, Failure, Kind, Outcome};
use crate::files;
use crate::scanner;

/// An open org.
#[derive(Debug)]
pub struct Opened {
    /// The org.
    pub org: Org,
    /// Where its data is.
    pub directory: Directory,
    /// Keeps others out as long as it lives; none where others may come in.
    pub lock: Option<Lock>,
}

impl Opened {
    /// Opens the org of the configured database, making it and the data directory when they are not
    /// there. Blocks, so not to be called on an async worker.
    ///
    /// # Errors
    /// When another process has it, or the database cannot be opened.
    pub fn of(configuration: &Configuration) -> Outcome<Self> {
        let directory = Directory::open(&configuration.data.directory)?;
        let (location, lock) = match &configuration.database.url {
            None => {
                let lock = directory.lock()?;
                (Location::Sqlite(directory.database()), Some(lock))
            }
            Some(url) => (Location::Postgres(url.clone()), None),
        };
        // Before the database is made: what is wrong with the configuration leaves nothing behind.
        let places = files::places(configuration)?;
        let catalogue = Catalogue::built_in().doing("the catalogue does not hold together")?;
        let options = options(&configuration.store);
        let store = Store::open(&location, Arc::new(catalogue), options)
            .map_err(|error| not_opened(&error))?;
        let settings = login_settings(&configuration.logins, &configuration.passwords);
        let org = Org::open_with(
            store,
            Arc::new(SystemClock),
            Arc::new(SystemRandomness),
            settings,
        )
        .doing("the org cannot be opened")?;
        org.keep_files_in(places);
        if let Some(scanner) = scanner::of(configuration) {
            org.scan_files_with(Arc::new(scanner));
        }
        Ok(Self {
            org,
            directory,
            lock,
        })
    }

    /// Whether the configured database is there, and can be used as far as a look tells. Blocks, as
    /// [`Opened::of`] does.
    ///
    /// # Errors
    /// That it cannot be used.
    pub fn is_made(configuration: &Configuration) -> Outcome<bool> {
        let location = match &configuration.database.url {
            None => Location::Sqlite(configuration.data.directory.join(directory::DATABASE)),
            Some(url) => Location::Postgres(url.clone()),
        };
        headwater_store::is_made(&location).map_err(|error| not_opened(&error))
    }

    /// Whether other servers have the same database open, or may.
    pub fn is_shared(&self) -> bool {
        self.lock.is_none()
    }

    /// Finishes what is being written and gives the directory up.
    pub fn close(self) {
        self.org.store().close();
    }
}

fn options(store: &configuration::Store) -> Options {
    Options {
        read_connections: store.read_connections,
        cache_bytes: store.cache_bytes,
        mapped_bytes: store.mapped_bytes,
        query_time_max: Duration::from_secs(store.query_seconds_max),
        query_rows_max: store.query_rows_max,
        group_max: store.group_max,
        ..Options::default()
    }
}

fn login_settings(logins: &Logins, passwords: &Passwords) -> LoginSettings {
    LoginSettings {
        password_characters_min: passwords.characters_min,
        password_hash_memory_kib: passwords.hash_memory_kib,
        password_hash_passes: passwords.hash_passes,
        attempts: AttemptLimits {
            failures_per_minute_per_address_max: logins.failures_per_minute_per_address_max,
            failures_per_minute_per_name_max: logins.failures_per_minute_per_name_max,
            logins_per_minute_per_address_max: logins.logins_per_minute_per_address_max,
            ..AttemptLimits::default()
        },
        failed_logins_max: logins.failures_in_a_row_max,
        lock_out_seconds: logins.lock_out_seconds,
        session_idle_seconds_max: logins.access_token_idle_seconds_max,
        session_seconds_max: logins.access_token_seconds_max,
        refresh_token_idle_seconds_max: logins.refresh_token_idle_days_max * 86_400,
        ..LoginSettings::default()
    }
}

/// Why a database could not be opened.
pub(crate) fn not_opened(error: &StoreError) -> Failure {
    let kind = match error {
        StoreError::InUse(_) => Kind::InUse,
        StoreError::BadAddress(_) => Kind::Configuration,
        StoreError::Unusable { .. } => Kind::Unreachable,
        StoreError::NoBackup | StoreError::BeingMoved => Kind::Refused,
        StoreError::Foreign(_)
        | StoreError::ForeignDatabase { .. }
        | StoreError::Newer { .. }
        | StoreError::NotAdditive(_)
        | StoreError::Files { .. }
        | StoreError::Database(_) => Kind::Broken,
    };
    Failure::new(kind, error.to_string())
}
