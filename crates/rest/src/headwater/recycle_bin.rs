//! `recycle-bin`: what was deleted, to bring back or to be rid of.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::{BinPage, BinRequest, Caller, Error};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::relinks::strict;
use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::record_json::instant_text;

/// Most records that one request brings back or takes out of the bin.
const IDS_MAX: usize = 200;

/// A page of the bin: the caller's own, or everybody's.
pub(super) async fn list(call: Call, caller: Caller) -> Result<Response, Failure> {
    let limit = call.query("limit").map(|limit| limit.parse::<u32>());
    let limit = limit
        .transpose()
        .map_err(|_| Failure::bad_request("MALFORMED_QUERY", "limit must be a whole number"))?;
    let after = call.query("after");
    let after = after.map(|after| place(&after).ok_or(Error::UnknownLocator));
    let request = BinRequest {
        everybody: call.flag("everybody"),
        after: after.transpose()?,
        limit,
    };
    let page = call.state.org.recycle_bin(&caller, request).await?;
    Ok(answer::json(StatusCode::OK, &page_json(&page)))
}

/// Brings records back, each by itself.
pub(super) async fn undelete(call: Call, caller: Caller) -> Result<Response, Failure> {
    let ids = ids(&call)?;
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let done = call.state.org.undelete(&caller, &id).await.map(drop);
        results.push(result_json(&id, done)?);
    }
    Ok(answer::json(StatusCode::OK, &json!(results)))
}

/// Takes records out of the bin for good, each by itself.
pub(super) async fn empty(call: Call, caller: Caller) -> Result<Response, Failure> {
    let ids = ids(&call)?;
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let done = call.state.org.empty_from_bin(&caller, &id).await;
        results.push(result_json(&id, done)?);
    }
    Ok(answer::json(StatusCode::OK, &json!(results)))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct IdsBody {
    ids: Vec<String>,
}

fn ids(call: &Call) -> Result<Vec<String>, Failure> {
    call.expect_json()?;
    let IdsBody { ids } = strict(&call.body)?;
    if ids.len() > IDS_MAX {
        return Err(Error::LimitExceeded {
            what: "the number of ids".to_owned(),
            limit: IDS_MAX.to_string(),
        }
        .into());
    }
    Ok(ids)
}

/// What became of one record. What is our fault is the whole answer's.
fn result_json(id: &str, done: Result<(), Error>) -> Result<Value, Failure> {
    let failure = match done {
        Ok(()) => return Ok(json!({ "id": id, "success": true, "errors": [] })),
        Err(error) => Failure::from(error),
    };
    if failure.status.is_server_error() {
        return Err(failure);
    }
    let errors = failure.errors.iter().map(|item| {
        json!({
            "statusCode": item.code,
            "message": item.message,
            "fields": item.fields.clone().unwrap_or_default(),
        })
    });
    Ok(json!({ "id": id, "success": false, "errors": errors.collect::<Vec<_>>() }))
}

fn page_json(page: &BinPage) -> Value {
    let records = page.records.iter().map(|record| {
        json!({
            "id": record.id.to_string(),
            "object": record.object.name,
            "name": record.name,
            "deletedDate": instant_text(record.at),
            "deletedBy": { "id": record.by.to_string(), "name": record.by_name },
        })
    });
    json!({
        "records": records.collect::<Vec<_>>(),
        "next": page.next.map(|(at, id)| format!("{}-{id}", at.as_microsecond())),
    })
}

/// The place that an earlier page ended at.
fn place(text: &str) -> Option<(Timestamp, Id)> {
    let (at, id) = text.split_once('-')?;
    let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
    Some((at, id.parse().ok()?))
}
