//! Time that stands still until a test moves it, and randomness that comes out the same each run.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use headwater_records::{Clock, Randomness};
use jiff::{SignedDuration, Timestamp};

/// A clock that the test sets.
#[derive(Debug)]
pub struct TestClock {
    micros: AtomicI64,
}

impl TestClock {
    /// Stands at this moment.
    pub fn at(now: Timestamp) -> Self {
        Self {
            micros: AtomicI64::new(now.as_microsecond()),
        }
    }

    /// Moves to this moment.
    pub fn set(&self, now: Timestamp) {
        self.micros.store(now.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves on by this much; returns the new moment.
    ///
    /// # Panics
    /// Beyond what jiff can count.
    pub fn advance(&self, by: SignedDuration) -> Timestamp {
        let micros = i64::try_from(by.as_micros()).expect("a duration of a test fits");
        self.micros.fetch_add(micros, Ordering::SeqCst);
        self.now()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let micros = self.micros.load(Ordering::SeqCst);
        Timestamp::from_microsecond(micros).expect("a test's time is one jiff can count")
    }
}

/// Bytes from a counter and a mixing function (SplitMix64): the same for the same seed, and as
/// unlike each other as ids and tokens need to be. Never for secrets that matter.
#[derive(Debug)]
pub struct SeededRandomness {
    state: AtomicU64,
    order: Mutex<()>,
}

impl SeededRandomness {
    /// The bytes of this seed.
    pub fn of(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
            order: Mutex::new(()),
        }
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self
            .state
            .fetch_add(STEP, Ordering::SeqCst)
            .wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        // Two that fill at once each get bytes in a row.
        let _whole = self.order.lock();
        for chunk in bytes.chunks_mut(8) {
            let made = self.next().to_le_bytes();
            chunk.copy_from_slice(&made[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let bytes = |seed| {
            let mut bytes = [0; 20];
            SeededRandomness::of(seed).fill(&mut bytes);
            bytes
        };
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }

    #[test]
    fn time_moves_only_when_told_to() {
        let clock = TestClock::at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        let later = clock.advance(SignedDuration::from_secs(5));
        assert_eq!(later.as_second(), 5);
    }
}
