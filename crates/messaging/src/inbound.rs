//! What comes in, and taking it in.

use headwater_catalogue::{Id, Value};
use headwater_records::{Draft, Error as RecordsError};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::messaging::Messaging;

/// Most bytes of one event as it is kept.
const EVENT_BYTES_MAX: usize = 100_000;

/// Most characters of one message, as an entry holds them.
const TEXT_CHARACTERS_MAX: usize = 32_000;

/// Most characters of an event's name and of an address.
const KEY_CHARACTERS_MAX: usize = 255;

/// Something that a carrier or a web chat has brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// What the carrier calls the event; the same name again is the same event.
    pub event: String,
    /// The customer's address on the channel, or for a report the id of the message it is about: what
    /// has the same one is worked off in the order in which it came in.
    pub address: String,
    /// The customer's phone number, where the address is none and the carrier tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What came.
    pub what: Arrival,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Arrival {
    /// The customer has written.
    Message {
        /// The message's own id: it is in the transcript once.
        id: String,
        /// What it says.
        text: String,
        /// What the customer calls themselves, where the carrier tells.
        name: Option<String>,
        /// The conversation, where the customer's side names it.
        conversation: Option<String>,
    },
    /// The customer has begun a conversation that they name, and has not written yet.
    Conversation {
        /// Its name: a UUID.
        identifier: String,
        /// What the customer calls themselves.
        name: Option<String>,
    },
    /// The customer has ended the session.
    End,
    /// The customer takes messages, or does not, by what they have done at the carrier.
    Consent {
        /// Whether they do.
        is_given: bool,
    },
    /// The carrier tells how far the customer has come with all messages that were sent to them.
    Progress {
        /// How far: delivered or read.
        state: DeliveryState,
        /// Up to when, in milliseconds of Unix time.
        until: i64,
    },
    /// The carrier tells what became of a message that was sent through it.
    Delivery {
        /// What became of it.
        state: DeliveryState,
        /// The carrier's code, when it failed.
        code: Option<String>,
    },
}

/// What became of a message that was sent. Later states are greater; a report of an earlier one that
/// comes late changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeliveryState {
    /// The carrier has it.
    Sent,
    /// The customer's device has it.
    Delivered,
    /// The customer has seen it.
    Read,
    /// It will not arrive.
    Failed,
}

/// What came of handing an event over. Either way it is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is new.
    New,
    /// It was there already.
    Known,
}

impl Messaging {
    /// Takes an event in. When this returns it is durable, and the carrier may be told so; what
    /// follows from it is worked off afterwards.
    ///
    /// # Errors
    /// Nothing was kept. [`Error::TooLarge`]; else the database's, and the carrier is to try again.
    pub async fn accept(&self, channel: Id, inbound: &Inbound) -> Result<Accepted, Error> {
        let too_large = |what, max: usize, unit| Error::TooLarge {
            what,
            limit: format!("{max} {unit}"),
        };
        for (what, text) in [
            ("the event's name", &inbound.event),
            ("the address", &inbound.address),
            (
                "the phone number",
                inbound.phone.as_ref().unwrap_or(&inbound.address),
            ),
        ] {
            if text.chars().count() > KEY_CHARACTERS_MAX {
                return Err(too_large(what, KEY_CHARACTERS_MAX, "characters"));
            }
        }
        if let Arrival::Message { text, .. } = &inbound.what
            && text.chars().count() > TEXT_CHARACTERS_MAX
        {
            return Err(too_large("the text", TEXT_CHARACTERS_MAX, "characters"));
        }
        let payload = serde_json::to_string(inbound)
            .map_err(|error| RecordsError::Internal(Box::new(error)))?;
        if payload.len() > EVENT_BYTES_MAX {
            return Err(too_large("the event", EVENT_BYTES_MAX, "bytes"));
        }
        let now = self.org().now();
        let draft = Draft::new()
            .with("MessagingChannelId", channel)
            .with("EventKey", Value::Text(inbound.event.clone()))
            .with("Address", Value::Text(inbound.address.clone()))
            .with("Payload", Value::Text(payload))
            .with("ReceivedTime", now)
            .with("State", Value::Text("Received".to_owned()));
        let system = self.org().system();
        match self.org().create(&system, "InboundEvent", draft).await {
            Ok(_) => {
                self.wake(channel, &inbound.address);
                Ok(Accepted::New)
            }
            Err(RecordsError::Duplicate { .. }) => Ok(Accepted::Known),
            Err(error) => Err(error.into()),
        }
    }
}

impl Messaging {
    /// As [`Messaging::accept`], and returns when what follows from it has happened as well.
    ///
    /// # Errors
    /// As [`Messaging::accept`]. When it was kept and could not be worked off, that is done later.
    pub async fn accept_now(&self, channel: Id, inbound: &Inbound) -> Result<Accepted, Error> {
        let accepted = self.accept(channel, inbound).await?;
        self.work_off(channel, &inbound.address).await?;
        Ok(accepted)
    }
}

impl Inbound {
    /// An event as it was kept; none when it is not one of ours.
    pub(crate) fn kept(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }

    /// A report on a message that a carrier calls by this id.
    pub fn report(carrier_message: &str, state: DeliveryState, code: Option<String>) -> Self {
        Self {
            event: format!("{carrier_message}/{state:?}"),
            address: carrier_message.to_owned(),
            phone: None,
            what: Arrival::Delivery { state, code },
        }
    }
}
