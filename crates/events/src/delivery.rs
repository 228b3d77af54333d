//! A connect: it hangs until there is something to tell, and is told what came after the place where
//! the client's subscriptions stand.

use headwater_records::{Caller, Error};
use serde_json::Value as Json;

use crate::change_event;
use crate::clients::{Client, Signal, Subscription};
use crate::door::Events;
use crate::letting_in::{self, Refused};

/// Most events of one answer. More wait for the next connect, which comes at once.
const EVENTS_MAX: usize = 500;

/// About how many bytes of events there are in one answer; one event more may be.
const EVENTS_BYTES_MAX: usize = 1024 * 1024;

/// How a connect ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// With events, or with none in all the time it was let hang.
    Told(Vec<Json>),
    /// The client has left meanwhile, or asks again; whatever there is, it is told elsewhere.
    LetGo,
    /// The login was ended meanwhile.
    Refused(Refused),
}

/// What was gathered for a client, and up to where in the log.
#[derive(Debug)]
struct Gathered {
    events: Vec<Json>,
    until: i64,
}

impl Events {
    /// Waits for events of a client, unless it is to be answered at once.
    pub(crate) async fn deliver(
        &self,
        client: &Client,
        mut caller: Caller,
        token: Option<&str>,
        may_wait: bool,
    ) -> Ended {
        let end = tokio::time::Instant::now() + self.settings.connect_time_max;
        let mut closing = self.closing.subscribe();
        let (_hanging, mut signals) = client.connect(&self.org);
        let turn = signals.borrow_and_update().turn;
        let mut read = self.log.read();
        loop {
            let seen = *signals.borrow_and_update();
            if seen.turn != turn || seen.has_left {
                return Ended::LetGo;
            }
            let until = *read.borrow_and_update();
            let gathered = match self.gather(client, &caller, seen, until).await {
                Ok(gathered) => gathered,
                Err(error) => {
                    tracing::warn!(%error, "a subscriber cannot be told of changes now");
                    return Ended::Refused(Refused::for_now());
                }
            };
            let is_over = !may_wait || *closing.borrow() || tokio::time::Instant::now() >= end;
            if !gathered.events.is_empty() || is_over {
                if client.advance(seen, gathered.until) {
                    return Ended::Told(gathered.events);
                }
                continue;
            }
            tokio::select! {
                _ = signals.changed() => {}
                _ = read.changed() => {}
                _ = closing.changed() => {}
                () = tokio::time::sleep_until(end) => {}
            }
            // What they may see is asked for again, and whether they may see anything.
            caller = match letting_in::caller(&self.org, token).await {
                Ok(caller) => caller,
                Err(refused) => return Ended::Refused(refused),
            };
        }
    }

    /// What the log holds for a client up to a replay id, as much as goes into one answer.
    async fn gather(
        &self,
        client: &Client,
        caller: &Caller,
        seen: Signal,
        until: i64,
    ) -> Result<Gathered, Error> {
        let subscriptions = client.subscriptions();
        let first = subscriptions
            .iter()
            .map(|subscription| subscription.after)
            .min();
        let mut gathered = Gathered {
            events: Vec::new(),
            until: first.unwrap_or(until),
        };
        let mut bytes = 0;
        while gathered.until < until {
            let entries = self.log.after(gathered.until).await?;
            if entries.is_empty() {
                gathered.until = until;
            }
            for entry in entries {
                let replay_id = entry.replay_id();
                let takes = |subscription: &&Subscription| {
                    subscription.after < replay_id && subscription.carries.takes(entry.object())
                };
                let mut wanting = subscriptions.iter().filter(takes).peekable();
                if wanting.peek().is_some()
                    && let Some(event) = entry.seen_by(&self.org, caller)
                {
                    for subscription in wanting {
                        let message =
                            change_event::message(&subscription.channel, replay_id, &event);
                        bytes += message.to_string().len();
                        gathered.events.push(message);
                    }
                }
                gathered.until = replay_id;
                if gathered.events.len() >= EVENTS_MAX || bytes >= EVENTS_BYTES_MAX {
                    return Ok(gathered);
                }
            }
            // What holds nothing for this client need not be looked through again.
            if gathered.events.is_empty() && !client.advance(seen, gathered.until) {
                return Ok(gathered);
            }
        }
        Ok(gathered)
    }
}
