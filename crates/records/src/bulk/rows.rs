//! What a job has kept: what was uploaded, and what became of each row.

use headwater_catalogue::Id;

use super::batch::Batch;
use super::job::{Job, Progress};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// Outcomes read at a time.
const OUTCOMES_TOGETHER: usize = 1_000;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The row's place among all, from 0.
    pub place: u32,
    /// The record that was written; none for a row that was refused.
    pub record: Option<Id>,
    /// Whether that record was made.
    pub is_new: bool,
    /// What the door has kept of the refusal.
    pub refusal: Option<String>,
}

/// What a job keeps as text. A job without batches has either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// What was uploaded.
    Upload,
    /// What a query found.
    Answer,
}

impl Org {
    /// The line at a place of what was uploaded, or of what a query found; none after the last.
    ///
    /// # Errors
    /// When the caller may not see the job.
    pub async fn bulk_text(
        &self,
        caller: &Caller,
        job: &Job,
        batch: Option<&Batch>,
        kept: Kept,
        place: u32,
    ) -> Result<Option<String>, Error> {
        self.check_seen(caller, job)?;
        let sheet = match (batch, kept) {
            (None, _) => job.progress.text_sheet(),
            (Some(batch), Kept::Upload) => batch.progress.text_sheet(),
            (Some(batch), Kept::Answer) => batch.progress.row_sheet(),
        };
        let Some(sheet) = sheet else {
            return Ok(None);
        };
        let lines = self.store().lines(sheet, place, 1).await?;
        let line = lines.into_iter().next().filter(|line| line.place == place);
        Ok(line.and_then(|line| line.text))
    }

    /// What became of some of the rows from a place on, in their order; empty after the last.
    ///
    /// # Errors
    /// When the caller may not see the job.
    pub async fn outcomes(
        &self,
        caller: &Caller,
        job: &Job,
        progress: &Progress,
        from: u32,
    ) -> Result<Vec<Outcome>, Error> {
        self.check_seen(caller, job)?;
        let Some(sheet) = progress.row_sheet() else {
            return Ok(Vec::new());
        };
        let lines = self.store().lines(sheet, from, OUTCOMES_TOGETHER).await?;
        let outcomes = lines.into_iter().map(|line| Outcome {
            place: line.place,
            record: line.record,
            is_new: line.is_new,
            refusal: line.text,
        });
        Ok(outcomes.collect())
    }
}
