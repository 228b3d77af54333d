//! Apex, which is not here: what clients that send some are told.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// Nothing does nothing; anything else does not compile.
pub(super) async fn execute(call: Call, _caller: Caller) -> Result<Response, Failure> {
    let body = call.query("anonymousBody").unwrap_or_default();
    let is_empty = body.trim().is_empty();
    let problem = (!is_empty).then_some("Apex is not available on this server");
    let place = if is_empty { -1 } else { 1 };
    let body = json!({
        "line": place,
        "column": place,
        "compiled": is_empty,
        "success": is_empty,
        "compileProblem": problem,
        "exceptionStackTrace": null,
        "exceptionMessage": null,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// There is nothing to complete.
pub(super) async fn completions(_call: Call, _caller: Caller) -> Result<Response, Failure> {
    let body = json!({ "publicDeclarations": {} });
    Ok(answer::json(StatusCode::OK, &body))
}
