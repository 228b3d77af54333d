//! Records by their ids, in the order asked for.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::{Caller, RecordSink, Row, RowSink, ValueRef};
use headwater_soql::resolved::Query;

use super::{listed, refuse_too_many};
use crate::answer::json_bytes;
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::json_body;
use crate::record_json::RecordJson;

/// Most records that are read at once.
const RETRIEVED_MAX: usize = 2_000;

/// `GET ?ids=&fields=`.
pub(in super::super) async fn retrieve(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (ids, fields) = (listed(&call, "ids"), listed(&call, "fields"));
    let wanted = Wanted {
        ids: ids.unwrap_or_default(),
        fields: fields.unwrap_or_default(),
    };
    answer(&call, &caller, &wanted).await
}

/// `POST {ids, fields}`, for more ids than an address holds.
pub(in super::super) async fn retrieve_posted(
    call: Call,
    caller: Caller,
) -> Result<Response, Failure> {
    let wanted: Wanted = json_body(&call)?;
    answer(&call, &caller, &wanted).await
}

#[derive(serde::Deserialize)]
struct Wanted {
    ids: Vec<String>,
    fields: Vec<String>,
}

async fn answer(call: &Call, caller: &Caller, wanted: &Wanted) -> Result<Response, Failure> {
    refuse_too_many(wanted.ids.len(), RETRIEVED_MAX)?;
    for (what, is_missing) in [
        ("ids", wanted.ids.is_empty()),
        ("fields", wanted.fields.is_empty()),
    ] {
        if is_missing {
            let message = format!("The {what} parameter is required");
            return Err(Failure::bad_request("MISSING_ARGUMENT", message));
        }
    }
    let sink = Found {
        json: RecordJson::new(call.version),
        places: HashMap::new(),
    };
    let (org, object) = (&call.state.org, call.parameter("object"));
    let found = org
        .retrieve_each(caller, object, &wanted.ids, &wanted.fields, sink)
        .await?;
    Ok(json_bytes(
        StatusCode::OK,
        found.in_order(&wanted.ids).into(),
    ))
}

/// Records as JSON, with where each stands.
struct Found {
    json: RecordJson,
    places: HashMap<Id, Range<usize>>,
}

impl RecordSink for Found {
    fn begin(&mut self, query: &Arc<Query>) {
        self.json.begin(query);
    }
}

impl RowSink for Found {
    fn row(&mut self, row: &Row<'_>) {
        let start = self.json.bytes().len();
        self.json.row(row);
        if let ValueRef::Id(id) = row.get(0)
            && let Ok(id) = id.parse()
        {
            // All but the first have a comma before them.
            let start = start + usize::from(start > 0);
            self.places.insert(id, start..self.json.bytes().len());
        }
    }
}

impl Found {
    /// The list, with null for each id that names no record.
    fn in_order(&self, ids: &[String]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.json.bytes().len() + 2);
        bytes.push(b'[');
        for (place, id) in ids.iter().enumerate() {
            if place > 0 {
                bytes.push(b',');
            }
            let id = id.parse::<Id>().ok();
            let range = id.and_then(|id| self.places.get(&id).cloned());
            let record = range.and_then(|range| self.json.bytes().get(range));
            bytes.extend_from_slice(record.unwrap_or(b"null"));
        }
        bytes.push(b']');
        bytes
    }
}
