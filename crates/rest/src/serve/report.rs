//! What a request leaves in logs and metrics: never a body, a token or a query.

use std::time::Instant;

use axum::http::{Method, StatusCode};
use metrics::{counter, histogram};
use tracing::Span;

use crate::error::Failure;

/// The span everything of a request is logged in.
pub(crate) fn span(method: &Method, route: &'static str, request_id: &str) -> Span {
    tracing::info_span!(
        "request",
        %method,
        route,
        request_id,
        status = tracing::field::Empty,
        duration_us = tracing::field::Empty,
    )
}

/// Counts and times a request that has its answer.
pub(crate) fn done(
    span: &Span,
    method: &Method,
    route: &'static str,
    status: StatusCode,
    started: Instant,
) {
    let duration = started.elapsed();
    span.record("status", status.as_u16());
    span.record("duration_us", duration.as_micros());
    tracing::debug!(parent: span, "answered");
    let labels = [
        ("method", name_of(method)),
        ("route", route),
        ("status", class_of(status)),
    ];
    counter!("headwater_http_requests_total", &labels).increment(1);
    histogram!("headwater_http_request_seconds", &labels).record(duration);
}

/// Logs what is our fault, with the cause that the caller is not told.
pub(crate) fn failure(failure: &Failure, request_id: &str) {
    if let Some(cause) = &failure.cause {
        tracing::error!(request_id, cause = cause.as_ref(), "a request failed");
    }
}

/// Labels of metrics are a closed set, so that no caller can make new time series.
fn name_of(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
