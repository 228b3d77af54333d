//! Bulk API 1.0, `/services/async/NN.N`: jobs that rows are handed in to batch by batch.
//!
//! What is said of a job is JSON when the request is; what is said of a batch is JSON when the job's
//! content is, whatever the request's headers say. All else is XML, or the CSV that was asked for. The
//! types of answers are without parameters, for there are clients that compare them whole.

mod archive;
mod batches;
mod form;
mod info;
mod jobs;
mod outcomes;

use axum::http::Method;
use headwater_records::Caller;
use headwater_records::bulk::{BulkError, Job, JobKind};

use crate::call::{Call, Version};
use crate::error::Failure;
use crate::route::Route;

pub(crate) use form::{AnswerForm, refusal};

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    vec![
        Route::caller(post.clone(), "/services/async/{version}/job", jobs::create),
        Route::caller(
            get.clone(),
            "/services/async/{version}/job/{id}",
            jobs::show,
        ),
        Route::caller(
            post.clone(),
            "/services/async/{version}/job/{id}",
            jobs::turn,
        ),
        Route::upload(
            post,
            "/services/async/{version}/job/{id}/batch",
            batches::create,
        ),
        Route::caller(
            get.clone(),
            "/services/async/{version}/job/{id}/batch",
            batches::list,
        ),
        Route::caller(
            get.clone(),
            "/services/async/{version}/job/{id}/batch/{batch}",
            batches::show,
        ),
        Route::caller(
            get.clone(),
            "/services/async/{version}/job/{id}/batch/{batch}/request",
            batches::request,
        ),
        Route::caller(
            get.clone(),
            "/services/async/{version}/job/{id}/batch/{batch}/result",
            outcomes::result,
        ),
        Route::caller(
            get,
            "/services/async/{version}/job/{id}/batch/{batch}/result/{result}",
            outcomes::data,
        ),
    ]
}

/// The version in the address, which has no `v` here.
fn version(call: &Call) -> Result<Version, Failure> {
    let text = call.parameter("version");
    format!("v{text}").parse().map_err(|()| {
        let message = format!("Unsupported API version: {text}");
        Failure::from_bulk(BulkError::BadInput(message))
    })
}

/// The job in the address.
async fn job_of(call: &Call, caller: &Caller) -> Result<Job, Failure> {
    version(call)?;
    let id = call.parameter("id");
    let job = call.state.org.job(caller, id).await?;
    if job.kind == JobKind::Classic {
        return Ok(job);
    }
    Err(Failure::from_bulk(BulkError::UnknownJob(id.to_owned())))
}
