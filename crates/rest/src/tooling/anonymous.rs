//! Apex, which is not here: what clients that send some are told.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// Nothing does nothing; anything else does not compile.
pub(super) async fn execute(call: Call, _caller: Caller) -> Result<Response, Failure> {
    let body = call.query("anonymousBody").unwrap_or_default();
    let is_empty = body.trim().is_empty();
    let problem = (!is_empty).then_some(NO_APEX);
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

/// What runs Apex in SOAP's Apex door, `sf apex run` among them, is told the same.
pub(crate) const NO_APEX: &str = "Apex is not available on this server";

/// All tests are run when none is named, and there are none.
pub(super) async fn run_tests(call: Call, caller: Caller) -> Result<Response, Failure> {
    let is_named = call
        .query("classnames")
        .is_some_and(|names| !names.trim().is_empty());
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let has_tests = body.as_object().is_some_and(|body| !body.is_empty());
    if is_named || has_tests {
        return refuse_tests(call, caller).await;
    }
    let body = json!({
        "apexLogId": null,
        "codeCoverage": [],
        "codeCoverageWarnings": [],
        "failures": [],
        "numFailures": 0,
        "numTestsRun": 0,
        "successes": [],
        "totalTime": 0.0,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// Tests that are named are not there, and those that run later have a job that is none.
pub(super) async fn refuse_tests(_call: Call, _caller: Caller) -> Result<Response, Failure> {
    let message = format!("{NO_APEX}: there are no tests to run");
    Err(Failure::bad_request("INVALID_INPUT", message))
}

/// There is nothing to complete.
pub(super) async fn completions(_call: Call, _caller: Caller) -> Result<Response, Failure> {
    let body = json!({ "publicDeclarations": {} });
    Ok(answer::json(StatusCode::OK, &body))
}
