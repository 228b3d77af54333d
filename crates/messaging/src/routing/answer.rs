//! What agents say to an offer, and what happens when they say nothing.

use headwater_catalogue::Id;
use headwater_records::{Attempt, Caller, Draft, literal};

use super::Refusal;
use super::presence::Becomes;
use super::work::{self, Turn, Work};
use crate::error::Error;
use crate::messaging::Messaging;

/// Most characters of a reason to decline.
const REASON_CHARACTERS_MAX: usize = 200;

impl Messaging {
    /// The caller takes what they are offered: the session is theirs, and active. Gives the session.
    ///
    /// # Errors
    /// [`Refusal::NotOffered`]; else as [`Messaging::take`].
    pub async fn accept_offer(&self, caller: &Caller, work: &str) -> Result<Id, Error> {
        let offer = self.own_offer(caller, work).await?;
        self.take(caller, offer.session.as_str()).await?;
        Ok(offer.session)
    }

    /// The caller does not want what they are offered: the next agent is asked.
    ///
    /// # Errors
    /// [`Refusal::NotOffered`], [`Refusal::MayNotDecline`]; else the database's.
    pub async fn decline_offer(
        &self,
        caller: &Caller,
        work: &str,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let manner = self.manner(caller.user, caller.profile).await?;
        if !manner.may_decline {
            return Err(Refusal::MayNotDecline.into());
        }
        let offer = self.own_offer(caller, work).await?;
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if self
            .take_back(caller, &offer, Turn::Declined, reason)
            .await?
            == Attempt::Overtaken
        {
            return Err(Refusal::NotOffered.into());
        }
        if let Some(status) = manner.status_on_decline {
            let profile = caller.profile;
            let becomes = Becomes::Status { status, profile };
            self.change_presence(caller, caller.user, becomes).await?;
        }
        self.wake_routing();
        Ok(())
    }

    /// Takes back one offer that has run out.
    pub(super) async fn run_out(&self, offer: &Work) -> Result<Attempt, Error> {
        let system = self.org().system();
        let done = self.take_back(&system, offer, Turn::TimedOut, None).await?;
        let agent = match done {
            Attempt::Done => self.agent(offer.user).await?,
            Attempt::Overtaken => None,
        };
        if let Some(agent) = agent
            && let Some(profile) = agent.profile
            && let Some(status) = self.manner(agent.user, profile).await?.status_on_timeout
        {
            let becomes = Becomes::Status { status, profile };
            self.change_presence(&system, agent.user, becomes).await?;
        }
        Ok(done)
    }

    /// Ends an offer, and puts the session back in line.
    pub(super) async fn take_back(
        &self,
        actor: &Caller,
        offer: &Work,
        turn: Turn,
        reason: Option<&str>,
    ) -> Result<Attempt, Error> {
        let mut write = self.org().together(actor);
        self.turn(&mut write, offer, turn).await?;
        if let Some(reason) = reason {
            let reason: String = reason.chars().take(REASON_CHARACTERS_MAX).collect();
            let draft = Draft::new().with("DeclineReason", reason);
            let system = self.org().system();
            write
                .update(&system, "AgentWork", offer.id, &draft, &[])
                .await?;
        }
        if let Some(pending) = self.pending(offer.session).await? {
            self.back_in_line(&mut write, &pending).await?;
        }
        let done = write.commit().await?;
        if done == Attempt::Done {
            self.wake_sending();
        }
        Ok(done)
    }

    async fn own_offer(&self, caller: &Caller, work: &str) -> Result<Work, Error> {
        let id: Id = work.parse().map_err(|_| Refusal::NotOffered)?;
        let soql = format!(
            "SELECT {} FROM AgentWork WHERE Id = {} AND UserId = {} AND Status = 'Assigned'",
            work::FIELDS,
            literal(id.as_str()),
            literal(caller.user.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let offer = table.first().and_then(work::work_of);
        Ok(offer.ok_or(Refusal::NotOffered)?)
    }
}
