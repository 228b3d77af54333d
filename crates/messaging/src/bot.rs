//! What a bot says in a conversation. It is sent to the customer as an agent's message is, and takes no
//! session: whoever waits for an agent waits on.

use headwater_catalogue::Id;
use headwater_records::{Attempt, Caller, Draft};

use crate::choices::Offer;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::outbound::{Message, SEND, check, said};
use crate::transcript::{NewEntry, Speaker};

/// How often it is written anew because the session was changed by others.
const ATTEMPTS_MAX: usize = 20;

impl Messaging {
    /// Has a bot say something to a session's customer, as the caller, who may change the session. A message
    /// of an id that is there already is not sent again.
    ///
    /// # Errors
    /// As [`Messaging::send`]; [`Error::NoFiles`] with files.
    pub async fn bot_says(
        &self,
        caller: &Caller,
        session: &str,
        name: &str,
        message: &Message,
    ) -> Result<Id, Error> {
        check(message)?;
        if !message.files.is_empty() {
            return Err(Error::NoFiles);
        }
        let (text, offer) = said(message)?;
        let id = message.id.clone().unwrap_or_else(|| self.identifier());
        for _ in 0..ATTEMPTS_MAX {
            let mut work = self.work_on(caller, session).await?;
            work.may_be_written_to()?;
            self.must_be_shown(&work, message).await?;
            if let Some(known) = self.message(work.session.id, &id).await? {
                return Ok(known);
            }
            let system = self.org().system();
            let mut write = self.org().together(caller);
            let (at, lane) = (write.at(), work.session.id.to_string());
            let entry = NewEntry {
                kind: "Text",
                speaker: Speaker::Bot,
                actor: None,
                name,
                text: &text,
                message: Some(&id),
                status: Some("Pending"),
                has_files: false,
            };
            let mut draft = entry.draft(&mut work.session, at);
            if let Some(offer) = &offer {
                draft = draft.with("Choices", Offer::kept(offer));
            }
            let entry = write.create(&system, "ConversationEntry", &draft).await?;
            write.later(SEND, entry.as_str(), at, Some(&lane));
            // Nothing is sent in a session that ends at this moment.
            work.change(&mut write, &system, &Draft::new()).await?;
            if write.commit().await? == Attempt::Done {
                self.wake_sending();
                return Ok(entry);
            }
        }
        Err(Error::Busy)
    }
}
