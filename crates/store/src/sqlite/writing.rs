//! The connection that writes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, ffi};

use super::connections::{self, LAYOUT, STEPS_BETWEEN_LOOKS};
use super::idle::Idle;
use crate::change_log::Numbered;
use crate::connection::{self, Ends, Failure, TAKE_NUMBERS};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::options::Options;
use crate::rows::{Cells, Content, ContentRef};
use crate::session::borrowed;

/// The one connection of a file that writes, and those that must not be looking while it commits.
pub(crate) struct Writing {
    connection: Connection,
    readers: Arc<Idle>,
    /// Whether a commit waits for the disk at all.
    is_durable: bool,
    /// How transactions end as SQLite is set.
    ends: Option<Ends>,
}

impl Writing {
    /// Opens a file for writing, making it if there is none.
    pub(super) fn open(
        path: &Path,
        options: &Options,
        readers: Arc<Idle>,
    ) -> Result<Self, StoreError> {
        let (connection, layout) = connections::open_writer(path, options)?;
        let mut writing = Self {
            connection,
            readers,
            is_durable: options.durable,
            ends: None,
        };
        writing.wait_for_disk(Ends::Durable)?;
        writing.bring_up(layout)?;
        Ok(writing)
    }

    /// Says how transactions end from now on. With a log that is not written through at once, what
    /// comes later is never there without what came before it.
    fn wait_for_disk(&mut self, ends: Ends) -> rusqlite::Result<()> {
        if self.ends != Some(ends) {
            let synchronous = match ends {
                _ if !self.is_durable => "OFF",
                Ends::Durable => "FULL",
                Ends::Fleeting => "NORMAL",
            };
            self.connection
                .pragma_update(None, "synchronous", synchronous)?;
            self.ends = Some(ends);
        }
        Ok(())
    }

    /// From the layout of an older release to ours.
    fn bring_up(&self, layout: i32) -> Result<(), StoreError> {
        if layout == 1 {
            // Numbers for ids were a setting.
            self.connection.execute_batch(
                "INSERT INTO \"_headwater_counter\" (\"name\", \"value\") \
                 SELECT 'ids', CAST(\"value\" AS INTEGER) - 1 FROM \"_headwater_setting\" \
                 WHERE \"name\" = 'ids_reserved' ON CONFLICT (\"name\") DO NOTHING",
            )?;
        }
        self.connection
            .pragma_update(None, "user_version", LAYOUT)?;
        Ok(())
    }

    /// Indexes on text hold the order our collation gave them. It follows the characters' lower
    /// case as Unicode says, and a new release of Unicode may say it differently.
    fn renew_collation(&self) -> Result<(), StoreError> {
        let (major, minor, update) = char::UNICODE_VERSION;
        let now = format!("{major}.{minor}.{update}");
        let known = self.setting("unicode")?;
        if known.as_deref() == Some(&now) {
            return Ok(());
        }
        if known.is_some() {
            tracing::info!(unicode = now, "making the indexes on text anew");
            self.connection
                .execute_batch("REINDEX \"headwater_text\"")?;
        }
        self.connection.execute(
            "INSERT INTO \"_headwater_setting\" (\"name\", \"value\") VALUES ('unicode', ?1) \
             ON CONFLICT (\"name\") DO UPDATE SET \"value\" = ?1",
            (now,),
        )?;
        Ok(())
    }

    fn setting(&self, name: &str) -> rusqlite::Result<Option<String>> {
        use rusqlite::OptionalExtension as _;
        let text = "SELECT \"value\" FROM \"_headwater_setting\" WHERE \"name\" = ?1";
        let value = self.connection.query_row(text, (name,), |row| row.get(0));
        value.optional()
    }
}

impl connection::Connection for Writing {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn begin(&mut self, _: Duration, ends: Ends) -> Result<(), Failure> {
        self.wait_for_disk(ends).map_err(|error| failure(&error))?;
        self.run("BEGIN IMMEDIATE", &[]).map(|_| ())
    }

    fn commit(&mut self, _: Option<&Numbered>) -> Result<(), Failure> {
        let committing = self.readers.committing();
        let committed = self.run("COMMIT", &[]).map(|_| ());
        drop(committing);
        committed
    }

