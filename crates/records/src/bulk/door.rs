//! What a door brings to a bulk job: how rows are read, how answers are written, how refusals are
//! worded.

use std::sync::Arc;

use headwater_catalogue::Object;

use super::job::Job;
use crate::caller::Caller;
use crate::draft::Draft;
use crate::error::Error;
use crate::query::RecordSink;

/// A door that takes bulk jobs.
pub trait BulkDoor: Send + Sync {
    /// What writes the answer to a query.
    type Writer: AnswerWriter;

    /// What reads the rows that were uploaded to a job.
    fn reader(&self, caller: &Caller, object: &Arc<Object>, job: &Job)
    -> Box<dyn RowReader + Send>;

    /// What writes some rows of the answer of a job, the first among them or not.
    fn writer(&self, job: &Job, is_first: bool) -> Self::Writer;

    /// What is kept of a row's refusal; only the door reads it again.
    fn refusal(&self, error: Error) -> String;

    /// What people read when a whole job is refused.
    fn sentence(&self, error: Error) -> String;
}

/// Reads rows out of text that comes in pieces.
pub trait RowReader {
    /// The next piece.
    fn feed(&mut self, text: &str);

    /// There is no more.
    fn end(&mut self);

    /// The next row, as far as it is there.
    ///
    /// # Errors
    /// What is wrong with the whole of it; no row after it is read.
    fn next(&mut self) -> Result<Read, String>;
}

/// What a reader has.
#[derive(Debug)]
pub enum Read {
    /// A row.
    Row(BulkRow),
    /// No whole row: another piece is needed.
    More,
    /// No more rows.
    End,
}

/// One row that was uploaded.
#[derive(Debug, Clone, Default)]
pub struct BulkRow {
    /// What it wants in the record's fields, those that name the record left out.
    pub draft: Draft,
    /// The record's id, or its value in the job's external id; none when the row does not say.
    pub key: Option<String>,
    /// Why it cannot be read, if it cannot.
    pub wrong: Option<String>,
}

/// Writes records as text. Takes rows as any sink does.
pub trait AnswerWriter: RecordSink {
    /// What was written since the last time, cut after every [`super::ANSWER_LINE_ROWS`] rows.
    fn take_lines(&mut self) -> Vec<String>;
}
