//! Batches of Bulk API 1.0.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use headwater_records::bulk::{Batch, BulkError, Job, Kept};
use headwater_records::{Caller, Error, Org};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Value, json};

use super::form::{AnswerForm, media_type};
use super::{archive, info, job_of};
use crate::bulk::ingest::{take_in, too_large};
use crate::bulk::results::streamed;
use crate::bulk::workers;
use crate::call::Call;
use crate::error::Failure;

/// Most bytes of a batch, packed if it is an archive.
const BATCH_BYTES_MAX: u64 = 10_000_000;

pub(super) async fn create(call: Call, caller: Caller, body: Body) -> Result<Response, Failure> {
    let job = job_of(&call, &caller).await?;
    let sent = call.header(header::CONTENT_TYPE).unwrap_or_default();
    let is_archive = job.is_archive();
    if !is_archive && sent.trim_start().to_ascii_lowercase().starts_with("zip/") {
        let message = format!(
            "InvalidBatch : content type {sent} is for jobs of the content type ZIP_{0}, and this one's is {0}",
            job.content_type
        );
        return Err(Failure::from_bulk(BulkError::BadInput(message)));
    }
    let org = &call.state.org;
    let mut upload = org.begin_batch(&caller, &job).await?;
    if is_archive {
        let archive = whole(body).await?;
        let rows = archive::rows(&caller, &job, archive).await?;
        org.upload(&mut upload, &rows).await?;
    } else {
        upload = take_in(&call, upload, body, BATCH_BYTES_MAX).await?;
    }
    let batch = org.end_batch(&caller, &job, upload).await?;
    workers::wake_for_batch(&call.state, &caller, &job, &batch).await?;
    let form = AnswerForm::of_batches(&job);
    Ok(form.answer(StatusCode::CREATED, "batchInfo", &info::batch(&batch)))
}

/// A body that is small enough to be read as one.
async fn whole(body: Body) -> Result<Bytes, Failure> {
    let bytes_max = usize::try_from(BATCH_BYTES_MAX).unwrap_or(usize::MAX);
    match Limited::new(body, bytes_max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(BATCH_BYTES_MAX)),
        Err(_) => {
            let message = "The body ended early or could not be unpacked";
            Err(Failure::from_bulk(BulkError::BadInput(message.to_owned())))
        }
    }
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
