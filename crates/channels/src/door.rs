//! What all channels share, and the list of their addresses.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use headwater_messaging::Messaging;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::carriers::Carriers;
use crate::file_links;
use crate::meta;
use crate::partner;
use crate::telegram;
use crate::twilio;
use crate::webchat::{self, FetchedKeys, Logins, Rates, Streams};
use crate::widget;

/// How the channels are set up. Every limit is named with its unit.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// What carriers reach this server by (`https://chat.example.com`), which is also what they sign.
    /// None: the host that they name, over either scheme, and no reports of what became of messages.
    pub public_url: Option<String>,
    /// Bytes of what a carrier or a web client sends.
    pub body_bytes_max: usize,
    /// How long a request may take, streams aside.
    pub handler_time_max: Duration,
    /// How long a carrier's API may take to answer.
    pub carrier_time_max: Duration,
    /// Web clients that listen at once.
    pub streams_max: usize,
    /// Whether `X-Forwarded-For` is believed: only behind a proxy that sets it.
    pub forwarded_headers_trusted: bool,
    /// Requests a minute of one web visitor. Some clients ask at each key that is pressed.
    pub visitor_requests_per_minute_max: u32,
    /// Requests a minute from one address, behind which many visitors may be.
    pub address_requests_per_minute_max: u32,
    /// Tokens a minute that are asked for from one address.
    pub address_tokens_per_minute_max: u32,
    /// Requests a minute of one user of partners' services, at the Interaction Service API.
    pub partner_requests_per_minute_max: u32,
    /// Bytes of a file that a web visitor sends.
    pub visitor_file_bytes_max: usize,
    /// How long an anonymous web visitor's token lasts.
    pub visitor_token_time: Duration,
}

impl Default for ChannelSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            body_bytes_max: 1024 * 1024,
            handler_time_max: Duration::from_secs(30),
            carrier_time_max: Duration::from_secs(20),
            streams_max: 20_000,
            forwarded_headers_trusted: false,
            visitor_requests_per_minute_max: 600,
            address_requests_per_minute_max: 3_000,
            address_tokens_per_minute_max: 120,
            partner_requests_per_minute_max: 6_000,
            visitor_file_bytes_max: 5 * 1024 * 1024,
            visitor_token_time: Duration::from_hours(6),
        }
    }
}

/// What all channels share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Channels {
    pub(crate) messaging: Messaging,
    pub(crate) settings: Arc<ChannelSettings>,
    pub(crate) streams: Streams,
    /// What other servers are called with.
    pub(crate) client: reqwest::Client,
    pub(crate) fetched_keys: Arc<FetchedKeys>,
    pub(crate) logins: Arc<Logins>,
    pub(crate) rates: Arc<Rates>,
}

impl Channels {
    /// The channels of an org's conversations, to be made inside a runtime: from here on, what agents
    /// write is taken to the carriers, and web clients are told what happens.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(messaging: Messaging, settings: ChannelSettings) -> Result<Self, reqwest::Error> {
        let client = connect_carriers(&messaging, &settings)?;
        let channels = Self {
            streams: Streams::start(messaging.clone(), &settings),
            messaging,
            client,
            fetched_keys: Arc::default(),
            logins: Arc::default(),
            rates: Arc::default(),
            settings: Arc::new(settings),
        };
        tokio::spawn(partner::tell_typing(channels.clone()));
        Ok(channels)
    }
}

impl Channels {
    /// What the server's addresses begin with, as clients elsewhere reach them; empty when that is not known,
    /// and they are taken as relative to where the client asks.
    pub(crate) fn base(&self) -> &str {
        self.settings.public_url.as_deref().unwrap_or_default()
    }
}

/// Has an org's messages taken to the carriers. [`Channels::new`] does it as well; this is for whoever
/// does not serve. Answers with the client that other servers are called with.
///
/// # Errors
/// When no HTTP client can be made.
pub fn connect_carriers(
    messaging: &Messaging,
    settings: &ChannelSettings,
) -> Result<reqwest::Client, reqwest::Error> {
    // Installed already where the server itself speaks TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(settings.carrier_time_max)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let public_url = settings.public_url.clone();
    let carriers = Carriers::new(messaging.clone(), client.clone(), public_url);
    messaging.connect(Box::new(carriers));
    Ok(client)
}

/// All addresses, as a service to merge with the binary's own.
pub fn router(channels: Channels) -> Router {
    let settings = &channels.settings;
    let time =
        TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, settings.handler_time_max);
    let size = DefaultBodyLimit::max(settings.body_bytes_max);
    let meta_size = DefaultBodyLimit::max(meta::BODY_BYTES_MAX);
    Router::new()
        .route("/channels/{channel}/twilio", post(twilio::message))
        .route("/channels/{channel}/twilio/status", post(twilio::status))
        .route(
            "/channels/{channel}/meta",
            get(meta::verify).post(meta::receive).layer(meta_size),
        )
        .route("/channels/{channel}/telegram", post(telegram::receive))
        .route("/channels/files/{file}", get(file_links::fetch))
        .route("/widget.js", get(widget::script))
        .route("/chat/{deployment}", get(widget::page))
        .merge(webchat::routes(&channels))
        .merge(partner::routes())
        .layer(time)
        .merge(webchat::streams(&channels))
        .layer(size)
        .layer(CatchPanicLayer::new())
        .with_state(channels)
}
