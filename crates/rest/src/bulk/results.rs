//! What became of the rows of a job, beside what they were: uploaded rows and outcomes, both in their
//! order, joined while they are sent.

use std::collections::VecDeque;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use headwater_records::bulk::{BulkError, Job, JobKind, Kept, Outcome};
use headwater_records::{Caller, Error, Org};

use super::csv_records::{CsvRead, CsvRecords, delimiter_of, line_ending_of, write_record};
use super::ingest::job_of;
use super::refusal;
use crate::call::Call;
use crate::error::Failure;

/// What CSV answers say they are.
pub(super) const CSV: HeaderValue = HeaderValue::from_static("text/csv;charset=UTF-8");

/// Bytes that are sent at a time, about.
const SENT_TOGETHER: usize = 64 * 1024;

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Successful,
    Failed,
    Unprocessed,
}

pub(super) async fn successful(call: Call, caller: Caller) -> Result<Response, Failure> {
    rows(call, caller, Wanted::Successful).await
}

pub(super) async fn failed(call: Call, caller: Caller) -> Result<Response, Failure> {
    rows(call, caller, Wanted::Failed).await
}

pub(super) async fn unprocessed(call: Call, caller: Caller) -> Result<Response, Failure> {
    rows(call, caller, Wanted::Unprocessed).await
}

async fn rows(call: Call, caller: Caller, wanted: Wanted) -> Result<Response, Failure> {
    let job = job_of(&call, &caller, JobKind::Ingest).await?;
    if !job.state.is_final() {
        return Err(Failure::from_bulk(BulkError::NotComplete));
    }
    let join = Join::new(call.state.org.clone(), caller, job, wanted);
    Ok(streamed(join, Join::next))
}

/// An answer in CSV that is made while it is sent.
pub(super) fn streamed<S: Send + 'static, F>(
    state: S,
    next: impl FnMut(S) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = Option<(Result<Bytes, Error>, S)>> + Send + 'static,
{
    let body = Body::from_stream(stream::unfold(state, next));
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, CSV);
    response
}

/// Rows and outcomes on their way out.
struct Join {
    org: Org,
    caller: Caller,
    job: Job,
    wanted: Wanted,
    records: CsvRecords,
    next_line: u32,
    /// The next row's place; none before the header.
    place: Option<u32>,
    outcomes: VecDeque<Outcome>,
    next_outcome: u32,
    has_all_outcomes: bool,
    is_done: bool,
}

impl Join {
    fn new(org: Org, caller: Caller, job: Job, wanted: Wanted) -> Self {
        let delimiter = delimiter_of(job.column_delimiter.as_deref()).unwrap_or(b',');
        Self {
            org,
            caller,
            job,
            wanted,
            records: CsvRecords::new(delimiter),
            next_line: 0,
            place: None,
            outcomes: VecDeque::new(),
            next_outcome: 0,
            has_all_outcomes: false,
            is_done: false,
        }
    }

    /// The next bytes; none after the last.
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        if self.is_done {
            return None;
        }
        let mut out = String::new();
        while out.len() < SENT_TOGETHER && !self.is_done {
            if let Err(error) = self.step(&mut out).await {
                self.is_done = true;
                return Some((Err(error), self));
            }
        }
        Some((Ok(out.into()), self))
    }

    async fn step(&mut self, out: &mut String) -> Result<(), Error> {
        match self.records.next() {
            Ok(CsvRead::Record(cells)) => self.record(&cells, out).await?,
            Ok(CsvRead::More) => {
                let (org, place) = (&self.org, self.next_line);
                let text = org
                    .bulk_text(&self.caller, &self.job, None, Kept::Upload, place)
                    .await?;
                self.next_line += 1;
                match text {
                    Some(text) => self.records.feed(&text),
                    None => self.records.end(),
                }
            }
            // What cannot be read was not processed either: there is nothing to show of it.
            Ok(CsvRead::End) | Err(_) => {
                if self.place.is_none() {
                    self.header(&[], out);
                }
                self.is_done = true;
            }
        }
        Ok(())
    }

    async fn record(&mut self, cells: &[String], out: &mut String) -> Result<(), Error> {
        let Some(place) = self.place else {
            self.place = Some(0);
            self.header(cells, out);
            return Ok(());
        };
        self.place = Some(place + 1);
        let outcome = self.outcome(place).await?;
        match (self.wanted, outcome) {
            (
                Wanted::Successful,
                Some(Outcome {
                    record: Some(id),
                    is_new,
                    ..
                }),
            ) => {
                let created = if is_new { "true" } else { "false" };
                self.write(&[id.as_str(), created], cells, out);
            }
            (
                Wanted::Failed,
                Some(Outcome {
                    record: None,
                    refusal,
                    ..
                }),
            ) => {
                let errors = refusal::of_kept(refusal.as_deref().unwrap_or_default());
                self.write(&["", &refusal::cell(&errors)], cells, out);
            }
            (Wanted::Unprocessed, None) => self.write(&[], cells, out),
            (Wanted::Successful | Wanted::Failed | Wanted::Unprocessed, _) => {}
        }
        Ok(())
    }

    /// What became of the row at a place.
    async fn outcome(&mut self, place: u32) -> Result<Option<Outcome>, Error> {
        if self.outcomes.is_empty() && !self.has_all_outcomes {
            let progress = &self.job.progress;
            let read = self
                .org
                .outcomes(&self.caller, &self.job, progress, self.next_outcome)
                .await?;
            self.has_all_outcomes = read.is_empty();
            if let Some(last) = read.last() {
                self.next_outcome = last.place + 1;
            }
            self.outcomes = read.into();
        }
        Ok(match self.outcomes.front() {
            Some(outcome) if outcome.place == place => self.outcomes.pop_front(),
            _ => None,
        })
    }

    fn header(&self, cells: &[String], out: &mut String) {
        let own: &[&str] = match self.wanted {
            Wanted::Successful => &["sf__Id", "sf__Created"],
            Wanted::Failed => &["sf__Id", "sf__Error"],
            Wanted::Unprocessed => &[],
        };
        self.write(own, cells, out);
    }

    fn write(&self, own: &[&str], cells: &[String], out: &mut String) {
        let delimiter = delimiter_of(self.job.column_delimiter.as_deref()).unwrap_or(b',');
        let line_ending = line_ending_of(self.job.line_ending.as_deref()).unwrap_or("\n");
        let cells = cells.iter().map(String::as_str);
        let all = own.iter().copied().chain(cells);
        write_record(out, all, delimiter, line_ending);
    }
}
