//! What this door brings to bulk jobs: CSV, JSON and XML, and Salesforce's words.

use std::sync::Arc;

use headwater_catalogue::Object;
use headwater_records::bulk::{BulkDoor, BulkRow, Job, JobKind, Read, RowReader};
use headwater_records::{Caller, Error};

use super::answer_text::AnswerText;
use super::columns::Columns;
use super::csv_records::{CsvRead, CsvRecords, delimiter_of};
use super::refusal;
use super::row_documents::DocumentRows;
use crate::error::Failure;

/// Most rows of a batch of Bulk API 1.0.
const BATCH_ROWS_MAX: u64 = 10_000;

/// The forms of bulk data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BulkForms;

impl BulkDoor for BulkForms {
    type Writer = AnswerText;

    fn reader(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        job: &Job,
    ) -> Box<dyn RowReader + Send> {
        let rows: Box<dyn RowReader + Send> = match job.rows_type() {
            "JSON" | "XML" => Box::new(DocumentRows::new(job)),
            _ => Box::new(CsvRows::new(
                caller.clone(),
                Arc::clone(object),
                job.clone(),
            )),
        };
        match job.kind {
            JobKind::Classic => Box::new(Bounded { rows, read: 0 }),
            JobKind::Ingest | JobKind::Query => rows,
        }
    }

    fn writer(&self, job: &Job, is_first: bool) -> AnswerText {
        AnswerText::new(job, is_first)
    }

    fn refusal(&self, error: Error) -> String {
        refusal::kept(error)
    }

    fn sentence(&self, error: Error) -> String {
        let failure = Failure::from(error);
        if let Some(cause) = &failure.cause {
            tracing::error!(%cause, "a bulk job failed");
        }
        let first = failure.errors.first();
        first.map_or_else(String::new, |item| {
            format!("InvalidBatch : {}: {}", item.code, item.message.trim())
        })
    }
}

/// Rows as CSV.
struct CsvRows {
    caller: Caller,
    object: Arc<Object>,
    job: Job,
    records: CsvRecords,
    columns: Option<Columns>,
    lines: Option<LineEndings>,
}

impl CsvRows {
    fn new(caller: Caller, object: Arc<Object>, job: Job) -> Self {
        let delimiter = delimiter_of(job.column_delimiter.as_deref()).unwrap_or(b',');
        Self {
            records: CsvRecords::new(delimiter),
            lines: LineEndings::of(&job),
            columns: None,
            caller,
            object,
            job,
        }
    }
}

impl RowReader for CsvRows {
    fn feed(&mut self, text: &str) {
        if let Some(lines) = &mut self.lines {
            lines.look(text);
        }
        self.records.feed(text);
    }

    fn end(&mut self) {
        self.records.end();
    }

    fn next(&mut self) -> Result<Read, String> {
        loop {
            let cells = match self.records.next()? {
                CsvRead::Record(cells) => cells,
                CsvRead::More => return Ok(Read::More),
                CsvRead::End => return Ok(Read::End),
            };
            if let Some(columns) = &self.columns {
                return Ok(Read::Row(columns.row(&cells)));
            }
            if let Some(lines) = &self.lines {
                lines.check()?;
            }
            let columns = Columns::of(&self.caller, &self.object, &self.job, &cells)?;
            self.columns = Some(columns);
        }
    }
}

/// How the first line of an upload ends, and how it should.
pub(super) struct LineEndings {
    wanted: String,
    is_quoted: bool,
    last: u8,
    /// Whether the first line ends in two characters.
    found: Option<bool>,
}

impl LineEndings {
    /// What a job says of it; those of Bulk API 1.0 say nothing.
    fn of(job: &Job) -> Option<Self> {
        job.line_ending.clone().map(Self::wanting)
    }

    pub(super) fn wanting(name: String) -> Self {
        Self {
            wanted: name,
            is_quoted: false,
            last: 0,
            found: None,
        }
    }

    pub(super) fn look(&mut self, text: &str) {
        if self.found.is_some() {
            return;
        }
        for byte in text.bytes() {
            match byte {
                b'"' => self.is_quoted = !self.is_quoted,
                b'\n' if !self.is_quoted => {
                    self.found = Some(self.last == b'\r');
                    return;
                }
                _ => {}
            }
            self.last = byte;
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let is_as_wanted = |is_two| is_two == self.wanted.eq_ignore_ascii_case("CRLF");
        if self.found.is_none_or(is_as_wanted) {
            return Ok(());
        }
        Err(format!(
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {}",
            self.wanted
        ))
    }
}

/// Rows of which there may be so many.
struct Bounded {
    rows: Box<dyn RowReader + Send>,
    read: u64,
}

impl RowReader for Bounded {
    fn feed(&mut self, text: &str) {
        self.rows.feed(text);
    }

    fn end(&mut self) {
        self.rows.end();
    }

    fn next(&mut self) -> Result<Read, String> {
        let read = self.rows.next()?;
        if matches!(read, Read::Row(BulkRow { .. })) {
            self.read += 1;
        }
        if self.read > BATCH_ROWS_MAX {
            return Err(format!(
                "InvalidBatch : Records in the batch exceed {BATCH_ROWS_MAX}"
            ));
        }
        Ok(read)
    }
}
