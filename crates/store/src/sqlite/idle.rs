//! The connections that wait to be used, with what they have seen.
//!
//! A read of SQLite begins and ends with a lock on the file, which together take as long as finding
//! a record. So a connection keeps its snapshot when a read ends, and the next one goes on with it
//! as long as nothing was committed. Nobody but us writes the file, so that is known without asking
//! it. While a commit is on its way no idle connection has a snapshot, for one would keep the log
//! from being moved into the file.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::connections::Reader;

/// Connections that wait to be used. The one used last is taken first: its statements are prepared
/// and its pages are at hand. So a server that answers one request at a time uses one connection.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    readers: Mutex<Vec<Reader>>,
    /// Counts the beginnings and the ends of commits, so it is odd while there is one.
    turns: AtomicU64,
    closed: AtomicBool,
}

impl Idle {
    /// A connection, if one waits.
    pub(super) fn take(&self) -> Option<Reader> {
        self.readers().pop()
    }

    /// Lets a connection see all that is committed, and keep it if it may.
    pub(super) fn show(&self, reader: &mut Reader) -> rusqlite::Result<()> {
        let turn = self.turns.load(Ordering::Acquire);
        if reader.snapshot == Some(turn) {
            return Ok(());
        }
        reader.let_go()?;
        if turn.is_multiple_of(2) {
            reader.connection.prepare_cached("BEGIN")?.execute(())?;
            reader.snapshot = Some(turn);
        }
        Ok(())
    }

    /// Takes a connection back, unless so many wait already.
    pub(super) fn put(&self, mut reader: Reader, readers_max: usize) {
        let mut readers = self.readers();
        if readers.len() >= readers_max || self.is_closed() {
            return;
        }
        // Within the lock: a commit that begins now finds the connection here.
        let is_new = reader.snapshot == Some(self.turns.load(Ordering::Acquire));
        if is_new || reader.let_go().is_ok() {
            readers.push(reader);
        }
    }

    /// To be held while the writer commits, and dropped before anybody is told.
    pub(super) fn committing(&self) -> Committing<'_> {
        self.turns.fetch_add(1, Ordering::AcqRel);
        self.readers().retain_mut(|reader| reader.let_go().is_ok());
        Committing(self)
    }

    /// Closes all that wait, and will be put back.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.readers().clear();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A commit on its way.
pub(super) struct Committing<'a>(&'a Idle);

impl Drop for Committing<'_> {
    fn drop(&mut self) {
        self.0.turns.fetch_add(1, Ordering::AcqRel);
    }
}
