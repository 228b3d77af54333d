//! Opening a database file, and the connections that read it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::functions;
use super::idle::Idle;
use crate::error::{ReadError, StoreError};
use crate::options::Options;

/// "HWTR": what the file says it is, so that nobody takes it for something else.
const APPLICATION_ID: i32 = 0x4857_5452;

/// The layout of what is not described by the catalogue. A newer one is refused, an older one
/// would be brought up by a numbered step.
pub(crate) const LAYOUT: i32 = 3;

/// Instructions of SQLite's machine between two looks at the clock: some 50 microseconds.
pub(super) const STEPS_BETWEEN_LOOKS: i32 = 2_000;

const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Keeps other processes out as long as the file is held.
pub(crate) fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let failed = |source| StoreError::Files {
        path: name.clone(),
        source,
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The connection that writes, and the layout of the file; makes the file if there is none.
pub(crate) fn open_writer(path: &Path, options: &Options) -> Result<(Connection, i32), StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    let layout = check_ours(&connection, path)?;
    prepare(&connection, options)?;
    // Only here. SQLite takes a connection's map down when it meets somebody else's commit, and
    // takes in page after page anew: a reader beside writes would do little else.
    let mapped = i64::try_from(options.mapped_bytes).unwrap_or(i64::MAX);
    connection.pragma_update(None, "mmap_size", mapped)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", options.checkpoint_pages)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok((connection, layout))
}

/// Reads before it writes anything, so that a foreign file stays as it is: the layout it has.
fn check_ours(connection: &Connection, path: &Path) -> Result<i32, StoreError> {
    let foreign = || StoreError::Foreign(path.to_owned());
    let number = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i32>(0))
            .map_err(|error| match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase) => foreign(),
                _ => StoreError::from(error),
            })
    };
    let (application, layout) = (number("application_id")?, number("user_version")?);
    let objects: i64 =
        connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || layout != 0 || objects > 0) {
        return Err(foreign());
    }
    if layout > LAYOUT {
        return Err(StoreError::Newer {
            found: layout,
            known: LAYOUT,
        });
    }
    Ok(layout)
}

fn prepare(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(options.statements_cached);
    // The stability guarantee. Without it SQLite looks at the values of parameters to see whether
    // a partial index will do, and so plans a prepared statement anew whenever one is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Negative: in kibibytes, not in pages.
    let cache = i64::try_from(options.cache_bytes / 1024).unwrap_or(i64::MAX);
    connection.pragma_update(None, "cache_size", -cache)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    functions::register(connection)
}

/// A connection for reading, outside of any pool: for backup and the checks of `doctor`.
pub(crate) fn open_reader(path: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection, options)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A connection to copy from; the file must be ours.
pub(crate) fn open_source(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    check_ours(&connection, path)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// How long the running query may still take, and whether anybody waits for it.
#[derive(Debug)]
pub(crate) struct Budget {
    begun: Instant,
    /// Microseconds after `begun`; 0 for no end.
    deadline: AtomicU64,
    cancelled: Mutex<Option<Arc<AtomicBool>>>,
}

impl Budget {
    fn is_spent(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        deadline != 0 && (self.is_late(deadline) || self.is_cancelled())
    }

    fn is_late(&self, deadline: u64) -> bool {
        self.begun.elapsed().as_micros() > u128::from(deadline)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        let cancelled = self
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        cancelled
            .as_ref()
            .is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

/// A connection of the pool.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) budget: Arc<Budget>,
    /// The turn of [`Idle`] in which the snapshot was made that it holds, if it holds one.
    pub(super) snapshot: Option<u64>,
}

impl Reader {
    /// Ends the snapshot it holds, if it holds one.
    pub(super) fn let_go(&mut self) -> rusqlite::Result<()> {
        // Some failures end it by themselves.
        if self.snapshot.take().is_some() && !self.connection.is_autocommit() {
            self.connection.prepare_cached("COMMIT")?.execute(())?;
        }
        Ok(())
    }

    /// Bounds what is read until [`Reader::end`].
    pub(crate) fn begin(&self, time: Duration, cancelled: Option<Arc<AtomicBool>>) {
        let end = self.budget.begun.elapsed() + time;
        let end = u64::try_from(end.as_micros()).unwrap_or(u64::MAX).max(1);
        *self
            .budget
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = cancelled;
        self.budget.deadline.store(end, Ordering::Relaxed);
    }

    /// The query is over.
    pub(crate) fn end(&self) {
        self.budget.deadline.store(0, Ordering::Relaxed);
        *self
            .budget
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The connections that read.
#[derive(Debug)]
pub(crate) struct Connections {
    path: PathBuf,
    pub(crate) options: Options,
    pub(super) idle: Arc<Idle>,
    /// Long reads at once.
    pub(crate) permits: Arc<tokio::sync::Semaphore>,
}

impl Connections {
    pub(crate) fn new(path: &Path, options: Options) -> Self {
        Self {
            path: path.to_owned(),
            idle: Arc::default(),
            permits: Arc::new(tokio::sync::Semaphore::new(options.read_connections.max(1))),
            options,
        }
    }

    /// Runs something on a connection.
    pub(crate) fn with<R>(
        &self,
        run: impl FnOnce(&Reader) -> Result<R, ReadError>,
    ) -> Result<R, ReadError> {
        if self.is_closed() {
            return Err(ReadError::Closed);
        }
        let failed = |error: rusqlite::Error| ReadError::Database(error.to_string());
        let mut reader = match self.idle.take() {
            Some(reader) => reader,
            None => self.open().map_err(failed)?,
        };
        self.idle.show(&mut reader).map_err(failed)?;
        let answer = run(&reader);
        self.idle.put(reader, self.options.read_connections);
        answer
    }

    fn open(&self) -> rusqlite::Result<Reader> {
        let mut connection = open_reader(&self.path, &self.options)?;
        let budget = Arc::new(Budget {
            begun: Instant::now(),
            deadline: AtomicU64::new(0),
            cancelled: Mutex::default(),
        });
        let watched = Arc::clone(&budget);
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || watched.is_spent()))?;
        Ok(Reader {
            connection,
            budget,
            snapshot: None,
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.idle.is_closed()
    }

    pub(crate) fn close(&self) {
        self.idle.close();
    }
}
