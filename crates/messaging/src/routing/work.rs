//! Agent work: what becomes of it as its session goes on.

use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, Draft, Together, literal};
use jiff::Timestamp;

use super::line::Pending;
use super::load::Load;
use super::skills::routing_type;
use crate::error::Error;
use crate::happening::{Happening, WorkTurn};
use crate::messaging::Messaging;
use crate::status::Status;

/// A session as open work of an agent.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) id: Id,
    pub(crate) session: Id,
    pub(crate) user: Id,
    pub(crate) is_opened: bool,
    pub(crate) requested: Option<Timestamp>,
    pub(crate) accepted: Option<Timestamp>,
    pub(crate) queue: Option<Id>,
}

pub(crate) const FIELDS: &str =
    "Id, WorkItemId, UserId, Status, RequestDateTime, AcceptDateTime, OriginalGroupId";

pub(crate) fn work_of(row: Cells<'_>) -> Option<Work> {
    Some(Work {
        id: row.id("Id")?,
        session: row.id("WorkItemId")?,
        user: row.id("UserId")?,
        is_opened: row.text("Status") == "Opened",
        requested: row.get("RequestDateTime").as_datetime(),
        accepted: row.get("AcceptDateTime").as_datetime(),
        queue: row.id("OriginalGroupId"),
    })
}

impl Work {
    const fn status(&self) -> &'static str {
        if self.is_opened { "Opened" } else { "Assigned" }
    }
}

/// How work comes to its end, or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Its agent has taken it.
    Opened,
    /// The session rests or is over.
    Closed,
    /// The agent does not want it.
    Declined,
    /// The agent did not answer in time.
    TimedOut,
    /// The agent was away before they could answer, or is gone for too long.
    Unavailable,
    /// Somebody else has taken it, or nobody needs to.
    Canceled,
    /// It was handed on.
    Transferred,
}

impl Turn {
    const fn word(self) -> &'static str {
        match self {
            Self::Opened => "Opened",
            Self::Closed => "Closed",
            Self::Declined => "Declined",
            Self::TimedOut => "DeclinedOnPushTimeout",
            Self::Unavailable => "Unavailable",
            Self::Canceled => "Canceled",
            Self::Transferred => "Transferred",
        }
    }

    /// What a service is told of it, and why where that is not its agent's will.
    const fn told(self, is_opened: bool) -> (WorkTurn, Option<&'static str>) {
        match (self, is_opened) {
            (Self::Opened, _) => (WorkTurn::Accepted, None),
            (Self::Declined, _) => (WorkTurn::Declined, None),
            (Self::TimedOut, _) => (WorkTurn::Declined, Some("The agent did not answer in time")),
            (Self::Unavailable, false) => (WorkTurn::Declined, Some("The agent is away")),
            (Self::Unavailable, true) => (WorkTurn::Closed, Some("The agent is away")),
            (Self::Canceled, false) => (WorkTurn::Cancelled, None),
            (Self::Canceled | Self::Closed, _) => (WorkTurn::Closed, None),
            (Self::Transferred, _) => (WorkTurn::Transferred, None),
        }
    }

    /// The fields that say so.
    fn draft(self, work: &Work, at: Timestamp) -> Draft {
        let draft = Draft::new().with("Status", self.word());
        match self {
            Self::Opened => draft
                .with("AcceptDateTime", at)
                .with("SpeedToAnswer", seconds(work.requested, at)),
            Self::Declined | Self::TimedOut => draft.with("DeclineDateTime", at),
            Self::Unavailable | Self::Canceled if !work.is_opened => {
                draft.with("CancelDateTime", at)
            }
            Self::Closed | Self::Transferred | Self::Unavailable | Self::Canceled => draft
                .with("CloseDateTime", at)
                .with("HandleTime", seconds(work.accepted, at)),
        }
    }
}

/// Whole seconds from one moment to another; none without the first.
fn seconds(from: Option<Timestamp>, to: Timestamp) -> Value {
    from.map_or(Value::Null, |from| {
        Value::Integer(to.duration_since(from).as_secs().max(0))
    })
}

impl Messaging {
    /// Whose open work a session is.
    pub(crate) async fn open_work(&self, session: Id) -> Result<Option<Work>, Error> {
        let soql = format!(
            "SELECT {FIELDS} FROM AgentWork WHERE WorkItemId = {} AND \
             Status IN ('Assigned', 'Opened')",
            literal(session.as_str())
        );
        Ok(self.one(&soql).await?.first().and_then(work_of))
    }

    /// Also says what becomes of work, if it is still as it was read.
    pub(crate) async fn turn(
        &self,
        write: &mut Together<'_>,
        work: &Work,
        turn: Turn,
    ) -> Result<(), Error> {
        let draft = turn.draft(work, write.at());
        let expected = [("Status", Value::from(work.status()))];
        let system = self.org().system();
        write
            .update(&system, "AgentWork", work.id, &draft, &expected)
            .await?;
        let (turn, reason) = turn.told(work.is_opened);
        let what = Happening::Work {
            work: work.id.to_string(),
            agent: work.user.to_string(),
            turn,
            queue: work.queue.map(|queue| queue.to_string()),
            reason: reason.map(str::to_owned),
        };
        self.announce(write, work.session, what).await
    }

