//! `/jobs/query`: queries with long answers, which wait until they are fetched.

use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use headwater_records::bulk::{ANSWER_LINE_ROWS, BulkError, Job, JobKind, JobState, Kept};
use headwater_records::{Caller, Error, Org};
use serde_json::{Value, json};

use super::csv_records::record_ends;
use super::ingest::{Wish, job_of, listed, no_such_state};
use super::results::streamed;
use super::{job_json, workers};
use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::route::Route;

const LOCATOR: HeaderName = HeaderName::from_static("sforce-locator");
const RECORDS: HeaderName = HeaderName::from_static("sforce-numberofrecords");

/// Rows of a page of `resultPages`.
const PAGE_ROWS: u64 = 50_000;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let (patch, delete) = (Method::PATCH, Method::DELETE);
    vec![
        Route::caller(post, "/services/data/{version}/jobs/query", create),
        Route::caller(get.clone(), "/services/data/{version}/jobs/query", list),
        Route::caller(
            get.clone(),
            "/services/data/{version}/jobs/query/{id}",
            show,
        ),
        Route::caller(patch, "/services/data/{version}/jobs/query/{id}", turn),
        Route::caller(delete, "/services/data/{version}/jobs/query/{id}", delete_),
        Route::caller(
            get.clone(),
            "/services/data/{version}/jobs/query/{id}/results",
            results,
        ),
        Route::caller(
            get,
            "/services/data/{version}/jobs/query/{id}/resultPages",
            pages,
        ),
    ]
}

async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let wish = Wish::read(&call.body)?.job(&call, JobKind::Query)?;
    if wish
        .query
        .as_deref()
        .is_none_or(|soql| soql.trim().is_empty())
    {
        let message = "A query job needs a query";
        return Err(Failure::from_bulk(BulkError::BadJob(message.to_owned())));
    }
    let job = call.state.org.create_job(&caller, wish).await?;
    workers::wake_for(&call.state, &caller, job.clone()).await?;
    Ok(answer::json(StatusCode::OK, &job_json::short(&job)))
}

async fn list(call: Call, caller: Caller) -> Result<Response, Failure> {
    listed(&call, &caller, &[JobKind::Query], "query").await
}

async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let job = job_of(&call, &caller, JobKind::Query).await?;
    Ok(answer::json(StatusCode::OK, &job_json::full(&job)))
}

async fn turn(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    job_of(&call, &caller, JobKind::Query).await?;
    match Wish::read(&call.body)?.state.as_deref() {
        Some("Aborted") => {
            let id = call.parameter("id");
            let job = call.state.org.abort_job(&caller, id).await?;
            Ok(answer::json(StatusCode::OK, &job_json::short(&job)))
        }
        state => Err(no_such_state(state.unwrap_or_default())),
    }
}

async fn delete_(call: Call, caller: Caller) -> Result<Response, Failure> {
    job_of(&call, &caller, JobKind::Query).await?;
    let id = call.parameter("id");
    call.state.org.delete_job(&caller, id).await?;
    Ok(answer::no_content())
}

/// A job whose answer is there, asked for with the version it was made with.
async fn answered(call: &Call, caller: &Caller) -> Result<Job, Failure> {
    let job = job_of(call, caller, JobKind::Query).await?;
    if job.state != JobState::JobComplete {
        return Err(Failure::from_bulk(BulkError::NotComplete));
    }
    if job.version != call.version.number() {
        let message = format!(
            "The results are fetched with the API version the job was created with: v{}.0",
            job.version
        );
        return Err(Failure::new(StatusCode::CONFLICT, "INVALIDJOB", message));
    }
    Ok(job)
}

