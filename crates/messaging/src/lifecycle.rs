//! Taking a session, letting it rest, ending it.

use headwater_records::{Attempt, Caller, Draft};

use crate::error::Error;
use crate::messaging::Messaging;
use crate::outbound::{self, Work};
use crate::status::Status;
use crate::transcript::NewEntry;

/// How often a change begins anew because the session was changed by others.
const ATTEMPTS_MAX: usize = 20;

impl Messaging {
    /// The caller takes a session that waits: it is theirs, and active.
    ///
    /// # Errors
    /// [`Error::WrongStatus`] when somebody has taken or ended it already; else as for an update of the
    /// session.
    pub async fn take(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        self.change(caller, session, Status::Active, "it cannot be accepted")
            .await
    }

    /// The customer is silent: the session rests until they write again.
    ///
    /// # Errors
    /// As [`Messaging::take`].
    pub async fn let_rest(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        let refused = "only an active session can be set to inactive";
        self.change(caller, session, Status::Inactive, refused)
            .await
    }

    /// Ends a session. If the channel says something at the end, the customer gets it.
    ///
    /// # Errors
    /// [`Error::WrongStatus`] when it is over already; else as for an update of the session.
    pub async fn end(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        self.change(caller, session, Status::Ended, "it cannot be ended again")
            .await
    }

    async fn change(
        &self,
        caller: &Caller,
        session: &str,
        next: Status,
        refused: &'static str,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS_MAX {
            let mut work = self.work_on(caller, session).await?;
            let is = work.session.status;
            if !is.leads_to(next) {
                return Err(Error::WrongStatus { is, refused });
            }
            if self.write_status(caller, &mut work, next).await? == Attempt::Done {
                self.wake_sending();
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    async fn write_status(
        &self,
        caller: &Caller,
        work: &mut Work,
        next: Status,
    ) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let at = write.at();
        let mut draft = Draft::new().with("Status", next.word());
        if next == Status::Active {
            draft = work.taken_by(caller, at, draft);
        }
        if next == Status::Ended {
            draft = draft.with("EndTime", at).with("EndedByType", "Agent");
            let channel = self.channel(work.channel).await;
            // A channel that is switched off says nothing any more.
            let text = channel
                .map(|channel| channel.end_response)
                .unwrap_or_default();
            if !text.is_empty() && work.consent != "OptedOut" {
                let entry = NewEntry::automatic(&text).draft(&mut work.session, at);
                let entry = write.create(&system, "ConversationEntry", &entry).await?;
                let lane = Some(work.session.id.as_str());
                write.later(outbound::SEND, entry.as_str(), at, lane);
            }
        }
        work.change(&mut write, &system, &draft).await?;
        Ok(write.commit().await?)
    }
}
