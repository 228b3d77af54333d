//! Bringing waiting sessions to agents: who is there, who has room, who is next.
//!
//! All of it is in the database. A session that waits in a queue with a routing configuration stands in
//! line as a `PendingServiceRouting`, which is written with the waiting and goes with it. The router of
//! any node ([`router`]) offers it to an agent as `AgentWork`; the agent accepts or declines, or the offer
//! runs out and the next one is asked. Two routers that work on the same line meet in the database: what
//! one has written, the other's expectations do not fit any more, and it looks anew. What a crash, a lost
//! browser or another change of the set-up leaves behind is put right by [`mend`].
//!
//! Queues without a configuration are not routed: their agents take what waits themselves.

mod answer;
mod assigning;
mod configuration;
mod external;
mod floor;
mod line;
mod load;
mod mend;
mod overflow;
mod presence;
mod roster;
mod router;
mod routes;
mod skills;
mod transfer;
mod unmatched;
mod watch;
mod work;

use headwater_catalogue::Id;
use jiff::SignedDuration;

pub use assigning::{Assigned, Capacity, WorkBecomes};
pub use external::{ROUTING_ANSWER_MAX, RoutingReport};
pub(crate) use line::Place;
pub(crate) use overflow::Handler;
pub use presence::{Desk, is_agent};
pub use roster::{Colleague, Offer};
pub use routes::{RouteTo, Routing};
pub use skills::NeededSkill;
pub use transfer::{NOTE_CHARACTERS_MAX, Target};
pub use watch::{InProgress, Line, is_supervisor};

use crate::status::Status;

/// How long a presence lasts without a sign of life from one of the agent's pages. Pages give one four
/// times as often, and one in the background comes back a minute after the server was away.
pub const SILENCE_MAX: SignedDuration = SignedDuration::from_secs(90);

/// How long an agent is not asked again for what they have declined, or let run out.
pub const DECLINED_REST: SignedDuration = SignedDuration::from_secs(30);

/// Why a verb of routing did nothing. The text is for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The offer ran out, was taken back, or was never theirs.
    #[error("this session is no longer offered to you")]
    NotOffered,
    /// Their presence configuration lets agents decline nothing.
    #[error("your presence configuration does not let you decline")]
    MayNotDecline,
    /// Presence is for those who work on sessions.
    #[error("only those who may edit messaging sessions can be present for them")]
    NoAgent,
    /// There is no such status.
    #[error("there is no presence status '{0}'")]
    NoSuchStatus(String),
    /// Whoever is to get the session is not there.
    #[error("{0} is not available now: choose somebody who is, or a queue")]
    NotAvailable(String),
    /// It is neither a queue nor a person.
    #[error(
        "a session is transferred to an agent or to a queue that takes sessions, and '{0}' is neither"
    )]
    NoTarget(String),
    /// Nothing would change.
    #[error("the session is there already")]
    There,
    /// It cannot be transferred as it is.
    #[error("only a session that is active or waits can be transferred; this one is {}", .0.words())]
    NotTransferable(Status),
    /// The note is too long.
    #[error("a note has at most {NOTE_CHARACTERS_MAX} characters; this one has {0}")]
    NoteTooLong(usize),
    /// Only a service does this, where the routing is its own.
    #[error(
        "the channel's routing is this server's: an administrator sets its Routing Owner to Partner"
    )]
    RoutedHere,
    /// It stands in line elsewhere, and an agent is being asked.
    #[error("an agent is being asked already: cancel their work first")]
    Asked,
    /// There is no such user, or they may not log in.
    #[error("there is no active user '{0}'")]
    NoSuchAgent(String),
    /// Somebody is asked or has it already.
    #[error(
        "an active AgentWork record already exists: {work}, of {}",
        if *is_theirs { "this user" } else { "another user; cancel it first" }
    )]
    Offered {
        /// The work.
        work: Id,
        /// Whether it is that of whom it was to be offered to.
        is_theirs: bool,
    },
    /// The agent has enough to do.
    #[error("{0} has no room for the session: their capacity is taken")]
    NoRoom(String),
    /// What a session takes of an agent has to be said where no line says it.
    #[error("the session stands in no line: enter a capacityWeight or a capacityPercentage")]
    NoCapacity,
    /// Work that cannot become what it is to.
    #[error("the work is {0}, and cannot become that")]
    WorkStands(String),
    /// Only supervisors do this.
    #[error("only those who may view all messaging sessions can do this")]
    NotSupervisor,
}