async fn results(call: Call, caller: Caller) -> Result<Response, Failure> {
    let job = answered(&call, &caller).await?;
    let first = match call.query("locator") {
        None => 0,
        Some(locator) if locator.is_empty() => 0,
        Some(locator) => place_of(&locator, &job)?,
    };
    let left = job.progress.processed - first;
    let asked = call.query("maxRecords").map(|rows| rows.parse::<u64>());
    // All of it at once unless a part is asked for: there are clients that take only one page then.
    let rows = match asked {
        None => left,
        Some(Ok(rows)) if rows > 0 => rows.min(left),
        Some(_) => {
            let message = "maxRecords must be a whole number above 0";
            return Err(Failure::bad_request("INVALID_QUERY_LOCATOR", message));
        }
    };
    let next = (rows < left).then(|| locator(first + rows));
    let slice = Slice {
        org: call.state.org.clone(),
        caller,
        job,
        next_row: first,
        rows_left: rows,
        header: true,
    };
    let mut response = streamed(slice, Slice::next);
    let headers = response.headers_mut();
    // Clients that find no locator, or an empty one, ask for the first page again and again.
    let next = next.unwrap_or_else(|| "null".to_owned());
    for (name, value) in [(LOCATOR, next), (RECORDS, rows.to_string())] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// Where all pages are, for those who fetch them side by side.
async fn pages(call: Call, caller: Caller) -> Result<Response, Failure> {
    let job = answered(&call, &caller).await?;
    let mut pages: Vec<Value> = Vec::new();
    let mut first = 0;
    while first < job.progress.processed || first == 0 {
        let url = format!(
            "{}/jobs/query/{}/results?locator={}&maxRecords={PAGE_ROWS}",
            call.data_path(),
            job.id,
            locator(first)
        );
        pages.push(json!({ "resultUrl": url }));
        first += PAGE_ROWS;
    }
    let body = json!({ "resultPages": pages, "done": true, "nextRecordsUrl": null });
    Ok(answer::json(StatusCode::OK, &body))
}

/// The locator of the page after so many rows.
fn locator(rows: u64) -> String {
    URL_SAFE_NO_PAD.encode(rows.to_string())
}

fn place_of(locator: &str, job: &Job) -> Result<u64, Failure> {
    let bytes = URL_SAFE_NO_PAD.decode(locator).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.and_then(|text| text.parse().ok());
    place
        .filter(|place| *place <= job.progress.processed)
        .ok_or_else(|| Failure::from(Error::UnknownLocator))
}

/// Some rows of an answer on their way out.
struct Slice {
    org: Org,
    caller: Caller,
    job: Job,
    next_row: u64,
    rows_left: u64,
    /// Whether the header is still to come.
    header: bool,
}

impl Slice {
    /// The next bytes; none after the last.
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        if self.header {
            self.header = false;
            let header = self.line(0).await.map(|line| {
                let end = record_ends(&line).next().unwrap_or_default();
                Bytes::copy_from_slice(&line.as_bytes()[..end])
            });
            self.rows_left = header.as_ref().map_or(0, |_| self.rows_left);
            return Some((header, self));
        }
        if self.rows_left == 0 {
            return None;
        }
        let rows = self.rows().await;
        self.rows_left = rows.as_ref().map_or(0, |_| self.rows_left);
        Some((rows, self))
    }

    /// What is wanted of the line that the next row is in.
    async fn rows(&mut self) -> Result<Bytes, Error> {
        let in_line = ANSWER_LINE_ROWS as u64;
        let place = self.next_row / in_line;
        let line = self.line(u32::try_from(place).unwrap_or(u32::MAX)).await?;
        // The first line begins with the header.
        let header = u64::from(place == 0);
        let skipped = self.next_row % in_line + header;
        let taken = self.rows_left.min(in_line - self.next_row % in_line);
        let end_of = |records: u64| match usize::try_from(records) {
            Ok(0) => Some(0),
            Ok(records) => record_ends(&line).nth(records - 1),
            Err(_) => None,
        };
        let damaged = || Error::internal("an answer has fewer rows than its job says");
        let start = end_of(skipped).ok_or_else(damaged)?;
        let end = end_of(skipped + taken).ok_or_else(damaged)?;
        self.next_row += taken;
        self.rows_left -= taken;
        Ok(Bytes::copy_from_slice(&line.as_bytes()[start..end]))
    }

    async fn line(&self, place: u32) -> Result<String, Error> {
        let (caller, job) = (&self.caller, &self.job);
        let line = self
            .org
            .bulk_text(caller, job, None, Kept::Answer, place)
            .await?;
        line.ok_or_else(|| Error::internal("a line of an answer is missing"))
    }
}
