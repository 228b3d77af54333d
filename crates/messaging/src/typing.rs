//! Who is writing something just now. It is told to whoever looks on this node, and kept nowhere.

use headwater_catalogue::Id;
use headwater_records::{Caller, Error as RecordsError};
use tokio::sync::broadcast;

use crate::error::Error;
use crate::messaging::Messaging;

/// Signs of writing that wait for one listener. One that is further behind misses the oldest, and nothing
/// is lost by that: whoever goes on writing says so again.
pub(crate) const WAITING_MAX: usize = 1_024;

/// Somebody has begun to write in a session, or has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// The session.
    pub session: Id,
    /// Who.
    pub by: Typist,
    /// Whether they write.
    pub is_on: bool,
}

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typist {
    /// The session's customer.
    Customer,
    /// Somebody who works here.
    Agent {
        /// Their user.
        id: Id,
        /// What they are called.
        name: String,
    },
}

impl Messaging {
    /// What is told from now on, on this node.
    pub fn typing(&self) -> broadcast::Receiver<Typing> {
        self.typing_sender().subscribe()
    }

    /// Tells that a session's customer writes, or has stopped. That it is theirs was asked before.
    pub fn customer_types(&self, session: Id, is_on: bool) {
        self.tell_typing(session, Typist::Customer, is_on);
    }

    /// Tells that the caller writes to a session's customer, or has stopped.
    ///
    /// # Errors
    /// As for an update of the session.
    pub async fn agent_types(
        &self,
        caller: &Caller,
        session: &str,
        is_on: bool,
    ) -> Result<(), Error> {
        let id: Id = session
            .parse()
            .map_err(|_| RecordsError::NotFound(session.to_owned()))?;
        self.org().may_edit(caller, "MessagingSession", id).await?;
        let by = Typist::Agent {
            id: caller.user,
            name: caller.name.to_string(),
        };
        self.tell_typing(id, by, is_on);
        Ok(())
    }

    fn tell_typing(&self, session: Id, by: Typist, is_on: bool) {
        // Nobody may be listening.
        let _ = self.typing_sender().send(Typing { session, by, is_on });
    }
}
