//! The router: offers what stands in line to who is there. Any number of nodes run one.

use std::collections::HashMap;
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_records::{Attempt, Draft};
use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::DECLINED_REST;
use super::floor::{Floor, Resting};
use super::line::{self, Pending};
use super::presence::Becomes;
use super::roster::Agent;
use super::skills::{ASKED_AT_ONCE, list};
use super::work;
use crate::error::Error;
use crate::happening::{Happening, WorkTurn};
use crate::messaging::Messaging;

/// How often it is looked for what nobody on this node was woken for: offers that have run out, agents who
/// are silent, what other nodes have put in line.
const LOOK: Duration = Duration::from_secs(2);

/// How often what was left behind is put right.
const MENDED_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// How many sessions in line are looked at together.
const PAGE_ROWS: u64 = 500;

/// Most rounds until others get their turn.
const ROUNDS_MAX: usize = 10;

/// What a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// Whoever could be asked was asked.
    Done,
    /// Somebody else was faster.
    Again,
}

impl Messaging {
    /// Routes until the store is closed.
    pub(crate) async fn route(self) {
        let mut mended: Option<Timestamp> = None;
        loop {
            let now = self.org().now();
            let is_due = mended.is_none_or(|mended| now.duration_since(mended) >= MENDED_EVERY);
            let routed = self.route_now(is_due).await;
            if self.is_over(&routed) {
                return;
            }
            if is_due && routed.is_ok() {
                mended = Some(now);
            }
            // Whether it was woken or has waited long enough, it looks.
            let _ = tokio::time::timeout(LOOK, self.routing_woken()).await;
        }
    }

    async fn route_now(&self, mends: bool) -> Result<(), Error> {
        self.run_out_all().await?;
        self.drop_silent().await?;
        if mends {
            self.mend().await?;
        }
        for _ in 0..ROUNDS_MAX {
            if self.round().await? == Round::Done {
                return Ok(());
            }
        }
        // There are many changes: what is left is looked at again soon.
        Ok(())
    }

    /// Offers that have run out go back in line.
    async fn run_out_all(&self) -> Result<(), Error> {
        let soql = format!(
            "SELECT {} FROM AgentWork WHERE Status = 'Assigned' AND PushTimeoutDateTime <= {} \
             ORDER BY Id",
            work::FIELDS,
            self.org().now()
        );
        let mut offers = Vec::new();
        self.every(&soql, |row| offers.extend(work::work_of(row)))
            .await?;
        for offer in offers {
            // Whoever has answered in this moment was in time.
            let run_out = self.run_out(&offer).await;
            passed_over(run_out, offer.session)?;
        }
        Ok(())
    }

    /// Agents whose pages are gone go offline.
    async fn drop_silent(&self) -> Result<(), Error> {
        let now = self.org().now();
        let agents = self.agents().await?;
        let system = self.org().system();
        for agent in agents.into_iter().filter(|agent| agent.is_silent(now)) {
            info!(user = %agent.user, "an agent is offline, there was no sign of life");
            let becomes = Becomes::OfflineUnlessSeen(agent.seen);
            let changed = self.change_presence(&system, agent.user, becomes).await;
            passed_over(changed, agent.user)?;
        }
        Ok(())
    }

    /// Offers each session in line to the best agent for it, as long as there is one.
    async fn round(&self) -> Result<Round, Error> {
        let (agents, queues) = self.there().await?;
        if agents.is_empty() {
            return Ok(Round::Done);
        }
        let mut round = Round::Done;
        // Those first who are for somebody by name: they may be given to agents who have no room.
        for soql in lines(&agents, &queues) {
            if self.walk(&soql).await? == Round::Again {
                round = Round::Again;
            }
        }
        Ok(round)
    }

    /// Goes through a line, page by page: to its end, or until nobody has room.
    async fn walk(&self, soql: &str) -> Result<Round, Error> {
        let system = self.org().system();
        let page = async |after: Option<&str>| {
            let table = self.org().browse(&system, soql, after, PAGE_ROWS).await?;
            let line: Vec<Pending> = table.rows().filter_map(line::pending_of).collect();
            Ok::<_, Error>((line, table.next))
        };
        let (mut line, mut next) = page(None).await?;
        if line.is_empty() {
            return Ok(Round::Done);
        }
        // Read after the line, so that whoever came before the last in line did is among them.
        let mut floor = self.floor().await?;
        let mut round = Round::Done;
        loop {
            if self.give_out(&line, &mut floor).await? == Round::Again {
                round = Round::Again;
            }
            match next {
                Some(after) if floor.has_room() => (line, next) = page(Some(&after)).await?,
                _ => return Ok(round),
            }
        }
    }

    /// Who is there, and what they can do.
    pub(super) async fn floor(&self) -> Result<Floor, Error> {
        let (agents, queues) = self.there().await?;
        let users: Vec<Id> = agents.iter().map(|agent| agent.user).collect();
        Ok(Floor {
            had: self.skills_had(&users).await?,
            agents,
            queues,
        })
    }

    /// Offers what stands in line.
    async fn give_out(&self, line: &[Pending], floor: &mut Floor) -> Result<Round, Error> {
        let now = self.org().now();
        let needed = self.skills_needed(line, now).await?;
        let resting = self.resting(line, now).await?;
        let mut round = Round::Done;
        for pending in line {
            let needed = needed.get(&pending.id).map_or(&[][..], Vec::as_slice);
            let Some(place) = floor.best(pending, needed, resting.get(&pending.id)) else {
                continue;
            };
            let done = self.offer(pending, &floor.agents[place]).await;
            if passed_over(done, pending.session)? != Some(Attempt::Done) {
                // The agent is read again before the next offer.
                floor.agents.remove(place);
                round = Round::Again;
                continue;
            }
            let agent = &mut floor.agents[place];
            agent.used += pending.load.of_capacity(agent.capacity);
            agent.sessions += 1;
            agent.serial += 1;
        }
        Ok(round)
    }

