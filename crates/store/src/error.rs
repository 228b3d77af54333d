//! Why the store could not be opened or read. Writes have their own: [`crate::WriteError`].

use std::path::PathBuf;

/// Why a store could not be opened, migrated, copied or checked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not a database of ours, and was left as it is.
    #[error("{} is not a Headwater database; it was left untouched", .0.display())]
    Foreign(PathBuf),
    /// A newer release has written the database.
    #[error(
        "the database has layout {found} and this release knows up to {known}: use the release that wrote it, or a newer one"
    )]
    Newer {
        /// The layout it has.
        found: i32,
        /// The newest layout we know.
        known: i32,
    },
    /// The address of a server cannot be read. Nothing of it is repeated, for it may hold a
    /// password.
    #[error(
        "the address of the database cannot be read ({0}); it looks like postgres://user:password@host:5432/database"
    )]
    BadAddress(String),
    /// The server, or the database on it, is not to be used so.
    #[error("PostgreSQL at {address}: {problem}")]
    Unusable {
        /// Host, port, database and user.
        address: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The schema holds tables that are not ours, and was left as it is.
    #[error(
        "PostgreSQL at {address}: schema {schema:?} holds other tables and is not a Headwater database; it was left untouched; name an empty database"
    )]
    ForeignDatabase {
        /// Host, port, database and user.
        address: String,
        /// The schema.
        schema: String,
    },
    /// Another process has the database open for writing.
    #[error("{} is in use by another Headwater process", .0.display())]
    InUse(PathBuf),
    /// A move to this database was cut off, or goes on.
    #[error(
        "an org is being moved to this database and is not whole yet: run `headwater migrate` with the same --from and --to again to complete it, or drop the database"
    )]
    BeingMoved,
    /// A server's databases are copied with its own tools.
    #[error(
        "a PostgreSQL database is backed up with PostgreSQL's own tools, such as pg_dump; see docs/postgresql.md"
    )]
    NoBackup,
    /// The catalogue asks for a change of the tables that is not an addition.
    #[error("the tables cannot follow the catalogue: {0}")]
    NotAdditive(String),
    /// The file system failed.
    #[error("{}: {source}", path.display())]
    Files {
        /// Where.
        path: PathBuf,
        /// How.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(String),
}

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It took longer than [`crate::Options::query_time_max`].
    #[error("the query took too long")]
    TimedOut,
    /// It found more rows than [`crate::Options::query_rows_max`] without a page or limit.
    #[error("the query found more than {0} rows")]
    TooManyRows(u64),
    /// Nobody waits for the answer any more.
    #[error("the query was cancelled")]
    Cancelled,
    /// The key to continue by was not made by this query.
    #[error("the key does not belong to this query")]
    BadKey,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// The database cannot be reached; try again.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The database failed. The text is for the log, not for callers.
    #[error("the database failed: {0}")]
    Database(String),
}

impl From<crate::connection::Failure> for StoreError {
    fn from(failure: crate::connection::Failure) -> Self {
        Self::Database(failure.to_string())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}
