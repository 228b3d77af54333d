//! Who is writing in a session just now, and who of those who work here is looking at it. It is told to whoever
//! looks, on every node, and kept nowhere.

use std::sync::Arc;

use headwater_catalogue::Id;
use headwater_records::{Caller, Error as RecordsError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::error::Error;
use crate::messaging::Messaging;

/// What a signal of ours begins with.
const TOPIC: &str = "session";

/// In place of a user: the customer.
const CUSTOMER: &str = "-";

/// Most characters of a name that a sign carries.
const NAME_CHARACTERS_MAX: usize = 120;

/// Somebody does something in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The session.
    pub session: Id,
    /// Who.
    pub by: Signer,
    /// What.
    pub does: Doing,
}

/// Who does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
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

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Writes; said again every few seconds.
    Writes,
    /// Has stopped writing.
    Stops,
    /// Has begun to look at the session. Whoever looks already says so now.
    Comes,
    /// Looks at it; said again every few seconds.
    Looks,
    /// Looks no more.
    Leaves,
}

impl Doing {
    const ALL: [Self; 5] = [
        Self::Writes,
        Self::Stops,
        Self::Comes,
        Self::Looks,
        Self::Leaves,
    ];

    /// What it is called where it is told.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Writes => "writes",
            Self::Stops => "stops",
            Self::Comes => "comes",
            Self::Looks => "looks",
            Self::Leaves => "leaves",
        }
    }
}

/// The signs that are told from a moment on.
#[derive(Debug)]
pub struct Signs(broadcast::Receiver<Arc<str>>);

impl Signs {
    /// The next one; none when the database is closed. Whoever is slow misses the oldest, and nothing is lost
    /// by that: whoever goes on says so again.
    pub async fn next(&mut self) -> Option<Sign> {
        loop {
            match self.0.recv().await {
                Ok(text) => {
                    if let Some(sign) = Sign::read(&text) {
                        return Some(sign);
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

impl Sign {
    /// As one line, with the name, which may have spaces, at its end.
    fn written(&self) -> String {
        let Self { session, by, does } = self;
        let does = does.word();
        match by {
            Signer::Customer => format!("{TOPIC} {session} {does} {CUSTOMER}"),
            Signer::Agent { id, name } => {
                let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
                format!("{TOPIC} {session} {does} {id} {name}")
            }
        }
    }

    /// None for what is no sign.
    fn read(text: &str) -> Option<Self> {
        let mut words = text.splitn(5, ' ');
        let is_ours = words.next() == Some(TOPIC);
        let session = words.next().filter(|_| is_ours)?.parse().ok()?;
        let does = words.next()?;
        let does = Doing::ALL.into_iter().find(|known| known.word() == does)?;
        let by = match words.next()? {
            CUSTOMER => Signer::Customer,
            id => Signer::Agent {
                id: id.parse().ok()?,
                name: words.next()?.to_owned(),
            },
        };
        Some(Self { session, by, does })
    }
}

impl Messaging {
    /// What is told from now on, on any node.
    pub fn signs(&self) -> Signs {
        Signs(self.org().signals())
    }

    /// Tells that a session's customer writes, or has stopped. That it is theirs was asked before.
    pub async fn customer_types(&self, session: Id, is_on: bool) {
        let does = if is_on { Doing::Writes } else { Doing::Stops };
        let by = Signer::Customer;
        self.tell(Sign { session, by, does }).await;
    }

    /// Tells what the caller does in a session.
    ///
    /// # Errors
    /// As for an update of the session.
    pub async fn agent_does(
        &self,
        caller: &Caller,
        session: &str,
        does: Doing,
    ) -> Result<(), Error> {
        let session: Id = session
            .parse()
            .map_err(|_| RecordsError::NotFound(session.to_owned()))?;
        let org = self.org();
        org.may_edit(caller, "MessagingSession", session).await?;
        let by = Signer::Agent {
            id: caller.user,
            name: caller.name.to_string(),
        };
        self.tell(Sign { session, by, does }).await;
        Ok(())
    }

    async fn tell(&self, sign: Sign) {
        if let Err(error) = self.org().signal(&sign.written()).await {
            // Whoever goes on says so again.
            tracing::debug!(%error, "nobody was told what somebody does");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Doing, Sign, Signer};

    #[test]
    fn a_sign_is_read_as_it_was_written_and_nothing_else_is_one() {
        let session = "0Mw000000000001CAA".parse().unwrap();
        let agent = Signer::Agent {
            id: "005000000000001AAA".parse().unwrap(),
            name: "Sasha  Lindqvist-Ó'Neil".to_owned(),
        };
        for by in [Signer::Customer, agent] {
            for does in Doing::ALL {
                let by = by.clone();
                let sign = Sign { session, by, does };
                assert_eq!(Sign::read(&sign.written()), Some(sign));
            }
        }
        for text in ["", "session", "other 0Mw000000000001CAA writes -"] {
            assert_eq!(Sign::read(text), None, "{text}");
        }
    }
}