    /// Also brings line and work to where a session goes; the write expects the session to be where it
    /// was. For one that is to wait, see [`Messaging::line_up`].
    pub(crate) async fn work_follows(
        &self,
        write: &mut Together<'_>,
        session: Id,
        next: Status,
        agent: Id,
    ) -> Result<(), Error> {
        match next {
            Status::Active => self.work_begins(write, session, agent).await,
            Status::Inactive | Status::Paused | Status::Error | Status::Ended => {
                self.work_ends(write, session, Turn::Closed).await
            }
            Status::New | Status::Waiting | Status::Consent => Ok(()),
        }
    }

    /// Nobody waits and nobody works any more.
    pub(crate) async fn work_ends(
        &self,
        write: &mut Together<'_>,
        session: Id,
        opened: Turn,
    ) -> Result<(), Error> {
        if let Some(pending) = self.pending(session).await? {
            self.leave_line(write, &pending).await?;
        }
        if let Some(work) = self.open_work(session).await? {
            let turn = if work.is_opened {
                opened
            } else {
                Turn::Canceled
            };
            self.turn(write, &work, turn).await?;
        }
        Ok(())
    }

    /// The agent works on the session, whether it was offered to them or they took it.
    async fn work_begins(
        &self,
        write: &mut Together<'_>,
        session: Id,
        agent: Id,
    ) -> Result<(), Error> {
        let pending = self.pending(session).await?;
        if let Some(pending) = &pending {
            self.leave_line(write, pending).await?;
        }
        match self.open_work(session).await? {
            Some(work) if work.user == agent && work.is_opened => return Ok(()),
            Some(work) if work.user == agent => return self.turn(write, &work, Turn::Opened).await,
            Some(work) if work.is_opened => {
                self.turn(write, &work, Turn::Transferred).await?;
                self.announce_handover(write, session, work.user, agent)
                    .await?;
            }
            Some(work) => self.turn(write, &work, Turn::Canceled).await?,
            None => {}
        }
        let Some(draft) = self.taken(session, pending.as_ref()).await? else {
            return Ok(());
        };
        let at = write.at();
        let requested = pending.as_ref().and_then(|pending| pending.requested);
        let draft = draft
            .with("OwnerId", agent)
            .with("UserId", agent)
            .with("WorkItemId", session)
            .with("Status", "Opened")
            .with("RequestDateTime", requested.unwrap_or(at))
            .with("AssignedDateTime", at)
            .with("AcceptDateTime", at)
            .with("SpeedToAnswer", seconds(requested, at))
            .with("ShouldSkipCapacityCheck", true);
        let system = self.org().system();
        let work = write.create(&system, "AgentWork", &draft).await?;
        let queue = pending.and_then(|pending| pending.queue);
        let what = Happening::begun(work, agent, WorkTurn::Accepted, queue);
        self.announce(write, session, what).await
    }

    /// What stays of a session's way in work that an agent took without being asked; none for one that was
    /// never routed, which takes nothing of anybody's capacity.
    async fn taken(&self, session: Id, pending: Option<&Pending>) -> Result<Option<Draft>, Error> {
        if let Some(pending) = pending {
            return Ok(Some(self.basis(pending).await?));
        }
        let soql = format!(
            "SELECT ServiceChannelId, OriginalGroupId, CapacityWeight, CapacityPercentage, \
             RoutingModel, RoutingPriority FROM AgentWork WHERE WorkItemId = {} \
             ORDER BY CreatedDate DESC, Id DESC",
            literal(session.as_str())
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(None);
        };
        let mut draft = Draft::new();
        for field in [
            "ServiceChannelId",
            "OriginalGroupId",
            "CapacityWeight",
            "CapacityPercentage",
            "RoutingModel",
            "RoutingPriority",
        ] {
            draft = draft.with(field, row.get(field).clone());
        }
        Ok(Some(draft.with("RoutingType", routing_type(false))))
    }

    /// What work has of the place in line it comes from.
    pub(crate) async fn basis(&self, pending: &Pending) -> Result<Draft, Error> {
        let id = |id: Option<Id>| id.map_or(Value::Null, Value::Id);
        let Load { weight, percentage } = pending.load.clone();
        Ok(Draft::new()
            .with("ServiceChannelId", self.service_channel().await?)
            .with("OriginalGroupId", id(pending.queue))
            .with("CapacityWeight", weight)
            .with("CapacityPercentage", percentage)
            .with("RoutingType", routing_type(pending.by_skills.is_some()))
            .with("RoutingModel", pending.model.word())
            .with("RoutingPriority", pending.priority)
            .with("PreferredUserId", id(pending.agent))
            .with("IsPreferredUserRequired", pending.is_theirs)
            .with("IsTransfer", pending.is_transfer)
            .with("TransferRequesterId", id(pending.from)))
    }
}
