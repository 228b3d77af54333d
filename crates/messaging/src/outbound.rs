//! What agents write.

mod pieces;

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError, Together, literal};
use jiff::Timestamp;

use crate::consent::Level;
use crate::conversation::{Session, session_of};
use crate::error::Error;
use crate::files::{self, NewFile};
use crate::messaging::Messaging;
use crate::status::Status;
use crate::template::Template;
use crate::timers;
use pieces::Piece;
pub(crate) use pieces::{check, said};

/// The kind of work that a message on its way out is.
pub(crate) const SEND: &str = "messaging.send";

/// Most characters of one message, as carriers of text messages have it.
pub const MESSAGE_CHARACTERS_MAX: usize = 1_600;

/// How often a write begins anew because the session was changed by others.
const ATTEMPTS_MAX: usize = 20;

/// A message of an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// What it says; may be empty when files go with it.
    pub text: String,
    /// Files that go with it, on channels that carry them.
    pub files: Vec<NewFile>,
    /// A name that the agent's page has given it, so that it is sent once however often the page
    /// asks. None: it gets one.
    pub id: Option<String>,
    /// A template of the carrier's, in place of a text.
    pub template: Option<Template>,
    /// Answers that the customer is offered with the text.
    pub choices: Vec<String>,
    /// How many entries of agents (`AgentMessageCount`) were there when it was begun: it is not sent when
    /// another agent has answered since. None: it is sent in any case.
    pub answers_known: Option<i64>,
}

/// A session as an agent works on it.
pub(crate) struct Work {
    pub(crate) session: Session,
    pub(crate) channel: Id,
    pub(crate) user_name: String,
    /// How far the customer has agreed to messages, and how far the channel wants it.
    pub(crate) consent: Level,
    pub(crate) consent_wanted: Level,
    pub(crate) is_accepted: bool,
    /// What its channel carries.
    kind: String,
    /// Its `SystemModstamp` when it was read: every message of an agent moves it.
    seen: Option<Timestamp>,
    /// The `SystemModstamp` that the session is to have still; none: any.
    pub(crate) version: Option<Timestamp>,
}

impl Work {
    /// Nothing is said in what is over, and to nobody who does not want it.
    pub(crate) fn may_be_written_to(&self) -> Result<(), Error> {
        if self.session.status.is_over() {
            return Err(Error::WrongStatus {
                is: self.session.status,
                refused: "nothing can be sent in it any more; the customer's next message begins \
                          another",
            });
        }
        self.check_consent()
    }

    /// Nobody is written to who does not want it.
    fn check_consent(&self) -> Result<(), Error> {
        let name = || self.user_name.clone();
        match self.consent {
            Level::OptedOut => Err(Error::OptedOut { name: name() }),
            has if has < self.consent_wanted => Err(Error::NotOptedIn { name: name() }),
            _ => Ok(()),
        }
    }

    /// A change by which the session is the caller's.
    pub(crate) fn taken_by(&self, caller: &Caller, at: Timestamp, draft: Draft) -> Draft {
        let draft = draft.with("OwnerId", caller.user);
        if self.is_accepted {
            draft
        } else {
            draft.with("AcceptTime", at)
        }
    }

    /// Also changes the session, if it still stands where it stood.
    pub(crate) async fn change(
        &self,
        write: &mut Together<'_>,
        system: &Caller,
        draft: &Draft,
    ) -> Result<(), RecordsError> {
        let Session { id, status, .. } = self.session;
        let mut expected = vec![("Status", Value::from(status.word()))];
        let version = self.version.map(Value::DateTime);
        expected.extend(version.map(|version| ("SystemModstamp", version)));
        write
            .update(system, "MessagingSession", id, draft, &expected)
            .await
    }
}

impl Messaging {
    /// Sends a message to the customer of a session: when this returns it is in the transcript, and on
    /// its way. To answer a session that waits is to take it.
    ///
    /// # Errors
    /// Nothing is sent. [`Error::Empty`], [`Error::TooLong`], [`Error::Template`],
    /// [`Error::Choices`], [`Error::WrongStatus`] when the session is over, [`Error::OptedOut`],
    /// [`Error::NotOptedIn`], [`Error::NoFiles`], [`Error::FileNotTaken`], [`Error::Answered`]; else as
    /// for an update of the session.
    pub async fn send(
        &self,
        caller: &Caller,
        session: &str,
        message: &Message,
    ) -> Result<Id, Error> {
        check(message)?;
        let id = match &message.id {
            Some(id) => id.clone(),
            None => self.identifier(),
        };
        for _ in 0..ATTEMPTS_MAX {
            let mut work = self.work_on(caller, session).await?;
            work.may_be_written_to()?;
            self.must_be_shown(&work, message).await?;
            if let Some(known) = self.message(work.session.id, &id).await? {
                return Ok(known);
            }
            if let Some(known) = message.answers_known {
                self.must_be_unanswered(caller, &work, known).await?;
                // Of two who send at once, one is told of the other.
                work.version = work.seen;
            }
            let taken = self.files_in_one_message(&work, message).await?;
            let pieces = pieces::of(message, &id, taken)?;
            let written = self.write_message(caller, &mut work, message, &pieces);
            if let (entry, Attempt::Done) = written.await? {
                self.wake_sending();
                return Ok(entry);
            }
        }
        Err(Error::Busy)
    }

