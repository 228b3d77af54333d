//! Salesforce-shaped HTTP over `records`: discovery, describe, rows, queries, limits, and our own
//! verbs beside them.
//!
//! A request goes through [`serve`] once: route, version, access token, body; then its handler;
//! then what every answer carries. Handlers extract, call `records` and wrap.

mod route;
mod serve;
mod state;

mod answer;
mod call;
mod conditions;
mod error;
mod record_body;
mod record_json;

mod auth;
mod describe;
mod discovery;
mod headwater;
mod limits;
mod query;
mod small;
mod sobjects;
mod tooling;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use tower_http::decompression::RequestDecompressionLayer;

pub use answer::{json, no_content};
pub use auth::AttemptLimits;
pub use call::{Call, Scheme, Version};
pub use error::{ErrorItem, Failure};
pub use route::{Found, Handler, Parameters, Route, RouteTable, Who};
pub use state::{ApiUsage, RestSettings, RestState};

/// Every route of this crate: the one list.
pub fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(auth::routes());
    routes.extend(discovery::routes());
    routes.extend(sobjects::routes());
    routes.extend(query::routes());
    routes.extend(tooling::routes());
    routes.extend(limits::routes());
    routes.extend(small::routes());
    routes.extend(headwater::routes());
    routes
}

/// The routes as a service to merge with the binary's own. It takes the first segments it has
/// routes for (`/services`, `/id`, …) and nothing else.
pub fn router(state: RestState) -> Router {
    let table = Arc::new(RouteTable::new(routes()));
    let mut router = Router::new();
    for first in first_segments(&table) {
        router = router
            .route(&format!("/{first}"), any(answer_request))
            .route(&format!("/{first}/{{*rest}}"), any(answer_request));
    }
    router
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .with_state(Door { table, state })
}

#[derive(Clone)]
struct Door {
    table: Arc<RouteTable>,
    state: RestState,
}

async fn answer_request(State(door): State<Door>, request: Request) -> Response {
    serve::serve(&door.table, &door.state, request).await
}

fn first_segments(table: &RouteTable) -> BTreeSet<&'static str> {
    let patterns = table.routes().iter().map(|route| route.pattern);
    patterns
        .filter_map(|pattern| pattern.trim_start_matches('/').split('/').next())
        .collect()
}
