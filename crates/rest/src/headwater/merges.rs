//! `merges`: make several accounts, contacts, leads or cases one.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::merge::{MergeReport, MergeRequest};
use headwater_records::{Caller, Draft, Error};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::relinks::{naming, party_json, strict};
use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::RecordBody;
use crate::record_json::instant_text;

/// Merges, or says what that would do.
pub(super) async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let body: MergeBody = strict(&call.body)?;
    let values = body.values.clone();
    let values = match &values {
        Some(raw) => Some(RecordBody::of_bytes(raw.get().as_bytes())?),
        None => None,
    };
    let draft = values.map_or_else(|| Ok(Draft::new()), RecordBody::draft);
    let request = body.request(draft.map_err(in_values)?);
    let report = call
        .state
        .org
        .merge(&caller, request)
        .await
        .map_err(|error| match values {
            Some(values) if matches!(error, Error::Invalid(_)) => in_values(values.refusal(error)),
            _ => naming(error),
        })?;
    Ok(answer::json(StatusCode::OK, &report_json(&report)))
}

/// The body of a merge. A key that is not here is a mistake, and there is no undo.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MergeBody {
    object: String,
    master_record_id: String,
    merged_record_ids: Vec<String>,
    /// As in the body of an update, where numbers keep their digits.
    values: Option<Box<RawValue>>,
    reason: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

impl MergeBody {
    fn request(self, values: Draft) -> MergeRequest {
        MergeRequest {
            object: self.object,
            survivor: self.master_record_id,
            merged: self.merged_record_ids,
            values,
            reason: self.reason,
            dry_run: self.dry_run,
        }
    }
}

/// Lines and columns of what cannot be read are those of the values by themselves.
fn in_values(mut failure: Failure) -> Failure {
    for item in &mut failure.errors {
        if item.code == "JSON_PARSER_ERROR" {
            item.message = format!("In values: {}", item.message);
        }
    }
    failure
}

fn report_json(report: &MergeReport) -> Value {
    let moved = report.moved.iter();
    let moved = moved.map(|(object, records)| json!({ "object": object, "records": records }));
    json!({
        "object": report.object,
        "masterRecord": party_json(&report.survivor),
        "mergedRecords": report.merged.iter().map(party_json).collect::<Vec<_>>(),
        "moved": moved.collect::<Vec<_>>(),
        "dryRun": report.dry_run,
        "reason": report.reason,
        "at": instant_text(report.at),
        "by": report.by.to_string(),
    })
}
