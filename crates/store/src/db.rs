//! The store: one handle, whatever the engine behind it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use headwater_catalogue::{Catalogue, Id, Object, Value, ValueType};
use headwater_soql::resolved::Query;
use jiff::Timestamp;

use crate::change_log::{self, Change};
use crate::dialect::Dialect;
use crate::error::{ReadError, StoreError};
use crate::jobs::{self, Job};
use crate::key::Key;
use crate::options::{Location, Options};
use crate::plan::{self, Span};
use crate::rows::{Content, Row, RowSink, Rows};
use crate::sqlite;
use crate::write_set::{Committed, WriteError, WriteSet};

/// The data of one org. Cheap to clone; all clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Backend,
}

/// The engines. PostgreSQL will stand here beside SQLite.
#[derive(Debug, Clone)]
enum Backend {
    Sqlite(Arc<sqlite::Database>),
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
pub struct PlanById {
    pub(crate) text: Arc<str>,
    pub(crate) parameters: Arc<[Content]>,
    /// Which of the parameters is the id.
    pub(crate) id: usize,
    pub(crate) types: Arc<[ValueType]>,
}

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
        let backend = match location {
            Location::Sqlite(path) => {
                Backend::Sqlite(Arc::new(sqlite::Database::open(path, catalogue, options)?))
            }
        };
        Ok(Self { backend })
    }

    fn sqlite(&self) -> &Arc<sqlite::Database> {
        match &self.backend {
            Backend::Sqlite(database) => database,
        }
    }

    /// What exists now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.sqlite().catalogue.load_full()
    }

    /// An id that no record has had and none will get but the one it is for. It comes from a
    /// block that is durably reserved, so not even a crash gives it out twice.
    pub fn next_id(&self, object: &Object) -> Id {
        Id::new(object.prefix, self.sqlite().next_number())
    }

    /// Applies a write: durable when this returns. Dropping the future does not take it back.
    ///
    /// # Errors
    /// Nothing was written; see [`WriteError`].
    pub async fn write(&self, set: WriteSet) -> Result<Committed, WriteError> {
        self.sqlite().write(set).await
    }

    /// As [`Store::write`], for start-up and tests: not to be called on an async worker.
    ///
    /// # Errors
    /// Nothing was written; see [`WriteError`].
    pub fn write_blocking(&self, set: WriteSet) -> Result<Committed, WriteError> {
        self.sqlite().write_blocking(set)
    }

    /// Reads a query's rows into a sink. A small page is tried on the spot, for most are answered
    /// before another thread has woken up; what takes longer, or may, runs off the async workers.
    /// Dropping the future stops it.
    ///
    /// # Errors
    /// See [`ReadError`]. The sink is gone then.
    pub async fn select<S: RowSink + Send + 'static>(
        &self,
        query: Arc<Query>,
        page: Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        match self.sqlite().select_at_once(&query, &page, sink)? {
            Ok(selected) => Ok(selected),
            Err(sink) => {
                self.off_the_workers(move |database, cancelled| {
                    database.select(&query, &page, sink, Some(cancelled))
                })
                .await
            }
        }
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
        self.sqlite().select(query, page, sink, None)
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
    pub async fn count(&self, query: Arc<Query>) -> Result<u64, ReadError> {
        if let Some(count) = self.sqlite().count_at_once(&query)? {
            return Ok(count);
        }
        self.off_the_workers(move |database, cancelled| database.count(&query, Some(cancelled)))
            .await
    }

    /// As [`Store::count`], on the calling thread.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn count_blocking(&self, query: &Query) -> Result<u64, ReadError> {
        self.sqlite().count(query, None)
    }

    /// Where long reads run: on threads that may block, so many at once. Point reads
    /// ([`Store::read_by_id`]) and small pages stay on the caller's own.
    async fn off_the_workers<R: Send + 'static>(
        &self,
        read: impl FnOnce(&sqlite::Database, Arc<AtomicBool>) -> Result<R, ReadError> + Send + 'static,
    ) -> Result<R, ReadError> {
        let database = Arc::clone(self.sqlite());
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

    /// Prepares "this query, for one record": joins, filter and visibility included, order and
    /// limit left out.
    pub fn plan_by_id(&self, query: &Query) -> PlanById {
        let (statement, id, types) = plan::by_id(query, Dialect::Sqlite);
        PlanById {
            text: statement.text.into(),
            parameters: statement.parameters.into(),
            id,
            types: types.into(),
        }
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
        self.sqlite().read_by_id(plan, id, read)
    }

    /// How a page of a query is run, for both dialects.
    ///
    /// # Errors
    /// [`ReadError::BadKey`] if the page continues another query.
    pub fn explain(&self, query: &Query, page: &Page) -> Result<Explanation, ReadError> {
        explain(query, page)
    }

    /// Changes after a replay id, oldest first.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn changes(&self, after: i64, limit: usize) -> Result<Vec<Change>, ReadError> {
        self.sqlite().changes(after, limit)
    }

    /// The last replay id; wakes after each commit that logged a change.
    pub fn changed(&self) -> tokio::sync::watch::Receiver<i64> {
        self.sqlite().changed.subscribe()
    }

    /// Forgets changes older than this; the newest one always stays, so that numbers go on. How
    /// many it forgot.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn purge_changes(&self, before: Timestamp) -> Result<usize, WriteError> {
        let before = before.as_microsecond();
        let purge = move |connection: &rusqlite::Connection| {
            connection
                .prepare_cached(change_log::PURGE)?
                .execute((before,))
        };
        self.sqlite().task(purge).await
    }

    /// Takes the oldest job of a kind that is due, for as long as the lease lasts: when it is
    /// neither finished nor failed by then, somebody else may take it.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn claim_job(
        &self,
        kind: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Job>, WriteError> {
        let kind = kind.to_owned();
        self.sqlite()
            .task(move |connection| jobs::claim(connection, &kind, now, lease))
            .await
    }

    /// The job is done.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn finish_job(&self, id: i64) -> Result<(), WriteError> {
        self.sqlite()
            .task(move |connection| jobs::finish(connection, id))
            .await
    }

    /// The job did not succeed: it is due again at `retry`, or given up when there is none.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn fail_job(
        &self,
        id: i64,
        error: &str,
        retry: Option<Timestamp>,
    ) -> Result<(), WriteError> {
        let error = error.to_owned();
        self.sqlite()
            .task(move |connection| jobs::fail(connection, id, &error, retry))
            .await
    }

    /// Copies the running database, as it is at one moment, to a new file. Progress is called
    /// with the pages done and the pages in all.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn backup(&self, to: &Path, progress: impl FnMut(u64, u64)) -> Result<(), StoreError> {
        sqlite::copy(&self.sqlite().path, to, progress)
    }

    /// Looks for damage: a line for each thing found wrong.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn check_integrity(&self) -> Result<Vec<String>, ReadError> {
        self.sqlite().check_integrity()
    }

    /// Numbers about the database.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn statistics(&self) -> Result<Statistics, ReadError> {
        self.sqlite().statistics()
    }

    /// Finishes the writes that wait, refuses new ones, and tidies the file.
    pub fn close(&self) {
        self.sqlite().close();
    }
}

/// Tells a read that nobody waits for it any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn explain(query: &Query, page: &Page) -> Result<Explanation, ReadError> {
    let span = Span {
        after: page.after.as_ref(),
        limit: page.rows_max.or(query.limit),
        offset: query.offset,
        keyed: page.rows_max.is_some(),
    };
    let sqlite = plan::plan(query, span, Dialect::Sqlite)?;
    let postgres = plan::plan(query, span, Dialect::Postgres)?;
    Ok(Explanation {
        plan: sqlite.name,
        sqlite: Dialect::Sqlite.show(&sqlite.select),
        postgres: Dialect::Postgres.show(&postgres.select),
    })
}

/// The statements that make an empty database of a catalogue, for both dialects.
///
/// # Errors
/// None for a catalogue by itself.
pub fn schema(catalogue: &Catalogue) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let text = |dialect| {
        let nothing = crate::migrate::Applied::new();
        let migration = crate::migrate::Migration::between(&nothing, catalogue, dialect)?;
        Ok::<_, StoreError>(migration.statements)
    };
    Ok((text(Dialect::Sqlite)?, text(Dialect::Postgres)?))
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
    match from {
        Location::Sqlite(path) => sqlite::copy(path, to, progress),
    }
}
