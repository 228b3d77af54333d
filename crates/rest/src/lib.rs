//! Salesforce-shaped HTTP over `records`: discovery, describe, rows, queries, limits, and our own
//! verbs beside them.
//!
//! A request goes through `serve` once: route, version, access token, body; then its handler;
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
mod bulk;
mod composite;
mod describe;
mod discovery;
mod headwater;
mod limits;
mod query;
mod search;
mod small;
mod soap;
mod sobjects;
mod tooling;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use tower::service_fn;

pub use answer::{json, no_content};
pub use bulk::follow as follow_bulk;
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
    routes.extend(composite::routes());
    routes.extend(query::routes());
    routes.extend(bulk::routes());
    routes.extend(search::routes());
    routes.extend(tooling::routes());
    routes.extend(limits::routes());
    routes.extend(small::routes());
    routes.extend(soap::routes());
    routes.extend(headwater::routes());
    routes
}

/// The routes as a service to merge with the binary's own. It takes the first segments it has
/// routes for (`/services`, `/id`, …) and nothing else.
///
/// A second slash before them does not matter: Salesforce's command line keeps the address that it
/// was given a token for with a slash at its end, and puts paths with a slash behind it.
pub fn router(state: RestState) -> Router {
    let table = Arc::new(RouteTable::new(routes()));
    let state = Arc::new(state);
    let mut router = Router::new();
    for first in first_segments(&table) {
        let (table, state) = (Arc::clone(&table), Arc::clone(&state));
        let door = service_fn(move |request: Request| {
            let (table, state) = (Arc::clone(&table), Arc::clone(&state));
            async move { Ok::<_, Infallible>(serve::serve(&table, &state, request).await) }
        });
        router = router
            .route_service(&format!("/{first}"), door.clone())
            .route_service(&format!("/{first}/{{*rest}}"), door.clone())
            .route_service(&format!("//{first}/{{*rest}}"), door);
    }
    router
}

fn first_segments(table: &RouteTable) -> BTreeSet<&'static str> {
    let patterns = table.routes().iter().map(|route| route.pattern);
    patterns
        .filter_map(|pattern| pattern.trim_start_matches('/').split('/').next())
        .collect()
}