    fn rollback(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "rolling back a group of writes");
        }
    }

    fn save(&mut self) -> Result<(), Failure> {
        self.run("SAVEPOINT one", &[]).map(|_| ())
    }

    fn undo_to_saved(&mut self) -> Result<(), Failure> {
        self.run("ROLLBACK TO one", &[]).map(|_| ())
    }

    fn release(&mut self) -> Result<(), Failure> {
        self.run("RELEASE one", &[]).map(|_| ())
    }

    fn trouble(&self) -> Option<Failure> {
        // After some failures SQLite rolls back everything by itself.
        let text = "the database has rolled the group back";
        (self.connection.is_autocommit()).then(|| Failure::Other(text.to_owned()))
    }

    fn recover(&self) -> bool {
        true
    }

    fn run(&self, text: &str, parameters: &[ContentRef<'_>]) -> Result<u64, Failure> {
        let run = || {
            let mut prepared = self.connection.prepare_cached(text)?;
            bind(&mut prepared, parameters)?;
            prepared.raw_execute()
        };
        let changed = run().map_err(|error| failure(&error))?;
        Ok(u64::try_from(changed).unwrap_or_default())
    }

    fn run_later(&self, text: &str, parameters: &[ContentRef<'_>]) -> Result<(), Failure> {
        self.run(text, parameters).map(|_| ())
    }

    fn read(
        &self,
        text: &str,
        parameters: &[ContentRef<'_>],
        each: &mut dyn FnMut(&dyn Cells),
    ) -> Result<(), Failure> {
        let mut read = || {
            let mut prepared = self.connection.prepare_cached(text)?;
            bind(&mut prepared, parameters)?;
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next()? {
                each(row);
            }
            Ok(())
        };
        read().map_err(|error| failure(&error))
    }

    fn read_within(
        &mut self,
        text: &str,
        parameters: &[Content],
        time: Duration,
        each: &mut dyn FnMut(&dyn Cells),
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        let is_late = move || begun.elapsed() > time;
        let bounded = self
            .connection
            .progress_handler(STEPS_BETWEEN_LOOKS, Some(is_late));
        bounded.map_err(|error| failure(&error))?;
        let read = self.read(text, &borrowed(parameters), each);
        let unbounded = self.connection.progress_handler(0, None::<fn() -> bool>);
        unbounded.map_err(|error| failure(&error))?;
        read
    }

    fn define(&self, text: &str) -> Result<(), Failure> {
        self.connection
            .execute_batch(text)
            .map_err(|error| failure(&error))
    }

    fn expect_load(&self) -> Result<(), Failure> {
        self.define("PRAGMA foreign_keys = OFF")
    }

    fn load(&self, table: &str, columns: &[&str], rows: Vec<Vec<Content>>) -> Result<(), Failure> {
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let text = format!(
            "INSERT INTO \"{table}\" ({}) VALUES ({})",
            names.join(", "),
            places.join(", ")
        );
        for row in rows {
            self.run(&text, &borrowed(&row))?;
        }
        Ok(())
    }

    /// The foreign keys that were not looked at while the rows came.
    fn loaded(&self) -> Result<(), Failure> {
        let mut wrong = None;
        self.read("PRAGMA foreign_key_check", &[], &mut |row| {
            let text = |column| row.content(column).as_text().unwrap_or_default().to_owned();
            wrong.get_or_insert_with(|| {
                format!(
                    "a row of {} refers to one of {} that is not there",
                    text(0),
                    text(2)
                )
            });
        })?;
        wrong.map_or(Ok(()), |wrong| Err(Failure::Other(wrong)))
    }

    fn migrated(&self) -> Result<(), StoreError> {
        self.renew_collation()
    }

    fn take_numbers(&self, counter: &str, count: i64) -> Result<i64, Failure> {
        let mut last = count;
        self.read(TAKE_NUMBERS, &[counter.into(), count.into()], &mut |row| {
            last = row.content(0).as_number().unwrap_or(count);
        })?;
        Ok(last - count + 1)
    }

    /// Leaves the database in one file, with what its planner should know about it.
    fn finish(&mut self) {
        self.connection.flush_prepared_statement_cache();
        for text in ["PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            if let Err(error) = self.connection.execute_batch(text) {
                tracing::warn!(%error, text, "closing the database");
            }
        }
    }
}

fn bind(
    prepared: &mut rusqlite::Statement<'_>,
    parameters: &[ContentRef<'_>],
) -> rusqlite::Result<()> {
    for (place, value) in parameters.iter().enumerate() {
        prepared.raw_bind_parameter(place + 1, value)?;
    }
    Ok(())
}

fn failure(error: &rusqlite::Error) -> Failure {
    let code = error.sqlite_error().map(|failure| failure.extended_code);
    match (error.sqlite_error_code(), code) {
        (_, Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY)) => Failure::Dangling,
        (_, Some(ffi::SQLITE_CONSTRAINT_PRIMARYKEY)) => Failure::Duplicate { primary: true },
        (_, Some(ffi::SQLITE_CONSTRAINT_UNIQUE)) => Failure::Duplicate { primary: false },
        (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => {
            Failure::Busy(error.to_string())
        }
        (Some(ErrorCode::OperationInterrupted), _) => Failure::TooLong,
        _ => Failure::Other(error.to_string()),
    }
}
