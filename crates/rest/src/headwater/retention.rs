//! `channels/{id}/retention`: how long what was said on a channel is kept, what would go, and that it goes now.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_messaging::Retention;
use headwater_records::Caller;
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// What a channel's rule would remove now, or with `days` one of so many days.
pub(super) async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let days = match call.query("days") {
        Some(days) => Some(days.parse().ok().filter(|days| *days > 0).ok_or_else(|| {
            let message = format!("days: '{days}' is no number of days");
            Failure::bad_request("INVALID_QUERY_VALUE", message)
        })?),
        None => None,
    };
    let messaging = &call.state.messaging;
    let found = messaging.retention(&caller, call.parameter("id"), days);
    Ok(answer::json(StatusCode::OK, &retention_json(&found.await?)))
}

/// Begins to remove what the rule says.
pub(super) async fn remove(call: Call, caller: Caller) -> Result<Response, Failure> {
    let messaging = &call.state.messaging;
    let begun = messaging.remove_transcripts(&caller, call.parameter("id"));
    let run = begun.await?.map(|run| run.to_string());
    let status = match run {
        Some(_) => StatusCode::ACCEPTED,
        None => StatusCode::OK,
    };
    Ok(answer::json(status, &json!({ "retentionRunId": run })))
}

fn retention_json(found: &Retention) -> Value {
    json!({
        "channelId": found.channel.to_string(),
        "channel": found.label,
        "days": found.days,
        "isInherited": found.is_inherited,
        "removesSessions": found.removes_sessions,
        "endedBefore": found.ended_before.map(|at| at.to_string()),
        "sessions": found.sessions,
        "entries": found.entries,
        "files": found.files,
    })
}
