//! Who is there, with how much room, and what they are offered.

use std::collections::HashMap;

use headwater_catalogue::Id;
use headwater_records::{Caller, Cells, literal};
use jiff::Timestamp;

use super::SILENCE_MAX;
use super::load::{Hundredths, Load};
use super::presence::must_be_agent;
use crate::conversation::whole;
use crate::error::Error;
use crate::messaging::Messaging;

/// An agent who is not offline.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) user: Id,
    pub(crate) profile: Option<Id>,
    pub(crate) name: String,
    pub(crate) heartbeat: Id,
    pub(crate) serial: i64,
    pub(crate) presence: Id,
    pub(crate) since: Option<Timestamp>,
    pub(crate) seen: Timestamp,
    pub(crate) status: Option<Id>,
    pub(crate) label: String,
    pub(crate) is_away: bool,
    pub(crate) capacity: Hundredths,
    pub(crate) used: Hundredths,
    /// How many sessions they have, offered ones among them.
    pub(crate) sessions: usize,
}

impl Agent {
    /// What they can still take.
    pub(crate) const fn room(&self) -> Hundredths {
        self.capacity - self.used
    }

    pub(crate) fn has_room_for(&self, load: &Load) -> bool {
        load.of_capacity(self.capacity) <= self.room()
    }

    pub(crate) fn is_silent(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) > SILENCE_MAX
    }
}

const AGENT: &str = "SELECT Id, Serial, SeenTime, UserId, User.Name, User.ProfileId, UserServicePresenceId, \
     UserServicePresence.StatusStartDate, UserServicePresence.IsAway, \
     UserServicePresence.ConfiguredCapacity, UserServicePresence.ServicePresenceStatusId, \
     UserServicePresence.ServicePresenceStatus.MasterLabel FROM PresenceHeartbeat";

fn agent_of(row: Cells<'_>) -> Option<Agent> {
    Some(Agent {
        user: row.id("UserId")?,
        profile: row.id("User.ProfileId"),
        name: row.text("User.Name").to_owned(),
        heartbeat: row.id("Id")?,
        serial: whole(row.get("Serial")),
        presence: row.id("UserServicePresenceId")?,
        since: row.get("UserServicePresence.StatusStartDate").as_datetime(),
        seen: row.get("SeenTime").as_datetime()?,
        status: row.id("UserServicePresence.ServicePresenceStatusId"),
        label: row
            .text("UserServicePresence.ServicePresenceStatus.MasterLabel")
            .to_owned(),
        is_away: row.get("UserServicePresence.IsAway").is_true(),
        capacity: 100 * whole(row.get("UserServicePresence.ConfiguredCapacity")),
        used: 0,
        sessions: 0,
    })
}

/// Somebody to transfer a session to, or to look after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// Their user.
    pub user: Id,
    /// What they are called.
    pub name: String,
    /// What their status is called; none while they are offline.
    pub status: Option<String>,
    /// Since when they have it.
    pub since: Option<Timestamp>,
    /// Whether they get no work by it.
    pub is_away: bool,
    /// Units they take at most.
    pub capacity: i64,
    /// Hundredths of units that are taken.
    pub used: i64,
    /// Sessions they have, offered ones among them.
    pub sessions: usize,
}

impl From<Agent> for Colleague {
    fn from(agent: Agent) -> Self {
        Self {
            user: agent.user,
            name: agent.name,
            status: Some(agent.label),
            since: agent.since,
            is_away: agent.is_away,
            capacity: agent.capacity / 100,
            used: agent.used,
            sessions: agent.sessions,
        }
    }
}

/// A session that is offered to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The work.
    pub work: Id,
    /// Its session.
    pub session: Id,
    /// What the customer is called.
    pub customer: String,
    /// What the channel is called.
    pub channel: String,
    /// The queue it waited in.
    pub queue: String,
    /// Whether somebody has handed it on.
    pub is_transfer: bool,
    /// Since when the customer waits.
    pub since: Option<Timestamp>,
    /// When the next agent is asked.
    pub until: Option<Timestamp>,
}

