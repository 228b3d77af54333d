//! What happens in a session beside what is said in it, told to the carrier of its channel where that is a
//! service which hears it: how the session stands, who comes and goes, what becomes of agents' work.
//!
//! It is left as work in the transaction in which it happens, in the lane of the session's messages. So it goes
//! out as they do: durable, in order with them, at least once and under the same name each time.

use headwater_catalogue::Id;
use headwater_records::{Error as RecordsError, Together, Work, literal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::accounts::{CarrierFacts, may_hear};
use crate::conversation::Correspondents;
use crate::error::Error;
use crate::health::Sign;
use crate::messaging::Messaging;
use crate::outbound::SEND;
use crate::status::Status;

/// What happened. Records are named by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Happening {
    /// The session stands otherwise.
    Status {
        /// How: a value of `MessagingSession.Status`.
        is: String,
        /// How it stood; none for one that begins.
        was: Option<String>,
    },
    /// Somebody who works here is in the conversation, or is no longer.
    Participant {
        /// Their user.
        agent: String,
        /// Whether they have come.
        has_come: bool,
    },
    /// Something became of an agent's work on the session.
    Work {
        /// The `AgentWork`.
        work: String,
        /// Whose it is.
        agent: String,
        /// What became of it.
        turn: WorkTurn,
        /// The queue it waited in.
        queue: Option<String>,
        /// Why, where that is more than somebody's will.
        reason: Option<String>,
    },
    /// The session is to be routed by the service.
    Requested {
        /// Its place in line: the `PendingServiceRouting`.
        routing: String,
        /// Whether somebody has handed it on.
        is_transfer: bool,
        /// The queue that it is for.
        queue: Option<String>,
        /// The agent that it is for.
        agent: Option<String>,
    },
    /// The service's routing has come to an end.
    Routed {
        /// The place in line that the session had.
        routing: String,
        /// Whether somebody had handed it on.
        is_transfer: bool,
        /// The queue that it was for.
        queue: Option<String>,
        /// Why it failed; none when somebody elsewhere has the session.
        failed: Option<String>,
    },
}

impl Happening {
    /// Work that begins.
    pub(crate) fn begun(work: Id, agent: Id, turn: WorkTurn, queue: Option<Id>) -> Self {
        Self::Work {
            work: work.to_string(),
            agent: agent.to_string(),
            turn,
            queue: queue.map(|queue| queue.to_string()),
            reason: None,
        }
    }
}

/// What became of an agent's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkTurn {
    /// It is offered to them.
    Assigned,
    /// They have taken it.
    Accepted,
    /// They do not want it, or have not answered.
    Declined,
    /// It was taken back before they answered.
    Cancelled,
    /// It is over.
    Closed,
    /// Somebody else has it.
    Transferred,
}

/// What a service is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// By what it knows it again: a UUID, the same at each try.
    pub name: String,
    /// Where it happened.
    pub between: Correspondents,
    /// When.
    pub at: Timestamp,
    /// When the session began.
    pub started: Option<Timestamp>,
    /// When the session ended, and by whom: a value of `EndedByType`.
    pub ended: Option<(Timestamp, String)>,
    /// What the agent is called whom it is about; empty when it is about none.
    pub agent_name: String,
    /// What happened.
    pub what: Happening,
}

/// What happened, as it is kept until it is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Happened {
    name: String,
    session: String,
    at: Timestamp,
    what: Happening,
}

impl Happened {
    /// None for work that is a message.
    pub(crate) fn of(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }
}

/// Whether somebody is on a session that stands so.
const fn is_attended(status: Status) -> bool {
    matches!(status, Status::Active | Status::Paused)
}

impl Messaging {
    /// Also tells what happens in a session.
    pub(crate) async fn announce(
        &self,
        write: &mut Together<'_>,
        session: Id,
        what: Happening,
    ) -> Result<(), Error> {
        if self.heard(session).await?.is_some() {
            self.leave_told(write, session, what)?;
        }
        Ok(())
    }

    /// Also tells that a session moves on. Whoever is on it afterwards is `next`, or who owns it.
    pub(crate) async fn announce_move(
        &self,
        write: &mut Together<'_>,
        session: Id,
        (was, is): (Status, Status),
        next: Option<Id>,
    ) -> Result<(), Error> {
        if was == is {
            return Ok(());
        }
        let Some(owner) = self.heard(session).await? else {
            return Ok(());
        };
        self.leave_status(write, session, Some(was), is)?;
        match (is_attended(was), is_attended(is)) {
            (true, false) => self.leave_participant(write, session, owner, false),
            (false, true) => self.leave_participant(write, session, next.or(owner), true),
            (true, true) | (false, false) => Ok(()),
        }
    }

