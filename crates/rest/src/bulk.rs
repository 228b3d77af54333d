//! Bulk API 2.0 under `/services/data/vNN.N/jobs` and 1.0 under `/services/async/NN.N`.
//!
//! The jobs, their work and their rights are in `records::bulk`; this is their outside: how rows are
//! read and written as CSV, JSON and XML, and the words for what is refused.

mod answer_text;
mod classic;
mod columns;
mod csv_records;
mod door;
mod ingest;
mod job_json;
mod query;
mod refusal;
mod results;
mod row_documents;
mod workers;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

use crate::route::Route;

pub(crate) use classic::{AnswerForm, refusal as classic_refusal};
pub(crate) use workers::Workers;
pub use workers::follow;

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = ingest::routes();
    routes.extend(query::routes());
    routes.extend(classic::routes());
    routes
}
