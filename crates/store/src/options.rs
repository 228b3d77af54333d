//! Where a database lives, and its limits.

use std::path::PathBuf;
use std::time::Duration;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file, made when it is not there; its directory must be.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as libpq takes its address: a `postgres://` URL, or `key=value`
    /// pairs. The database must be there; it is made ready if it is empty.
    Postgres(String),
}

/// Without the address of a server, which may hold a password.
impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

/// Every limit of the store, with the default that suits one small machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Most long reads at once; also how many idle connections are kept.
    pub read_connections: usize,
    /// Page cache of each connection, in bytes.
    pub cache_bytes: u64,
    /// How much of the file is read through a memory map by the connection that writes, in bytes;
    /// SQLite takes up to this default.
    pub mapped_bytes: u64,
    /// Prepared statements kept by each connection.
    pub statements_cached: usize,
    /// Longest time a query may run.
    pub query_time_max: Duration,
    /// Most rows of one answer without a limit or page of its own.
    pub query_rows_max: u64,
    /// Most write sets in one transaction of the database.
    pub group_max: usize,
    /// Most write sets waiting; more wait before they are taken in.
    pub queue_max: usize,
    /// Size of the write-ahead log, in pages, at which it is moved into the file.
    pub checkpoint_pages: u32,
    /// Record ids reserved at a time. Those that are not used when the process ends are lost.
    pub ids_reserved: u64,
    /// Whether a commit waits for the disk. Only tests and loading may say no.
    pub durable: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            read_connections: 8,
            cache_bytes: 8 << 20,
            mapped_bytes: 0x7fff_0000,
            statements_cached: 256,
            query_time_max: Duration::from_mins(2),
            query_rows_max: 50_000,
            group_max: 256,
            queue_max: 4096,
            checkpoint_pages: 20_000,
            ids_reserved: 100_000,
            durable: true,
        }
    }
}
