//! `/sobjects/{object}/updated` and `/deleted`: what changed in a stretch of time.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::record_json::instant_text;

/// `GET /sobjects/{object}/updated`.
pub(crate) async fn updated(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (start, end) = (instant(&call, "start")?, instant(&call, "end")?);
    let object = call.parameter("object");
    let updated = call.state.org.updated(&caller, object, start, end).await?;
    let ids: Vec<_> = updated.ids.iter().map(ToString::to_string).collect();
    let body = json!({
        "ids": ids,
        "latestDateCovered": instant_text(updated.latest_covered),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET /sobjects/{object}/deleted`.
pub(crate) async fn deleted(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (start, end) = (instant(&call, "start")?, instant(&call, "end")?);
    let object = call.parameter("object");
    let deleted = call.state.org.deleted(&caller, object, start, end).await?;
    let records = deleted
        .records
        .iter()
        .map(|(id, at)| json!({ "id": id.to_string(), "deletedDate": instant_text(*at) }));
    let body = json!({
        "deletedRecords": records.collect::<Vec<Value>>(),
        "earliestDateAvailable": instant_text(deleted.earliest_available),
        "latestDateCovered": instant_text(deleted.latest_covered),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// An instant in the query string. A `+` that the client did not encode has become a space there.
fn instant(call: &Call, name: &str) -> Result<Timestamp, Failure> {
    let text = call.query(name).unwrap_or_default().replace(' ', "+");
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(60).collect();
        let message = format!("{name} is not an ISO 8601 date and time: {shown}");
        Failure::bad_request("INVALID_REPLICATION_DATE", message)
    })
}
