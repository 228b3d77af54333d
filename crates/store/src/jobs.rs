//! Work for later, done at least once: written with the change that asks for it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::command::{Done, Task};
use crate::connection::Failure;
use crate::db::Store;
use crate::error::ReadError;
use crate::rows::{Cells, Content, ContentRef};
use crate::session::Session;
use crate::write_set::{NewJob, WriteError};

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

impl Store {
    /// Takes the oldest job of a kind that is due and that nothing in its lane is before, for as long
    /// as the lease lasts: when it is neither finished nor failed by then, somebody else may take it.
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
        match self.task(Task::ClaimJob { kind, now, lease }).await? {
            Done::Claimed(job) => Ok(job),
            Done::Changed(_) | Done::Numbered(_) => Ok(None),
        }
    }

    /// The job is done.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn finish_job(&self, id: i64) -> Result<(), WriteError> {
        self.task(Task::FinishJob(id)).await.map(|_| ())
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
        self.task(Task::FailJob { id, error, retry })
            .await
            .map(|_| ())
    }

    /// The job could not be begun, and is due again then: it was no attempt.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn put_off_job(&self, id: i64, due: Timestamp) -> Result<(), WriteError> {
        self.task(Task::PutOffJob { id, due }).await.map(|_| ())
    }

    /// Keeps a job that was claimed until then: whether it was still this claim's, and not taken
    /// over by somebody else since.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn keep_job(&self, job: &Job, until: Timestamp) -> Result<bool, WriteError> {
        let (id, attempts) = (job.id, job.attempts);
        let task = Task::KeepJob {
            id,
            attempts,
            until,
        };
        match self.task(task).await? {
            Done::Changed(kept) => Ok(kept > 0),
            Done::Claimed(_) | Done::Numbered(_) => Ok(false),
        }
    }

    /// Whether a job of this kind could be claimed. Looks only.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn has_due_job(&self, kind: &str, now: Timestamp) -> Result<bool, ReadError> {
        let text = format!(
            "SELECT \"id\" FROM \"_headwater_job\" AS \"waiting\" WHERE \"kind\" = $1 AND \
             \"given_up\" = FALSE AND \"due\" <= $2 AND {IS_FIRST} LIMIT 1"
        );
        let parameters = [
            Content::Text(kind.to_owned()),
            Content::Number(now.as_microsecond()),
        ];
        let due = self.engine().own_rows(&text, &parameters, |_| ()).await?;
        Ok(!due.is_empty())
    }
}

pub(crate) fn add(session: &mut Session, job: &NewJob) -> Result<(), Failure> {
    let id = session.next_number("job", 1)?;
    let text = "INSERT INTO \"_headwater_job\" (\"id\", \"kind\", \"payload\", \"due\", \
                \"attempts\", \"given_up\", \"lane\") VALUES ($1, $2, $3, $4, 0, FALSE, $5)";
    let due = job.due.as_microsecond();
    let lane = job.lane.as_deref().map_or(ContentRef::Null, Into::into);
    let parameters = [
        id.into(),
        job.kind.as_str().into(),
        job.payload.as_str().into(),
        due.into(),
        lane,
    ];
    session.run_later(text, &parameters)
}

/// What is true of a job that nothing in its lane is before: nothing that was asked for earlier is left,
/// and nothing at all is being done. A job that failed and is due again later holds up its lane. The
/// second parameter is the time.
const IS_FIRST: &str = "(\"lane\" IS NULL OR NOT EXISTS (SELECT 1 FROM \"_headwater_job\" AS \"other\" \
     WHERE \"other\".\"lane\" = \"waiting\".\"lane\" AND \"other\".\"given_up\" = FALSE AND \
     (\"other\".\"id\" < \"waiting\".\"id\" OR (\"other\".\"id\" > \"waiting\".\"id\" AND \
     \"other\".\"attempts\" > 0 AND \"other\".\"due\" > $2))))";

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
         WHERE \"id\" = (SELECT \"id\" FROM \"_headwater_job\" AS \"waiting\" WHERE \"due\" <= $2 AND \
         {IS_FIRST} AND \"kind\" = $3 AND \"given_up\" = FALSE ORDER BY \"due\", \"id\" LIMIT 1{}) \
         RETURNING \"id\", \"payload\", \"attempts\"",
        session.dialect().skip_locked()
    );
    let parameters = [
        end.as_microsecond().into(),
        now.as_microsecond().into(),
        kind.into(),
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

/// The claim is taken back as if it had never been.
pub(crate) fn put_off(session: &Session, id: i64, due: Timestamp) -> Result<u64, Failure> {
    let text = "UPDATE \"_headwater_job\" SET \"due\" = $1, \"attempts\" = \"attempts\" - 1 \
                WHERE \"id\" = $2 AND \"attempts\" > 0";
    session.run(text, &[due.as_microsecond().into(), id.into()])
}

/// A claim that has not been taken over is made longer.
pub(crate) fn keep(
    session: &Session,
    id: i64,
    attempts: u32,
    until: Timestamp,
) -> Result<u64, Failure> {
    let text = "UPDATE \"_headwater_job\" SET \"due\" = $1 WHERE \"id\" = $2 AND \
                \"attempts\" = $3 AND \"given_up\" = FALSE";
    let parameters = [
        until.as_microsecond().into(),
        id.into(),
        i64::from(attempts).into(),
    ];
    session.run(text, &parameters)
}

/// How many wait, those claimed included.
pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM \"_headwater_job\" WHERE \"given_up\" = FALSE";