impl Messaging {
    /// Everybody who is not offline, with what they have to do.
    pub(crate) async fn agents(&self) -> Result<Vec<Agent>, Error> {
        let mut agents = Vec::new();
        self.every(&format!("{AGENT} ORDER BY Id"), |row| {
            agents.extend(agent_of(row));
        })
        .await?;
        let mut loads: HashMap<Id, Vec<Load>> = HashMap::new();
        let soql = "SELECT UserId, CapacityWeight, CapacityPercentage FROM AgentWork \
                    WHERE Status IN ('Assigned', 'Opened') ORDER BY Id";
        self.every(soql, |row| {
            if let Some(user) = row.id("UserId") {
                loads.entry(user).or_default().push(Load::of(row));
            }
        })
        .await?;
        for agent in &mut agents {
            let loads = loads.remove(&agent.user).unwrap_or_default();
            agent.sessions = loads.len();
            let taken = loads.iter().map(|load| load.of_capacity(agent.capacity));
            agent.used = taken.sum();
        }
        Ok(agents)
    }

    /// One agent with what they have to do, and that by itself.
    pub(crate) async fn agent_at_work(&self, user: Id) -> Result<Option<(Agent, Vec<Id>)>, Error> {
        let Some(mut agent) = self.agent(user).await? else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT Id, CapacityWeight, CapacityPercentage FROM AgentWork WHERE UserId = {} AND \
             Status IN ('Assigned', 'Opened') ORDER BY Id",
            literal(user.as_str())
        );
        let mut work = Vec::new();
        self.every(&soql, |row| {
            work.extend(row.id("Id"));
            agent.used += Load::of(row).of_capacity(agent.capacity);
        })
        .await?;
        agent.sessions = work.len();
        Ok(Some((agent, work)))
    }

    /// One agent, as they are; without what they have to do.
    pub(crate) async fn agent(&self, user: Id) -> Result<Option<Agent>, Error> {
        let soql = format!("{AGENT} WHERE UserId = {}", literal(user.as_str()));
        Ok(self.one(&soql).await?.first().and_then(agent_of))
    }

    /// The agents who are not offline, by their names: for whoever may work on sessions.
    ///
    /// # Errors
    /// [`super::Refusal::NoAgent`]; else the database's.
    pub async fn colleagues(&self, caller: &Caller) -> Result<Vec<Colleague>, Error> {
        must_be_agent(caller)?;
        let now = self.org().now();
        let agents = self.agents().await?.into_iter();
        let mut there: Vec<Colleague> = agents
            .filter(|agent| !agent.is_silent(now))
            .map(Colleague::from)
            .collect();
        there.sort_by(|one, other| (&one.name, one.user).cmp(&(&other.name, other.user)));
        Ok(there)
    }

    /// What is offered to the caller, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn offers(&self, caller: &Caller) -> Result<Vec<Offer>, Error> {
        let soql = format!(
            "SELECT Id, WorkItemId, WorkItem.MessagingEndUser.Name, WorkItem.ChannelName, \
             OriginalGroup.Name, IsTransfer, RequestDateTime, PushTimeoutDateTime FROM AgentWork \
             WHERE UserId = {} AND Status = 'Assigned' ORDER BY AssignedDateTime, Id",
            literal(caller.user.as_str())
        );
        let table = self.org().browse(caller, &soql, None, OFFERS_MAX).await?;
        Ok(table.rows().filter_map(offer_of).collect())
    }
}

/// Most offers that are shown at once.
const OFFERS_MAX: u64 = 20;

fn offer_of(row: Cells<'_>) -> Option<Offer> {
    Some(Offer {
        work: row.id("Id")?,
        session: row.id("WorkItemId")?,
        customer: row.text("WorkItem.MessagingEndUser.Name").to_owned(),
        channel: row.text("WorkItem.ChannelName").to_owned(),
        queue: row.text("OriginalGroup.Name").to_owned(),
        is_transfer: row.get("IsTransfer").is_true(),
        since: row.get("RequestDateTime").as_datetime(),
        until: row.get("PushTimeoutDateTime").as_datetime(),
    })
}
