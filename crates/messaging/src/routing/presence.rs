//! Agents come and go: their status, and the signs of life that keep it.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError, Precondition, literal};
use jiff::Timestamp;

use super::Refusal;
use super::roster::{Agent, Offer};
use super::work::{self, Turn, Work};
use crate::error::Error;
use crate::messaging::Messaging;

/// How often a change begins anew because another page of the agent was faster.
const ATTEMPTS_MAX: usize = 20;

/// Most statuses that are offered.
const STATUSES_MAX: u64 = 100;

/// What an agent sees of their own presence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desk {
    /// The status they have; none while they are offline.
    pub status: Option<Id>,
    /// What it is called.
    pub label: String,
    /// Whether they get no work by it.
    pub is_away: bool,
    /// Since when they have it.
    pub since: Option<Timestamp>,
    /// Units they take at most.
    pub capacity: i64,
    /// Hundredths of units that are taken.
    pub used: i64,
    /// Whether an offer makes a sound.
    pub sounds: bool,
    /// Whether they may decline.
    pub may_decline: bool,
    /// What they are offered.
    pub offers: Vec<Offer>,
    /// The records that all this is read from: when one changes, it is another.
    pub records: Vec<Id>,
    /// The statuses there are, with what they are called.
    pub statuses: Vec<(Id, String)>,
}

/// What a change of presence is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Becomes {
    /// This status, of a user of this profile.
    Status { status: Id, profile: Id },
    /// Offline.
    Offline,
    /// Offline, if the last sign of life is still this old one.
    OfflineUnlessSeen(Timestamp),
}

impl Messaging {
    /// Gives the caller a status, or takes them offline. What they were offered goes back in line when
    /// they are away from then on; what they have taken stays theirs.
    ///
    /// # Errors
    /// [`Refusal::NoAgent`], [`Refusal::NoSuchStatus`]; else the database's.
    pub async fn set_presence(&self, caller: &Caller, status: Option<&str>) -> Result<(), Error> {
        must_be_agent(caller)?;
        let becomes = match status {
            Some(status) => Becomes::Status {
                status: self.status_of(status).await?,
                profile: caller.profile,
            },
            None => Becomes::Offline,
        };
        self.change_presence(caller, caller.user, becomes).await
    }

