//! What operators and their machines look at: is the process up, does the store answer, and the
//! numbers.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use headwater_store::Store;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// How often histograms are folded; they grow between.
const UPKEEP: Duration = Duration::from_secs(5);
/// Bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// The routes for operators.
#[derive(Clone)]
pub struct Operations {
    metrics: Option<PrometheusHandle>,
    store: Store,
}

impl Operations {
    /// Starts to collect numbers, and asks the store whether it is ready.
    pub fn start(store: Store) -> Self {
        let metrics = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .inspect_err(|error| tracing::warn!(%error, "no metrics will be collected"))
            .ok();
        if let Some(metrics) = metrics.clone() {
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(UPKEEP).await;
                    metrics.run_upkeep();
                }
            });
        }
        Self { metrics, store }
    }

    /// `/health` and `/ready`, and `/metrics` for callers on this machine if it has no address of
    /// its own.
    pub fn routes(&self, metrics_elsewhere: bool) -> Router {
        let router = Router::new()
            .route("/health", get(async || "alive\n"))
            .route("/ready", get(ready));
        let router = if metrics_elsewhere {
            router
        } else {
            router.route("/metrics", get(metrics_on_this_machine))
        };
        router.with_state(self.clone())
    }

    /// `/metrics` alone, for whoever reaches its address.
    pub fn metrics_routes(&self) -> Router {
        Router::new()
            .route("/metrics", get(metrics))
            .with_state(self.clone())
    }
}

async fn ready(State(operations): State<Operations>) -> Response {
    // The end of the change log: one look into an index, however large the database is.
    let Err(problem) = operations.store.changes(i64::MAX, 1).await else {
        return "ready\n".into_response();
    };
    tracing::warn!(%problem, "the store does not answer");
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "the store does not answer\n",
    )
        .into_response()
}

async fn metrics(State(operations): State<Operations>) -> Response {
    const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
    match operations.metrics {
        Some(metrics) => ([(header::CONTENT_TYPE, TEXT)], metrics.render()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A proxy on this machine would let the whole world in, so what a proxy forwards is refused too.
async fn metrics_on_this_machine(
    State(operations): State<Operations>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let forwarded = headers.contains_key(header::FORWARDED)
        || headers
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded"));
    if peer.ip().to_canonical().is_loopback() && !forwarded {
        metrics(State(operations)).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}
