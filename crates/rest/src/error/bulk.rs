//! What is wrong with a bulk job, in the words of both bulk APIs: the first has codes of its own, which
//! the second writes in capitals.

use axum::http::StatusCode;
use headwater_records::bulk::BulkError;

use super::Failure;

impl Failure {
    /// A refusal of a bulk job.
    pub(crate) fn from_bulk(error: BulkError) -> Self {
        let (status, code) = code(&error);
        let message = match error {
            BulkError::UnknownJob(id) => format!("Invalid job id: {id}"),
            BulkError::UnknownBatch(id) => format!("Invalid batch id: {id}"),
            BulkError::NotComplete => "The job is not complete: ask again later".to_owned(),
            BulkError::BadJob(message)
            | BulkError::WrongState(message)
            | BulkError::WrongObject(message)
            | BulkError::BadInput(message)
            | BulkError::NotEnabled(message)
            | BulkError::TooMuch(message) => message,
            BulkError::NoKey(field) => format!("{field} not specified"),
        };
        Self::new(status, code, message)
    }
}

fn code(error: &BulkError) -> (StatusCode, &'static str) {
    let bad = StatusCode::BAD_REQUEST;
    match error {
        BulkError::UnknownJob(_) => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        BulkError::UnknownBatch(_) => (StatusCode::NOT_FOUND, "INVALIDBATCH"),
        BulkError::BadJob(_) => (bad, "INVALIDJOB"),
        BulkError::WrongState(_) => (bad, "INVALIDJOBSTATE"),
        BulkError::WrongObject(_) => (bad, "INVALIDENTITY"),
        BulkError::BadInput(_) => (bad, "CLIENTINPUTERROR"),
        BulkError::NotEnabled(_) => (bad, "FEATURENOTENABLED"),
        BulkError::TooMuch(_) => (bad, "EXCEEDEDQUOTA"),
        BulkError::NotComplete => (StatusCode::PRECONDITION_FAILED, "JOB_NOT_COMPLETE"),
        BulkError::NoKey(_) => (bad, "MISSING_ARGUMENT"),
    }
}
