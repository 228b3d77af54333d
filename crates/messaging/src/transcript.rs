//! What was said in a session: writing an entry, and reading them.

use headwater_catalogue::{Id, Value};
use headwater_records::{Caller, Cells, Draft, literal};
use jiff::Timestamp;

use crate::conversation::{Session, User};
use crate::error::Error;
use crate::files::File;
use crate::messaging::Messaging;

/// Most entries that are read at once.
pub(crate) const ENTRIES_MAX: u64 = 200;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The customer.
    EndUser,
    /// A person who works here.
    Agent,
    /// A person who looks after those.
    Supervisor,
    /// A program that talks to customers.
    Bot,
    /// The server, by itself.
    System,
}

impl Speaker {
    /// `ActorType`.
    const fn word(self) -> &'static str {
        match self {
            Self::EndUser => "EndUser",
            Self::Agent => "Agent",
            Self::Supervisor => "Supervisor",
            Self::Bot => "Bot",
            Self::System => "System",
        }
    }
}

/// One entry to be written.
pub(crate) struct NewEntry<'a> {
    pub(crate) kind: &'static str,
    pub(crate) speaker: Speaker,
    pub(crate) actor: Option<Id>,
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    /// The message's own id, by which it is in the transcript once.
    pub(crate) message: Option<&'a str>,
    /// Where it is on its way to the customer; none for what the customer says.
    pub(crate) status: Option<&'static str>,
    /// Whether files came with it.
    pub(crate) has_files: bool,
}

impl<'a> NewEntry<'a> {
    /// What the server says to the customer by itself.
    pub(crate) fn automatic(text: &'a str) -> Self {
        Self {
            kind: "Text",
            speaker: Speaker::System,
            actor: None,
            name: "",
            text,
            message: None,
            status: Some("Pending"),
            has_files: false,
        }
    }

    /// What a customer has done, without words.
    pub(crate) fn of_customer(user: &'a User, kind: &'static str) -> Self {
        Self {
            kind,
            speaker: Speaker::EndUser,
            actor: Some(user.id),
            name: &user.name,
            text: "",
            message: None,
            status: None,
            has_files: false,
        }
    }

    /// The next entry of a session.
    pub(crate) fn draft(&self, session: &mut Session, at: Timestamp) -> Draft {
        self.draft_received(session, at, at)
    }

    /// The next entry of a session, of something that was said before it was received.
    pub(crate) fn draft_received(
        &self,
        session: &mut Session,
        at: Timestamp,
        received: Timestamp,
    ) -> Draft {
        session.seq += 1;
        let text = |text: &str| match text {
            "" => Value::Null,
            text => Value::from(text),
        };
        Draft::new()
            .with("ConversationId", session.id)
            .with(
                "ConversationEntityId",
                session.conversation.map_or(Value::Null, Value::Id),
            )
            .with("Seq", session.seq)
            .with("EntryTime", at)
            .with("ServerReceivedTimestamp", received)
            .with("EntryType", self.kind)
            .with("ActorType", self.speaker.word())
            .with("ActorId", self.actor.map_or(Value::Null, Value::Id))
            .with("ActorName", text(self.name))
            .with("Message", text(self.text))
            .with("HasAttachments", self.has_files)
            .with(
                "MessageIdentifier",
                self.message.map_or(Value::Null, Value::from),
            )
            .with(
                "MessageStatus",
                self.status.map_or(Value::Null, Value::from),
            )
    }
}

/// One entry of a transcript.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its record.
    pub id: Id,
    /// Its session.
    pub session: Option<Id>,
    /// `EntryType`: `Text` for a message.
    pub kind: String,
    /// `ActorType`.
    pub speaker: String,
    /// Who says it, where that is known.
    pub actor: Option<Id>,
    /// What they are called.
    pub name: String,
    /// What is said.
    pub text: String,
    /// The message's own id.
    pub message: Option<String>,
    /// When the server had it.
    pub at: Option<Timestamp>,
    /// The files that came with it.
    pub files: Vec<File>,
    pub(crate) has_files: bool,
}

pub(crate) const FIELDS: &str = "Id, ConversationId, EntryType, ActorType, ActorId, ActorName, Message, \
                      MessageIdentifier, EntryTime, HasAttachments";

impl Messaging {
    /// The entries of a conversation, all its sessions', oldest first; the newest ones if there are more
    /// than `most` (two hundred at most).
    ///
    /// # Errors
    /// The database's.
    pub async fn transcript(
        &self,
        caller: &Caller,
        conversation: Id,
        most: u64,
    ) -> Result<Vec<Entry>, Error> {
        let soql = format!(
            "SELECT {FIELDS} FROM ConversationEntry WHERE ConversationEntityId = {} \
             ORDER BY EntryTime DESC, Seq DESC",
            literal(conversation.as_str())
        );
        let most = most.min(ENTRIES_MAX);
        let table = self.org().browse(caller, &soql, None, most).await?;
        let mut entries: Vec<_> = table.rows().filter_map(entry_of).collect();
        entries.reverse();
        self.with_files(caller, &mut entries).await?;
        Ok(entries)
    }

    /// The messages of a conversation between two moments, the first of them among these, the newest first;
    /// two hundred at most.
    ///
    /// # Errors
    /// The database's.
    pub async fn messages_within(
        &self,
        caller: &Caller,
        conversation: Id,
        (from, until): (Option<Timestamp>, Option<Timestamp>),
        most: u64,
    ) -> Result<Vec<Entry>, Error> {
        let from = from.map(|from| format!(" AND EntryTime >= {from}"));
        let until = until.map(|until| format!(" AND EntryTime < {until}"));
        let soql = format!(
            "SELECT {FIELDS} FROM ConversationEntry WHERE ConversationEntityId = {} AND \
             EntryType = 'Text'{}{} ORDER BY EntryTime DESC, Seq DESC",
            literal(conversation.as_str()),
            from.unwrap_or_default(),
            until.unwrap_or_default()
        );
        let most = most.min(ENTRIES_MAX);
        let table = self.org().browse(caller, &soql, None, most).await?;
        let mut entries: Vec<_> = table.rows().filter_map(entry_of).collect();
        self.with_files(caller, &mut entries).await?;
        Ok(entries)
    }

    /// One entry, as this caller sees it; none when there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn entry(&self, caller: &Caller, id: Id) -> Result<Option<Entry>, Error> {
        let soql = format!(
            "SELECT {FIELDS} FROM ConversationEntry WHERE Id = {}",
            literal(id.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let mut entry = table.first().and_then(entry_of);
        self.with_files(caller, entry.as_mut_slice()).await?;
        Ok(entry)
    }
}

pub(crate) fn entry_of(row: Cells<'_>) -> Option<Entry> {
    Some(Entry {
        id: row.id("Id")?,
        session: row.id("ConversationId"),
        kind: row.text("EntryType").to_owned(),
        speaker: row.text("ActorType").to_owned(),
        actor: row.id("ActorId"),
        name: row.text("ActorName").to_owned(),
        text: row.text("Message").to_owned(),
        message: row.get("MessageIdentifier").as_text().map(str::to_owned),
        at: row.get("EntryTime").as_datetime(),
        files: Vec::new(),
        has_files: row.get("HasAttachments").is_true(),
    })
}
