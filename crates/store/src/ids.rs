//! Numbers for record ids, from blocks that are durably reserved, so that no record, no process
//! and no node ever gets one twice.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The counter that blocks are taken from.
pub(crate) const COUNTER: &str = "ids";

/// How long a thread waits before it looks again whether there are numbers.
const LOOK: Duration = Duration::from_millis(10);

/// The numbers at hand.
#[derive(Debug)]
pub(crate) struct Ids {
    at_hand: Mutex<AtHand>,
    more: Condvar,
    /// Numbers in a block.
    pub(crate) block: i64,
}

#[derive(Debug, Default)]
struct AtHand {
    ranges: VecDeque<Range<i64>>,
    /// Whether more are on their way.
    asked: bool,
}

impl Ids {
    pub(crate) fn new(block: u64) -> Self {
        Self {
            at_hand: Mutex::default(),
            more: Condvar::new(),
            block: i64::try_from(block).unwrap_or(i64::MAX).max(1),
        }
    }

    /// A block has been reserved.
    pub(crate) fn add(&self, first: i64) {
        let mut at_hand = self.at_hand();
        at_hand.ranges.push_back(first..first + self.block);
        at_hand.asked = false;
        self.more.notify_all();
    }

    /// No block could be reserved now; whoever needs one asks again.
    pub(crate) fn refused(&self) {
        self.at_hand().asked = false;
        self.more.notify_all();
    }

    /// The next number. Asks for more through `ask`, early enough to hide the time it takes, and
    /// waits for them when there are none; `ask` says whether the question got through. None when
    /// `closed` says that no more will come.
    pub(crate) fn next(
        self: &Arc<Self>,
        ask: impl Fn(Arc<Self>) -> bool,
        closed: impl Fn() -> bool,
    ) -> Option<u64> {
        let mut at_hand = self.at_hand();
        loop {
            let left: i64 = at_hand
                .ranges
                .iter()
                .map(|range| range.end - range.start)
                .sum();
            if left <= self.block / 2 && !at_hand.asked {
                at_hand.asked = ask(Arc::clone(self));
            }
            while let Some(range) = at_hand.ranges.front_mut() {
                if let Some(number) = range.next() {
                    return Some(number.unsigned_abs());
                }
                at_hand.ranges.pop_front();
            }
            if closed() {
                return None;
            }
            // The timeout covers a queue too full to ask, and a writer that has gone.
            at_hand = self
                .more
                .wait_timeout(at_hand, LOOK)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn at_hand(&self) -> MutexGuard<'_, AtHand> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
