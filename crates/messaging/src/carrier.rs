//! What a carrier does for this crate: take a message to a customer.

use std::future::Future;
use std::pin::Pin;

use headwater_catalogue::Id;
use jiff::{SignedDuration, Timestamp};

use crate::choices;
use crate::files::{File, NewFile};
use crate::happening::Told;
use crate::media::Media;
use crate::template::Template;

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The channel it goes out on.
    pub channel: Id,
    /// The channel's own address, such as its phone number.
    pub from: String,
    /// The customer's address.
    pub to: String,
    /// What the customer's conversation is called; none for a test, which is in none.
    pub conversation: Option<String>,
    /// Who says it.
    pub sender: Sender,
    /// When they said it.
    pub at: Timestamp,
    /// What it says; may be empty when files go with it.
    pub text: String,
    /// Files that go with it: as many as the carrier takes in one message.
    pub files: Vec<File>,
    /// Answers that the customer is offered. A carrier that cannot offer them sends
    /// [`Outgoing::text_with_choices`].
    pub choices: Vec<String>,
    /// The carrier's template that says it; none when the text itself goes out.
    pub template: Option<Template>,
    /// Its id with us, the same at each try: for carriers that know a message again.
    pub id: Id,
}

impl Outgoing {
    /// What it says, with the answers that are offered as lines of it.
    pub fn text_with_choices(&self) -> String {
        choices::listed(&self.text, &self.choices)
    }
}

/// Who says something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// Their record; none for the server itself.
    pub id: Option<Id>,
    /// What they are called.
    pub name: String,
    /// Whether it is a person.
    pub is_agent: bool,
    /// Whether it is a bot; what neither says, the server says by itself.
    pub is_bot: bool,
}

/// Why a message did not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The carrier's code, or a word of ours.
    pub code: String,
    /// What happened, for the agent to read.
    pub reason: String,
    /// Whether it is tried again.
    pub again: Again,
    /// Whether it is because the customer has told the carrier that they want no messages.
    pub is_opted_out: bool,
}

/// Whether a message that did not go out is tried again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It is of no use, or not certain that it did not go out.
    Never,
    /// What is in the way may pass.
    Later,
    /// So long from now, as the carrier has said.
    After(SignedDuration),
    /// So long from now, for the channel sends as fast as it may. This was no try.
    AtOurTurn(SignedDuration),
}

impl Undelivered {
    /// A message that will not go out by itself.
    pub fn for_good(code: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            reason: reason.into(),
            again: Again::Never,
            is_opted_out: false,
        }
    }

    /// The same, because the customer wants no messages.
    #[must_use]
    pub fn opted_out(self) -> Self {
        Self {
            is_opted_out: true,
            ..self
        }
    }

    /// The same, to be tried again.
    #[must_use]
    pub fn again(self, again: Again) -> Self {
        Self { again, ..self }
    }
}

/// A future that a [`Carrier`] gives.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<String, Undelivered>> + Send + 'a>>;

/// A future of a file that a [`Carrier`] fetches.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<NewFile, Undelivered>> + Send + 'a>>;

/// A future of what a [`Carrier`] is told.
pub type Telling<'a> = Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>>;

/// Takes messages to customers.
pub trait Carrier: Send + Sync {
    /// Sends a message, and gives the carrier's own id for it.
    ///
    /// # Errors
    /// It did not go out, as far as can be told.
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a>;

    /// Tells a channel's carrier what happened in a session. Most hear nothing, and that is done with.
    ///
    /// # Errors
    /// It has not heard it, as far as can be told.
    fn tell<'a>(&'a self, _told: &'a Told) -> Telling<'a> {
        Box::pin(async { Ok(()) })
    }

    /// Asks a channel's carrier who we are there, and tells it where to call us, if it takes that from
    /// a program: what it calls the account.
    ///
    /// # Errors
    /// It does not know us, or cannot be asked.
    fn introduce(&self, channel: Id) -> Sending<'_>;

    /// Fetches a file that a message of a channel came with.
    ///
    /// # Errors
    /// The carrier does not give it, or it is none that is taken here.
    fn fetch<'a>(&'a self, channel: Id, media: &'a Media) -> Fetching<'a>;
}
