//! Jobs of Bulk API 1.0.

use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use headwater_records::Caller;
use headwater_records::bulk::{BulkError, BulkOperation, Concurrency, Job, JobKind, NewJob};

use super::form::AnswerForm;
use super::info::{self, JobInfo};
use super::{job_of, version};
use crate::bulk::ingest::refuse_assignment_rule;
use crate::call::Call;
use crate::error::Failure;

const CHUNKING: HeaderName = HeaderName::from_static("sforce-enable-pkchunking");

/// Rows of a chunk unless the client says otherwise, and the fewest and most it may say.
const CHUNK_ROWS: u64 = 100_000;
const CHUNK_ROWS_MIN: u64 = 100;
const CHUNK_ROWS_MAX: u64 = 250_000;

pub(super) async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    let version = version(&call)?.number();
    let info = JobInfo::read(&call)?;
    let bad = |message: String| Failure::from_bulk(BulkError::BadJob(message));
    let word = info.get("operation").unwrap_or_default();
    let operation = BulkOperation::of_word(word)
        .ok_or_else(|| bad(format!("InvalidJob : unknown operation '{word}'")))?;
    let content_type = info
        .get("contentType")
        .unwrap_or("XML")
        .to_ascii_uppercase();
    let rows_type = content_type.strip_prefix("ZIP_").unwrap_or(&content_type);
    if !matches!(rows_type, "CSV" | "JSON" | "XML") {
        return Err(bad(format!(
            "InvalidJob : unknown content type '{content_type}'"
        )));
    }
    if operation.is_query() && rows_type != content_type {
        let message =
            format!("InvalidJob : content type {content_type} is for rows that are written");
        return Err(bad(message));
    }
    let mode = info
        .get("concurrencyMode")
        .unwrap_or(Concurrency::Parallel.word());
    let concurrency = Concurrency::of_word(mode)
        .ok_or_else(|| bad(format!("InvalidJob : unknown concurrency mode '{mode}'")))?;
    refuse_assignment_rule(info.get("assignmentRuleId")).map_err(Failure::from_bulk)?;
    let new = NewJob {
        kind: JobKind::Classic,
        operation,
        object: info.get("object").map(str::to_owned),
        content_type,
        column_delimiter: None,
        line_ending: None,
        external_id: info.get("externalIdFieldName").map(str::to_owned),
        concurrency,
        version,
        query: None,
        chunk_size: chunk_size(&call),
    };
    let job = call.state.org.create_job(&caller, new).await?;
    answer(&call, &caller, &job, StatusCode::CREATED).await
}

/// `true`, or `chunkSize=50000; parent=…`.
fn chunk_size(call: &Call) -> Option<u64> {
    let text = call.header(CHUNKING)?.trim().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    if matches!(text.as_str(), "" | "false") {
        return None;
    }
    let size = parts.find_map(|part| part.strip_prefix("chunksize=")?.trim().parse().ok());
    Some(
        size.unwrap_or(CHUNK_ROWS)
            .clamp(CHUNK_ROWS_MIN, CHUNK_ROWS_MAX),
    )
}

async fn answer(
    call: &Call,
    caller: &Caller,
    job: &Job,
    status: StatusCode,
) -> Result<Response, Failure> {
    let batches = call.state.org.batches(caller, job).await?;
    let form = AnswerForm::of_request(&call.headers);
    Ok(form.answer(status, "jobInfo", &info::job(job, &batches)))
}

pub(super) async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let job = job_of(&call, &caller).await?;
    answer(&call, &caller, &job, StatusCode::OK).await
}

pub(super) async fn turn(call: Call, caller: Caller) -> Result<Response, Failure> {
    job_of(&call, &caller).await?;
    let info = JobInfo::read(&call)?;
    let (org, id) = (&call.state.org, call.parameter("id"));
    let job = match info.get("state") {
        Some("Closed") => org.close_job(&caller, id).await?,
        Some("Aborted") => org.abort_job(&caller, id).await?,
        state => {
            let state = state.unwrap_or_default();
            let message = format!("A job cannot be put into the state '{state}'");
            return Err(Failure::from_bulk(BulkError::WrongState(message)));
        }
    };
    answer(&call, &caller, &job, StatusCode::OK).await
}
