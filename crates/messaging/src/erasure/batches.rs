//! What leaves, batch by batch: events, files, entries, sessions, what relinks say, the Messaging User.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Draft, Error as RecordsError, Table, Together, literal};

use super::Running;
use super::log::forget_later;
use crate::error::Error;
use crate::inbound::Kept;
use crate::messaging::Messaging;

/// Most records of one batch.
const RECORDS_MAX: u64 = 200;

/// Most files of one batch: each may have many megabytes.
const FILES_MAX: u64 = 20;

/// Most links that are read of the files of one batch.
const LINKS_MAX: u64 = 1_000;

/// What an event holds of whom it came from, once that is erased.
const NOTHING: &str = "erased";

impl Messaging {
    /// One batch: whether all is gone. Where somebody else changed the same records, the next one looks
    /// again.
    pub(super) async fn erase_batch(&self, running: &Running) -> Result<bool, Error> {
        if self.erase_events(running).await? {
            return Ok(false);
        }
        if let Some((session, conversation)) = self.next_session(running).await? {
            if !self.erase_files(running, session).await?
                && !self
                    .erase_all("ConversationEntry", "ConversationId", session)
                    .await?
            {
                self.erase_session(session, conversation).await?;
            }
            return Ok(false);
        }
        if self
            .erase_all("RelinkItem", "MessagingEndUserId", running.user)
            .await?
        {
            return Ok(false);
        }
        self.end_erasure(running).await
    }

    async fn some(&self, soql: &str, most: u64) -> Result<Table, Error> {
        let system = self.org().system();
        Ok(self.org().browse(&system, soql, None, most).await?)
    }

    /// Erases some records that refer to another: whether there were any.
    async fn erase_all(&self, object: &str, reference: &str, to: Id) -> Result<bool, Error> {
        let to = literal(to.as_str());
        let soql = format!("SELECT Id FROM {object} WHERE {reference} = {to}");
        let table = self.some(&soql, RECORDS_MAX).await?;
        let system = self.org().system();
        let mut write = self.org().together(&system);
        for id in table.rows().filter_map(|row| row.id("Id")) {
            write.erase(&system, object, id)?;
        }
        if table.is_empty() {
            return Ok(false);
        }
        write.commit().await?;
        Ok(true)
    }

    /// Of what came in only the names of the events stay, by which a carrier that delivers again is known:
    /// whether there was any. A new record takes each one's place, so that nothing remembers the old one.
    async fn erase_events(&self, running: &Running) -> Result<bool, Error> {
        let Some(channel) = running.channel.filter(|_| !running.addresses.is_empty()) else {
            return Ok(false);
        };
        let addresses: Vec<_> = running.addresses.iter().map(|one| literal(one)).collect();
        let soql = format!(
            "SELECT Id, EventKey, Payload, ReceivedTime, State FROM InboundEvent \
             WHERE MessagingChannelId = {} AND Address IN ({}) AND ReceivedTime < {}",
            literal(channel.as_str()),
            addresses.join(", "),
            running.since
        );
        let table = self.some(&soql, RECORDS_MAX).await?;
        if table.is_empty() {
            return Ok(false);
        }
        let system = self.org().system();
        let mut write = self.org().together(&system);
        for row in table.rows() {
            let Some(id) = row.id("Id") else { continue };
            if row.text("State") != "Done"
                && let Some(kept) = Kept::of(row.text("Payload"))
            {
                self.erase_documents(&mut write, &kept.files()).await?;
            }
            write.erase(&system, "InboundEvent", id)?;
            let draft = Draft::new()
                .with("MessagingChannelId", channel)
                .with("EventKey", row.get("EventKey").clone())
                .with("Address", Value::from(NOTHING))
                .with("Payload", Value::from(NOTHING))
                .with("ReceivedTime", row.get("ReceivedTime").clone())
                .with("State", Value::from("Done"));
            write.create(&system, "InboundEvent", &draft).await?;
        }
        write.commit().await?;
        Ok(true)
    }

