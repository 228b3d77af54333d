//! Why a verb of this crate did nothing.

use headwater_records::Error as RecordsError;

use crate::answered::Answer;
use crate::routing::Refusal;
use crate::status::Status;

/// Why nothing happened. The text is for the caller.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// As for any record.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The session is in a state that does not let this happen.
    #[error("the session is {}: {refused}", is.words())]
    WrongStatus {
        /// The state it is in.
        is: Status,
        /// What cannot be done then, and what to do instead.
        refused: &'static str,
    },
    /// The customer does not want messages.
    #[error("{name} has opted out of messages on this channel, so nothing can be sent")]
    OptedOut {
        /// What the Messaging User is called.
        name: String,
    },
    /// The customer has not agreed to messages as far as the channel wants it.
    #[error("{name} has not agreed to messages on this channel yet, so nothing can be sent")]
    NotOptedIn {
        /// What the Messaging User is called.
        name: String,
    },
    /// A message without text, and without a file.
    #[error("a message needs text or a file")]
    Empty,
    /// A file of a type that messages do not carry.
    #[error(
        "files of type '{0}' are not taken; images, PDF, text, office documents, sound and video are"
    )]
    FileType(String),
    /// A file without bytes.
    #[error("the file is empty")]
    EmptyFile,
    /// The channel has no carrier that takes files.
    #[error(
        "files cannot be sent on this channel, for it is connected to no carrier that takes them"
    )]
    NoFiles,
    /// A file that the channel's carrier does not take to customers.
    #[error("{carrier} does not take the file {name}: {why}")]
    FileNotTaken {
        /// What the file is called.
        name: String,
        /// What people call the carrier.
        carrier: &'static str,
        /// What about it.
        why: String,
    },
    /// A file that holds a virus.
    #[error("the file {name} was not taken: it holds the virus {found}")]
    Infected {
        /// What the file is called.
        name: String,
        /// What was found, as the scanner calls it.
        found: String,
    },
    /// Answers that cannot be offered.
    #[error("the answers cannot be offered: {0}")]
    Choices(&'static str),
    /// Too much text for one message.
    #[error("a message has at most {max} characters; this one has {found}")]
    TooLong {
        /// How many it has.
        found: usize,
        /// The most there may be.
        max: usize,
    },
    /// There is no channel of this name, or it is switched off.
    #[error("there is no active messaging channel '{0}'")]
    NoSuchChannel(String),
    /// The message cannot be sent again: it is not one that failed.
    #[error("only a message that could not be sent is sent again")]
    NotFailed,
    /// An event that cannot be kept as it is.
    #[error("{what} is more than {limit}")]
    TooLarge {
        /// What was too much.
        what: &'static str,
        /// The limit, with its unit.
        limit: String,
    },
    /// A template that cannot be sent.
    #[error("the template cannot be sent: {0}")]
    Template(&'static str),
    /// A channel cannot be connected so.
    #[error("{problem}")]
    Account {
        /// Which part of the account: `carrier`, `key`, `secret`, `signing`, `api` or `rate`.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The carrier does not know us, or cannot be asked.
    #[error("{0}")]
    Carrier(String),
    /// A value that a parameter of the channel cannot hold.
    #[error("{name} must be {wanted}")]
    Parameter {
        /// The parameter.
        name: String,
        /// What it takes.
        wanted: String,
    },
    /// An address that differs from another customer's by capitals alone, which the database takes for one.
    #[error("this customer's address differs from another's by capital letters alone")]
    OtherCase,
    /// Routing, presence or a transfer does not let it happen.
    #[error(transparent)]
    Routing(#[from] Refusal),
    /// Somebody else has answered while this answer was being written.
    #[error("{} has answered meanwhile; nothing was sent", .0.by)]
    Answered(Answer),
    /// Others changed the same records again and again.
    #[error("the session is being changed by others, try again")]
    Busy,
}

impl Error {
    /// Whether trying again leads to the same: it is not the database's trouble.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Busy => false,
            Self::Records(error) => !matches!(
                error,
                RecordsError::Busy
                    | RecordsError::InDoubt
                    | RecordsError::FileLost
                    | RecordsError::FilesUnreachable
                    | RecordsError::FilesNotScanned
                    | RecordsError::Internal(_)
                    | RecordsError::QueryTooLarge { .. }
            ),
            Self::WrongStatus { .. }
            | Self::OptedOut { .. }
            | Self::NotOptedIn { .. }
            | Self::Empty
            | Self::FileType(_)
            | Self::EmptyFile
            | Self::NoFiles
            | Self::FileNotTaken { .. }
            | Self::Infected { .. }
            | Self::Choices(_)
            | Self::TooLong { .. }
            | Self::NoSuchChannel(_)
            | Self::NotFailed
            | Self::Template(_)
            | Self::Account { .. }
            | Self::Carrier(_)
            | Self::Parameter { .. }
            | Self::OtherCase
            | Self::Routing(_)
            | Self::Answered(_)
            | Self::TooLarge { .. } => true,
        }
    }
}
