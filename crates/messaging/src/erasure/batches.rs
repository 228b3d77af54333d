//! What leaves, batch by batch: events, files, entries, sessions, what relinks say, the Messaging User.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Draft, Error as RecordsError, Together, literal};

use super::Running;
use super::forget_later;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::removal::Whose;

impl Messaging {
    /// One batch: whether all is gone. Where somebody else changed the same records, the next one looks
    /// again.
    pub(super) async fn erase_batch(&self, running: &Running) -> Result<bool, Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        if !self.next_batch(running, &mut write).await? {
            return self.end_erasure(running).await;
        }
        write.commit().await?;
        Ok(false)
    }

    /// Puts together what goes next: whether there is anything.
    async fn next_batch(&self, running: &Running, write: &mut Together<'_>) -> Result<bool, Error> {
        if let Some(condition) = events_of(running)
            && self.erase_some_events(write, &condition).await? > 0
        {
            return Ok(true);
        }
        if let Some((session, conversation)) = self.next_session(running).await? {
            let whose = Whose::User(running.user);
            let entries = ("ConversationEntry", "ConversationId");
            if self.erase_some_files(write, whose, session).await? == 0
                && self.erase_some(write, entries, session).await? == 0
            {
                self.erase_session(write, session, conversation).await?;
            }
            return Ok(true);
        }
        let relinks = ("RelinkItem", "MessagingEndUserId");
        Ok(self.erase_some(write, relinks, running.user).await? > 0)
    }

    /// A session that is there still, with its conversation.
    async fn next_session(&self, running: &Running) -> Result<Option<(Id, Option<Id>)>, Error> {
        let soql = format!(
            "SELECT Id, ConversationId FROM MessagingSession WHERE MessagingEndUserId = {}",
            literal(running.user.as_str())
        );
        let table = self.one(&soql).await?;
        Ok(table
            .first()
            .and_then(|row| Some((row.id("Id")?, row.id("ConversationId")))))
    }

    /// The Messaging User goes, and with it whatever else hangs on it; the erasure is done.
    async fn end_erasure(&self, running: &Running) -> Result<bool, Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let at = write.at();
        let draft = Draft::new()
            .with("Status", "Done")
            .with("CompletedTime", at)
            .with("Addresses", Value::Null);
        let expected = [("Status", Value::from("Running"))];
        write
            .update(&system, "Erasure", running.id, &draft, &expected)
            .await?;
        let soql = format!(
            "SELECT Id FROM MessagingEndUser WHERE Id = {}",
            literal(running.user.as_str())
        );
        if !self.one(&soql).await?.is_empty() {
            write.erase(&system, "MessagingEndUser", running.user)?;
        }
        forget_later(&mut write);
        match write.commit().await {
            Ok(Attempt::Done) => Ok(true),
            // Another node was faster, or a session began at the last moment and goes with the next batch.
            Ok(Attempt::Overtaken) => self.is_over_with(running).await,
            Err(RecordsError::Restricted { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn is_over_with(&self, running: &Running) -> Result<bool, Error> {
        Ok(self.running(running.id).await?.is_none())
    }
}

/// The events that have come in from them, as a condition.
fn events_of(running: &Running) -> Option<String> {
    let channel = running.channel.filter(|_| !running.addresses.is_empty())?;
    let addresses: Vec<_> = running.addresses.iter().map(|one| literal(one)).collect();
    Some(format!(
        "MessagingChannelId = {} AND Address IN ({}) AND ReceivedTime < {}",
        literal(channel.as_str()),
        addresses.join(", "),
        running.since
    ))
}
