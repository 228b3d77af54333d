//! `messaging-users/{id}/erase`: a Messaging User and all that was said with them go for good.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_messaging::{Erased, ErasureRequest};
use headwater_records::Caller;
use serde_json::{Value, json};

use super::relinks::strict;
use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// Erases, or says what would go.
pub(super) async fn erase(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let body: EraseBody = strict(&call.body)?;
    let request = ErasureRequest {
        user: call.parameter("id"),
        reason: body.reason.as_deref().unwrap_or_default(),
        dry_run: body.dry_run,
        end_sessions: body.end_sessions,
    };
    let erased = call.state.messaging.erase(&caller, request).await?;
    let status = match erased.erasure {
        Some(_) if !erased.is_done => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    Ok(answer::json(status, &erased_json(&erased)))
}

/// A key that is not here is a mistake, and what is erased does not come back.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EraseBody {
    reason: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    end_sessions: bool,
}

fn erased_json(erased: &Erased) -> Value {
    json!({
        "erasureId": erased.erasure.map(|id| id.to_string()),
        "messagingUserId": erased.user.to_string(),
        "channel": erased.channel,
        "sessions": erased.sessions,
        "entries": erased.entries,
        "hasOpenSession": erased.is_open,
        "done": erased.is_done,
    })
}
