//! `/jobs/ingest`: rows that are written.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_records::Caller;
use headwater_records::bulk::{
    BulkError, BulkOperation, Concurrency, Job, JobKind, NewJob, Upload,
};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::csv_records::{delimiter_of, line_ending_of};
use super::{job_json, results, workers};
use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::{json_failure, multipart};
use crate::route::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let (patch, delete) = (Method::PATCH, Method::DELETE);
    vec![
        Route::caller(post, "/services/data/{version}/jobs/ingest", create),
        Route::caller(get.clone(), "/services/data/{version}/jobs/ingest", list),
        Route::caller(
            get.clone(),
            "/services/data/{version}/jobs/ingest/{id}",
            show,
        ),
        Route::caller(patch, "/services/data/{version}/jobs/ingest/{id}", turn),
        Route::caller(delete, "/services/data/{version}/jobs/ingest/{id}", delete_),
        Route::upload(
            put,
            "/services/data/{version}/jobs/ingest/{id}/batches",
            upload,
        ),
        Route::caller(
            get.clone(),
            "/services/data/{version}/jobs/ingest/{id}/successfulResults",
            results::successful,
        ),
        Route::caller(
            get.clone(),
            "/services/data/{version}/jobs/ingest/{id}/failedResults",
            results::failed,
        ),
        Route::caller(
            get,
            "/services/data/{version}/jobs/ingest/{id}/unprocessedrecords",
            results::unprocessed,
        ),
    ]
}

/// What a client says of a new job.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wish {
    pub(super) object: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) external_id_field_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) column_delimiter: Option<String>,
    pub(super) line_ending: Option<String>,
    pub(super) assignment_rule_id: Option<String>,
    pub(super) query: Option<String>,
    pub(super) state: Option<String>,
}

impl Wish {
    pub(super) fn read(body: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(body).map_err(|error| {
            let text = String::from_utf8_lossy(body);
            json_failure(&text, &error)
        })
    }

    /// The job that is wished for.
    pub(super) fn job(self, call: &Call, kind: JobKind) -> Result<NewJob, Failure> {
        let bad = |message: String| Failure::from_bulk(BulkError::BadJob(message));
        let word = self.operation.unwrap_or_default();
        let operation = BulkOperation::of_word(&word)
            .filter(|operation| operation.is_query() == (kind == JobKind::Query))
            .ok_or_else(|| bad(format!("InvalidJob : unknown operation '{word}'")))?;
        let content_type = self.content_type.unwrap_or_else(|| "CSV".to_owned());
        if !content_type.eq_ignore_ascii_case("CSV") {
            return Err(bad(format!(
                "InvalidJob : contentType '{content_type}' is not supported; use CSV"
            )));
        }
        let delimiter = self.column_delimiter.unwrap_or_else(|| "COMMA".to_owned());
        let line_ending = self.line_ending.unwrap_or_else(|| "LF".to_owned());
        if delimiter_of(Some(&delimiter)).is_none() {
            return Err(bad(format!(
                "InvalidJob : unknown columnDelimiter '{delimiter}'"
            )));
        }
        if line_ending_of(Some(&line_ending)).is_none() {
            return Err(bad(format!(
                "InvalidJob : unknown lineEnding '{line_ending}'"
            )));
        }
        refuse_assignment_rule(self.assignment_rule_id.as_deref()).map_err(Failure::from_bulk)?;
        Ok(NewJob {
            kind,
            operation,
            object: self.object,
            content_type: "CSV".to_owned(),
            column_delimiter: Some(delimiter.to_ascii_uppercase()),
            line_ending: Some(line_ending.to_ascii_uppercase()),
            external_id: self.external_id_field_name.filter(|name| !name.is_empty()),
            concurrency: Concurrency::Parallel,
            version: call.version.number(),
            query: self.query,
            chunk_size: None,
        })
    }
}

/// Whoever names an assignment rule counts on it, and there are none.
pub(super) fn refuse_assignment_rule(id: Option<&str>) -> Result<(), BulkError> {
    match id.filter(|id| !id.is_empty()) {
        None => Ok(()),
        Some(id) => Err(BulkError::NotEnabled(format!(
            "There is no assignment rule '{id}': records have the owner that they name"
        ))),
    }
}

async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    if multipart::is_multipart(&call) {
        return create_with_rows(&call, &caller).await;
    }
    call.expect_json()?;
    let wish = Wish::read(&call.body)?.job(&call, JobKind::Ingest)?;
    let job = call.state.org.create_job(&caller, wish).await?;
    Ok(answer::json(StatusCode::OK, &job_json::short(&job)))
}

