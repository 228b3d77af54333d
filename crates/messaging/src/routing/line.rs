//! Standing in line: the record of a session that waits to be routed.

use headwater_catalogue::{Id, Value};
use headwater_records::{Caller, Cells, Draft, Together, literal};
use jiff::{SignedDuration, Timestamp};

use super::configuration::{Model, Routed, is_group};
use super::load::Load;
use super::roster::Agent;
use super::skills::routing_type;
use crate::conversation::whole;
use crate::error::Error;
use crate::messaging::Messaging;

/// Where a session is to wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The queue whose agents are asked.
    pub(crate) queue: Option<Id>,
    /// The agent who is asked first.
    pub(crate) agent: Option<Id>,
    /// Whether nobody else is asked, as long as that agent is there and has not declined.
    pub(crate) is_theirs: bool,
    /// Who has transferred it.
    pub(crate) from: Option<Id>,
    /// Since when it waits; none from now on.
    pub(crate) since: Option<Timestamp>,
    /// The queue that it was for, whose line was full.
    pub(crate) overflow_from: Option<Id>,
}

/// A session in line, as the database has it.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) id: Id,
    pub(crate) session: Id,
    pub(crate) serial: i64,
    pub(crate) queue: Option<Id>,
    pub(crate) agent: Option<Id>,
    pub(crate) is_theirs: bool,
    pub(crate) was_offered: bool,
    pub(crate) is_transfer: bool,
    pub(crate) from: Option<Id>,
    pub(crate) requested: Option<Timestamp>,
    pub(crate) model: Model,
    pub(crate) priority: i64,
    pub(crate) load: Load,
    pub(crate) push_timeout: i64,
    /// Where whoever gets it needs skills.
    pub(crate) by_skills: Option<BySkills>,
    /// The queue that it was for, whose line was full.
    pub(crate) overflow_from: Option<Id>,
    /// When the service that routes it has answered.
    pub(crate) answered: Option<Timestamp>,
}

/// How a session needs skills of whoever gets it; which, its requirements say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BySkills {
    /// After how long in line additional ones are waived; never, where it is none.
    pub(crate) waived_after: Option<SignedDuration>,
}

impl Pending {
    /// Whether it can be for this agent and nobody else. Whoever is next because a line is full is asked while
    /// they have room; who was named by a person is asked in any case.
    pub(crate) fn can_be_theirs(&self, agent: &Agent) -> bool {
        self.overflow_from.is_none() || agent.has_room_for(&self.load)
    }
}

pub(crate) const FIELDS: &str = "Id, WorkItemId, Serial, GroupId, PreferredUserId, IsPreferredUserRequired, IsPushAttempted, \
     IsTransfer, TransferRequesterId, CustomRequestedDateTime, RoutingModel, RoutingPriority, \
     CapacityWeight, CapacityPercentage, PushTimeout, RoutingType, DropAdditionalSkillsTimeout, \
     OverflowFromId, AnsweredTime";

pub(crate) fn pending_of(row: Cells<'_>) -> Option<Pending> {
    Some(Pending {
        id: row.id("Id")?,
        session: row.id("WorkItemId")?,
        serial: whole(row.get("Serial")),
        queue: row.id("GroupId"),
        agent: row.id("PreferredUserId"),
        is_theirs: row.get("IsPreferredUserRequired").is_true(),
        was_offered: row.get("IsPushAttempted").is_true(),
        is_transfer: row.get("IsTransfer").is_true(),
        from: row.id("TransferRequesterId"),
        requested: row.get("CustomRequestedDateTime").as_datetime(),
        model: Model::of(row.text("RoutingModel")),
        priority: whole(row.get("RoutingPriority")),
        load: Load::of(row),
        push_timeout: whole(row.get("PushTimeout")),
        by_skills: (row.text("RoutingType") == routing_type(true)).then(|| BySkills {
            waived_after: Some(whole(row.get("DropAdditionalSkillsTimeout")))
                .filter(|seconds| *seconds > 0)
                .map(SignedDuration::from_secs),
        }),
        overflow_from: row.id("OverflowFromId"),
        answered: row.get("AnsweredTime").as_datetime(),
    })
}

impl Messaging {
    /// Also puts a session in line, if its place is routed: whether it is. Whoever waits in a queue that
    /// is not routed is taken by its agents themselves.
    pub(crate) async fn line_up(
        &self,
        write: &mut Together<'_>,
        session: Id,
        place: Place,
    ) -> Result<bool, Error> {
        let routed = match place.queue {
            Some(queue) => self.routed(queue).await?,
            None => None,
        };
        let routed = match (routed, place.is_theirs) {
            (Some(routed), _) => routed,
            (None, true) => Routed::direct(),
            (None, false) => return Ok(false),
        };
        let id = |id: Option<Id>| id.map_or(Value::Null, Value::Id);
        let system = self.org().system();
        // Whoever reaches the session reaches its place in line, so it is the server's.
        let draft = Draft::new()
            .with("OwnerId", system.user)
            .with("WorkItemId", session)
            .with("ServiceChannelId", self.service_channel().await?)
            .with("IsTransfer", place.from.is_some())
            .with("TransferRequesterId", id(place.from))
            .with("RoutingModel", routed.model.word())
            .with("RoutingType", routing_type(!routed.skills.is_empty()))
            .with(
                "DropAdditionalSkillsTimeout",
                routed.waived_after.map_or(Value::Null, Value::Integer),
            )
            .with("OverflowFromId", id(place.overflow_from))
            .with("RoutingPriority", routed.priority)
            .with("CustomRequestedDateTime", place.since.unwrap_or(write.at()))
            .with("CapacityWeight", routed.load.weight)
            .with("CapacityPercentage", routed.load.percentage)
            .with("PushTimeout", routed.push_timeout)
            .with("PreferredUserId", id(place.agent))
            .with("IsPreferredUserRequired", place.is_theirs)
            .with("GroupId", id(place.queue));
        let pending = write
            .create(&system, "PendingServiceRouting", &draft)
            .await?;
        self.require_skills(write, pending, &routed.skills).await?;
        Ok(true)
    }

