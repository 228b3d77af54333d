//! What is worked at a time: a batch, or a job that has none. Both say how far they are in fields of
//! the same names.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, SystemPermission, Value};
use headwater_soql::resolved::Filter;
use headwater_store::{NewJob as Work, Operation, WriteSet};
use jiff::Timestamp;

use super::batch::{Batch, BatchState};
use super::error::BulkError;
use super::job::{Job, JobState, Progress, SHEETS};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// The kind of work that bulk jobs are to the store.
pub(super) const WORK: &str = "bulk";

/// A job, or a batch of one.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) job: Job,
    pub(crate) batch: Option<Batch>,
}

/// Where a unit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Waiting,
    Running,
    Done,
    Failed,
}

impl Unit {
    pub(crate) fn id(&self) -> Id {
        self.batch.as_ref().map_or(self.job.id, |batch| batch.id)
    }

    pub(crate) fn progress(&self) -> &Progress {
        match &self.batch {
            Some(batch) => &batch.progress,
            None => &self.job.progress,
        }
    }

    pub(crate) fn object_name(&self) -> &'static str {
        match self.batch {
            Some(_) => "BulkBatch",
            None => "BulkJob",
        }
    }

    /// The word of a stage in this unit's record.
    pub(crate) fn word(&self, stage: Stage) -> &'static str {
        let is_batch = self.batch.is_some();
        match stage {
            Stage::Waiting if is_batch => BatchState::Queued.word(),
            Stage::Waiting => JobState::UploadComplete.word(),
            Stage::Running if is_batch => BatchState::InProgress.word(),
            Stage::Running => JobState::InProgress.word(),
            Stage::Done if is_batch => BatchState::Completed.word(),
            Stage::Done => JobState::JobComplete.word(),
            Stage::Failed if is_batch => BatchState::Failed.word(),
            Stage::Failed => JobState::Failed.word(),
        }
    }

    /// The stage of work it is in; none when there is nothing to work.
    pub(crate) fn stage(&self) -> Option<Stage> {
        let word = match &self.batch {
            Some(batch) => batch.state.word(),
            None => self.job.state.word(),
        };
        [Stage::Waiting, Stage::Running]
            .into_iter()
            .find(|stage| self.word(*stage) == word)
    }

    /// A change of its record, which must still be in this stage.
    pub(crate) fn update(
        &self,
        catalogue: &Catalogue,
        expected: Stage,
        values: Vec<(&str, Value)>,
    ) -> Result<Operation, Error> {
        let object = object(catalogue, self.object_name())?;
        Ok(Operation::Update {
            object: Arc::clone(object),
            id: self.id(),
            values: named(object, values),
            may: Filter::Always,
            expect: named(object, [("State", Value::from(self.word(expected)))]),
            seen: None,
        })
    }
}

/// The work that a unit is; in a lane it waits for what is before it.
pub(super) fn queue(unit: Id, due: Timestamp, lane: Option<Id>) -> Work {
    Work {
        kind: WORK.to_owned(),
        payload: unit.to_string(),
        due,
        lane: lane.map(|lane| lane.to_string()),
    }
}

/// One of our objects, which is always there.
pub(super) fn object<'c>(catalogue: &'c Catalogue, name: &str) -> Result<&'c Arc<Object>, Error> {
    catalogue
        .object(name)
        .ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

/// Values by the places of their fields.
pub(super) fn named<'n>(
    object: &Object,
    values: impl IntoIterator<Item = (&'n str, Value)>,
) -> Vec<(usize, Value)> {
    let place = |(name, value)| Some((object.position(name)?, value));
    values.into_iter().filter_map(place).collect()
}

/// A count as a field holds it.
pub(super) fn count(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

impl Org {
    /// A write of a job's own records.
    pub(super) fn bulk_set(&self, actor: Id, operations: Vec<Operation>) -> WriteSet {
        WriteSet::new(actor, self.now(), operations)
    }

    /// The first of a unit's sheets.
    pub(super) async fn new_sheets(&self) -> Result<i64, Error> {
        Ok(self.store().new_sheets(SHEETS).await?)
    }

    /// The unit of work with this id; none if it is gone.
    pub(super) async fn unit(&self, id: Id) -> Result<Option<Unit>, Error> {
        if let Some(job) = self.job_by_id(id).await? {
            return Ok(Some(Unit { job, batch: None }));
        }
        let Some(batch) = self.batch_by_id(id).await? else {
            return Ok(None);
        };
        let job = self.job_by_id(batch.job).await?;
        Ok(job.map(|job| Unit {
            job,
            batch: Some(batch),
        }))
    }

    /// Refuses to show a job to whoever neither made it nor sees the set-up.
    #[expect(clippy::unused_self, reason = "a verb like its neighbours")]
    pub(super) fn check_seen(&self, caller: &Caller, job: &Job) -> Result<(), Error> {
        let seen = job.created_by == caller.user
            || caller.rights.has(SystemPermission::ViewSetup)
            || caller.rights.is_server();
        if seen {
            return Ok(());
        }
        Err(BulkError::UnknownJob(job.id.to_string()).into())
    }

    /// Refuses to let a job be changed by whoever neither made it nor may change all data.
    pub(super) fn check_changes(&self, caller: &Caller, job: &Job) -> Result<(), Error> {
        self.check_seen(caller, job)?;
        let may = job.created_by == caller.user
            || caller.rights.has(SystemPermission::ModifyAllData)
            || caller.rights.is_server();
        if may {
            return Ok(());
        }
        Err(Error::NotPermitted(SystemPermission::ModifyAllData.field()))
    }
}
