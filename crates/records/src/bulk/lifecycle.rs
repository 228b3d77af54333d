//! Looking at jobs, closing, stopping and deleting them.

use std::sync::Arc;

use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_soql::resolved::{Column, Filter};
use headwater_store::{Key, Operation, Page, Rows};

use super::error::BulkError;
use super::job::{JOB_FIELDS, Job, JobKind, JobState};
use super::unit::{object, queue};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

/// Jobs of one page of a list.
const PAGE_JOBS: u64 = 1_000;

/// Some jobs.
#[derive(Debug, Clone)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl Org {
    /// A job.
    ///
    /// # Errors
    /// [`BulkError::UnknownJob`] when there is none, or none the caller may see.
    pub async fn job(&self, caller: &Caller, id: &str) -> Result<Job, Error> {
        let unknown = || Error::from(BulkError::UnknownJob(id.to_owned()));
        let known = id.parse::<Id>().map_err(|_| unknown())?;
        let job = self.job_by_id(known).await?.ok_or_else(unknown)?;
        self.check_seen(caller, &job)?;
        Ok(job)
    }

    pub(super) async fn job_by_id(&self, id: Id) -> Result<Option<Job>, Error> {
        let rows = Selection::of(&self.catalogue(), "BulkJob")?
            .fields(&JOB_FIELDS)?
            .equal("Id", id)?
            .rows(self.store())
            .await?;
        Ok(rows.first().and_then(|row| Job::of(row)))
    }

    /// The jobs of these kinds that the caller may see.
    ///
    /// # Errors
    /// [`Error::UnknownLocator`] when the page is none.
    pub async fn jobs(
        &self,
        caller: &Caller,
        kinds: &[JobKind],
        after: Option<&str>,
    ) -> Result<JobPage, Error> {
        let catalogue = self.catalogue();
        let jobs = object(&catalogue, "BulkJob")?;
        let words = kinds.iter().map(|kind| kind.word().into()).collect();
        let mut selection = Selection::of_object(jobs)
            .fields(&JOB_FIELDS)?
            .any_of("JobType", words)?;
        if !caller.rights.has(SystemPermission::ViewSetup) {
            let field = jobs.position("CreatedById").unwrap_or_default();
            let column = Column { source: 0, field };
            selection = selection.only(Filter::equal(column, caller.user.into()));
        }
        let after = after.map(str::parse::<Key>).transpose();
        let page = Page {
            after: after.map_err(|_| Error::UnknownLocator)?,
            rows_max: Some(PAGE_JOBS),
        };
        let query = Arc::new(selection.into_query());
        let selected = self.store().select(query, page, Rows::default()).await?;
        let rows = selected.sink.rows.iter();
        Ok(JobPage {
            jobs: rows.filter_map(|row| Job::of(row)).collect(),
            next: selected.next.map(|key| key.to_string()),
        })
    }

    /// All rows or batches of a job are there: one without batches waits to be worked from now on.
    ///
    /// # Errors
    /// [`BulkError::WrongState`] when it is not open.
    pub async fn close_job(&self, caller: &Caller, id: &str) -> Result<Job, Error> {
        let job = self.job(caller, id).await?;
        self.check_changes(caller, &job)?;
        if job.state != JobState::Open {
            let message = format!("Found job in state {}; expected Open", job.state.word());
            return Err(BulkError::WrongState(message).into());
        }
        if job.progress.sheet.is_some() && !job.progress.is_uploaded {
            let message = "The data of the job has not come whole: upload it again";
            return Err(BulkError::WrongState(message.to_owned()).into());
        }
        let state = match job.kind {
            JobKind::Classic => JobState::Closed,
            JobKind::Ingest | JobKind::Query => JobState::UploadComplete,
        };
        self.move_job(caller, &job, state).await?;
        self.job(caller, id).await
    }

    /// Stops a job. Rows that are done stay done.
    ///
    /// # Errors
    /// [`BulkError::WrongState`] when it has ended.
    pub async fn abort_job(&self, caller: &Caller, id: &str) -> Result<Job, Error> {
        // Its worker may move it on between the look and the write.
        for _ in 0..3 {
            let job = self.job(caller, id).await?;
            self.check_changes(caller, &job)?;
            if job.state.is_final() {
                let message = format!(
                    "Aborting already Completed Job not allowed: it is {}",
                    job.state.word()
                );
                return Err(BulkError::WrongState(message).into());
            }
            match self.move_job(caller, &job, JobState::Aborted).await {
                Err(Error::Busy) => {}
                moved => {
                    moved?;
                    break;
                }
            }
        }
        self.job(caller, id).await
    }

    async fn move_job(&self, caller: &Caller, job: &Job, to: JobState) -> Result<(), Error> {
        let mut values = vec![("State", Value::from(to.word()))];
        if to.is_final() {
            values.push(("FinishedDate", self.now().into()));
        }
        let mut set = self.job_change(caller, job, values)?;
        if to == JobState::UploadComplete {
            set.jobs.push(queue(job.id, set.at, None));
        }
        self.apply(set).await?;
        Ok(())
    }

    /// Deletes a job that has ended, with all that was uploaded and all its results.
    ///
    /// # Errors
    /// [`BulkError::WrongState`] when it is open or being worked.
    pub async fn delete_job(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let job = self.job(caller, id).await?;
        self.check_changes(caller, &job)?;
        let may_go = job.state.is_final() || job.state == JobState::UploadComplete;
        if !may_go {
            let message = format!("Job is in state {}: abort it first", job.state.word());
            return Err(BulkError::WrongState(message).into());
        }
        self.remove_job(&job).await
    }

    /// Removes a job with everything that is its own.
    pub(super) async fn remove_job(&self, job: &Job) -> Result<(), Error> {
        let system = self.system();
        for batch in self.batches(&system, job).await? {
            self.remove_sheets(batch.progress.sheet).await?;
        }
        self.remove_sheets(job.progress.sheet).await?;
        let catalogue = self.catalogue();
        let delete = Operation::Delete {
            object: Arc::clone(object(&catalogue, "BulkJob")?),
            id: job.id,
            may: Filter::Always,
        };
        self.apply(self.bulk_set(system.user, vec![delete])).await?;
        Ok(())
    }
}
