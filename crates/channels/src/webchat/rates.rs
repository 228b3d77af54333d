//! How often web visitors and partners' services may ask: by address, for whoever has no token yet, and by
//! who they are.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_records::rate::{MinuteCounts, block_of};

use super::error::Refusal;
use crate::door::Channels;

/// Addresses and visitors that are counted at a time.
const REMEMBERED_MAX: usize = 100_000;

/// Requests of the current minute.
#[derive(Debug, Default)]
pub(crate) struct Rates(MinuteCounts<Key>);

/// Somebody has asked too often, and may again after so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany(pub(crate) i64);

impl From<TooMany> for Refusal {
    fn from(TooMany(seconds): TooMany) -> Self {
        Self::too_many(seconds)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    RequestsFrom(IpAddr),
    TokensFrom(IpAddr),
    RequestsOf(String),
    /// Of a user of a partner's service.
    RequestsBy(Id),
}

impl Rates {
    /// Counts a request.
    ///
    /// # Errors
    /// There were too many: the seconds until the next minute begins, which begins anew.
    fn count(&self, channels: &Channels, key: Key, most: u32) -> Result<(), TooMany> {
        let now = channels.messaging.org().now();
        if self.0.count(key, now, most, REMEMBERED_MAX) {
            return Ok(());
        }
        Err(TooMany(60 - now.as_second().rem_euclid(60)))
    }

    /// Counts a request of a partner's service.
    pub(crate) fn of_partner(&self, channels: &Channels, user: Id) -> Result<(), TooMany> {
        let most = channels.settings.partner_requests_per_minute_max;
        self.count(channels, Key::RequestsBy(user), most)
    }

    /// Counts a request of somebody who has shown a token.
    pub(super) fn of_visitor(&self, channels: &Channels, subject: &str) -> Result<(), Refusal> {
        let most = channels.settings.visitor_requests_per_minute_max;
        Ok(self.count(channels, Key::RequestsOf(subject.to_owned()), most)?)
    }

    fn from(&self, channels: &Channels, address: IpAddr, is_token: bool) -> Result<(), Refusal> {
        let settings = &channels.settings;
        let block = block_of(address);
        let most = settings.address_requests_per_minute_max;
        self.count(channels, Key::RequestsFrom(block), most)?;
        if is_token {
            let most = settings.address_tokens_per_minute_max;
            self.count(channels, Key::TokensFrom(block), most)?;
        }
        Ok(())
    }
}

/// Lets a request go on, unless its address has asked too often.
pub(super) async fn limit(
    State(channels): State<Channels>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    let trusted = channels.settings.forwarded_headers_trusted;
    let named = forwarded(request.headers()).filter(|_| trusted);
    let path = request.uri().path();
    let is_token = request.method() == Method::POST && path.ends_with("/access-token");
    if let Some(address) = named.or(peer)
        && let Err(refusal) = channels.rates.from(&channels, address, is_token)
    {
        return refusal.into_response();
    }
    next.run(request).await
}

/// Whom the proxy next to us has seen: the last one it names.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let lists = headers.get_all("x-forwarded-for").into_iter();
    let list = lists.filter_map(|value| value.to_str().ok()).next_back()?;
    list.rsplit(',').next()?.trim().parse().ok()
}
