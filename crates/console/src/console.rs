//! What all pages share, and the list of them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use headwater_messaging::Messaging;
use headwater_records::Org;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::timeout::TimeoutLayer;

use crate::live::Feed;
use crate::{
    assets, dashboard, fault, headers, lists, live, lookup, palette, preferences, presence, record,
    recycle_bin, relink, setup, sign_in, standard_urls,
};

/// How the console is set up. Every limit is named with its unit.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// Whether browsers are to send the session's cookie over TLS alone. False only where the
    /// server is reached without it.
    pub secure_cookies: bool,
    /// Whether `X-Forwarded-For` and `X-Forwarded-Proto` are believed: only behind a proxy that
    /// sets them.
    pub forwarded_headers_trusted: bool,
    /// What carriers and pages elsewhere reach this server by; none when it is not known.
    pub public_url: Option<String>,
    /// Bytes of a form.
    pub form_bytes_max: usize,
    /// How long a page may take.
    pub page_time_max: Duration,
    /// Open pages that are told of changes; more are refused, and look for themselves.
    pub live_pages_max: usize,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self {
            secure_cookies: false,
            forwarded_headers_trusted: false,
            public_url: None,
            form_bytes_max: 1024 * 1024,
            page_time_max: Duration::from_secs(30),
            live_pages_max: 10_000,
        }
    }
}

/// What all pages share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Console {
    pub(crate) org: Org,
    pub(crate) messaging: Messaging,
    pub(crate) settings: Arc<ConsoleSettings>,
    pub(crate) feed: Feed,
}

impl Console {
    /// The console of an org and its conversations, to be made inside a runtime: it begins to follow the change log.
    pub fn new(messaging: Messaging, settings: ConsoleSettings) -> Self {
        let org = messaging.org().clone();
        Self {
            feed: Feed::start(messaging.clone(), settings.live_pages_max),
            settings: Arc::new(settings),
            messaging,
            org,
        }
    }
}

impl FromRef<Console> for Org {
    fn from_ref(console: &Console) -> Self {
        console.org.clone()
    }
}

/// All pages, as a service to merge with the binary's own.
pub fn router(console: Console) -> Router {
    let limits = &console.settings;
    let time =
        TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.page_time_max);
    let size = DefaultBodyLimit::max(limits.form_bytes_max);
    let packed = DefaultPredicate::new().and(NotForContentType::SSE);
    Router::new()
        .merge(lists::routes())
        .merge(record::routes())
        .merge(recycle_bin::routes())
        .merge(relink::routes())
        .merge(lookup::routes())
        .merge(palette::routes())
        .merge(dashboard::routes())
        .merge(preferences::routes())
        .merge(setup::routes())
        .merge(sign_in::routes())
        .merge(standard_urls::routes())
        .merge(presence::routes())
        .layer(time)
        .merge(live::routes())
        .merge(presence::streams())
        .merge(assets::routes())
        .fallback(async || fault::Fault::no_page())
        .method_not_allowed_fallback(fault::wrong_method)
        .layer(size)
        .layer(CompressionLayer::new().gzip(true).compress_when(packed))
        .layer(CatchPanicLayer::custom(fault::panicked))
        .layer(from_fn(headers::guard))
        .with_state(console)
}
