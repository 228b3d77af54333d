//! How often something may happen: counted by the minute, in memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// What happened in the current minute, by what it is counted by.
#[derive(Debug)]
pub struct MinuteCounts<K> {
    counted: Mutex<Counted<K>>,
}

#[derive(Debug)]
struct Counted<K> {
    minute: i64,
    counts: HashMap<K, u32>,
}

impl<K> Default for MinuteCounts<K> {
    fn default() -> Self {
        let counted = Counted {
            minute: 0,
            counts: HashMap::new(),
        };
        Self {
            counted: Mutex::new(counted),
        }
    }
}

impl<K: Eq + Hash> MinuteCounts<K> {
    /// Counts one more, unless there were so many in this minute already: whether it was counted. Of
    /// more than `remembered_max` keys all are forgotten, and the minute begins anew.
    pub fn count(&self, key: K, at: Timestamp, most: u32, remembered_max: usize) -> bool {
        self.with(at, remembered_max, |counts| {
            let count = counts.entry(key).or_default();
            if *count >= most {
                return false;
            }
            *count += 1;
            true
        })
    }

    /// Looks at this minute's counts, and changes them.
    pub(crate) fn with<T>(
        &self,
        at: Timestamp,
        remembered_max: usize,
        act: impl FnOnce(&mut HashMap<K, u32>) -> T,
    ) -> T {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = at.as_second().div_euclid(60);
        if counted.minute != minute || counted.counts.len() >= remembered_max {
            counted.minute = minute;
            counted.counts.clear();
        }
        act(&mut counted.counts)
    }
}

/// What an address is counted as: whoever has one IPv6 address has the 2⁶⁴ beside it too.
pub fn block_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(network.into())
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
