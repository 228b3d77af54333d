//! SQLite: the connection that writes, the connections that read, the file.

mod aggregates;
mod cells;
pub(crate) mod connections;
pub(crate) mod functions;
mod idle;
mod read;
mod upkeep;
mod writing;

pub(crate) use upkeep::copy;
pub(crate) use writing::Writing;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::dialect::Dialect;
use crate::error::{ReadError, StoreError};
use crate::options::Options;
use crate::plans::Plans;
use connections::Connections;

/// A database file that is open for reading, and held so that nobody else writes it.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) path: PathBuf,
    pub(crate) connections: Connections,
    plans: Plans,
    /// Held as long as we are open, so that no second process takes the same numbers.
    lock: Mutex<Option<File>>,
}

impl Database {
    /// Takes a file: for reading, and the connection that writes it.
    pub(crate) fn open(path: &Path, options: Options) -> Result<(Self, Writing), StoreError> {
        let lock = connections::lock(path)?;
        let connections = Connections::new(path, options);
        let readers = Arc::clone(&connections.idle);
        let writing = Writing::open(path, &connections.options, readers)?;
        let database = Self {
            path: path.to_owned(),
            connections,
            plans: Plans::new(Dialect::Sqlite),
            lock: Mutex::new(Some(lock)),
        };
        Ok((database, writing))
    }

    /// Where long reads run: on threads that may block, so many at once.
    pub(crate) async fn off_the_workers<R: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Self, Arc<AtomicBool>) -> Result<R, ReadError> + Send + 'static,
    ) -> Result<R, ReadError> {
        let database = Arc::clone(self);
        let permits = Arc::clone(&database.connections.permits);
        let permit = permits
            .acquire_owned()
            .await
            .map_err(|_| ReadError::Closed)?;
        let cancel = CancelOnDrop(Arc::new(AtomicBool::new(false)));
        let cancelled = Arc::clone(&cancel.0);
        let reading = tokio::task::spawn_blocking(move || {
            let answer = read(&database, cancelled);
            drop(permit);
            answer
        });
        let answer = reading
            .await
            .map_err(|error| ReadError::Database(error.to_string()))?;
        drop(cancel);
        answer
    }

    /// No more reads.
    pub(crate) fn close(&self) {
        self.connections.close();
    }

    /// Lets other processes have the file.
    pub(crate) fn unlock(&self) {
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    fn read_error(error: &rusqlite::Error) -> ReadError {
        ReadError::Database(error.to_string())
    }
}

/// Tells a read that nobody waits for it any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
