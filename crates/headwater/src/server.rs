//! The running server: doors, what operators look at, and an orderly end.

pub mod certificate;
mod doors;
mod exposure;
mod operations;

use std::time::Duration;

use headwater_channels::{ChannelSettings, Channels};
use headwater_console::{Console, ConsoleSettings};
use headwater_events::{EventSettings, Events};
use headwater_messaging::Messaging;
use headwater_records::Org;
use headwater_rest::{RestSettings, RestState};
use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::configuration::Configuration;
use crate::failure::{Context as _, Outcome};
use crate::files;

pub use doors::{Door, Doors};
pub use exposure::check_demo;
pub use operations::Operations;

/// Serves an org at these doors until `end`.
///
/// # Errors
/// When a listener fails while it runs.
pub async fn serve(
    org: Org,
    doors: Doors,
    configuration: &Configuration,
    end: impl Future<Output = ()>,
) -> Outcome {
    let operations = Operations::start(org.store().clone());
    let messaging = Messaging::new(org.clone());
    let mut beside = beside(&org, configuration);
    let channels = Channels::new(messaging.clone(), channel_settings(configuration));
    let channels = channels.doing("no connection to carriers can be made")?;
    let conversing = messaging.clone();
    beside.spawn(async move { conversing.follow().await });
    let rest = RestState::new(messaging.clone(), settings(configuration));
    let console = Console::new(messaging, console_settings(configuration, &doors));
    beside.spawn(headwater_rest::follow_bulk(rest.clone()));
    let events = Events::new(org.clone(), event_settings(configuration));
    let router = operations
        .routes(doors.metrics.is_some())
        .merge(headwater_rest::router(rest))
        .merge(headwater_channels::router(channels))
        .merge(headwater_events::router(events.clone()))
        .merge(headwater_console::router(console));
    let grace = Duration::from_secs(configuration.server.shutdown_grace_seconds);
    let end = async move {
        end.await;
        // Subscribers hang on a request for minutes; they come back to whoever serves next.
        events.close();
    };
    let served = doors
        .serve(router, operations.metrics_routes(), end, grace)
        .await;
    beside.abort_all();
    if let Err(error) = org.write_cursors().await {
        tracing::warn!(%error, "locators of queries that were given out last are lost");
    }
    served
}

/// What the org does beside the requests, as long as they are answered.
fn beside(org: &Org, configuration: &Configuration) -> JoinSet<()> {
    let mut beside = JoinSet::new();
    let following = org.clone();
    beside.spawn(async move { following.follow().await });
    let keeping = org.clone();
    beside.spawn(async move { keeping.keep_recycle_bin().await });
    let tidying = org.clone();
    beside.spawn(async move { tidying.keep_files().await });
    let forgetting = org.clone();
    let kept = SignedDuration::from_hours(configuration.events.change_log_hours.into());
    beside.spawn(async move { forgetting.keep_change_log(kept).await });
    let described = files::described(configuration).unwrap_or_default();
    beside.spawn(try_files(org.clone(), described));
    beside
}

/// Tries beside the start whether files can be kept where they are to be: what else people do here does
/// not wait for that.
async fn try_files(org: Org, described: String) {
    let Some(places) = org.file_places() else {
        return;
    };
    if let Err(failure) = files::try_out(places).await {
        tracing::error!(%failure, "files cannot be kept {described}");
    }
}

fn settings(configuration: &Configuration) -> RestSettings {
    let (server, limits) = (&configuration.server, &configuration.limits);
    RestSettings {
        public_url: server.public_url.clone(),
        forwarded_headers_trusted: server.forwarded_headers_trusted,
        cors_origins: server.cors_origins.clone(),
        api_requests_daily_max: limits.api_requests_daily_max,
        body_bytes_max: limits.body_bytes_max,
        uri_bytes_max: limits.uri_bytes_max,
        header_bytes_max: limits.header_bytes_max,
        handler_time_max: Duration::from_secs(limits.handler_seconds_max),
        login_body_bytes_max: limits.login_body_bytes_max,
    }
}

fn channel_settings(configuration: &Configuration) -> ChannelSettings {
    let (server, limits) = (&configuration.server, &configuration.limits);
    let chat = &configuration.web_chat;
    ChannelSettings {
        visitor_requests_per_minute_max: chat.requests_per_minute_per_visitor_max,
        address_requests_per_minute_max: chat.requests_per_minute_per_address_max,
        address_tokens_per_minute_max: chat.tokens_per_minute_per_address_max,
        visitor_file_bytes_max: chat.file_bytes_max,
        streams_max: chat.streams_max,
        partner_requests_per_minute_max: configuration
            .interaction_api
            .requests_per_minute_per_user_max,
        public_url: server.public_url.clone(),
        forwarded_headers_trusted: server.forwarded_headers_trusted,
        handler_time_max: Duration::from_secs(limits.handler_seconds_max),
        ..ChannelSettings::default()
    }
}

fn event_settings(configuration: &Configuration) -> EventSettings {
    let events = &configuration.events;
    EventSettings {
        clients_max: events.subscribers_max,
        clients_per_user_max: events.subscribers_per_user_max,
        cors_origins: configuration.server.cors_origins.clone(),
        ..EventSettings::default()
    }
}

fn console_settings(configuration: &Configuration, doors: &Doors) -> ConsoleSettings {
    let (server, limits) = (&configuration.server, &configuration.limits);
    let is_https = |url: &str| url.starts_with("https://");
    let all_encrypted = doors.urls().iter().all(|url| is_https(url));
    ConsoleSettings {
        secure_cookies: all_encrypted || server.public_url.as_deref().is_some_and(is_https),
        forwarded_headers_trusted: server.forwarded_headers_trusted,
        public_url: server.public_url.clone(),
        page_time_max: Duration::from_secs(limits.handler_seconds_max),
        ..ConsoleSettings::default()
    }
}
