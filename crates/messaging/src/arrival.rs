//! From events that came in to what they mean: a Messaging User, a session, entries.
//!
//! All that waits of one address is worked off in one transaction, which also settles the events. It
//! expects each of them to wait still, so an event takes effect once, however many work on it.

mod desk;

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Draft, literal};
use tracing::{error, warn};

use crate::error::Error;
use crate::health::Sign;
use crate::inbound::{Arrival, DeliveryState, Kept};
use crate::messaging::Messaging;
use desk::Desk;

/// Most events that are worked off together.
const EVENTS_TOGETHER_MAX: u64 = 50;

/// How often they are worked out anew because somebody else was faster.
const ATTEMPTS_MAX: usize = 50;

/// An event that waits.
pub(crate) struct Event {
    pub(crate) id: Id,
    pub(crate) state: String,
    pub(crate) kept: Option<Kept>,
}

impl Event {
    /// What a carrier reports with it; none when it is something else.
    pub(crate) fn report(&self) -> Option<(DeliveryState, Option<&str>)> {
        match &self.kept.as_ref()?.inbound.what {
            Arrival::Delivery { state, code } => Some((*state, code.as_deref())),
            Arrival::Message { .. }
            | Arrival::Conversation { .. }
            | Arrival::End
            | Arrival::Consent { .. }
            | Arrival::ConsentLevel { .. }
            | Arrival::Progress { .. } => None,
        }
    }
}

impl Messaging {
    /// Works off all that waits of an address.
    ///
    /// # Errors
    /// The database's. What is not worked off waits still.
    pub(crate) async fn work_off(&self, channel: Id, address: &str) -> Result<(), Error> {
        for attempt in 0..ATTEMPTS_MAX {
            let events = self.waiting(channel, address).await?;
            let Some(first) = events.first() else {
                return Ok(());
            };
            // Reports lie under the id of a message, all else under a customer's address.
            let done = if first.report().is_some() {
                self.note_reports(address, &events).await?
            } else {
                self.settle_all(channel, address, &events, attempt > 0)
                    .await?
            };
            if done == Attempt::Done {
                self.note_sign(channel, Sign::Received).await;
            }
            if done == Attempt::Done && (events.len() as u64) < EVENTS_TOGETHER_MAX {
                // What came meanwhile has woken somebody itself.
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    async fn waiting(&self, channel: Id, address: &str) -> Result<Vec<Event>, Error> {
        let soql = format!(
            "SELECT Id, State, Payload FROM InboundEvent WHERE MessagingChannelId = {} AND \
             Address = {} AND State IN ('Received', 'Waiting') ORDER BY ReceivedTime, Id",
            literal(channel.as_str()),
            literal(address)
        );
        let system = self.org().system();
        let table = self
            .org()
            .browse(&system, &soql, None, EVENTS_TOGETHER_MAX)
            .await?;
        let event = |row: headwater_records::Cells<'_>| {
            Some(Event {
                id: row.id("Id")?,
                state: row.text("State").to_owned(),
                kept: Kept::of(row.text("Payload")),
            })
        };
        Ok(table.rows().filter_map(event).collect())
    }

    /// Settles these events together. Where one of them asks for what cannot be, the first of them
    /// alone, and if it is that one, it is put aside with the reason, so that what came after it goes on.
    async fn settle_all(
        &self,
        channel: Id,
        address: &str,
        events: &[Event],
        is_careful: bool,
    ) -> Result<Attempt, Error> {
        let settled = self.settle(channel, address, events, is_careful).await;
        let first = &events[..1];
        let settled = match settled {
            // The set-up may have changed in between, so that a single one gets another try too.
            Err(error) if error.is_refusal() => {
                self.settle(channel, address, first, is_careful).await
            }
            settled => settled,
        };
        match settled {
            Err(error) if error.is_refusal() => {
                error!(event = %first[0].id, %error, "an event that came in cannot be worked off");
                self.give_up(first, &error.to_string()).await?;
                Ok(Attempt::Overtaken)
            }
            settled => settled,
        }
    }

    /// Does what these events ask for, and settles them.
    async fn settle(
        &self,
        channel: Id,
        address: &str,
        events: &[Event],
        is_careful: bool,
    ) -> Result<Attempt, Error> {
        let channel = match self.channel(channel).await {
            Ok(channel) => channel,
            Err(Error::NoSuchChannel(_)) => {
                return self.give_up(events, "the channel is switched off").await;
            }
            Err(error) => return Err(error),
        };
        let mut newest = events.iter().rev().filter_map(|event| event.kept.as_ref());
        let phone = newest.find_map(|kept| kept.inbound.phone.as_deref());
        let mut desk = Desk::open(self, channel, (address, phone), is_careful).await?;
        for event in events {
            if let Some(kept) = &event.kept {
                desk.take(kept).await?;
            } else {
                warn!(event = %event.id, "an event that came in cannot be read");
            }
            desk.settle(event).await?;
        }
        desk.close().await
    }

    /// Puts events aside that nothing can be done with.
    async fn give_up(&self, events: &[Event], why: &str) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let why: String = why.chars().take(255).collect();
        for event in events {
            let draft = Draft::new()
                .with("State", "Failed")
                .with("ErrorMessage", why.as_str());
            let expected = [("State", Value::from(event.state.as_str()))];
            write
                .update(&system, "InboundEvent", event.id, &draft, &expected)
                .await?;
        }
        Ok(write.commit().await?)
    }
}

impl DeliveryState {
    /// What `MessageStatus` says of it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sent => "Sent",
            Self::Delivered => "Delivered",
            Self::Read => "Read",
            Self::Failed => "Error",
        }
    }
}
