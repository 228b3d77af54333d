//! Who is there while sessions are given out, and who of them gets one.

use std::collections::HashMap;

use headwater_catalogue::Id;

use super::configuration::Model;
use super::line::Pending;
use super::roster::Agent;
use super::skills::{Had, NeededSkill, can};

/// Who has turned a session down, and whether they are still left alone with it.
pub(super) type Resting = HashMap<Id, bool>;

/// The agents who can be offered something now, with the queues that each of them is in and what they can do.
pub(super) struct Floor {
    pub(super) agents: Vec<Agent>,
    pub(super) queues: HashMap<Id, Vec<Id>>,
    pub(super) had: HashMap<Id, Had>,
}

impl Floor {
    /// Whether anybody can be given more.
    pub(super) fn has_room(&self) -> bool {
        self.agents.iter().any(|agent| agent.room() > 0)
    }

    /// Whether an agent belongs to the queue that a session waits in, and can do what it needs.
    pub(super) fn suits(&self, agent: &Agent, pending: &Pending, needed: &[NeededSkill]) -> bool {
        let queues = self.queues.get(&agent.user);
        let is_in = |queue: &Id| queues.is_some_and(|queues| queues.contains(queue));
        pending.queue.as_ref().is_some_and(is_in) && can(self.had.get(&agent.user), needed)
    }

    /// The place of the agent whom a session is offered to.
    pub(super) fn best(
        &self,
        pending: &Pending,
        needed: &[NeededSkill],
        resting: Option<&Resting>,
    ) -> Option<usize> {
        let declined = |agent: &Agent| resting.and_then(|resting| resting.get(&agent.user));
        let may_be_asked = |agent: &Agent| {
            // Whom a service routes, nobody is asked for by this server.
            if declined(agent) == Some(&true) || pending.model == Model::External {
                return false;
            }
            if pending.is_theirs {
                return pending.agent == Some(agent.user) && pending.can_be_theirs(agent);
            }
            agent.has_room_for(&pending.load) && self.suits(agent, pending, needed)
        };
        let rank = |agent: &Agent| {
            let measure = match pending.model {
                Model::LeastActive | Model::External => agent.used,
                Model::MostAvailable => -agent.room(),
            };
            (
                // The one it is meant for, then those who have not turned it down.
                pending.agent != Some(agent.user),
                declined(agent).is_some(),
                measure,
                // The one who got the least until now, so that all get some.
                agent.serial,
                agent.user,
            )
        };
        (0..self.agents.len())
            .filter(|place| may_be_asked(&self.agents[*place]))
            .min_by_key(|place| rank(&self.agents[*place]))
    }
}
