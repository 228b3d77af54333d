//! The store: one handle, whatever the engine behind it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use headwater_catalogue::{Catalogue, Id, Object, Value};
use headwater_soql::resolved::Query;
use jiff::Timestamp;

use crate::error::{ReadError, StoreError};
use crate::key::Key;
use crate::options::{Location, Options};
use crate::rows::{Row, RowSink, Rows};
use crate::write_set::{Committed, WriteError, WriteSet};

/// The data of one org. Cheap to clone; all clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    catalogue: arc_swap::ArcSwap<Catalogue>,
    changed: tokio::sync::watch::Sender<i64>,
}

/// Which part of a query's rows to read. The default is all of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Only rows after this one.
    pub after: Option<Key>,
    /// At most so many rows.
    pub rows_max: Option<u64>,
}

/// What a select gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected<S> {
    /// The sink, with all rows.
    pub sink: S,
    /// How many rows.
    pub rows: u64,
    /// Where the next page continues; none when there are no more rows.
    pub next: Option<Key>,
}

/// The prepared text of "this query, for one record". Made once by [`Store::plan_by_id`].
#[derive(Debug, Clone)]
pub struct PlanById {}

/// How a query is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The plan's name.
    pub plan: &'static str,
    /// The text for SQLite.
    pub sqlite: String,
    /// The text for PostgreSQL.
    pub postgres: String,
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new.
    Create,
    /// Some of its fields have new values.
    Update,
    /// It is gone, or in the recycle bin.
    Delete,
    /// It is back from the recycle bin.
    Undelete,
}

/// An entry of the change log.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its number: without gaps, in the order of the commits.
    pub replay_id: i64,
    /// The replay id of the first entry of the same write.
    pub transaction: i64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who.
    pub actor: Id,
    /// What happened.
    pub kind: ChangeKind,
    /// To which object's record.
    pub object: String,
    /// To which record.
    pub record: Id,
    /// The changed fields with their new values; for a create all that have one. System fields
    /// are not listed: the entry itself says who and when.
    pub fields: Vec<(String, Value)>,
}

/// A piece of work that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// What it needs to know.
    pub payload: String,
    /// How often it was claimed, this time included.
    pub attempts: u32,
}

/// Numbers about the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Size of the file.
    pub file_bytes: u64,
    /// Size of the write-ahead log.
    pub log_bytes: u64,
    /// The oldest change that is kept; 0 when none is.
    pub first_change: i64,
    /// The newest change; 0 when there was none.
    pub last_change: i64,
    /// Jobs waiting.
    pub jobs_waiting: u64,
    /// Rows of each object's table, deleted ones included.
    pub rows: Vec<(String, u64)>,
}

fn unbuilt() -> ReadError {
    ReadError::Database("not built yet".to_owned())
}

impl Store {
    /// Opens the database, making or migrating it to the catalogue.
    ///
    /// # Errors
    /// A file that is not ours or newer than us, or is in use; see [`StoreError`].
    pub fn open(
        location: &Location,
        catalogue: Arc<Catalogue>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let _ = (location, options);
        Ok(Self {
            inner: Arc::new(Inner {
                catalogue: arc_swap::ArcSwap::new(catalogue),
                changed: tokio::sync::watch::Sender::new(0),
            }),
        })
    }

