//! What leaves for good of what was said: messages, files, what has come in, sessions. Erasing a Messaging
//! User and the retention rules of channels both take it out by what stands here.

use headwater_catalogue::{Id, Value};
use headwater_records::{Draft, Table, Together, literal};

use crate::error::Error;
use crate::inbound::Kept;
use crate::messaging::Messaging;

/// Most records of one batch.
pub(crate) const RECORDS_MAX: u64 = 200;

/// Most files of one batch: each may have many megabytes.
pub(crate) const FILES_MAX: u64 = 20;

/// Most links that are read of the files of one batch.
const LINKS_MAX: u64 = 1_000;

/// What an event holds of whom it came from, once that is gone.
pub(crate) const NOTHING: &str = "erased";

/// To whom a file must belong alone, or else it is only taken from the session.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    /// To sessions of a Messaging User.
    User(Id),
    /// To a session.
    Session(Id),
}

impl Whose {
    /// Those sessions, as a condition on them.
    fn sessions(self) -> String {
        match self {
            Self::User(user) => format!("MessagingEndUserId = {}", literal(user.as_str())),
            Self::Session(session) => format!("Id = {}", literal(session.as_str())),
        }
    }
}

impl Messaging {
    /// The first rows of a query of the server's own.
    pub(crate) async fn some(&self, soql: &str, most: u64) -> Result<Table, Error> {
        let system = self.org().system();
        Ok(self.org().browse(&system, soql, None, most).await?)
    }

    /// Also erases some records that refer to another: how many.
    pub(crate) async fn erase_some(
        &self,
        write: &mut Together<'_>,
        (object, reference): (&str, &str),
        to: Id,
    ) -> Result<u64, Error> {
        let to = literal(to.as_str());
        let soql = format!("SELECT Id FROM {object} WHERE {reference} = {to}");
        let table = self.some(&soql, RECORDS_MAX).await?;
        let system = self.org().system();
        let mut erased = 0;
        for id in table.rows().filter_map(|row| row.id("Id")) {
            write.erase(&system, object, id)?;
            erased += 1;
        }
        Ok(erased)
    }

    /// Also empties some events: how many. Only their names stay, by which a carrier that delivers again is
    /// known. A new record takes each one's place, so that nothing remembers the old one.
    pub(crate) async fn erase_some_events(
        &self,
        write: &mut Together<'_>,
        condition: &str,
    ) -> Result<u64, Error> {
        let soql = format!(
            "SELECT Id, MessagingChannelId, EventKey, Payload, ReceivedTime, State \
             FROM InboundEvent WHERE {condition}"
        );
        let table = self.some(&soql, RECORDS_MAX).await?;
        let system = self.org().system();
        let mut erased = 0;
        for row in table.rows() {
            let Some(id) = row.id("Id") else { continue };
            if row.text("State") != "Done"
                && let Some(kept) = Kept::of(row.text("Payload"))
            {
                self.erase_documents(write, &kept.files()).await?;
            }
            write.erase(&system, "InboundEvent", id)?;
            let draft = Draft::new()
                .with("MessagingChannelId", row.get("MessagingChannelId").clone())
                .with("EventKey", row.get("EventKey").clone())
                .with("Address", Value::from(NOTHING))
                .with("Payload", Value::from(NOTHING))
                .with("ReceivedTime", row.get("ReceivedTime").clone())
                .with("State", Value::from("Done"));
            write.create(&system, "InboundEvent", &draft).await?;
            erased += 1;
        }
        Ok(erased)
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

    /// Also erases some files of a session: how many. One that belongs to another record too is only taken
    /// from this one.
    pub(crate) async fn erase_some_files(
        &self,
        write: &mut Together<'_>,
        whose: Whose,
        session: Id,
    ) -> Result<u64, Error> {
        let soql = format!(
            "SELECT Id, ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = {}",
            literal(session.as_str())
        );
        let links = self.some(&soql, FILES_MAX).await?;
        if links.is_empty() {
            return Ok(0);
        }
        let documents = links.rows().filter_map(|row| row.id("ContentDocumentId"));
        let shared = self.shared(whose, &documents.collect::<Vec<_>>()).await?;
        let system = self.org().system();
        let mut erased = 0;
        for row in links.rows() {
            let (Some(link), Some(document)) = (row.id("Id"), row.id("ContentDocumentId")) else {
                continue;
            };
            if shared.contains(&document) {
                write.erase(&system, "ContentDocumentLink", link)?;
            } else {
                write.erase(&system, "ContentDocument", document)?;
            }
            erased += 1;
        }
        Ok(erased)
    }

    /// Which of these files belong to another record. That people have a file makes it no one's.
    async fn shared(&self, whose: Whose, documents: &[Id]) -> Result<Vec<Id>, Error> {
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
        let theirs = self.theirs(whose, &entities).await?;
        let others = links
            .into_iter()
            .filter(|(_, entity)| !theirs.contains(entity));
        Ok(others.map(|(document, _)| document).collect())
    }

    /// Which of these records are those sessions, or entries of those.
    async fn theirs(&self, whose: Whose, entities: &[Id]) -> Result<Vec<Id>, Error> {
        let mut theirs = Vec::new();
        let sessions = whose.sessions();
        for object in ["MessagingSession", "ConversationEntry"] {
            let of_object = entities.iter().filter(|id| self.is_of(object, **id));
            let of_object: Vec<_> = of_object.copied().collect();
            if of_object.is_empty() {
                continue;
            }
            let condition = match object {
                "MessagingSession" => sessions.clone(),
                _ => {
                    format!("ConversationId IN (SELECT Id FROM MessagingSession WHERE {sessions})")
                }
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

    /// Also erases a session in which nothing is left, and its conversation if it is the last one there.
    pub(crate) async fn erase_session(
        &self,
        write: &mut Together<'_>,
        session: Id,
        conversation: Option<Id>,
    ) -> Result<(), Error> {
        let system = self.org().system();
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
        Ok(())
    }
}

/// Ids as SOQL lists them.
fn list(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| literal(id.as_str())).collect();
    ids.join(", ")
}
