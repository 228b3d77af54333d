//! Conversations: what customers write becomes sessions and entries, and what agents answer goes out.
//!
//! A carrier or a web chat hands over an [`Inbound`]; [`Messaging::accept`] makes it durable and
//! answers at once. Workers make entries of it, one address after the other ([`Messaging::follow`]):
//! they find or make the Messaging User, its conversation and its one open session, and write all of
//! it in one transaction that also settles the event. So a crash at any moment loses nothing and
//! doubles nothing, and two nodes that work on the same event meet in the database.
//!
//! This crate knows neither HTTP nor any carrier's format; those translate to and from what stands here.

mod accounts;
mod answered;
mod arrival;
mod bot;
mod carrier;
mod choices;
mod consent;
mod conversation;
mod delivery;
mod deployment;
mod erasure;
mod error;
mod export;
mod files;
mod happening;
mod health;
mod history;
mod hours;
mod inbound;
mod keywords;
mod lifecycle;
mod linking;
mod local_time;
mod media;
mod messaging;
mod outbound;
mod parameters;
mod removal;
mod report;
mod retention;
mod routing;
mod signs;
mod status;
mod template;
mod timers;
mod transcript;
mod window;
mod workers;

pub use accounts::{
    Account, Asked, CARRIERS, Capabilities, CarrierFacts, ChoiceCapabilities, FileCapabilities,
    FileFacts, NewAccount,
};
pub use answered::Answer;
pub use carrier::{Again, Carrier, Fetching, Outgoing, Sender, Sending, Telling, Undelivered};
pub use choices::{CHOICE_CHARACTERS_MAX, CHOICES_MAX};
pub use consent::Level as ConsentLevel;
pub use conversation::{Addressed, Correspondents, Named, Owned, Party, Session, Summary, User};
pub use deployment::{Deployment, Keyset};
pub use erasure::{Erased, ErasureRequest, may_erase};
pub use error::Error;
pub use export::{EXPORT_ENTRIES_MAX, Transcript};
pub use files::{FILE_BYTES_MAX, FILES_MAX, File, NewFile, media_type_of};
pub use happening::{Happening, Told, WorkTurn};
pub use health::Health;
pub use history::Earlier;
pub use inbound::{Accepted, Arrival, Beside, DeliveryState, Heeded, Inbound};
pub use keywords::heeds_keywords;
pub use linking::Candidate;
pub use local_time::{KnownBy, LocalTime, NIGHT_HOURS, Night, TIME_ZONE_PARAMETER, is_time_zone};
pub use media::Media;
pub use messaging::Messaging;
pub use outbound::{MESSAGE_CHARACTERS_MAX, Message};
pub use parameters::{PARAMETERS_MAX, Parameter, Parameters};
pub use retention::Retention;
pub use routing::{
    Assigned, Capacity, Colleague, DECLINED_REST, Desk, InProgress, Line, NOTE_CHARACTERS_MAX,
    NeededSkill, Offer, ROUTING_ANSWER_MAX, Refusal, RouteTo, Routing, RoutingReport, SILENCE_MAX,
    Target, WorkBecomes, is_agent, is_supervisor,
};
pub use signs::{Doing, Sign, Signer, Signs};
pub use status::Status;
pub use template::Template;
pub use transcript::Entry;