    /// What exists now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.inner.catalogue.load_full()
    }

    /// An id that no record has had and none will get but the one it is for. It comes from a
    /// block that is durably reserved, so not even a crash gives it out twice.
    pub fn next_id(&self, object: &Object) -> Id {
        Id::new(object.prefix, 0)
    }

    /// Applies a write: durable when this returns.
    ///
    /// # Errors
    /// Nothing was written; see [`WriteError`].
    #[expect(clippy::unused_async, reason = "the body is on its way")]
    pub async fn write(&self, set: WriteSet) -> Result<Committed, WriteError> {
        self.write_blocking(set)
    }

    /// As [`Store::write`], for start-up and tests: not to be called on an async worker.
    ///
    /// # Errors
    /// Nothing was written; see [`WriteError`].
    pub fn write_blocking(&self, set: WriteSet) -> Result<Committed, WriteError> {
        drop(set);
        Err(WriteError::Closed)
    }

    /// Reads a query's rows into a sink, off the async workers.
    ///
    /// # Errors
    /// See [`ReadError`]. The sink is gone then.
    #[expect(clippy::unused_async, reason = "the body is on its way")]
    pub async fn select<S: RowSink + Send + 'static>(
        &self,
        query: Arc<Query>,
        page: Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        self.select_blocking(&query, &page, sink)
    }

    /// As [`Store::select`], on the calling thread.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn select_blocking<S: RowSink>(
        &self,
        query: &Query,
        page: &Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        let _ = (query, page, sink);
        Err(unbuilt())
    }

    /// All rows of a query, on the calling thread.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_rows_blocking(&self, query: &Query) -> Result<Vec<Vec<Value>>, ReadError> {
        Ok(self
            .select_blocking(query, &Page::default(), Rows::default())?
            .sink
            .rows)
    }

    /// How many rows a query has, its LIMIT and OFFSET respected as SOQL's `COUNT()` does.
    ///
    /// # Errors
    /// See [`ReadError`].
    #[expect(clippy::unused_async, reason = "the body is on its way")]
    pub async fn count(&self, query: Arc<Query>) -> Result<u64, ReadError> {
        self.count_blocking(&query)
    }

    /// As [`Store::count`], on the calling thread.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn count_blocking(&self, query: &Query) -> Result<u64, ReadError> {
        let _ = query;
        Err(unbuilt())
    }

    /// Prepares "this query, for one record": joins, filter and visibility included, order and
    /// limit left out.
    pub fn plan_by_id(&self, query: &Query) -> PlanById {
        let _ = query;
        PlanById {}
    }

    /// Reads one record on the calling thread: fast enough to need no other.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_by_id<R>(
        &self,
        plan: &PlanById,
        id: Id,
        read: impl FnOnce(&Row<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        let _ = (plan, id, read);
        Err(unbuilt())
    }

    /// How a page of a query is run, for both dialects.
    pub fn explain(&self, query: &Query, page: &Page) -> Explanation {
        let _ = (query, page);
        Explanation {
            plan: "",
            sqlite: String::new(),
            postgres: String::new(),
        }
    }

    /// Changes after a replay id, oldest first.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn changes(&self, after: i64, limit: usize) -> Result<Vec<Change>, ReadError> {
        let _ = (after, limit);
        Err(unbuilt())
    }

    /// The last replay id; wakes after each commit that logged a change.
    pub fn changed(&self) -> tokio::sync::watch::Receiver<i64> {
        self.inner.changed.subscribe()
    }

    /// Forgets changes older than this; the newest one always stays, so that numbers go on.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn purge_changes(&self, before: Timestamp) -> Result<u64, WriteError> {
        let _ = before;
        Err(WriteError::Closed)
    }

    /// Takes the oldest job of a kind that is due, for as long as the lease lasts: when it is
    /// neither finished nor failed by then, somebody else may take it.
    ///
    /// # Errors
    /// See [`WriteError`].
    #[expect(clippy::unused_async, reason = "the body is on its way")]
    pub async fn claim_job(
        &self,
        kind: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Job>, WriteError> {
        let _ = (kind, now, lease);
        Err(WriteError::Closed)
    }

    /// The job is done.
    ///
    /// # Errors
    /// See [`WriteError`].
    #[expect(clippy::unused_async, reason = "the body is on its way")]
    pub async fn finish_job(&self, id: i64) -> Result<(), WriteError> {
        let _ = id;
        Err(WriteError::Closed)
    }

    /// The job did not succeed: it is due again at `retry`, or given up when there is none.
    ///
    /// # Errors
    /// See [`WriteError`].
    #[expect(clippy::unused_async, reason = "the body is on its way")]
    pub async fn fail_job(
        &self,
        id: i64,
        error: &str,
        retry: Option<Timestamp>,
    ) -> Result<(), WriteError> {
        let _ = (id, error, retry);
        Err(WriteError::Closed)
    }

    /// Copies the running database, as it is at one moment, to a new file. Progress is called
    /// with the pages done and the pages in all.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn backup(&self, to: &Path, progress: impl FnMut(u64, u64)) -> Result<(), StoreError> {
        let _ = (to, progress);
        Err(StoreError::Database("not built yet".to_owned()))
    }

    /// Looks for damage: a line for each thing found wrong.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn check_integrity(&self) -> Result<Vec<String>, ReadError> {
        Err(unbuilt())
    }

    /// Numbers about the database.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn statistics(&self) -> Result<Statistics, ReadError> {
        Err(unbuilt())
    }

    /// Finishes the writes that wait, refuses new ones, and tidies the file.
    pub fn close(&self) {}
}

/// Copies a database that another process may have open and be writing to.
///
/// # Errors
/// See [`StoreError`].
pub fn backup_file(
    from: &Location,
    to: &Path,
    progress: impl FnMut(u64, u64),
) -> Result<(), StoreError> {
    let _ = (from, to, progress);
    Err(StoreError::Database("not built yet".to_owned()))
}
