//! What came of a batch: a result for each of its rows, or where the answer to its query is.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use headwater_records::Caller;
use headwater_records::bulk::{Batch, BatchState, BulkError, Kept, Outcome};
use serde_json::{Value, json};

use super::batches::{batch_of, lines};
use super::form::{AnswerForm, CSV, document};
use crate::bulk::csv_records::write_record;
use crate::bulk::refusal::{self, RowError};
use crate::call::Call;
use crate::error::Failure;

/// What a result's id begins with.
const RESULT_PREFIX: &str = "752";

pub(super) async fn result(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (job, batch) = batch_of(&call, &caller).await?;
    if matches!(batch.state, BatchState::Queued | BatchState::InProgress) {
        let message = "Batch not completed";
        return Err(Failure::from_bulk(BulkError::BadInput(message.to_owned())));
    }
    let form = AnswerForm::of_batches(&job);
    if job.operation.is_query() {
        let ids: Vec<String> = result_id(&batch).into_iter().collect();
        return Ok(match form {
            AnswerForm::Json => form.written(StatusCode::OK, json!(ids).to_string()),
            AnswerForm::Xml => {
                form.answer(StatusCode::OK, "result-list", &json!({ "result": ids }))
            }
        });
    }
    let mut outcomes = Vec::new();
    loop {
        let from = outcomes.last().map_or(0, |last: &Outcome| last.place + 1);
        let org = &call.state.org;
        let more = org.outcomes(&caller, &job, &batch.progress, from).await?;
        if more.is_empty() {
            break;
        }
        outcomes.extend(more);
    }
    Ok(match job.rows_type() {
        "JSON" => {
            let results: Vec<Value> = outcomes.iter().map(as_json).collect();
            form.written(StatusCode::OK, json!(results).to_string())
        }
        "XML" => {
            let results: Vec<Value> = outcomes.iter().map(as_xml).collect();
            form.answer(StatusCode::OK, "results", &json!({ "result": results }))
        }
        _ => csv(&outcomes),
    })
}

/// The id of the answer to a batch's query; none when there is no answer.
fn result_id(batch: &Batch) -> Option<String> {
    if batch.state != BatchState::Completed {
        return None;
    }
    let own = batch.id.short().get(RESULT_PREFIX.len()..)?.to_owned();
    let id = format!("{RESULT_PREFIX}{own}").parse::<headwater_catalogue::Id>();
    Some(id.ok()?.to_string())
}

pub(super) async fn data(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (job, batch) = batch_of(&call, &caller).await?;
    let asked = call.parameter("result");
    let known = result_id(&batch).filter(|id| id.starts_with(asked) && asked.len() >= 15);
    if known.is_none() || !job.operation.is_query() {
        let message = format!("Invalid result id: {asked}");
        return Err(Failure::from_bulk(BulkError::BadInput(message)));
    }
    let is_empty = batch.progress.processed == 0;
    let around = match job.rows_type() {
        "JSON" => ("[".to_owned(), "]".to_owned()),
        "XML" => {
            let more = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
            (document("queryResult", more), "</queryResult>".to_owned())
        }
        _ if is_empty => {
            let mut response = Response::new(Body::from("Records not found for this query"));
            response.headers_mut().insert(header::CONTENT_TYPE, CSV);
            return Ok(response);
        }
        _ => (String::new(), String::new()),
    };
    Ok(lines(&call, caller, job, batch, Kept::Answer, around))
}

fn errors(outcome: &Outcome) -> Vec<RowError> {
    refusal::of_kept(outcome.refusal.as_deref().unwrap_or("[]"))
}

fn as_json(outcome: &Outcome) -> Value {
    json!({
        "success": outcome.record.is_some(),
        "created": outcome.is_new,
        "id": outcome.record.map(|id| id.to_string()),
        "errors": errors(outcome),
    })
}

fn as_xml(outcome: &Outcome) -> Value {
    match outcome.record {
        Some(id) => json!({ "id": id.to_string(), "success": true, "created": outcome.is_new }),
        None => json!({ "errors": errors(outcome), "success": false, "created": false }),
    }
}

fn csv(outcomes: &[Outcome]) -> Response {
    let mut text = String::new();
    write_record(&mut text, ["Id", "Success", "Created", "Error"], b',', "\n");
    for outcome in outcomes {
        let id = outcome.record.map(|id| id.to_string()).unwrap_or_default();
        let words = |on| if on { "true" } else { "false" };
        let cells = [
            id.as_str(),
            words(outcome.record.is_some()),
            words(outcome.is_new),
            &refusal::cell(&errors(outcome)),
        ];
        write_record(&mut text, cells, b',', "\n");
    }
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, CSV);
    response
}
