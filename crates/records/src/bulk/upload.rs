//! What is uploaded, taken in piece by piece and put into lines, so that no body is ever whole in memory.

use std::sync::Arc;

use headwater_catalogue::Value;
use headwater_soql::resolved::Filter;
use headwater_store::{Mark, Operation, WriteSet};

use super::error::BulkError;
use super::job::{Job, JobKind, JobState, SHEETS};
use super::unit::{named, object};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// Most bytes of an upload. Salesforce's bound is 100 MB, or 150 MB of what it encodes that into.
pub const UPLOAD_BYTES_MAX: u64 = 150 * 1024 * 1024;

/// Bytes of a line, about.
const LINE_BYTES: usize = 256 * 1024;

/// Lines of a sheet that are removed at a time.
pub(super) const REMOVED_TOGETHER: usize = 500;

/// An upload on its way.
#[derive(Debug)]
pub struct Upload {
    sheet: i64,
    place: u32,
    held: Vec<u8>,
    bytes: u64,
}

impl Upload {
    /// An upload to a new sheet.
    pub(super) fn new(sheet: i64) -> Self {
        Self {
            sheet,
            place: 0,
            held: Vec::new(),
            bytes: 0,
        }
    }

    /// The text that is held, but for the beginning of a character whose end has not come; all of
    /// it when nothing more comes.
    fn take_text(&mut self, is_end: bool) -> Result<String, Error> {
        let held = std::mem::take(&mut self.held);
        let text = match String::from_utf8(held) {
            Ok(text) => text,
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let is_cut = error.utf8_error().error_len().is_none();
                let mut bytes = error.into_bytes();
                if is_end || !is_cut {
                    return Err(BulkError::BadInput("The data is not UTF-8".to_owned()).into());
                }
                self.held = bytes.split_off(good);
                String::from_utf8(bytes).map_err(Error::internal)?
            }
        };
        // PostgreSQL holds no such text.
        if text.contains('\0') {
            return Err(BulkError::BadInput("The data holds a NUL character".to_owned()).into());
        }
        Ok(text)
    }
}

impl Org {
    /// Begins to take in the rows of a job. What an upload that was cut off has left is removed.
    ///
    /// # Errors
    /// [`BulkError::WrongState`] when the job wants none.
    pub async fn begin_upload(&self, caller: &Caller, id: &str) -> Result<(Job, Upload), Error> {
        let job = self.job(caller, id).await?;
        self.check_changes(caller, &job)?;
        if job.kind != JobKind::Ingest || job.state != JobState::Open {
            let message = format!("Found job in state {}; expected Open", job.state.word());
            return Err(BulkError::WrongState(message).into());
        }
        if job.progress.is_uploaded {
            let message = "The job has its data already: it is uploaded once";
            return Err(BulkError::WrongState(message.to_owned()).into());
        }
        self.remove_sheets(job.progress.sheet).await?;
        let sheet = self.new_sheets().await?;
        let values = vec![("Sheet", Value::Integer(sheet))];
        self.change_job(caller, &job, values).await?;
        Ok((job, Upload::new(sheet)))
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// When they are too many, or not UTF-8.
    pub async fn upload(&self, upload: &mut Upload, bytes: &[u8]) -> Result<(), Error> {
        upload.bytes += bytes.len() as u64;
        if upload.bytes > UPLOAD_BYTES_MAX {
            let limit = format!("{UPLOAD_BYTES_MAX} bytes");
            return Err(BulkError::TooMuch(format!("An upload has at most {limit}")).into());
        }
        for part in bytes.chunks(LINE_BYTES) {
            upload.held.extend_from_slice(part);
            if upload.held.len() >= LINE_BYTES {
                let text = upload.take_text(false)?;
                self.write_line(upload, text).await?;
            }
        }
        Ok(())
    }

    /// The rows of a job are all there.
    ///
    /// # Errors
    /// When they end in the middle of a character, or somebody has stopped the job.
    pub async fn end_upload(
        &self,
        caller: &Caller,
        job: &Job,
        upload: Upload,
    ) -> Result<(), Error> {
        self.finish_upload(upload).await?;
        let values = vec![("IsUploaded", Value::Boolean(true))];
        self.change_job(caller, job, values).await
    }

    /// Puts away what is held: the sheet it is all in.
    pub(super) async fn finish_upload(&self, mut upload: Upload) -> Result<i64, Error> {
        let text = upload.take_text(true)?;
        if !text.is_empty() {
            self.write_line(&mut upload, text).await?;
        }
        Ok(upload.sheet)
    }

    async fn write_line(&self, upload: &mut Upload, text: String) -> Result<(), Error> {
        let mark = Mark {
            sheet: upload.sheet,
            place: upload.place,
        };
        upload.place += 1;
        let mut set = self.bulk_set(self.system().user, Vec::new());
        set.lines.push(mark.says(text));
        self.apply(set).await?;
        Ok(())
    }

    /// Changes a job that is still as it was read.
    pub(super) async fn change_job(
        &self,
        caller: &Caller,
        job: &Job,
        values: Vec<(&str, Value)>,
    ) -> Result<(), Error> {
        self.apply(self.job_change(caller, job, values)?).await?;
        Ok(())
    }

    /// The write that changes a job, if it is still in the state it was read in.
    pub(super) fn job_change(
        &self,
        caller: &Caller,
        job: &Job,
        values: Vec<(&str, Value)>,
    ) -> Result<WriteSet, Error> {
        let catalogue = self.catalogue();
        let jobs = object(&catalogue, "BulkJob")?;
        let update = Operation::Update {
            object: Arc::clone(jobs),
            id: job.id,
            values: named(jobs, values),
            may: Filter::Always,
            expect: named(jobs, [("State", job.state.word().into())]),
            seen: None,
        };
        Ok(self.bulk_set(caller.user, vec![update]))
    }

    /// Removes the sheets of a job or batch, a few lines at a time.
    pub(super) async fn remove_sheets(&self, first: Option<i64>) -> Result<(), Error> {
        let Some(first) = first else {
            return Ok(());
        };
        for sheet in first..first + i64::from(SHEETS) {
            let limit = REMOVED_TOGETHER;
            while self.store().remove_lines(sheet, limit).await? == limit as u64 {}
        }
        Ok(())
    }
}
