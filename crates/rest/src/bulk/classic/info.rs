//! What is said of jobs and batches, and what clients say of jobs.

use axum::http::header;
use headwater_records::bulk::{Batch, BatchState, BulkError, Job};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::error::Failure;

/// What a client says of a job: names with their texts.
pub(super) struct JobInfo(Vec<(String, String)>);

impl JobInfo {
    /// The body of a call, in JSON or XML as it says.
    pub(super) fn read(call: &Call) -> Result<Self, Failure> {
        let bad = |why: String| {
            let message = format!("Failed to parse the job: {why}");
            Failure::from_bulk(BulkError::BadInput(message))
        };
        let text = std::str::from_utf8(&call.body).map_err(|error| bad(error.to_string()))?;
        let media_type = call.header(header::CONTENT_TYPE).unwrap_or_default();
        let fields = if media_type.to_ascii_lowercase().contains("json") {
            of_json(text)
        } else {
            of_xml(text)
        };
        fields.map(Self).map_err(bad)
    }

    /// What it says of this; none for nothing and for an empty text.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, text)| text.trim())
            .filter(|text| !text.is_empty())
    }
}

fn of_json(text: &str) -> Result<Vec<(String, String)>, String> {
    let map: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        value => value.to_string(),
    };
    Ok(map
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect())
}

fn of_xml(text: &str) -> Result<Vec<(String, String)>, String> {
    const ELEMENTS_MAX: usize = 100;
    let mut reader = Reader::from_str(text);
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut depth = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                depth += 1;
                if depth == 2 {
                    let name = start.local_name().as_ref().to_owned();
                    fields.push((name, String::new()));
                }
            }
            Event::End(_) => depth -= 1,
            Event::Text(text) if depth == 2 => {
                if let Some((_, own)) = fields.last_mut() {
                    own.push_str(&text.xml10_content());
                }
            }
            Event::DocType(_) => return Err("there is a document type".to_owned()),
            Event::Eof if depth == 0 && !fields.is_empty() => return Ok(fields),
            Event::Eof => return Err("there is no jobInfo".to_owned()),
            _ => {}
        }
        if fields.len() > ELEMENTS_MAX {
            return Err("there are too many elements".to_owned());
        }
    }
}

/// A job.
pub(super) fn job(job: &Job, batches: &[Batch]) -> Value {
    let in_state = |state| batches.iter().filter(|batch| batch.state == state).count();
    let sum = |of: fn(&Batch) -> u64| batches.iter().map(of).sum::<u64>();
    let milliseconds = sum(|batch| batch.progress.milliseconds);
    let mut value = json!({
        "id": job.id.to_string(),
        "operation": job.operation.word(),
        "object": job.object,
        "createdById": job.created_by.to_string(),
        "createdDate": format!("{:.3}", job.created),
        "systemModstamp": format!("{:.3}", job.modified),
        "state": job.state.word(),
    });
    if let Some(field) = &job.external_id {
        value["externalIdFieldName"] = json!(field);
    }
    let rest = json!({
        "concurrencyMode": job.concurrency.word(),
        "contentType": job.content_type,
        "numberBatchesQueued": in_state(BatchState::Queued),
        "numberBatchesInProgress": in_state(BatchState::InProgress),
        "numberBatchesCompleted": in_state(BatchState::Completed),
        "numberBatchesFailed": in_state(BatchState::Failed),
        "numberBatchesTotal": batches.len(),
        "numberRecordsProcessed": sum(|batch| batch.progress.processed),
        "numberRetries": sum(|batch| batch.progress.retries),
        "apiVersion": f64::from(job.version),
        "numberRecordsFailed": sum(|batch| batch.progress.failed),
        "totalProcessingTime": milliseconds,
        "apiActiveProcessingTime": milliseconds,
        "apexProcessingTime": 0,
    });
    if let (Some(value), Value::Object(rest)) = (value.as_object_mut(), rest) {
        value.extend(rest);
    }
    value
}

/// A batch.
pub(super) fn batch(batch: &Batch) -> Value {
    let progress = &batch.progress;
    let mut value = json!({
        "id": batch.id.to_string(),
        "jobId": batch.job.to_string(),
        "state": batch.state.word(),
    });
    if let Some(error) = &progress.error {
        value["stateMessage"] = json!(error);
    }
    let rest = json!({
        "createdDate": format!("{:.3}", batch.created),
        "systemModstamp": format!("{:.3}", batch.modified),
        "numberRecordsProcessed": progress.processed,
        "numberRecordsFailed": progress.failed,
        "totalProcessingTime": progress.milliseconds,
        "apiActiveProcessingTime": progress.milliseconds,
        "apexProcessingTime": 0,
    });
    if let (Some(value), Value::Object(rest)) = (value.as_object_mut(), rest) {
        value.extend(rest);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_said_in_xml_or_json() {
        let xml = "<?xml version=\"1.0\"?><n:jobInfo xmlns:n=\"a\"><n:operation>insert</n:operation>\
                   <n:object>Account</n:object></n:jobInfo>";
        let json = "{\"operation\":\"insert\",\"concurrencyMode\":1,\"object\":null}";
        let (xml, json) = (
            JobInfo(of_xml(xml).unwrap()),
            JobInfo(of_json(json).unwrap()),
        );
        assert_eq!(xml.get("operation"), Some("insert"));
        assert_eq!(xml.get("object"), Some("Account"));
        assert_eq!(json.get("concurrencyMode"), Some("1"));
        assert_eq!(json.get("object"), None);
    }

    #[test]
    fn what_says_nothing_of_a_job_is_refused() {
        for text in [
            "",
            "hello",
            "<jobInfo>",
            "<jobInfo/>",
            "<!DOCTYPE a><a><b>c</b></a>",
        ] {
            assert!(of_xml(text).is_err(), "{text}");
        }
        assert!(of_json("[]").is_err());
    }
}
