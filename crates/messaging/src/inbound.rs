//! What comes in, and taking it in.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Draft, Error as RecordsError, literal};
use serde::{Deserialize, Serialize};

use crate::consent::Level as ConsentLevel;
use crate::error::Error;
use crate::files::{self, NewFile};
use crate::media::Media;
use crate::messaging::Messaging;
use crate::parameters::Parameters;

/// Most bytes of one event as it is kept.
const EVENT_BYTES_MAX: usize = 100_000;

/// Most characters of one message, as an entry holds them.
pub(crate) const TEXT_CHARACTERS_MAX: usize = 32_000;

/// Most characters of an event's name and of an address.
const KEY_CHARACTERS_MAX: usize = 255;

/// How often an event with files is written anew because somebody else was faster.
const ATTEMPTS_MAX: usize = 5;

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
        /// What it says; may be empty when files came with it.
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
    /// The customer agrees this far, as a service of the organization's own has it from them.
    ConsentLevel {
        /// How far.
        level: ConsentLevel,
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

/// A word of a customer's that the carrier has heeded by itself, and answered: nobody is answered twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Heeded {
    /// They want no messages. The carrier takes none for them any more.
    Stop,
    /// They want messages again.
    Start,
    /// They have asked for help.
    Help,
}

/// What comes with an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Files of a message.
    pub files: Vec<NewFile>,
    /// Values of the channel's parameters, for the session that begins with it.
    pub parameters: Parameters,
    /// Files of a message that the carrier holds. They are fetched afterwards; until then lines of its
    /// text stand for them.
    pub media: Vec<Media>,
    /// What the carrier itself has taken the message for.
    pub heeded: Option<Heeded>,
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
        self.accept_with(channel, inbound, &Beside::default()).await
    }

    async fn accept_alone(
        &self,
        channel: Id,
        inbound: &Inbound,
        draft: Draft,
    ) -> Result<Accepted, Error> {
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

    /// As [`Messaging::accept`], with what came beside the event. It is kept in the write of the event, so
    /// that there is never one without the other.
    ///
    /// # Errors
    /// As [`Messaging::accept`]; [`Error::TooLarge`] too for more than [`crate::FILES_MAX`] files.
    pub async fn accept_with(
        &self,
        channel: Id,
        inbound: &Inbound,
        beside: &Beside,
    ) -> Result<Accepted, Error> {
        if beside.files.is_empty() {
            let draft = self.event(channel, inbound, &[], beside)?;
            return self.accept_alone(channel, inbound, draft).await;
        }
        let system = self.org().system();
        for _ in 0..ATTEMPTS_MAX {
            // One that comes again would leave the numbers of its bytes unused, and costs much more.
            if self.is_known(channel, &inbound.event).await? {
                return Ok(Accepted::Known);
            }
            let mut write = self.org().together(&system);
            let kept = files::keep(&mut write, &system, system.user, &beside.files).await?;
            let draft = self.event(channel, inbound, &kept, beside)?;
            write.create(&system, "InboundEvent", &draft).await?;
            if write.commit().await? == Attempt::Done {
                self.wake(channel, &inbound.address);
                return Ok(Accepted::New);
            }
        }
        Err(Error::Busy)
    }

    async fn is_known(&self, channel: Id, event: &str) -> Result<bool, Error> {
        let soql = format!(
            "SELECT Id FROM InboundEvent WHERE MessagingChannelId = {} AND EventKey = {}",
            literal(channel.as_str()),
            literal(event)
        );
        Ok(!self.one(&soql).await?.is_empty())
    }

    /// The record of an event with what came beside it; its files are kept already.
    fn event(
        &self,
        channel: Id,
        inbound: &Inbound,
        files: &[Id],
        beside: &Beside,
    ) -> Result<Draft, Error> {
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
        let kept = Kept {
            inbound: inbound.clone(),
            files: files.iter().map(Id::to_string).collect(),
            parameters: beside.parameters.clone(),
            media: beside.media.clone(),
            heeded: beside.heeded,
        };
        let payload = serde_json::to_string(&kept)
            .map_err(|error| RecordsError::Internal(Box::new(error)))?;
        if payload.len() > EVENT_BYTES_MAX {
            return Err(too_large("the event", EVENT_BYTES_MAX, "bytes"));
        }
        let now = self.org().now();
        Ok(Draft::new()
            .with("MessagingChannelId", channel)
            .with("EventKey", Value::Text(inbound.event.clone()))
            .with("Address", Value::Text(inbound.address.clone()))
            .with("Payload", Value::Text(payload))
            .with("ReceivedTime", now)
            .with("State", Value::Text("Received".to_owned())))
    }
}

impl Messaging {
    /// As [`Messaging::accept_with`], and returns when what follows from it has happened as well.
    ///
    /// # Errors
    /// As [`Messaging::accept_with`]. When it was kept and could not be worked off, that is done later.
    pub async fn accept_now(
        &self,
        channel: Id,
        inbound: &Inbound,
        beside: &Beside,
    ) -> Result<Accepted, Error> {
        let accepted = self.accept_with(channel, inbound, beside).await?;
        self.work_off(channel, &inbound.address).await?;
        Ok(accepted)
    }
}

/// An event as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) inbound: Inbound,
    /// The documents of the files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<String>,
    /// Values of the channel's parameters.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub(crate) parameters: Parameters,
    /// Files that the carrier holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) media: Vec<Media>,
    /// What the carrier itself has taken the message for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heeded: Option<Heeded>,
}

impl Kept {
    /// An event as it was kept; none when it is not one of ours.
    pub(crate) fn of(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }

    /// The documents of its files.
    pub(crate) fn files(&self) -> Vec<Id> {
        self.files.iter().filter_map(|id| id.parse().ok()).collect()
    }
}

impl Inbound {
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
