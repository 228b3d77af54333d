//! Work for later, done at least once: written with the change that asks for it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use crate::sqlite::session::Session;
use crate::write_set::NewJob;

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

pub(crate) fn add(session: &Session, job: &NewJob) -> rusqlite::Result<()> {
    let text = "INSERT INTO \"_headwater_job\" (\"kind\", \"payload\", \"due\", \"attempts\", \
                \"given_up\") VALUES (?1, ?2, ?3, 0, 0)";
    session.run(text, (&job.kind, &job.payload, job.due.as_microsecond()))?;
    Ok(())
}

/// A claim moves the job's due time behind the lease: if nobody finishes it, it comes back.
pub(crate) fn claim(
    connection: &Connection,
    kind: &str,
    now: Timestamp,
    lease: Duration,
) -> rusqlite::Result<Option<Job>> {
    let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
    let end = now.checked_add(lease).unwrap_or(Timestamp::MAX);
    let text = "UPDATE \"_headwater_job\" SET \"due\" = ?3, \"attempts\" = \"attempts\" + 1 \
                WHERE \"id\" = (SELECT \"id\" FROM \"_headwater_job\" WHERE \"kind\" = ?1 AND \
                \"given_up\" = 0 AND \"due\" <= ?2 ORDER BY \"due\", \"id\" LIMIT 1) \
                RETURNING \"id\", \"kind\", \"payload\", \"attempts\"";
    let parameters = (kind, now.as_microsecond(), end.as_microsecond());
    let mut prepared = connection.prepare_cached(text)?;
    let job = prepared.query_row(parameters, |row| {
        Ok(Job {
            id: row.get(0)?,
            kind: row.get(1)?,
            payload: row.get(2)?,
            attempts: row.get(3)?,
        })
    });
    job.optional()
}

pub(crate) fn finish(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM \"_headwater_job\" WHERE \"id\" = ?1")?
        .execute((id,))?;
    Ok(())
}

pub(crate) fn fail(
    connection: &Connection,
    id: i64,
    error: &str,
    retry: Option<Timestamp>,
) -> rusqlite::Result<()> {
    let text = "UPDATE \"_headwater_job\" SET \"error\" = ?2, \"given_up\" = ?3, \
                \"due\" = COALESCE(?4, \"due\") WHERE \"id\" = ?1";
    let due = retry.map(Timestamp::as_microsecond);
    connection
        .prepare_cached(text)?
        .execute((id, error, retry.is_none(), due))?;
    Ok(())
}

/// How many wait, those claimed included.
pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM \"_headwater_job\" WHERE \"given_up\" = 0";
