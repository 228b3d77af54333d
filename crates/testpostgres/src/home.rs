//! Where the data of one test lies.

use tempfile::TempDir;

use crate::{Database, Engine};

/// A place for a test's data on the engine of its process, gone when the test is done with it.
#[derive(Debug)]
pub enum Home {
    /// SQLite: a directory for the file.
    Directory(TempDir),
    /// PostgreSQL.
    Database(Database),
}

impl Home {
    /// An empty one.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn new() -> Self {
        match Engine::of_this_process() {
            Engine::Sqlite => Self::directory(),
            Engine::Postgres => Self::Database(Database::new()),
        }
    }

    /// One that may begin as `fill` left another of this `kind`; see [`Database::like`]. To fill
    /// a file takes less than to copy it, so those begin empty.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn like(kind: &'static str, fill: impl FnOnce(&str)) -> Self {
        match Engine::of_this_process() {
            Engine::Sqlite => Self::directory(),
            Engine::Postgres => Self::Database(Database::like(kind, fill)),
        }
    }

    fn directory() -> Self {
        Self::Directory(tempfile::tempdir().expect("a directory for the test"))
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}
