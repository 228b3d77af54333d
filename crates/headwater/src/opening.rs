//! From a configuration to an open org.

use std::sync::Arc;

use headwater_catalogue::Catalogue;
use headwater_records::{LoginSettings, Org, SystemClock, SystemRandomness};
use headwater_store::{Location, Options, Store, StoreError};

use crate::configuration::Configuration;
use crate::directory::{Directory, Lock};
use crate::failure::{Context as _, Failure, Kind, Outcome};

/// An org that this process has to itself.
#[derive(Debug)]
pub struct Opened {
    /// The org.
    pub org: Org,
    /// Where its data is.
    pub directory: Directory,
    /// Keeps others out as long as it lives.
    pub lock: Lock,
}

impl Opened {
    /// Opens the org of the data directory, making both when they are not there. Blocks, so not to
    /// be called on an async worker.
    ///
    /// # Errors
    /// When another process has it, or the database cannot be opened.
    pub fn of(configuration: &Configuration) -> Outcome<Self> {
        let directory = Directory::open(&configuration.data.directory)?;
        let lock = directory.lock()?;
        let catalogue = Catalogue::built_in().doing("the catalogue does not hold together")?;
        let location = Location::Sqlite(directory.database());
        let options = Options::default();
        let store = Store::open(&location, Arc::new(catalogue), options)
            .map_err(|error| not_opened(&error))?;
        let settings = LoginSettings {
            password_hash_memory_kib: configuration.passwords.hash_memory_kib,
            password_hash_passes: configuration.passwords.hash_passes,
            ..LoginSettings::default()
        };
        let org = Org::open_with(
            store,
            Arc::new(SystemClock),
            Arc::new(SystemRandomness),
            settings,
        )
        .doing("the org cannot be opened")?;
        Ok(Self {
            org,
            directory,
            lock,
        })
    }

    /// Finishes what is being written and gives the directory up.
    pub fn close(self) {
        self.org.store().close();
    }
}

fn not_opened(error: &StoreError) -> Failure {
    let kind = match error {
        StoreError::InUse(_) => Kind::InUse,
        StoreError::Foreign(_)
        | StoreError::Newer { .. }
        | StoreError::NotAdditive(_)
        | StoreError::Files { .. }
        | StoreError::Database(_) => Kind::Broken,
    };
    Failure::new(kind, error.to_string())
}
