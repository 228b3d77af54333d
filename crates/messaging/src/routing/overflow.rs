//! Overflow: where new sessions of a queue go while its line is full.

use headwater_catalogue::Id;
use headwater_records::literal;

use super::configuration::is_group;
use super::line::Place;
use super::load::Load;
use crate::conversation::whole;
use crate::error::Error;
use crate::messaging::Messaging;

/// Most queues that a session is sent on from because their lines are full. Where all of so many are, or they
/// send to one another, it stays where it was first to go.
const OVERFLOWS_MAX: usize = 5;

/// Who gets a session that begins to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handler {
    /// Whose it is while it waits: a queue, or a person.
    pub(crate) owner: Id,
    /// Where it waits.
    pub(crate) place: Place,
}

impl Handler {
    /// Somebody, full or not.
    pub(crate) fn of(owner: Id) -> Self {
        let place = Place {
            queue: Some(owner),
            ..Place::default()
        };
        Self { owner, place }
    }
}

/// When a queue's line is full, who is next, and what a session takes of a person.
struct Overflow {
    line_max: u64,
    assignee: Id,
    load: Load,
}

impl Messaging {
    /// Who gets a new session that is for `first`: they themselves, or while that is a queue whose line is
    /// full, its overflow assignee. That is a queue whose own line may be full, and so on; or a person, who is
    /// asked while they are available and have room. A queue whose assignee cannot have it keeps it.
    ///
    /// Two sessions that come at the same moment may both be the last for whom there was a place.
    pub(crate) async fn unless_full(&self, first: Id) -> Result<Handler, Error> {
        let mut handler = Handler::of(first);
        for _ in 0..OVERFLOWS_MAX {
            let queue = handler.owner;
            let Some(overflow) = self.overflow_of(queue).await? else {
                return Ok(handler);
            };
            if self.in_line_of(queue).await? < overflow.line_max {
                return Ok(handler);
            }
            let assignee = overflow.assignee;
            if !is_group(assignee) {
                if self.is_free(assignee, &overflow.load).await? {
                    handler.owner = assignee;
                    handler.place.agent = Some(assignee);
                    handler.place.is_theirs = true;
                    handler.place.overflow_from = Some(first);
                }
                return Ok(handler);
            }
            if !self.may_own(assignee).await? {
                return Ok(handler);
            }
            handler = Handler::of(assignee);
            handler.place.overflow_from = Some(first);
        }
        Ok(Handler::of(first))
    }

    async fn overflow_of(&self, queue: Id) -> Result<Option<Overflow>, Error> {
        let Some(configuration) = self.configuration_of(queue).await? else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT LineMax, OverflowAssigneeId, CapacityWeight, CapacityPercentage \
             FROM QueueRoutingConfig WHERE Id = {} AND LineMax > 0",
            literal(configuration.as_str())
        );
        let table = self.one(&soql).await?;
        Ok(table.first().and_then(|row| {
            Some(Overflow {
                line_max: u64::try_from(whole(row.get("LineMax"))).ok()?,
                assignee: row.id("OverflowAssigneeId")?,
                load: Load::of(row),
            })
        }))
    }

    /// How many stand in a queue's line, those who are offered to an agent among them. Whoever waits for
    /// somebody by name is not.
    async fn in_line_of(&self, queue: Id) -> Result<u64, Error> {
        let soql = format!(
            "SELECT COUNT() FROM PendingServiceRouting WHERE GroupId = {} AND \
             IsPreferredUserRequired = false",
            literal(queue.as_str())
        );
        let system = self.org().system();
        Ok(self.org().count(&system, &soql).await?)
    }

    /// Whether somebody is available and has room for one more.
    async fn is_free(&self, user: Id, load: &Load) -> Result<bool, Error> {
        let now = self.org().now();
        let known = self.agent_at_work(user).await?;
        Ok(known.is_some_and(|(agent, _)| {
            !agent.is_away && !agent.is_silent(now) && agent.has_room_for(load)
        }))
    }
}
