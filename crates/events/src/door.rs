//! The address of the Streaming API, `/cometd/62.0`, and its limits.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use headwater_records::Org;
use serde_json::json;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

use crate::bayeux;
use crate::clients::Clients;
use crate::letting_in::token_of;
use crate::log::Log;

/// How the Streaming API is set up. Every limit is named with its unit.
#[derive(Debug, Clone)]
pub struct EventSettings {
    /// Subscribers at once, on this node: Salesforce's `StreamingApiConcurrentClients`.
    pub clients_max: usize,
    /// Subscribers at once of one user.
    pub clients_per_user_max: usize,
    /// Channels that one subscriber is subscribed to.
    pub subscriptions_per_client_max: usize,
    /// How long a connect hangs when there is nothing to tell; clients are told so.
    pub connect_time_max: Duration,
    /// How long a subscriber may be away between two connects before it is forgotten.
    pub absence_time_max: Duration,
    /// Bytes of one request.
    pub body_bytes_max: usize,
    /// Origins whose pages may subscribe.
    pub cors_origins: Vec<String>,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            clients_max: 1_000,
            clients_per_user_max: 100,
            subscriptions_per_client_max: 100,
            connect_time_max: Duration::from_secs(110),
            absence_time_max: Duration::from_secs(40),
            body_bytes_max: 64 * 1024,
            cors_origins: Vec::new(),
        }
    }
}

/// The subscribers of an org. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Events {
    pub(crate) org: Org,
    pub(crate) settings: Arc<EventSettings>,
    pub(crate) clients: Clients,
    pub(crate) log: Log,
    /// Whether hanging connects are to be answered, for the server ends.
    pub(crate) closing: watch::Sender<bool>,
}

impl Events {
    /// The subscribers of an org, to be made inside a runtime.
    pub fn new(org: Org, settings: EventSettings) -> Self {
        let settings = Arc::new(settings);
        let clients = Clients::new(Arc::clone(&settings));
        Self {
            log: Log::start(org.clone(), clients.clone()),
            org,
            settings,
            clients,
            closing: watch::Sender::new(false),
        }
    }

    /// Answers every connect that hangs, and lets none hang any more: a server that ends does not wait
    /// for them.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// A name for a client that nobody guesses.
    pub(crate) fn client_id(&self) -> String {
        let mut bytes = [0; 16];
        self.org.randomness().fill(&mut bytes);
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
        id.simple().to_string()
    }
}

/// All addresses, as a service to merge with the binary's own. Clients put what a message is about
/// behind the version (`/cometd/62.0/handshake`); what counts is in the message.
pub fn router(events: Events) -> Router {
    let origins = events.settings.cors_origins.iter();
    let origins: Vec<HeaderValue> = origins.filter_map(|origin| origin.parse().ok()).collect();
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]);
    let size = DefaultBodyLimit::max(events.settings.body_bytes_max);
    Router::new()
        .route("/cometd/{version}", post(messages).get(other_transport))
        .route("/cometd/{version}/", post(messages).get(other_transport))
        .route(
            "/cometd/{version}/{*rest}",
            post(messages).get(other_transport),
        )
        .layer(size)
        .layer(cors)
        .layer(CatchPanicLayer::new())
        .with_state(events)
}

/// Answers the messages of a request, which may take as long as a connect hangs.
async fn messages(
    State(events): State<Events>,
    Path(path): Path<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !path.iter().any(|(_, value)| is_version(value)) {
        let message = "There is no such version of the Streaming API: ask /cometd/62.0 or another";
        return refusal(StatusCode::NOT_FOUND, message);
    }
    let messages = match bayeux::read(&body) {
        Ok(messages) => messages,
        Err(message) => return refusal(StatusCode::BAD_REQUEST, &message),
    };
    let token = token_of(&headers);
    let replies = events.answer(messages, token.as_deref()).await;
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (headers, Json(replies)).into_response()
}

/// Web sockets and callbacks, which clients try first: they go on to long polling when they are told.
async fn other_transport() -> Response {
    let message = "Only long polling is supported: POST Bayeux messages to this address";
    let mut refusal = refusal(StatusCode::METHOD_NOT_ALLOWED, message);
    let allow = HeaderValue::from_static("POST");
    refusal.headers_mut().insert(header::ALLOW, allow);
    refusal
}

fn refusal(status: StatusCode, message: &str) -> Response {
    let body = json!([{ "successful": false, "error": format!("{}::{message}", status.as_u16()) }]);
    (status, Json(body)).into_response()
}

/// `62.0`, as in every Salesforce address.
fn is_version(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split_once('.');
    parts.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}