    /// Sends a message again that could not be sent.
    ///
    /// # Errors
    /// [`Error::NotFailed`]; else as [`Messaging::send`].
    pub async fn send_again(&self, caller: &Caller, entry: Id) -> Result<(), Error> {
        let soql = format!(
            "SELECT Id, ConversationId, MessageStatus FROM ConversationEntry WHERE Id = {}",
            literal(entry.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let not_found = || RecordsError::NotFound(entry.to_string());
        let row = table.first().ok_or_else(not_found)?;
        let session = row.id("ConversationId").ok_or_else(not_found)?;
        self.work_on(caller, session.as_str()).await?;
        if row.text("MessageStatus") != "Error" {
            return Err(Error::NotFailed);
        }
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let draft = Draft::new()
            .with("MessageStatus", "Pending")
            .with("MessageStatusCode", Value::Null);
        let expected = [("MessageStatus", Value::from("Error"))];
        write
            .update(&system, "ConversationEntry", entry, &draft, &expected)
            .await?;
        let due = write.at();
        write.later(SEND, entry.as_str(), due, Some(session.as_str()));
        match write.commit().await? {
            Attempt::Done => self.wake_sending(),
            Attempt::Overtaken => return Err(Error::NotFailed),
        }
        Ok(())
    }

    /// Whether the channel's service can show a text that is so long.
    pub(crate) async fn must_be_shown(&self, work: &Work, message: &Message) -> Result<(), Error> {
        let found = message.text.trim().chars().count();
        let max = self.text_characters_max(work.channel, &work.kind).await?;
        if message.template.is_none() && found > max {
            return Err(Error::TooLong { found, max });
        }
        Ok(())
    }

    /// How many files are one message at the carrier's, which takes all of these.
    async fn files_in_one_message(&self, work: &Work, message: &Message) -> Result<usize, Error> {
        if message.files.is_empty() {
            return Ok(files::FILES_MAX);
        }
        let taken = self.files_taken(work.channel, &work.kind).await?;
        let taken = taken.ok_or(Error::NoFiles)?;
        for file in &message.files {
            taken.check(file)?;
        }
        Ok(taken.in_one_message)
    }

    async fn write_message(
        &self,
        caller: &Caller,
        work: &mut Work,
        message: &Message,
        pieces: &[Piece<'_>],
    ) -> Result<(Id, Attempt), Error> {
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let at = write.at();
        let was_answered = work.session.is_answered;
        let status = work.session.status;
        let takes = matches!(status, Status::Waiting | Status::Inactive | Status::Paused);
        if takes {
            let moves = (status, Status::Active);
            self.announce_move(&mut write, work.session.id, moves, Some(caller.user))
                .await?;
        }
        // One after the other, so that the customer gets them in order.
        let lane = work.session.id.to_string();
        let mut first = None;
        for piece in pieces {
            let template = message.template.as_ref();
            let written = piece.write(&mut write, (caller, &system), &mut work.session, template);
            let entry = written.await?;
            write.later(SEND, entry.as_str(), at, Some(&lane));
            first = first.or(Some(entry));
        }
        let entry = first.ok_or(Error::Empty)?;
        let mut draft = Draft::new();
        if takes {
            draft = work.taken_by(caller, at, draft.with("Status", Status::Active.word()));
        }
        // Also when it stays as it is: nothing is sent in a session that ends at this moment.
        work.change(&mut write, &system, &draft).await?;
        if takes {
            let session = work.session.id;
            self.work_follows(&mut write, session, Status::Active, caller.user)
                .await?;
        }
        if !was_answered && let Some(channel) = self.channel_if_on(work.channel).await? {
            timers::rests_unless_answered(&mut write, work.session.id, &channel);
        }
        Ok((entry, write.commit().await?))
    }

    /// The entry of a session that holds this message.
    pub(crate) async fn message(&self, session: Id, message: &str) -> Result<Option<Id>, Error> {
        let soql = format!(
            "SELECT Id FROM ConversationEntry WHERE ConversationId = {} AND MessageIdentifier = {}",
            literal(session.as_str()),
            literal(message)
        );
        Ok(self.one(&soql).await?.first().and_then(|row| row.id("Id")))
    }

    /// A session that this caller may work on.
    pub(crate) async fn work_on(&self, caller: &Caller, session: &str) -> Result<Work, Error> {
        let not_found = || RecordsError::NotFound(session.to_owned());
        let id: Id = session.parse().map_err(|_| not_found())?;
        self.org().may_edit(caller, "MessagingSession", id).await?;
        let soql = format!(
            "SELECT Id, SystemModstamp, Status, ConversationId, MessagingChannelId, AcceptTime, \
             ChannelType, MessagingEndUser.Name, MessagingEndUser.MessagingConsentStatus, \
             MessagingChannel.ConsentType FROM MessagingSession WHERE Id = {}",
            literal(id.as_str())
        );
        let table = self.one(&soql).await?;
        let row = table.first().ok_or_else(not_found)?;
        let session = session_of(row).ok_or_else(not_found)?;
        Ok(Work {
            session: self.with_place(session).await?,
            channel: row.id("MessagingChannelId").ok_or_else(not_found)?,
            user_name: row.text("MessagingEndUser.Name").to_owned(),
            consent: Level::of(row.text("MessagingEndUser.MessagingConsentStatus")),
            consent_wanted: Level::wanted(row.text("MessagingChannel.ConsentType")),
            kind: row.text("ChannelType").to_owned(),
            is_accepted: !row.get("AcceptTime").is_null(),
            version: None,
            seen: row.get("SystemModstamp").as_datetime(),
        })
    }
}