    /// Also tells that an active session is another agent's from now on.
    pub(crate) async fn announce_handover(
        &self,
        write: &mut Together<'_>,
        session: Id,
        from: Id,
        to: Id,
    ) -> Result<(), Error> {
        if self.heard(session).await?.is_some() {
            self.leave_participant(write, session, Some(from), false)?;
            self.leave_participant(write, session, Some(to), true)?;
        }
        Ok(())
    }

    /// Also tells that a session begins; whether its channel's carrier hears it was asked before.
    pub(crate) fn leave_status(
        &self,
        write: &mut Together<'_>,
        session: Id,
        was: Option<Status>,
        is: Status,
    ) -> Result<(), Error> {
        let what = Happening::Status {
            is: is.word().to_owned(),
            was: was.map(|was| was.word().to_owned()),
        };
        self.leave_told(write, session, what)
    }

    fn leave_participant(
        &self,
        write: &mut Together<'_>,
        session: Id,
        agent: Option<Id>,
        has_come: bool,
    ) -> Result<(), Error> {
        let Some(agent) = agent.filter(|agent| agent.as_str().starts_with("005")) else {
            return Ok(());
        };
        let agent = agent.to_string();
        self.leave_told(write, session, Happening::Participant { agent, has_come })
    }

    /// Also tells what happens; whether the channel's carrier hears it was asked before.
    pub(crate) fn leave_told(
        &self,
        write: &mut Together<'_>,
        session: Id,
        what: Happening,
    ) -> Result<(), Error> {
        let at = write.at();
        let happened = Happened {
            name: self.identifier(),
            session: session.to_string(),
            at,
            what,
        };
        let payload = serde_json::to_string(&happened)
            .map_err(|error| RecordsError::Internal(Box::new(error)))?;
        write.later(SEND, payload, at, Some(session.as_str()));
        Ok(())
    }

    /// Whether the carrier of a channel hears what happens in its sessions.
    pub(crate) async fn hears(&self, channel: Id, kind: &str) -> Result<bool, Error> {
        if !may_hear(kind) {
            return Ok(false);
        }
        let hears = |facts: &CarrierFacts| facts.hears;
        let account = self.account(channel).await?;
        Ok(account.is_some_and(|account| CarrierFacts::of(&account.carrier).is_some_and(hears)))
    }

    /// Of a session whose channel's carrier hears what happens in it, the owner; none of all others.
    async fn heard(&self, session: Id) -> Result<Option<Option<Id>>, Error> {
        let soql = format!(
            "SELECT MessagingChannelId, ChannelType, OwnerId FROM MessagingSession WHERE Id = {}",
            literal(session.as_str())
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(None);
        };
        let Some(channel) = row.id("MessagingChannelId") else {
            return Ok(None);
        };
        let hears = self.hears(channel, row.text("ChannelType")).await?;
        Ok(hears.then(|| row.id("OwnerId")))
    }

    /// Tells what happened.
    pub(crate) async fn tell_happened(
        &self,
        work: &Work,
        happened: &Happened,
    ) -> Result<(), Error> {
        let (Some(told), Some(carrier)) = (self.told(happened).await?, self.carrier()) else {
            return Ok(self.org().work_done(work).await?);
        };
        let channel = told.between.channel;
        let Err(failure) = carrier.tell(&told).await else {
            self.org().work_done(work).await?;
            self.note_sign(channel, Sign::Sent).await;
            return Ok(());
        };
        if self.tries_again(work, &failure).await? {
            return Ok(());
        }
        let (session, code) = (told.between.session, &failure.code);
        warn!(%session, %code, "a service could not be told what happened");
        let why = format!("{code}: {}", failure.reason);
        self.note_failure(channel, &why).await;
        Ok(self.org().work_done(work).await?)
    }

    async fn told(&self, happened: &Happened) -> Result<Option<Told>, Error> {
        let Some(between) = self.correspondents(&happened.session).await? else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT StartTime, EndTime, EndedByType FROM MessagingSession WHERE Id = {}",
            literal(&happened.session)
        );
        let table = self.one(&soql).await?;
        let Some(session) = table.first() else {
            return Ok(None);
        };
        let ended = session.get("EndTime").as_datetime();
        let agent = match &happened.what {
            Happening::Participant { agent, .. } | Happening::Work { agent, .. } => {
                agent.parse::<Id>().ok()
            }
            Happening::Status { .. } | Happening::Requested { .. } | Happening::Routed { .. } => {
                None
            }
        };
        let agent_name = match agent {
            Some(agent) => self.name_of(agent).await?,
            None => String::new(),
        };
        Ok(Some(Told {
            name: happened.name.clone(),
            between,
            at: happened.at,
            started: session.get("StartTime").as_datetime(),
            ended: ended.map(|ended| (ended, session.text("EndedByType").to_owned())),
            agent_name,
            what: happened.what.clone(),
        }))
    }
}
