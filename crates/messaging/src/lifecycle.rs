//! Taking a session, letting it rest, ending it.

use headwater_records::{Attempt, Caller, Draft};
use jiff::Timestamp;

use crate::consent::Level;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::outbound::{self, Work};
use crate::status::Status;
use crate::timers;
use crate::transcript::NewEntry;

/// How often a change begins anew because the session was changed by others.
const ATTEMPTS_MAX: usize = 20;

/// Who ends a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndedBy {
    /// A person who works here.
    Agent,
    /// The customer.
    EndUser,
    /// The server, by itself.
    System,
}

impl EndedBy {
    /// `EndedByType`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::EndUser => "EndUser",
            Self::System => "System",
        }
    }
}

impl Messaging {
    /// The caller takes a session that waits: it is theirs, and active.
    ///
    /// # Errors
    /// [`Error::WrongStatus`] when somebody has taken or ended it already; else as for an update of the
    /// session.
    pub async fn take(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        self.move_on(caller, session, Status::Active, EndedBy::Agent)
            .await
    }

    /// The customer is silent: the session rests until they write again.
    ///
    /// # Errors
    /// As [`Messaging::take`].
    pub async fn let_rest(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        self.move_on(caller, session, Status::Inactive, EndedBy::Agent)
            .await
    }

    /// Ends a session. If the channel says something at the end, the customer gets it.
    ///
    /// # Errors
    /// [`Error::WrongStatus`] when it is over already; else as for an update of the session.
    pub async fn end(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        self.move_on(caller, session, Status::Ended, EndedBy::Agent)
            .await
    }

    /// Ends a session because the system does that the customer uses. The channel says nothing at the end.
    ///
    /// # Errors
    /// As [`Messaging::end`].
    pub async fn end_by_system(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        self.move_on(caller, session, Status::Ended, EndedBy::System)
            .await
    }

    /// Moves a session on along the table of states; `by` is who ends it, if that is where it goes.
    pub(crate) async fn move_on(
        &self,
        caller: &Caller,
        session: &str,
        next: Status,
        by: EndedBy,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS_MAX {
            let work = self.work_on(caller, session).await?;
            if self.step(caller, work, next, by).await? == Attempt::Done {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// As [`Messaging::move_on`], if the session is still as it was when it had this `SystemModstamp`.
    pub(crate) async fn move_on_if(
        &self,
        caller: &Caller,
        session: &str,
        version: Timestamp,
        next: Status,
        by: EndedBy,
    ) -> Result<Attempt, Error> {
        let mut work = self.work_on(caller, session).await?;
        work.version = Some(version);
        self.step(caller, work, next, by).await
    }

    async fn step(
        &self,
        caller: &Caller,
        mut work: Work,
        next: Status,
        by: EndedBy,
    ) -> Result<Attempt, Error> {
        let is = work.session.status;
        if !is.leads_to(next) {
            let refused = match next {
                Status::Active => "it cannot be accepted",
                Status::Inactive => "only an active session can be set to inactive",
                _ => "it cannot be ended again",
            };
            return Err(Error::WrongStatus { is, refused });
        }
        let done = self.write_status(caller, &mut work, next, by).await?;
        if done == Attempt::Done {
            self.wake_sending();
            self.wake_routing();
        }
        Ok(done)
    }

    async fn write_status(
        &self,
        caller: &Caller,
        work: &mut Work,
        next: Status,
        by: EndedBy,
    ) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let at = write.at();
        let mut draft = Draft::new().with("Status", next.word());
        // A channel that is switched off says nothing any more.
        let channel = self.channel_if_on(work.channel).await?;
        match next {
            Status::Active => draft = work.taken_by(caller, at, draft),
            Status::Inactive => {
                timers::ends_unless_woken(&mut write, work.session.id, channel.as_ref());
            }
            Status::Ended => {
                draft = draft.with("EndTime", at).with("EndedByType", by.word());
                // Who has been silent for a day is not told that it is over.
                let text = channel.filter(|_| by == EndedBy::Agent);
                let text = text.map(|channel| channel.end_response).unwrap_or_default();
                if !text.is_empty() && work.consent != Level::OptedOut {
                    let entry = NewEntry::automatic(&text).draft(&mut work.session, at);
                    let entry = write.create(&system, "ConversationEntry", &entry).await?;
                    let lane = Some(work.session.id.as_str());
                    write.later(outbound::SEND, entry.as_str(), at, lane);
                }
            }
            _ => {}
        }
        work.change(&mut write, &system, &draft).await?;
        let (session, was) = (work.session.id, work.session.status);
        let moves = (was, next);
        self.announce_move(&mut write, session, moves, Some(caller.user))
            .await?;
        self.work_follows(&mut write, session, next, caller.user)
            .await?;
        Ok(write.commit().await?)
    }
}
