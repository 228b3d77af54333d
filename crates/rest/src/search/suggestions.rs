//! `/search/suggestions`: records by the beginning of their names, as somebody types.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::search::SUGGESTED_MAX;
use headwater_records::{Caller, RecordSink, Row, RowSink};
use headwater_soql::resolved::Query;
use headwater_soql::search::FieldGroup;

use super::{malformed, shown};
use crate::answer::json_bytes;
use crate::call::Call;
use crate::error::Failure;
use crate::record_json::RecordJson;

/// Records suggested unless somebody says otherwise.
const SUGGESTED: u64 = 5;

/// Fewest characters of what is typed.
const CHARACTERS_MIN: usize = 2;

pub(super) async fn suggest(call: Call, caller: Caller) -> Result<Response, Failure> {
    let typed = call.query("q").unwrap_or_default();
    if typed.trim().chars().count() < CHARACTERS_MIN && typed.is_ascii() {
        let message = format!("q must have at least {CHARACTERS_MIN} characters");
        return Err(malformed(message));
    }
    let objects = call.query("sobject").unwrap_or_default();
    let objects: Vec<&str> = objects
        .split(',')
        .map(str::trim)
        .filter(|o| !o.is_empty())
        .collect();
    if objects.is_empty() {
        return Err(malformed("sobject has to be specified"));
    }
    let limit = call.query("limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(SUGGESTED).clamp(1, SUGGESTED_MAX - 1);
    let mut sink = Suggested {
        records: RecordJson::new(call.version),
        limit,
        left: limit,
        has_more: false,
    };
    for name in objects {
        let object = shown::seen(&caller, name)?;
        let shown = object.name_field().map_or("Id", |field| &field.name);
        let fields = call
            .query("fields")
            .filter(|fields| !fields.trim().is_empty());
        let mut soql = match &fields {
            Some(fields) => format!("SELECT Id, {shown}, {fields} FROM {}", object.name),
            None => format!("SELECT Id, {shown} FROM {}", object.name),
        };
        if let Some(condition) = call.query("where") {
            soql.extend([" WHERE ", &condition]);
        }
        let org = &call.state.org;
        sink.left = sink.limit;
        // One more than wanted, to see whether there are more.
        sink = org
            .suggest(&caller, &soql, (&typed, FieldGroup::Name), limit + 1, sink)
            .await?;
    }
    let mut body = b"{\"autoSuggestResults\":[".to_vec();
    body.extend_from_slice(sink.records.bytes());
    let end = format!("],\"hasMoreResults\":{}}}", sink.has_more);
    body.extend_from_slice(end.as_bytes());
    Ok(json_bytes(StatusCode::OK, body.into()))
}

/// Takes of each object as many records as are wanted.
struct Suggested {
    records: RecordJson,
    limit: u64,
    left: u64,
    has_more: bool,
}

impl RecordSink for Suggested {
    fn begin(&mut self, query: &Arc<Query>) {
        self.records.begin(query);
    }
}

impl RowSink for Suggested {
    fn row(&mut self, row: &Row<'_>) {
        if self.left == 0 {
            self.has_more = true;
            return;
        }
        self.left -= 1;
        self.records.row(row);
    }
}
