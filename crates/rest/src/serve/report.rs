//! What a request leaves in logs and metrics: never a body, a token or a query.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram, counter, histogram};
use tracing::Span;

use crate::error::Failure;
use crate::route::Route;

/// The span everything of a request is logged in. Fields of a span are written out whether or not
/// anything is logged in it, so it has only those that every line needs.
pub(crate) fn span(route: &'static str, request_id: &str) -> Span {
    tracing::info_span!("request", route, request_id)
}

/// Counts and times a request that has its answer.
pub(crate) fn done(
    span: &Span,
    method: &Method,
    route: Option<&Route>,
    status: StatusCode,
    started: Instant,
) {
    let duration = started.elapsed();
    tracing::debug!(
        parent: span,
        %method,
        status = status.as_u16(),
        duration_us = duration.as_micros(),
        "answered",
    );
    match route {
        Some(route) if route.method == *method => {
            let known = route.meters.0[class_of(status)]
                .get_or_init(|| Meter::of(route.pattern, method, status));
            known.count(duration);
        }
        // A `HEAD`, or what has no route.
        _ => Meter::of(route.map_or("none", |route| route.pattern), method, status).count(duration),
    }
}

/// What a route's answers are counted by, one for each class of status; looking them up by their
/// labels takes longer than counting.
#[derive(Default)]
pub(crate) struct Meters([OnceLock<Meter>; CLASSES.len()]);

struct Meter {
    requests: Counter,
    seconds: Histogram,
}

impl Meter {
    fn of(route: &'static str, method: &Method, status: StatusCode) -> Self {
        let labels = [
            ("method", name_of(method)),
            ("route", route),
            ("status", CLASSES[class_of(status)]),
        ];
        Self {
            requests: counter!("headwater_http_requests_total", &labels),
            seconds: histogram!("headwater_http_request_seconds", &labels),
        }
    }

    fn count(&self, duration: Duration) {
        self.requests.increment(1);
        self.seconds.record(duration);
    }
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

const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The place of a status in [`CLASSES`].
fn class_of(status: StatusCode) -> usize {
    match status.as_u16() {
        200..300 => 0,
        300..400 => 1,
        400..500 => 2,
        _ => 3,
    }
}