/// A job that comes with its rows, which needs no closing.
async fn create_with_rows(call: &Call, caller: &Caller) -> Result<Response, Failure> {
    let parts = multipart::parts(call)?;
    let part = |name: &str| {
        let found = parts
            .iter()
            .find(|part| part.name.eq_ignore_ascii_case(name));
        found.map(|part| part.content).ok_or_else(|| {
            let message = format!("The multipart body has no part '{name}'");
            Failure::bad_request("INVALID_MULTIPART_REQUEST", message)
        })
    };
    let (wish, rows) = (Wish::read(part("job")?)?, part("content")?);
    let org = &call.state.org;
    let job = org
        .create_job(caller, wish.job(call, JobKind::Ingest)?)
        .await?;
    let id = job.id;
    let (job, mut upload) = org.begin_upload(caller, id.as_str()).await?;
    org.upload(&mut upload, rows).await?;
    org.end_upload(caller, &job, upload).await?;
    let job = org.close_job(caller, id.as_str()).await?;
    workers::wake_for(&call.state, caller, job.clone()).await?;
    Ok(answer::json(StatusCode::OK, &job_json::short(&job)))
}

async fn list(call: Call, caller: Caller) -> Result<Response, Failure> {
    let asked = call.query("jobType");
    let kinds: Vec<JobKind> = match asked.as_deref() {
        None | Some("") => vec![JobKind::Ingest, JobKind::Classic],
        Some(word) => JobKind::ALL
            .into_iter()
            .filter(|kind| kind.word().eq_ignore_ascii_case(word))
            .collect(),
    };
    listed(&call, &caller, &kinds, "ingest").await
}

/// A page of jobs.
pub(super) async fn listed(
    call: &Call,
    caller: &Caller,
    kinds: &[JobKind],
    resource: &str,
) -> Result<Response, Failure> {
    let after = call.query("queryLocator").filter(|after| !after.is_empty());
    let page = call.state.org.jobs(caller, kinds, after.as_deref()).await?;
    let chunked = call.flag("isPkChunkingEnabled");
    let records: Vec<Value> = page
        .jobs
        .iter()
        .filter(|job| !chunked || job.chunk_size.is_some())
        .map(|job| {
            let mut value = job_json::short(job);
            value["jobType"] = json!(job.kind.word());
            value
        })
        .collect();
    let next = page
        .next
        .map(|next| format!("{}/jobs/{resource}?queryLocator={next}", call.data_path()));
    let body = json!({ "done": next.is_none(), "records": records, "nextRecordsUrl": next });
    Ok(answer::json(StatusCode::OK, &body))
}

/// A job of this kind.
pub(super) async fn job_of(call: &Call, caller: &Caller, kind: JobKind) -> Result<Job, Failure> {
    let id = call.parameter("id");
    let job = call.state.org.job(caller, id).await?;
    // Jobs of the first API are looked at here as well.
    if job.kind == kind || (kind == JobKind::Ingest && job.kind == JobKind::Classic) {
        return Ok(job);
    }
    Err(Failure::from_bulk(BulkError::UnknownJob(id.to_owned())))
}

async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let job = job_of(&call, &caller, JobKind::Ingest).await?;
    Ok(answer::json(StatusCode::OK, &job_json::full(&job)))
}

async fn turn(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    job_of(&call, &caller, JobKind::Ingest).await?;
    let (org, id) = (&call.state.org, call.parameter("id"));
    let state = Wish::read(&call.body)?.state.unwrap_or_default();
    let job = match state.as_str() {
        "UploadComplete" => {
            let job = org.close_job(&caller, id).await?;
            workers::wake_for(&call.state, &caller, job.clone()).await?;
            job
        }
        "Aborted" => org.abort_job(&caller, id).await?,
        state => return Err(no_such_state(state)),
    };
    Ok(answer::json(StatusCode::OK, &job_json::short(&job)))
}

pub(super) fn no_such_state(state: &str) -> Failure {
    let message = format!("A job cannot be put into the state '{state}'");
    Failure::from_bulk(BulkError::WrongState(message))
}

async fn delete_(call: Call, caller: Caller) -> Result<Response, Failure> {
    job_of(&call, &caller, JobKind::Ingest).await?;
    let id = call.parameter("id");
    call.state.org.delete_job(&caller, id).await?;
    Ok(answer::no_content())
}

async fn upload(call: Call, caller: Caller, body: Body) -> Result<Response, Failure> {
    let (org, id) = (&call.state.org, call.parameter("id"));
    let (job, upload) = org.begin_upload(&caller, id).await?;
    let upload = take_in(&call, upload, body, u64::MAX).await?;
    org.end_upload(&caller, &job, upload).await?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// That a batch has too many bytes.
pub(super) fn too_large(bytes_max: u64) -> Failure {
    let message = format!("A batch has at most {bytes_max} bytes");
    Failure::from_bulk(BulkError::TooMuch(message))
}

/// Takes a body in as it comes.
pub(super) async fn take_in(
    call: &Call,
    mut upload: Upload,
    mut body: Body,
    bytes_max: u64,
) -> Result<Upload, Failure> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            let message = "The body ended early or could not be unpacked";
            Failure::from_bulk(BulkError::BadInput(message.to_owned()))
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        bytes += data.len() as u64;
        if bytes > bytes_max {
            return Err(too_large(bytes_max));
        }
        call.state.org.upload(&mut upload, &data).await?;
    }
    Ok(upload)
}
