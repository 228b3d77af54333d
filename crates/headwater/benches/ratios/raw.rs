//! The physical limit for durable writes: rows of the same size, inserted by prepared statement
//! into a plain SQLite table and committed in groups, nothing else done.

use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::Connection;

/// Rows per second, committed `group` at a time with the pragmas Headwater uses.
pub fn inserts_per_second(group: usize, seconds: f64) -> Result<f64> {
    let directory = tempfile::tempdir_in(crate::scratch())?;
    let mut connection = Connection::open(directory.path().join("raw.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 20_000)?;
    connection.execute_batch(
        "CREATE TABLE row (Id TEXT PRIMARY KEY, Owner TEXT, Name TEXT, Account TEXT, Contact TEXT,
         At INTEGER, By TEXT) STRICT",
    )?;
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let began = Instant::now();
    let mut rows: i64 = 0;
    while Instant::now() < until {
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO row VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for _ in 0..group {
                rows += 1;
                let id = format!("0PAHW{rows:013}");
                insert.execute((
                    &id,
                    "005HW0000000001AAA",
                    "+1 555 0100",
                    &id,
                    &id,
                    rows,
                    &id,
                ))?;
            }
        }
        transaction.commit()?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}