    /// The agents who can be offered something, and the queues that each of them is in.
    async fn there(&self) -> Result<(Vec<Agent>, HashMap<Id, Vec<Id>>), Error> {
        let now = self.org().now();
        let mut agents = self.agents().await?;
        agents.retain(|agent| !agent.is_away && !agent.is_silent(now));
        let mut queues = HashMap::new();
        for agent in &agents {
            // Somebody who may no longer log in is in none.
            if let Ok(caller) = self.org().caller(agent.user).await {
                queues.insert(agent.user, caller.rights.groups.clone());
            }
        }
        agents.retain(|agent| queues.contains_key(&agent.user));
        Ok((agents, queues))
    }

    /// By places in line, who has turned the session down, and whether they are still left alone with it.
    async fn resting(
        &self,
        line: &[Pending],
        now: Timestamp,
    ) -> Result<HashMap<Id, Resting>, Error> {
        let mut resting: HashMap<Id, Resting> = HashMap::new();
        let offered: Vec<_> = line.iter().filter(|pending| pending.was_offered).collect();
        for some in offered.chunks(ASKED_AT_ONCE) {
            let soql = format!(
                "SELECT PendingServiceRoutingId, UserId, DeclineDateTime FROM AgentWork \
                 WHERE PendingServiceRoutingId IN ({}) AND DeclineDateTime != null \
                 ORDER BY DeclineDateTime, Id",
                list(some.iter().map(|pending| pending.id))
            );
            self.every(&soql, |row| {
                let at = row.get("DeclineDateTime").as_datetime();
                let place = row.id("PendingServiceRoutingId");
                if let (Some(place), Some(user), Some(at)) = (place, row.id("UserId"), at) {
                    let of_place = resting.entry(place).or_default();
                    of_place.insert(user, now.duration_since(at) < DECLINED_REST);
                }
            })
            .await?;
        }
        Ok(resting)
    }

    /// Offers a session to an agent, if it is still in line, and they still have the room they had.
    pub(super) async fn offer(&self, pending: &Pending, agent: &Agent) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let at = write.at();
        let until = at + SignedDuration::from_secs(pending.push_timeout.max(1));
        let draft = self
            .basis(pending)
            .await?
            .with("OwnerId", agent.user)
            .with("UserId", agent.user)
            .with("WorkItemId", pending.session)
            .with("Status", "Assigned")
            .with("PendingServiceRoutingId", pending.id)
            .with("RequestDateTime", pending.requested.unwrap_or(at))
            .with("AssignedDateTime", at)
            .with("PushTimeout", pending.push_timeout)
            .with("PushTimeoutDateTime", until)
            .with("ShouldSkipCapacityCheck", pending.is_theirs);
        let work = write.create(&system, "AgentWork", &draft).await?;
        let pushed = Draft::new()
            .with("IsPushed", true)
            .with("IsPushAttempted", true);
        self.change_pending(&mut write, &system, pending, pushed)
            .await?;
        self.beat(&mut write, agent, Draft::new()).await?;
        let what = Happening::begun(work, agent.user, WorkTurn::Assigned, pending.queue);
        self.announce(&mut write, pending.session, what).await?;
        let done = write.commit().await?;
        if done == Attempt::Done {
            self.wake_sending();
        }
        if done == Attempt::Done {
            self.accept_by_itself(agent, work).await?;
        }
        Ok(done)
    }

    /// Takes an offer for an agent whose configuration says so.
    async fn accept_by_itself(&self, agent: &Agent, work: Id) -> Result<(), Error> {
        let Some(profile) = agent.profile else {
            return Ok(());
        };
        if !self.manner(agent.user, profile).await?.accepts_by_itself {
            return Ok(());
        }
        let caller = self.org().caller(agent.user).await?;
        match self.accept_offer(&caller, work.as_str()).await {
            // It can be taken by hand, or runs out.
            Err(error) if error.is_refusal() => {
                warn!(%work, %error, "an offer was not accepted by itself");
                Ok(())
            }
            accepted => accepted.map(|_| ()),
        }
    }
}

/// What these agents could be offered, in its order: what is for one of them by name, and what waits in their
/// queues.
fn lines(agents: &[Agent], queues: &HashMap<Id, Vec<Id>>) -> Vec<String> {
    let of = |whose: String| {
        format!(
            "SELECT {} FROM PendingServiceRouting WHERE IsPushed = false AND \
             RoutingModel != 'ExternalRouting' AND {whose} \
             ORDER BY RoutingPriority, CustomRequestedDateTime, Id",
            line::FIELDS
        )
    };
    let named = list(agents.iter().map(|agent| agent.user));
    let mut lines = vec![of(format!(
        "IsPreferredUserRequired = true AND PreferredUserId IN ({named})"
    ))];
    let mut groups: Vec<Id> = queues.values().flatten().copied().collect();
    groups.sort_unstable();
    groups.dedup();
    if !groups.is_empty() {
        let groups = list(groups);
        lines.push(of(format!(
            "IsPreferredUserRequired = false AND GroupId IN ({groups})"
        )));
    }
    lines
}

/// Tells the log of what cannot be done, so that it holds nobody else up; the database's troubles are
/// everybody's.
pub(super) fn passed_over<T>(done: Result<T, Error>, record: Id) -> Result<Option<T>, Error> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.is_refusal() || matches!(error, Error::Busy) => {
            warn!(%record, %error, "routing passes over what it cannot do");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
