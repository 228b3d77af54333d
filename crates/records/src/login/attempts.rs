//! How often somebody may try to log in: by address and by user name, in memory, by the minute,
//! whichever door they try.
//!
//! Beside the lock-out of a user, which counts wrong passwords for good: this stops one address
//! from trying many names, and many addresses from keeping the processors busy with one.

use std::collections::HashMap;
use std::net::IpAddr;

use headwater_catalogue::Id;
use jiff::Timestamp;

use super::error::LoginError;
use super::secret::Secret;
use crate::org::Org;
use crate::rate::{MinuteCounts, block_of};

/// How often somebody may try to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Failed logins a minute from one address.
    pub failures_per_minute_per_address_max: u32,
    /// Failed logins a minute with one user name or client id, from anywhere.
    pub failures_per_minute_per_name_max: u32,
    /// Logins a minute from one address, good ones included.
    pub logins_per_minute_per_address_max: u32,
    /// Addresses and names remembered at a time. Beyond it the oldest minute is forgotten.
    pub remembered_max: usize,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self {
            failures_per_minute_per_address_max: 60,
            failures_per_minute_per_name_max: 30,
            logins_per_minute_per_address_max: 1_200,
            remembered_max: 100_000,
        }
    }
}

/// Attempts of the current minute.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    counts: MinuteCounts<Key>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    LoginsFrom(IpAddr),
    FailuresFrom(IpAddr),
    FailuresAs(String),
}

/// Somebody trying to log in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// From where, when the listener says so.
    pub address: Option<IpAddr>,
    /// As whom: a user name or client id.
    pub name: &'a str,
}

impl Org {
    /// Counts an attempt to log in, and lets it go on unless there were too many.
    ///
    /// # Errors
    /// [`LoginError::TooManyAttempts`].
    pub fn begin_attempt(&self, attempt: &Attempt<'_>) -> Result<(), LoginError> {
        let login = self.login();
        let limits = &login.settings.attempts;
        if login.attempts.begin(attempt, self.now(), limits) {
            return Ok(());
        }
        tracing::warn!(address = ?attempt.address, "too many failed logins");
        Err(LoginError::TooManyAttempts)
    }

    /// Counts that an attempt failed.
    pub fn attempt_failed(&self, attempt: &Attempt<'_>) {
        let login = self.login();
        let limits = &login.settings.attempts;
        login.attempts.failed(attempt, self.now(), limits);
    }

    /// The user with this name and password, within the limits on trying.
    ///
    /// # Errors
    /// As [`Org::authenticate`], and [`LoginError::TooManyAttempts`].
    pub async fn authenticate_from(
        &self,
        address: Option<IpAddr>,
        username: &str,
        password: &Secret,
    ) -> Result<Id, LoginError> {
        let attempt = Attempt {
            address,
            name: username,
        };
        self.begin_attempt(&attempt)?;
        let checked = self.authenticate(username, password.expose()).await;
        if matches!(checked, Err(LoginError::Refused)) {
            self.attempt_failed(&attempt);
        }
        checked
    }
}

impl Attempts {
    /// Counts an attempt, unless there were too many.
    fn begin(&self, attempt: &Attempt<'_>, at: Timestamp, limits: &AttemptLimits) -> bool {
        self.with(at, limits, |counts| {
            let address = attempt.address.map(block_of);
            let count = |key: &Key| counts.get(key).copied().unwrap_or_default();
            let too_many = address.is_some_and(|address| {
                count(&Key::FailuresFrom(address)) >= limits.failures_per_minute_per_address_max
                    || count(&Key::LoginsFrom(address)) >= limits.logins_per_minute_per_address_max
            }) || count(&name_key(attempt.name))
                >= limits.failures_per_minute_per_name_max;
            if let (Some(address), false) = (address, too_many) {
                *counts.entry(Key::LoginsFrom(address)).or_default() += 1;
            }
            !too_many
        })
    }

    /// Counts that the attempt failed.
    fn failed(&self, attempt: &Attempt<'_>, at: Timestamp, limits: &AttemptLimits) {
        self.with(at, limits, |counts| {
            if let Some(address) = attempt.address.map(block_of) {
                *counts.entry(Key::FailuresFrom(address)).or_default() += 1;
            }
            *counts.entry(name_key(attempt.name)).or_default() += 1;
        });
    }

    fn with<T>(
        &self,
        at: Timestamp,
        limits: &AttemptLimits,
        act: impl FnOnce(&mut HashMap<Key, u32>) -> T,
    ) -> T {
        self.counts.with(at, limits.remembered_max, act)
    }
}

/// Names compare ignoring case. A long one is cut: it is nobody's.
fn name_key(name: &str) -> Key {
    Key::FailuresAs(name.chars().take(128).collect::<String>().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: AttemptLimits = AttemptLimits {
        failures_per_minute_per_address_max: 3,
        failures_per_minute_per_name_max: 2,
        logins_per_minute_per_address_max: 5,
        remembered_max: 10,
    };
    const NOON: &str = "2026-01-31T12:00:00Z";

    fn attempt<'a>(address: &str, name: &'a str) -> Attempt<'a> {
        Attempt {
            address: Some(address.parse().unwrap()),
            name,
        }
    }

    fn at(moment: &str) -> Timestamp {
        moment.parse().unwrap()
    }

    #[test]
    fn a_name_with_too_many_failures_waits_for_the_next_minute() {
        let attempts = Attempts::default();
        let now = attempt("10.0.0.1", "Agent@x.example");
        for _ in 0..2 {
            assert!(attempts.begin(&now, at(NOON), &LIMITS));
            attempts.failed(&now, at(NOON), &LIMITS);
        }
        let elsewhere = attempt("10.0.0.2", "agent@X.example");
        assert!(!attempts.begin(&elsewhere, at("2026-01-31T12:00:59Z"), &LIMITS));
        assert!(attempts.begin(&elsewhere, at("2026-01-31T12:01:00Z"), &LIMITS));
    }

    #[test]
    fn an_address_with_too_many_failures_waits_whatever_the_name() {
        let attempts = Attempts::default();
        for name in ["a", "b", "c"] {
            attempts.failed(&attempt("2001:db8::1", name), at(NOON), &LIMITS);
        }
        let neighbour = attempt("2001:db8::2", "d");
        assert!(!attempts.begin(&neighbour, at(NOON), &LIMITS));
        let other = attempt("2001:db8:1::1", "d");
        assert!(attempts.begin(&other, at(NOON), &LIMITS));
    }

    #[test]
    fn good_logins_are_limited_by_address_only() {
        let attempts = Attempts::default();
        let now = attempt("10.0.0.1", "a");
        let begun = (0..7).filter(|_| attempts.begin(&now, at(NOON), &LIMITS));
        assert_eq!(begun.count(), 5);
    }
}
