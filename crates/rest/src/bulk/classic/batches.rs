//! Batches of Bulk API 1.0.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use headwater_records::bulk::{Batch, Job, Kept};
use headwater_records::{Caller, Error, Org};
use serde_json::{Value, json};

use super::form::{AnswerForm, media_type};
use super::jobs::zipped;
use super::{info, job_of};
use crate::bulk::ingest::take_in;
use crate::bulk::results::streamed;
use crate::bulk::workers;
use crate::call::Call;
use crate::error::Failure;

/// Most bytes of a batch.
const BATCH_BYTES_MAX: u64 = 10_000_000;

pub(super) async fn create(call: Call, caller: Caller, body: Body) -> Result<Response, Failure> {
    let job = job_of(&call, &caller).await?;
    let sent = call.header(header::CONTENT_TYPE).unwrap_or_default();
    if sent.trim_start().to_ascii_lowercase().starts_with("zip/") {
        return Err(zipped(sent));
    }
    let org = &call.state.org;
    let upload = org.begin_batch(&caller, &job).await?;
    let upload = take_in(&call, upload, body, BATCH_BYTES_MAX).await?;
    let batch = org.end_batch(&caller, &job, upload).await?;
    workers::wake_for_batch(&call.state, &caller, &job, &batch).await?;
    let form = AnswerForm::of_batches(&job);
    Ok(form.answer(StatusCode::CREATED, "batchInfo", &info::batch(&batch)))
}

/// The job and the batch in the address.
pub(super) async fn batch_of(call: &Call, caller: &Caller) -> Result<(Job, Batch), Failure> {
    let job = job_of(call, caller).await?;
    let org = &call.state.org;
    let batch = org.batch(caller, &job, call.parameter("batch")).await?;
    Ok((job, batch))
}

pub(super) async fn list(call: Call, caller: Caller) -> Result<Response, Failure> {
    let job = job_of(&call, &caller).await?;
    let batches = call.state.org.batches(&caller, &job).await?;
    let infos: Vec<Value> = batches.iter().map(info::batch).collect();
    let form = AnswerForm::of_batches(&job);
    let list = json!({ "batchInfo": infos });
    Ok(form.answer(StatusCode::OK, "batchInfoList", &list))
}

pub(super) async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (job, batch) = batch_of(&call, &caller).await?;
    let form = AnswerForm::of_batches(&job);
    Ok(form.answer(StatusCode::OK, "batchInfo", &info::batch(&batch)))
}

pub(super) async fn request(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (job, batch) = batch_of(&call, &caller).await?;
    Ok(lines(
        &call,
        caller,
        job,
        batch,
        Kept::Upload,
        (String::new(), String::new()),
    ))
}

/// All lines of a sheet of a batch, with something before and after them.
pub(super) fn lines(
    call: &Call,
    caller: Caller,
    job: Job,
    batch: Batch,
    kept: Kept,
    (before, after): (String, String),
) -> Response {
    let media_type = media_type(&job);
    let lines = Lines {
        org: call.state.org.clone(),
        caller,
        job,
        batch,
        kept,
        place: 0,
        before: Some(before),
        after: Some(after),
    };
    let mut response = streamed(lines, Lines::next);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    response
}

struct Lines {
    org: Org,
    caller: Caller,
    job: Job,
    batch: Batch,
    kept: Kept,
    place: u32,
    before: Option<String>,
    after: Option<String>,
}

impl Lines {
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        if let Some(before) = self.before.take() {
            return Some((Ok(before.into()), self));
        }
        // Nothing comes after what comes after the lines.
        self.after.as_ref()?;
        let (caller, job, batch) = (&self.caller, &self.job, Some(&self.batch));
        let line = self
            .org
            .bulk_text(caller, job, batch, self.kept, self.place)
            .await;
        match line {
            Ok(Some(line)) => {
                self.place += 1;
                Some((Ok(line.into()), self))
            }
            Ok(None) => {
                let after = self.after.take().unwrap_or_default();
                Some((Ok(after.into()), self))
            }
            Err(error) => {
                self.after = None;
                Some((Err(error), self))
            }
        }
    }
}
