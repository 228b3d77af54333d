//! Batches: what Bulk API 1.0 hands in at a time, each worked by itself.

use std::sync::Arc;

use headwater_catalogue::{Id, Value};
use headwater_store::Operation;
use jiff::Timestamp;

use super::error::BulkError;
use super::job::{Columns, Job, JobKind, JobState, Progress};
use super::unit::{named, object, queue};
use super::upload::Upload;
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

/// Most batches of a job.
const BATCHES_MAX: usize = 10_000;

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Nobody works on it yet.
    Queued,
    /// Somebody works on it.
    InProgress,
    /// Every row was tried.
    Completed,
    /// It could not be worked.
    Failed,
    /// It will not be worked: others were made of it, or its job was aborted.
    NotProcessed,
}

impl BatchState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::NotProcessed,
    ];

    /// As clients say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::NotProcessed => "NotProcessed",
        }
    }
}

/// A batch.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id.
    pub id: Id,
    /// The job it is part of.
    pub job: Id,
    /// Where it stands.
    pub state: BatchState,
    /// Its part of the query, when it was not handed in by the client.
    pub query: Option<String>,
    /// How far it is.
    pub progress: Progress,
    /// When it was handed in.
    pub created: Timestamp,
    /// When it last moved on.
    pub modified: Timestamp,
}

/// The fields of a batch that are read.
const FIELDS: [&str; 12] = [
    "BulkJobId",
    "State",
    "Query",
    "ErrorMessage",
    "NumberRecordsProcessed",
    "NumberRecordsFailed",
    "TotalProcessingTime",
    "Retries",
    "Sheet",
    "NextKey",
    "CreatedDate",
    "SystemModstamp",
];

impl Batch {
    fn of(row: &[Value]) -> Option<Self> {
        let columns = Columns {
            names: &FIELDS,
            row,
        };
        let word = columns.value("State").as_text()?;
        let state = BatchState::ALL
            .into_iter()
            .find(|state| state.word() == word)?;
        Some(Self {
            id: columns.id()?,
            job: columns.value("BulkJobId").as_id()?,
            state,
            query: columns.text("Query"),
            progress: Progress {
                is_uploaded: true,
                ..columns.progress()
            },
            created: columns.value("CreatedDate").as_datetime()?,
            modified: columns.value("SystemModstamp").as_datetime()?,
        })
    }
}

impl Org {
    /// Begins to take in a batch of a job.
    ///
    /// # Errors
    /// [`BulkError::WrongState`] when the job takes no more.
    pub async fn begin_batch(&self, caller: &Caller, job: &Job) -> Result<Upload, Error> {
        if job.kind != JobKind::Classic || job.state != JobState::Open {
            return Err(
                BulkError::WrongState("Job is not open: it takes no batches".into()).into(),
            );
        }
        if self.batches(caller, job).await?.len() >= BATCHES_MAX {
            let limit = format!("{BATCHES_MAX} batches");
            return Err(BulkError::TooMuch(format!("A job has at most {limit}")).into());
        }
        Ok(Upload::new(self.new_sheets().await?))
    }

    /// The batch that was taken in, which waits to be worked from now on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn end_batch(
        &self,
        caller: &Caller,
        job: &Job,
        upload: Upload,
    ) -> Result<Batch, Error> {
        let sheet = self.finish_upload(upload).await?;
        if let Some(rows) = job.chunk_size.filter(|_| job.operation.is_query()) {
            return Box::pin(self.add_chunks(caller, job, sheet, rows)).await;
        }
        self.add_batch(caller, job, sheet, BatchState::Queued, None)
            .await
    }

    /// Writes a batch's record.
    pub(super) async fn add_batch(
        &self,
        caller: &Caller,
        job: &Job,
        sheet: i64,
        state: BatchState,
        query: Option<&str>,
    ) -> Result<Batch, Error> {
        let catalogue = self.catalogue();
        let batches = object(&catalogue, "BulkBatch")?;
        let id = self.store().next_id(batches);
        let values = named(
            batches,
            [
                ("BulkJobId", job.id.into()),
                ("State", state.word().into()),
                ("Query", query.map_or(Value::Null, Value::from)),
                ("NumberRecordsProcessed", Value::Integer(0)),
                ("NumberRecordsFailed", Value::Integer(0)),
                ("TotalProcessingTime", Value::Integer(0)),
                ("Retries", Value::Integer(0)),
                ("Sheet", Value::Integer(sheet)),
            ],
        );
        let insert = Operation::Insert {
            object: Arc::clone(batches),
            id,
            values,
        };
        let mut set = self.bulk_set(caller.user, vec![insert]);
        if state == BatchState::Queued {
            set.jobs.push(queue(id, set.at, job.lane()));
        }
        self.apply(set).await?;
        self.batch(caller, job, id.as_str()).await
    }

    /// A batch of a job.
    ///
    /// # Errors
    /// [`BulkError::UnknownBatch`].
    pub async fn batch(&self, caller: &Caller, job: &Job, id: &str) -> Result<Batch, Error> {
        let unknown = || Error::from(BulkError::UnknownBatch(id.to_owned()));
        let known = id.parse::<Id>().map_err(|_| unknown())?;
        let found = self.batch_by_id(known).await?;
        self.check_seen(caller, job)?;
        found
            .filter(|batch| batch.job == job.id)
            .ok_or_else(unknown)
    }

    /// The batches of a job, in the order they came.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn batches(&self, caller: &Caller, job: &Job) -> Result<Vec<Batch>, Error> {
        self.check_seen(caller, job)?;
        let catalogue = self.catalogue();
        let rows = Selection::of(&catalogue, "BulkBatch")?
            .fields(&FIELDS)?
            .equal("BulkJobId", job.id)?
            .limit(BATCHES_MAX as u64)
            .rows(self.store())
            .await?;
        let mut batches: Vec<Batch> = rows.iter().filter_map(|row| Batch::of(row)).collect();
        batches.sort_by_key(|batch| (batch.created, batch.id));
        Ok(batches)
    }

    pub(super) async fn batch_by_id(&self, id: Id) -> Result<Option<Batch>, Error> {
        let rows = Selection::of(&self.catalogue(), "BulkBatch")?
            .fields(&FIELDS)?
            .equal("Id", id)?
            .rows(self.store())
            .await?;
        Ok(rows.first().and_then(|row| Batch::of(row)))
    }
}
