//! How fast a channel sends: each account as fast as its carrier takes, and no faster.
//!
//! Each node counts what it sends itself. A carrier that is asked too much all the same says so, and is
//! heeded.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use headwater_catalogue::Id;
use headwater_messaging::Account;
use headwater_records::Org;

type Limiter = RateLimiter<NotKeyed, InMemoryState, OrgClock, NoOpMiddleware<Nanos>>;

/// The org's time, as the limiter reads it.
#[derive(Debug, Clone)]
struct OrgClock(Org);

impl Clock for OrgClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let since_epoch = self.0.now().as_nanosecond();
        Nanos::new(u64::try_from(since_epoch).unwrap_or_default())
    }
}

/// The pace of every account.
pub(crate) struct Pace {
    clock: OrgClock,
    accounts: Mutex<HashMap<Id, (NonZeroU32, Arc<Limiter>)>>,
}

impl Pace {
    pub(crate) fn new(org: Org) -> Self {
        Self {
            clock: OrgClock(org),
            accounts: Mutex::default(),
        }
    }

    /// Takes one message's turn.
    ///
    /// # Errors
    /// It is not its turn: how long it is until there is one.
    pub(crate) fn take_turn(&self, account: &Account) -> Result<(), Duration> {
        let rate = account.messages_per_second_max.and_then(NonZeroU32::new);
        let limiter = self.limiter(account.id, rate.unwrap_or(usual(&account.carrier)));
        let turn = limiter.check();
        turn.map_err(|not_yet| not_yet.wait_time_from(self.clock.now()))
    }

    /// An account's limiter, made anew when its rate is another one.
    fn limiter(&self, account: Id, rate: NonZeroU32) -> Arc<Limiter> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = accounts.get(&account).filter(|(known, _)| *known == rate);
        if let Some((_, limiter)) = known {
            return Arc::clone(limiter);
        }
        let quota = Quota::per_second(rate);
        let limiter = Arc::new(RateLimiter::direct_with_clock(quota, self.clock.clone()));
        accounts.insert(account, (rate, Arc::clone(&limiter)));
        limiter
    }
}

/// Messages that a carrier takes in a second from one account as a rule. Twilio queues what is more than
/// a number may send; the others refuse it.
const fn usual(carrier: &str) -> NonZeroU32 {
    const TWILIO: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
    const META: NonZeroU32 = NonZeroU32::MIN.saturating_add(79);
    const TELEGRAM: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
    match carrier.as_bytes() {
        b"Telegram" => TELEGRAM,
        b"WhatsApp" | b"Messenger" => META,
        // Twilio, and services of one's own, which are asked to take no more than a carrier does.
        _ => TWILIO,
    }
}
