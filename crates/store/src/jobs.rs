//! Work for later, done at least once: written with the change that asks for it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::connection::Failure;
use crate::rows::{Cells, ContentRef};
use crate::session::Session;
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

pub(crate) fn add(session: &mut Session, job: &NewJob) -> Result<(), Failure> {
    let id = session.next_number("job", 1)?;
    let text = "INSERT INTO \"_headwater_job\" (\"id\", \"kind\", \"payload\", \"due\", \
                \"attempts\", \"given_up\") VALUES ($1, $2, $3, $4, 0, FALSE)";
    let due = job.due.as_microsecond();
    let parameters = [
        id.into(),
        job.kind.as_str().into(),
        job.payload.as_str().into(),
        due.into(),
    ];
    session.run_later(text, &parameters)
}

/// A claim moves the job's due time behind the lease: if nobody finishes it, it comes back. Jobs
/// that another node is claiming at this moment are passed over.
pub(crate) fn claim(
    session: &Session,
    kind: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<Option<Job>, Failure> {
    let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
    let end = now.checked_add(lease).unwrap_or(Timestamp::MAX);
    let text = format!(
        "UPDATE \"_headwater_job\" SET \"due\" = $1, \"attempts\" = \"attempts\" + 1 \
         WHERE \"id\" = (SELECT \"id\" FROM \"_headwater_job\" WHERE \"kind\" = $2 AND \
         \"given_up\" = FALSE AND \"due\" <= $3 ORDER BY \"due\", \"id\" LIMIT 1{}) \
         RETURNING \"id\", \"payload\", \"attempts\"",
        session.dialect().skip_locked()
    );
    let parameters = [
        end.as_microsecond().into(),
        kind.into(),
        now.as_microsecond().into(),
    ];
    let job = |row: &dyn Cells| {
        let number = |column| row.content(column).as_number().unwrap_or_default();
        Job {
            id: number(0),
            kind: kind.to_owned(),
            payload: row.content(1).as_text().unwrap_or_default().to_owned(),
            attempts: u32::try_from(number(2)).unwrap_or(u32::MAX),
        }
    };
    session.one(&text, &parameters, job)
}

pub(crate) fn finish(session: &Session, id: i64) -> Result<u64, Failure> {
    session.run(
        "DELETE FROM \"_headwater_job\" WHERE \"id\" = $1",
        &[id.into()],
    )
}

pub(crate) fn fail(
    session: &Session,
    id: i64,
    error: &str,
    retry: Option<Timestamp>,
) -> Result<u64, Failure> {
    let text = "UPDATE \"_headwater_job\" SET \"error\" = $1, \"given_up\" = $2, \
                \"due\" = COALESCE($3, \"due\") WHERE \"id\" = $4";
    let due = retry.map_or(ContentRef::Null, |due| due.as_microsecond().into());
    let given_up = i64::from(retry.is_none());
    session.run(text, &[error.into(), given_up.into(), due, id.into()])
}

/// How many wait, those claimed included.
pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM \"_headwater_job\" WHERE \"given_up\" = FALSE";
