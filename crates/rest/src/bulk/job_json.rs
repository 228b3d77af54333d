//! Jobs of Bulk API 2.0 as JSON.

use headwater_records::bulk::{Job, JobKind, JobState};
use serde_json::{Value, json};

use crate::record_json::instant_text;

/// A job as it is answered to whoever makes or moves it.
pub(super) fn short(job: &Job) -> Value {
    let mut value = json!({
        "id": job.id.to_string(),
        "operation": job.operation.word(),
        "object": job.object,
        "createdById": job.created_by.to_string(),
        "createdDate": instant_text(job.created),
        "systemModstamp": instant_text(job.modified),
        "state": job.state.word(),
        "concurrencyMode": job.concurrency.word(),
        "contentType": job.content_type,
        "apiVersion": f64::from(job.version),
    });
    if let Some(field) = &job.external_id {
        value["externalIdFieldName"] = json!(field);
    }
    if job.kind == JobKind::Ingest && job.state == JobState::Open {
        // Clients put it behind the address of the server and a slash.
        value["contentUrl"] = json!(format!(
            "services/data/v{}.0/jobs/ingest/{}/batches",
            job.version, job.id
        ));
    }
    if job.kind != JobKind::Classic {
        value["lineEnding"] = json!(job.line_ending);
        value["columnDelimiter"] = json!(job.column_delimiter);
    }
    value
}

/// A job as it is answered to whoever asks how far it is.
pub(super) fn full(job: &Job) -> Value {
    let mut value = short(job);
    let progress = &job.progress;
    value["jobType"] = json!(job.kind.word());
    value["retries"] = json!(progress.retries);
    value["totalProcessingTime"] = json!(progress.milliseconds);
    value["numberRecordsProcessed"] = json!(progress.processed);
    match job.kind {
        JobKind::Query => value["isPkChunkingSupported"] = json!(true),
        JobKind::Ingest | JobKind::Classic => {
            value["apiActiveProcessingTime"] = json!(progress.milliseconds);
            value["apexProcessingTime"] = json!(0);
            value["numberRecordsFailed"] = json!(progress.failed);
        }
    }
    if let Some(error) = &progress.error {
        value["errorMessage"] = json!(error);
    }
    value
}
