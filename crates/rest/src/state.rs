//! What all handlers share.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use headwater_messaging::Messaging;
use headwater_records::Org;
use jiff::Timestamp;

use crate::bulk::Workers;
use crate::describe::DescribeCache;

/// What all handlers share. Cheap to clone.
#[derive(Clone)]
pub struct RestState {
    /// The data, and what may happen to it.
    pub org: Org,
    /// Its conversations.
    pub messaging: Messaging,
    /// How this door is set up.
    pub settings: Arc<RestSettings>,
    /// Calls counted today.
    pub usage: Arc<ApiUsage>,
    pub(crate) request_ids: Arc<RequestIds>,
    pub(crate) describes: Arc<DescribeCache>,
    pub(crate) workers: Arc<Workers>,
}

impl RestState {
    /// The state of a server that has just started.
    pub fn new(messaging: Messaging, settings: RestSettings) -> Self {
        let org = messaging.org().clone();
        let mut start = [0; 8];
        org.randomness().fill(&mut start);
        Self {
            org,
            messaging,
            settings: Arc::new(settings),
            usage: Arc::default(),
            describes: Arc::default(),
            workers: Arc::default(),
            request_ids: Arc::new(RequestIds {
                start: format!("{:016x}-", u64::from_be_bytes(start)),
                made: AtomicU64::new(0),
            }),
        }
    }
}

/// How the door is set up. Every limit is named with its unit.
#[derive(Debug, Clone)]
pub struct RestSettings {
    /// What absolute URLs in answers begin with (`https://crm.example.com`); none: the scheme and
    /// host of each request.
    pub public_url: Option<String>,
    /// Whether `X-Forwarded-Proto` and `X-Forwarded-Host` are believed: only behind a proxy that
    /// sets them.
    pub forwarded_headers_trusted: bool,
    /// Calls a day; more answer `REQUEST_LIMIT_EXCEEDED`.
    pub api_requests_daily_max: u64,
    /// Bytes of a request's body, unpacked.
    pub body_bytes_max: usize,
    /// Bytes of the body of a request that needs no access token: forms and envelopes to log in
    /// with.
    pub login_body_bytes_max: usize,
    /// Bytes of a request's path and query.
    pub uri_bytes_max: usize,
    /// Bytes of a request's headers together.
    pub header_bytes_max: usize,
    /// How long a handler may take.
    pub handler_time_max: Duration,
    /// Origins whose pages may call, for CORS: `https://app.example.com`.
    pub cors_origins: Vec<String>,
}

impl Default for RestSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            forwarded_headers_trusted: false,
            api_requests_daily_max: 5_000_000,
            body_bytes_max: 50 * 1024 * 1024,
            login_body_bytes_max: 128 * 1024,
            uri_bytes_max: 16 * 1024,
            header_bytes_max: 16 * 1024,
            handler_time_max: Duration::from_mins(2),
            cors_origins: Vec::new(),
        }
    }
}

/// Calls counted by day, UTC. In memory: a restart begins anew, and a count that is off by a few
/// at midnight hurts nobody.
#[derive(Debug, Default)]
pub struct ApiUsage {
    day: AtomicU64,
    calls: AtomicU64,
}

impl ApiUsage {
    /// Counts a call and says how many there were today with it.
    pub fn count(&self, now: Timestamp) -> u64 {
        let today = now.as_second().unsigned_abs() / 86_400;
        // Looked at first, for to write it would take it away from all other threads each time.
        if self.day.load(Ordering::Relaxed) != today
            && self.day.swap(today, Ordering::Relaxed) != today
        {
            self.calls.store(0, Ordering::Relaxed);
        }
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How many calls there were today.
    pub fn today(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Names for requests in logs and answers: a random start, so that two servers differ, and a count.
/// They need be unlike, not secret.
pub(crate) struct RequestIds {
    start: String,
    made: AtomicU64,
}

impl RequestIds {
    pub(crate) fn next(&self) -> String {
        let place = self.made.fetch_add(1, Ordering::Relaxed);
        let mut id = String::with_capacity(self.start.len() + 16);
        id.push_str(&self.start);
        // Writing to a string cannot fail.
        let _ = write!(id, "{place:x}");
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_day() {
        let usage = ApiUsage::default();
        let evening: Timestamp = "2026-01-31T23:59:59Z".parse().unwrap();
        let morning: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        assert_eq!((usage.count(evening), usage.count(evening)), (1, 2));
        assert_eq!(usage.count(morning), 1);
        assert_eq!(usage.today(), 1);
    }
}
