//! What matters where several processes have one database open.

use crate::apply::CATALOGUE;
use crate::db::Store;
use crate::engine::Turn;
use crate::error::{ReadError, StoreError};
use crate::options::Location;
use crate::postgres;

impl Store {
    /// Whether other processes may have the database open as well, and write to it.
    pub fn is_shared(&self) -> bool {
        self.engine().is_shared()
    }

    /// How often a write has changed the catalogue, by whichever process. Of a database that is not
    /// shared always zero: there this store's catalogue is the one.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn catalogue_version(&self) -> Result<i64, ReadError> {
        self.engine().counter(CATALOGUE).await
    }

    /// As [`Store::catalogue_version`], on the calling thread.
    ///
    /// # Errors
    /// As [`Store::catalogue_version`].
    pub fn catalogue_version_blocking(&self) -> Result<i64, ReadError> {
        futures_executor::block_on(self.catalogue_version())
    }

    /// Waits until no other process on this database has the turn of this name. Within the process
    /// it keeps nobody waiting when the database is not shared.
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Unavailable`] as well when another has it for too long.
    pub async fn turn(&self, name: &str) -> Result<Turn, ReadError> {
        self.engine().turn(name).await
    }

    /// As [`Store::turn`], on the calling thread.
    ///
    /// # Errors
    /// As [`Store::turn`].
    pub fn turn_blocking(&self, name: &str) -> Result<Turn, ReadError> {
        futures_executor::block_on(self.turn(name))
    }
}

/// Whether there is a database already. Looks only; where a server has it, also at whether it is one
/// to use. Blocks, so not to be called on an async worker.
///
/// # Errors
/// As those of [`Store::open`].
pub fn is_made(location: &Location) -> Result<bool, StoreError> {
    match location {
        Location::Sqlite(path) => Ok(path.is_file()),
        Location::Postgres(url) => postgres::is_made(url),
    }
}