    /// A page of the caller is open: whether they are present at all, so that it need say so again.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_of_life(&self, caller: &Caller) -> Result<bool, Error> {
        let Some(agent) = self.agent(caller.user).await? else {
            return Ok(false);
        };
        let draft = Draft::new().with("SeenTime", self.org().now());
        let system = self.org().system();
        let written = self.org().update(
            &system,
            "PresenceHeartbeat",
            agent.heartbeat.as_str(),
            draft,
            Precondition::default(),
        );
        match written.await {
            Ok(_) => Ok(true),
            Err(RecordsError::NotFound(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What the caller sees of their own presence.
    ///
    /// # Errors
    /// [`Refusal::NoAgent`]; else the database's.
    pub async fn presence(&self, caller: &Caller) -> Result<Desk, Error> {
        must_be_agent(caller)?;
        let manner = self.manner(caller.user, caller.profile).await?;
        let mut desk = Desk {
            capacity: manner.capacity,
            sounds: manner.sounds,
            may_decline: manner.may_decline,
            statuses: self.statuses(caller).await?,
            ..Desk::default()
        };
        let now = self.org().now();
        // Offers before everything they have: what is offered meanwhile is in neither or only in what counts.
        let mut offers = self.offers(caller).await?;
        let own = self.agent_at_work(caller.user).await?;
        if let Some((agent, work)) = own.filter(|(agent, _)| !agent.is_silent(now)) {
            offers.retain(|offer| work.contains(&offer.work));
            desk.offers = offers;
            desk.records = work;
            desk.records.push(agent.presence);
            desk.status = agent.status;
            desk.label = agent.label;
            desk.is_away = agent.is_away;
            desk.since = agent.since;
            desk.capacity = agent.capacity / 100;
            desk.used = agent.used;
        }
        Ok(desk)
    }

    /// The statuses there are, by their names.
    async fn statuses(&self, caller: &Caller) -> Result<Vec<(Id, String)>, Error> {
        let soql = "SELECT Id, MasterLabel FROM ServicePresenceStatus ORDER BY MasterLabel, Id";
        let table = self.org().browse(caller, soql, None, STATUSES_MAX).await?;
        let status = |row: headwater_records::Cells<'_>| {
            Some((row.id("Id")?, row.text("MasterLabel").to_owned()))
        };
        Ok(table.rows().filter_map(status).collect())
    }

    async fn status_of(&self, status: &str) -> Result<Id, Error> {
        let soql = format!(
            "SELECT Id FROM ServicePresenceStatus WHERE Id = {}",
            literal(status)
        );
        let unknown = || Refusal::NoSuchStatus(status.to_owned());
        let _: Id = status.parse().map_err(|_| unknown())?;
        let found = self.one(&soql).await?.first().and_then(|row| row.id("Id"));
        Ok(found.ok_or_else(unknown)?)
    }

    /// Changes somebody's presence, and puts back in line what they were offered and cannot answer.
    pub(super) async fn change_presence(
        &self,
        actor: &Caller,
        user: Id,
        becomes: Becomes,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS_MAX {
            let agent = self.agent(user).await?;
            let stays = match (becomes, &agent) {
                (Becomes::Status { status, .. }, Some(agent)) => agent.status == Some(status),
                (Becomes::OfflineUnlessSeen(seen), Some(agent)) => agent.seen != seen,
                (Becomes::Status { .. }, None) | (Becomes::Offline, Some(_)) => false,
                (Becomes::Offline | Becomes::OfflineUnlessSeen(_), None) => true,
            };
            if stays {
                return Ok(());
            }
            if self
                .write_presence(actor, user, agent.as_ref(), becomes)
                .await?
                == Attempt::Done
            {
                self.wake_routing();
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    async fn write_presence(
        &self,
        actor: &Caller,
        user: Id,
        agent: Option<&Agent>,
        becomes: Becomes,
    ) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(actor);
        let at = write.at();
        if let Some(agent) = agent {
            let whole = agent.since.map(|since| at.duration_since(since).as_secs());
            let draft = Draft::new()
                .with("IsCurrentState", false)
                .with("StatusEndDate", at)
                .with("StatusDuration", whole.map_or(Value::Null, Value::Integer));
            let presence = agent.presence;
            write
                .update(&system, "UserServicePresence", presence, &draft, &[])
                .await?;
        }
        let is_away = match becomes {
            Becomes::Status { status, profile } => {
                let is_away = self.is_away(status).await?;
                let capacity = self.manner(user, profile).await?.capacity;
                let draft = Draft::new()
                    .with("OwnerId", user)
                    .with("UserId", user)
                    .with("ServicePresenceStatusId", status)
                    .with("StatusStartDate", at)
                    .with("ConfiguredCapacity", capacity)
                    .with("IsAway", is_away)
                    .with("IsCurrentState", true);
                let presence = write.create(&system, "UserServicePresence", &draft).await?;
                let beat = Draft::new()
                    .with("UserServicePresenceId", presence)
                    .with("SeenTime", at);
                if let Some(agent) = agent {
                    self.beat(&mut write, agent, beat).await?;
                } else {
                    let beat = beat.with("UserId", user).with("Serial", 0_i64);
                    write.create(&system, "PresenceHeartbeat", &beat).await?;
                }
                is_away
            }
            Becomes::Offline | Becomes::OfflineUnlessSeen(_) => {
                if let Some(agent) = agent {
                    self.beat(&mut write, agent, Draft::new()).await?;
                    write.delete(&system, "PresenceHeartbeat", agent.heartbeat)?;
                }
                true
            }
        };
        if is_away {
            for work in self.offered(user).await? {
                self.turn(&mut write, &work, Turn::Unavailable).await?;
                if let Some(pending) = self.pending(work.session).await? {
                    self.back_in_line(&mut write, &pending).await?;
                }
            }
        }
        Ok(write.commit().await?)
    }

    /// Also changes somebody's sign of life, if nobody gave them work or another status meanwhile.
    pub(super) async fn beat(
        &self,
        write: &mut headwater_records::Together<'_>,
        agent: &Agent,
        draft: Draft,
    ) -> Result<(), Error> {
        let draft = draft.with("Serial", agent.serial + 1);
        let expected = [
            ("Serial", Value::Integer(agent.serial)),
            ("UserServicePresenceId", Value::Id(agent.presence)),
        ];
        let system = self.org().system();
        let heartbeat = agent.heartbeat;
        let written = write.update(&system, "PresenceHeartbeat", heartbeat, &draft, &expected);
        Ok(written.await?)
    }

    /// What a user is offered.
    async fn offered(&self, user: Id) -> Result<Vec<Work>, Error> {
        let soql = format!(
            "SELECT {} FROM AgentWork WHERE UserId = {} AND Status = 'Assigned' ORDER BY Id",
            work::FIELDS,
            literal(user.as_str())
        );
        let mut offered = Vec::new();
        self.every(&soql, |row| offered.extend(work::work_of(row)))
            .await?;
        Ok(offered)
    }
}

/// Whether somebody can take a session, and so can be present for them.
pub fn is_agent(caller: &Caller) -> bool {
    let sessions = caller.rights.catalogue.object("MessagingSession");
    sessions.is_some_and(|sessions| caller.rights.on(sessions).edit)
}

pub(super) fn must_be_agent(caller: &Caller) -> Result<(), Error> {
    if is_agent(caller) {
        return Ok(());
    }
    Err(Refusal::NoAgent.into())
}
