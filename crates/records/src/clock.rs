//! Time and randomness as parameters, so that tests choose them.

use jiff::Timestamp;

/// What time it is.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Where secrets' bytes come from.
pub trait Randomness: Send + Sync + std::fmt::Debug {
    /// Fills the bytes with ones nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        rand::fill(bytes);
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    #[test]
    fn time_zones_are_there_on_a_machine_that_has_none() {
        let bundled = TimeZoneDatabase::bundled();
        for zone in ["Europe/Berlin", "America/New_York", "Asia/Kolkata"] {
            assert!(bundled.get(zone).is_ok(), "{zone}");
        }
    }
}
