//! A Messaging User, a conversation and a session, made where they are missing.

use headwater_catalogue::{Id, Value};
use headwater_records::{Draft, Error as RecordsError};
use tracing::warn;

use super::Desk;
use crate::consent::Level;
use crate::conversation::{OutsideAction, Owned, Session, User};
use crate::error::Error;
use crate::linking;
use crate::routing::Handler;
use crate::status::Status;

const SESSION: &str = "MessagingSession";

impl Desk<'_> {
    /// The Messaging User of the address, made if there is none.
    pub(super) async fn user(&mut self, name: Option<&str>) -> Result<User, Error> {
        if let Some(user) = &self.party.user {
            return Ok(user.clone());
        }
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let name = name.unwrap_or(match self.channel.kind.as_str() {
            "EmbeddedMessaging" => "Guest",
            _ => self.key(),
        });
        let name: String = name.chars().take(255).collect();
        let draft = Draft::new()
            .with("Name", name.as_str())
            .with("MessagingChannelId", self.channel.id)
            .with("MessageType", self.channel.kind.as_str())
            .with("MessagingPlatformKey", self.key())
            .with("MessagingConsentStatus", Level::Implicit.word());
        let id = self
            .write
            .create(&self.system, "MessagingEndUser", &draft)
            .await?;
        if self.messaging.looks_for_contacts(&self.channel).await? {
            self.write
                .later(linking::LINK, id.as_str(), self.write.at(), None);
        }
        let user = User {
            id,
            name,
            key: self.key().to_owned(),
            was_answered: false,
            consent: Level::Implicit,
        };
        self.party.user = Some(user.clone());
        Ok(user)
    }

    /// Sees to it that the user has an open session: whether it is new.
    pub(super) async fn session(
        &mut self,
        user: &User,
        conversation: Option<&str>,
        origin: &str,
        status: Status,
    ) -> Result<bool, Error> {
        if let Some(session) = &self.party.session
            && !session.status.is_over()
        {
            return Ok(false);
        }
        self.write_status().await?;
        // A conversation goes on after its session, unless the customer names another.
        let conversation = match (conversation, &self.party.session) {
            (None, Some(session)) if session.conversation.is_some() => session.conversation,
            (name, _) => Some(self.conversation(user, name).await?),
        };
        let handler = self.handler().await?;
        let owner = handler.map_or(self.system.user, |handler| handler.owner);
        let draft = Draft::new()
            .with("MessagingEndUserId", user.id)
            .with("MessagingChannelId", self.channel.id)
            .with(
                "ConversationId",
                conversation.map_or(Value::Null, Value::Id),
            )
            .with("Status", status.word())
            .with("Origin", origin)
            .with("OwnerId", owner)
            .with("StartTime", self.write.at());
        let id = self.begin(draft).await?;
        if self.hears {
            let write = &mut self.write;
            self.messaging.leave_status(write, id, None, status)?;
            self.sends = true;
        }
        self.begun = Some(id);
        self.was = Some(status);
        self.party.session = Some(Session {
            id,
            status,
            conversation,
            conversation_name: String::new(),
            seq: 0,
            is_answered: false,
        });
        Ok(true)
    }

    /// Makes a session with what its customer brings. What does not fit its fields after all is left out:
    /// a session is not kept from beginning by it.
    async fn begin(&mut self, draft: Draft) -> Result<Id, Error> {
        let mut filled = draft.clone();
        filled.fields.extend(self.given.fields.clone());
        let write = &mut self.write;
        let begun = write.create(&self.system, SESSION, &filled).await;
        match begun {
            Err(error @ RecordsError::Invalid(_)) if !self.given.fields.is_empty() => {
                warn!(%error, "what a customer brought does not fit the session");
                Ok(write.create(&self.system, SESSION, &draft).await?)
            }
            begun => Ok(begun?),
        }
    }

    /// Puts what the customer brings into a session that was begun before its first message.
    pub(super) async fn fill(&mut self) -> Result<(), Error> {
        let Some(session) = &self.party.session else {
            return Ok(());
        };
        if self.given.fields.is_empty() || session.seq > 0 || self.begun == Some(session.id) {
            return Ok(());
        }
        let write = &mut self.write;
        let filled = write.update(&self.system, SESSION, session.id, &self.given, &[]);
        match filled.await {
            Err(error @ RecordsError::Invalid(_)) => {
                warn!(%error, "what a customer brought does not fit the session");
                Ok(())
            }
            filled => Ok(filled?),
        }
    }

    /// Who gets a session that begins to wait now; whoever is next while a queue's line is full. None when
    /// nobody of those whom the channel names can.
    pub(super) async fn handler(&mut self) -> Result<Option<Handler>, Error> {
        if self.handler.is_none()
            && let Some(first) = self.first_handler().await?
        {
            self.handler = Some(self.messaging.unless_full(first).await?);
        }
        Ok(self.handler)
    }

    /// Who gets it while no line is full: a queue, or a person.
    async fn first_handler(&mut self) -> Result<Option<Id>, Error> {
        let fallback = match &self.channel.outside_hours {
            Some(outside) if outside.action == OutsideAction::Fallback => outside.fallback,
            _ => None,
        };
        if let Some(fallback) = fallback
            && self.is_outside().await?
            && self.messaging.may_own(fallback).await?
        {
            return Ok(Some(fallback));
        }
        self.messaging.handler_of(&self.channel).await
    }

    /// Whether it is outside of the channel's hours.
    pub(super) async fn is_outside(&mut self) -> Result<bool, Error> {
        if let (None, Some(outside)) = (self.outside, &self.channel.outside_hours) {
            self.outside = Some(!self.messaging.is_open(outside.hours).await?);
        }
        Ok(self.outside == Some(true))
    }

    /// The user's conversation of this name, or a new one.
    async fn conversation(&mut self, user: &User, name: Option<&str>) -> Result<Id, Error> {
        if let Some((known, id)) = &self.made
            && name == Some(known)
        {
            return Ok(*id);
        }
        let own = match name {
            Some(name) => Some(self.messaging.conversation_of(user.id, name).await?),
            None => None,
        };
        let name = match own {
            Some(Owned::Theirs(id)) => return Ok(id),
            // Whoever guesses the name of somebody's conversation gets into none but their own.
            Some(Owned::Others) | None => self.messaging.identifier(),
            Some(Owned::Free) => name.unwrap_or_default().to_owned(),
        };
        let at = self.write.at();
        let draft = Draft::new()
            .with("ConversationIdentifier", name.as_str())
            .with("ConversationChannelId", self.channel.id)
            .with("StartTime", at)
            .with("StartTimeMilliSecs", at.as_millisecond().rem_euclid(1000));
        let write = &mut self.write;
        let id = write.create(&self.system, "Conversation", &draft).await?;
        self.made = Some((name, id));
        Ok(id)
    }
}