    /// The place of a session in line.
    pub(crate) async fn pending(&self, session: Id) -> Result<Option<Pending>, Error> {
        let soql = format!(
            "SELECT {FIELDS} FROM PendingServiceRouting WHERE WorkItemId = {}",
            literal(session.as_str())
        );
        Ok(self.one(&soql).await?.first().and_then(pending_of))
    }

    /// Also changes a place in line, if it is still as it was read.
    pub(crate) async fn change_pending(
        &self,
        write: &mut Together<'_>,
        system: &Caller,
        pending: &Pending,
        draft: Draft,
    ) -> Result<(), Error> {
        let draft = draft.with("Serial", pending.serial + 1);
        let expected = [("Serial", Value::Integer(pending.serial))];
        let written = write.update(
            system,
            "PendingServiceRouting",
            pending.id,
            &draft,
            &expected,
        );
        Ok(written.await?)
    }

    /// Also takes a session out of line, if its place is still as it was read: a router that has offered
    /// it meanwhile was first.
    pub(crate) async fn leave_line(
        &self,
        write: &mut Together<'_>,
        pending: &Pending,
    ) -> Result<(), Error> {
        let system = self.org().system();
        // A deletion expects nothing, so the change before it does.
        self.change_pending(write, &system, pending, Draft::new())
            .await?;
        Ok(write.delete(&system, "PendingServiceRouting", pending.id)?)
    }

    /// Also puts a session back that was offered in vain. One that was for a single agent is the queue's
    /// from here on, where there is one, so that it does not wait for somebody who does not want it.
    pub(crate) async fn back_in_line(
        &self,
        write: &mut Together<'_>,
        pending: &Pending,
    ) -> Result<(), Error> {
        let system = self.org().system();
        let mut draft = Draft::new().with("IsPushed", false);
        if pending.is_theirs
            && let Some(queue) = pending.queue
            && self.takes_sessions(queue).await?
        {
            let owner = Draft::new().with("OwnerId", queue);
            let expected = [("Status", Value::from("Waiting"))];
            write
                .update(
                    &system,
                    "MessagingSession",
                    pending.session,
                    &owner,
                    &expected,
                )
                .await?;
            if self.routed(queue).await?.is_none() {
                return self.leave_line(write, pending).await;
            }
            draft = draft
                .with("PreferredUserId", Value::Null)
                .with("IsPreferredUserRequired", false);
            if pending.overflow_from == Some(queue) {
                draft = draft.with("OverflowFromId", Value::Null);
            }
        }
        self.change_pending(write, &system, pending, draft).await
    }

    /// Where a session waits whose customer writes again after a silence: in the queue it came from, whose
    /// it is from then on, and with its agent asked first. None where that is not routed.
    pub(crate) async fn way_back(&self, session: Id) -> Result<Option<(Id, Place)>, Error> {
        let Some(queue) = self.queue_of(session).await? else {
            return Ok(None);
        };
        if self.routed(queue).await?.is_none() {
            return Ok(None);
        }
        let soql = format!(
            "SELECT OwnerId FROM MessagingSession WHERE Id = {}",
            literal(session.as_str())
        );
        let owner = self
            .one(&soql)
            .await?
            .first()
            .and_then(|row| row.id("OwnerId"));
        let place = Place {
            queue: Some(queue),
            agent: owner.filter(|owner| !is_group(*owner)),
            ..Place::default()
        };
        Ok(Some((queue, place)))
    }

    /// Where a session goes whose agent is no longer on it: to the queue that it came from, else its
    /// channel's.
    pub(crate) async fn queue_of(&self, session: Id) -> Result<Option<Id>, Error> {
        let soql = format!(
            "SELECT OriginalGroupId FROM AgentWork WHERE WorkItemId = {} AND OriginalGroupId != null \
             ORDER BY CreatedDate DESC, Id DESC",
            literal(session.as_str())
        );
        let table = self.one(&soql).await?;
        if let Some(queue) = table.first().and_then(|row| row.id("OriginalGroupId")) {
            return Ok(Some(queue));
        }
        let soql = format!(
            "SELECT OwnerId, MessagingChannelId FROM MessagingSession WHERE Id = {}",
            literal(session.as_str())
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(None);
        };
        if let Some(owner) = row.id("OwnerId").filter(|owner| is_group(*owner)) {
            return Ok(Some(owner));
        }
        let channel = match row.id("MessagingChannelId") {
            Some(channel) => self.channel(channel).await.ok(),
            None => None,
        };
        let handler = match channel {
            Some(channel) => self.handler_of(&channel).await?,
            None => None,
        };
        Ok(handler.filter(|handler| is_group(*handler)))
    }
}
