//! Web chat and in-app messaging: Salesforce's "Messaging for In-App and Web" API, version 2, as clients
//! of it expect it.
//!
//! A visitor gets a token, begins a conversation that their page names, writes, and listens. What they
//! write goes the way of all that comes in. Pages lie on other origins, so every answer may be read by
//! any; what opens a conversation is the token, which no browser sends by itself.

mod admission;
mod entries;
mod error;
mod fanout;
mod files;
mod forms;
mod happenings;
mod own;
mod rates;
mod requests;
mod revocation;
mod stream;
mod token;
mod verification;

use axum::Router;
use axum::http::{HeaderName, Method, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::cors::{Any, CorsLayer};

use crate::door::Channels;

pub(crate) use fanout::Streams;
pub(crate) use rates::{Rates, TooMany};
pub(crate) use revocation::Logins;
pub(crate) use token::short;
pub(crate) use verification::FetchedKeys;

/// Where the API is.
const API: &str = "/iamessage/api/v2";

/// The header by which a client names its org.
const ORG: HeaderName = HeaderName::from_static("x-org-id");
/// The header by which a client says what it has seen.
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// All addresses but the streams.
pub(crate) fn routes(channels: &Channels) -> Router<Channels> {
    let file_bytes_max = channels.settings.visitor_file_bytes_max;
    let at = |path: &str| format!("{API}{path}");
    Router::new()
        .route(
            &at("/authorization/unauthenticated/access-token"),
            post(admission::visitor_token),
        )
        .route(
            &at("/authorization/authenticated/access-token"),
            post(admission::customer_token).delete(admission::revoke),
        )
        .route(
            &at("/authorization/continuation-access-token"),
            get(admission::continuation_token),
        )
        .route(&at("/conversation"), post(requests::begin))
        .route(&at("/conversation/list"), get(requests::list))
        .route(
            &at("/conversation/{id}"),
            get(requests::routing_status).delete(requests::end),
        )
        .route(
            &at("/conversation/{id}/session"),
            axum::routing::delete(requests::end),
        )
        .route(&at("/conversation/{id}/message"), post(requests::message))
        .route(
            &at("/conversation/{id}/file"),
            post(files::send).layer(files::body_limit(file_bytes_max)),
        )
        .route(&at("/conversation/{id}/file/{file}"), get(files::fetch))
        .route(&at("/conversation/{id}/entry"), post(requests::typing))
        .route(
            &at("/conversation/{id}/acknowledge-entries"),
            post(requests::acknowledge),
        )
        .route(&at("/conversation/{id}/entries"), get(requests::entries))
        .layer(from_fn_with_state(channels.clone(), rates::limit))
        .layer(cors())
}

/// Streams, which take as long as they take.
pub(crate) fn streams(channels: &Channels) -> Router<Channels> {
    Router::new()
        .route("/eventrouter/v1/sse", get(stream::listen))
        .layer(from_fn_with_state(channels.clone(), rates::limit))
        .layer(cors())
}

fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CACHE_CONTROL,
            LAST_EVENT,
            ORG,
        ])
}