    /// Also erases those of these files that are there.
    async fn erase_documents(&self, write: &mut Together<'_>, files: &[Id]) -> Result<(), Error> {
        if files.is_empty() {
            return Ok(());
        }
        let soql = format!(
            "SELECT Id FROM ContentDocument WHERE Id IN ({})",
            list(files)
        );
        let system = self.org().system();
        for id in self
            .some(&soql, LINKS_MAX)
            .await?
            .rows()
            .filter_map(|row| row.id("Id"))
        {
            write.erase(&system, "ContentDocument", id)?;
        }
        Ok(())
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

    /// Erases some files of a session: whether there were any. One that belongs to a record of somebody else
    /// too is only taken from this one.
    async fn erase_files(&self, running: &Running, session: Id) -> Result<bool, Error> {
        let soql = format!(
            "SELECT Id, ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = {}",
            literal(session.as_str())
        );
        let links = self.some(&soql, FILES_MAX).await?;
        if links.is_empty() {
            return Ok(false);
        }
        let documents = links.rows().filter_map(|row| row.id("ContentDocumentId"));
        let shared = self.shared(running, &documents.collect::<Vec<_>>()).await?;
        let system = self.org().system();
        let mut write = self.org().together(&system);
        for row in links.rows() {
            let (Some(link), Some(document)) = (row.id("Id"), row.id("ContentDocumentId")) else {
                continue;
            };
            if shared.contains(&document) {
                write.erase(&system, "ContentDocumentLink", link)?;
            } else {
                write.erase(&system, "ContentDocument", document)?;
            }
        }
        write.commit().await?;
        Ok(true)
    }

    /// Which of these files belong to a record that is not this Messaging User's. That people have a file
    /// makes it no one's.
    async fn shared(&self, running: &Running, documents: &[Id]) -> Result<Vec<Id>, Error> {
        let soql = format!(
            "SELECT ContentDocumentId, LinkedEntityId FROM ContentDocumentLink \
             WHERE ContentDocumentId IN ({})",
            list(documents)
        );
        let links = self.some(&soql, LINKS_MAX).await?;
        let links: Vec<_> = links
            .rows()
            .filter_map(|row| Some((row.id("ContentDocumentId")?, row.id("LinkedEntityId")?)))
            .filter(|(_, entity)| !self.is_of("User", *entity))
            .collect();
        let entities: Vec<_> = links.iter().map(|(_, entity)| *entity).collect();
        let theirs = self.theirs(running, &entities).await?;
        let others = links
            .into_iter()
            .filter(|(_, entity)| !theirs.contains(entity));
        Ok(others.map(|(document, _)| document).collect())
    }

    /// Which of these records are sessions of this Messaging User, or entries of those.
    async fn theirs(&self, running: &Running, entities: &[Id]) -> Result<Vec<Id>, Error> {
        let mut theirs = Vec::new();
        let user = literal(running.user.as_str());
        for (object, path) in [
            ("MessagingSession", "MessagingEndUserId"),
            ("ConversationEntry", "ConversationId"),
        ] {
            let of_object = entities.iter().filter(|id| self.is_of(object, **id));
            let of_object: Vec<_> = of_object.copied().collect();
            if of_object.is_empty() {
                continue;
            }
            let condition = match object {
                "MessagingSession" => format!("{path} = {user}"),
                _ => format!(
                    "{path} IN (SELECT Id FROM MessagingSession WHERE MessagingEndUserId = {user})"
                ),
            };
            let soql = format!(
                "SELECT Id FROM {object} WHERE Id IN ({}) AND {condition}",
                list(&of_object)
            );
            let table = self.some(&soql, LINKS_MAX).await?;
            theirs.extend(table.rows().filter_map(|row| row.id("Id")));
        }
        Ok(theirs)
    }

    /// Whether an id is of this object.
    fn is_of(&self, object: &str, id: Id) -> bool {
        let system = self.org().system();
        let found = system.rights.catalogue.object_of(id.prefix());
        found.is_some_and(|found| found.name == object)
    }

    /// Erases a session in which nothing is left, and its conversation if it is the last one there.
    async fn erase_session(&self, session: Id, conversation: Option<Id>) -> Result<(), Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        write.erase(&system, "MessagingSession", session)?;
        if let Some(conversation) = conversation {
            let soql = format!(
                "SELECT Id FROM MessagingSession WHERE ConversationId = {} AND Id != {}",
                literal(conversation.as_str()),
                literal(session.as_str())
            );
            if self.one(&soql).await?.is_empty() {
                write.erase(&system, "Conversation", conversation)?;
            }
        }
        write.commit().await?;
        Ok(())
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

/// Ids as SOQL lists them.
fn list(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| literal(id.as_str())).collect();
    ids.join(", ")
}
