//! What was said before this server had the conversation, brought by whoever has it: it stands in the
//! transcript by its own times, and goes to no customer.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Draft, Error as RecordsError, literal};
use jiff::Timestamp;

use crate::conversation::Session;
use crate::error::Error;
use crate::inbound::TEXT_CHARACTERS_MAX;
use crate::messaging::Messaging;
use crate::transcript::{NewEntry, Speaker};

/// How often it is written anew because the session was changed by others, or somebody brought the same.
const ATTEMPTS_MAX: usize = 20;

/// Something that was said earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its own id: it is in the conversation once.
    pub id: String,
    /// Whether the customer said it; else a bot did.
    pub by_customer: bool,
    /// What they are called; empty when that is not known.
    pub name: String,
    /// What was said.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

impl Messaging {
    /// Puts what was said earlier into the customer's open session, each at its own time. What the
    /// conversation has already is passed over. Nobody is sent anything.
    ///
    /// # Errors
    /// [`Error::TooLong`]; [`RecordsError::NotFound`] when the customer has no open session; else the
    /// database's. Nothing is written then.
    pub async fn bring_history(
        &self,
        channel: Id,
        customer: &str,
        earlier: &[Earlier],
    ) -> Result<Session, Error> {
        for one in earlier {
            let found = one.text.chars().count();
            if found > TEXT_CHARACTERS_MAX {
                let max = TEXT_CHARACTERS_MAX;
                return Err(Error::TooLong { found, max });
            }
        }
        for _ in 0..ATTEMPTS_MAX {
            let party = self.party(channel, customer).await?;
            let open = party.session.filter(|session| !session.status.is_over());
            let (Some(user), Some(session)) = (party.user, open) else {
                return Err(RecordsError::NotFound(customer.to_owned()).into());
            };
            match self.write_history(user.id, &session, earlier).await {
                Ok(Attempt::Done) => return Ok(session),
                // Somebody has brought one of them at the same moment, or the session has moved.
                Ok(Attempt::Overtaken) | Err(Error::Records(RecordsError::Duplicate { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy)
    }

    async fn write_history(
        &self,
        user: Id,
        session: &Session,
        earlier: &[Earlier],
    ) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let now = write.at();
        let mut place = session.clone();
        let mut is_new = false;
        for one in earlier {
            if self.is_in_conversation(session, &one.id).await? {
                continue;
            }
            is_new = true;
            let entry = NewEntry {
                kind: "Text",
                speaker: if one.by_customer {
                    Speaker::EndUser
                } else {
                    Speaker::Bot
                },
                actor: one.by_customer.then_some(user),
                name: &one.name,
                text: &one.text,
                message: Some(&one.id),
                status: None,
                has_files: false,
            };
            // Clocks differ: nothing was said earlier that is still to come.
            let at = one.at.min(now);
            let draft = entry.draft_received(&mut place, at, now);
            let draft = draft.with("ClientTimestamp", one.at);
            write.create(&system, "ConversationEntry", &draft).await?;
        }
        if !is_new {
            return Ok(Attempt::Done);
        }
        // Nothing is put into a session that ends at this moment.
        let expected = [("Status", Value::from(session.status.word()))];
        write
            .update(
                &system,
                "MessagingSession",
                session.id,
                &Draft::new(),
                &expected,
            )
            .await?;
        Ok(write.commit().await?)
    }

    /// Whether a message stands in any session of a session's conversation.
    async fn is_in_conversation(&self, session: &Session, message: &str) -> Result<bool, Error> {
        let Some(conversation) = session.conversation else {
            return Ok(self.message(session.id, message).await?.is_some());
        };
        let soql = format!(
            "SELECT Id FROM ConversationEntry WHERE ConversationId IN (SELECT Id FROM \
             MessagingSession WHERE ConversationId = {}) AND MessageIdentifier = {}",
            literal(conversation.as_str()),
            literal(message)
        );
        Ok(!self.one(&soql).await?.is_empty())
    }
}
