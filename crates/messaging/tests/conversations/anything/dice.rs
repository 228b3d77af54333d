//! What happens next, by chance that comes out the same each time.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Runs that are the same each time.
const FIXED: [u64; 4] = [3, 14, 159, 2_653];

/// Runs beside those, each time others.
const RANDOM: usize = 2;

/// Numbers that look random and are the same each time.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Where the runs begin: the one that `HEADWATER_TEST_CONVERSATIONS_SEED` names, or else the fixed ones, and
/// as many others as `HEADWATER_TEST_CONVERSATIONS` wants.
pub(super) fn seeds() -> Vec<u64> {
    let number = |name| std::env::var(name).ok()?.parse().ok();
    if let Some(seed) = number("HEADWATER_TEST_CONVERSATIONS_SEED") {
        return vec![seed];
    }
    let wanted = number("HEADWATER_TEST_CONVERSATIONS");
    let random = wanted.map_or(RANDOM, |wanted| usize::try_from(wanted).unwrap());
    let mut seeds = FIXED.to_vec();
    seeds.extend((0..random).map(|_| RandomState::new().build_hasher().finish() >> 16));
    seeds
}
