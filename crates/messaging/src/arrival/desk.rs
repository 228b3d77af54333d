//! What the events of one address come to, put together before it is written.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Together};

use super::Event;
use crate::conversation::{Channel, Owned, Party, Session, User};
use crate::error::Error;
use crate::inbound::Arrival;
use crate::keywords::{Keyword, keyword};
use crate::linking;
use crate::messaging::Messaging;
use crate::outbound;
use crate::status::Status;
use crate::transcript::{NewEntry, Speaker};

/// Answers to keywords, until a channel has its own.
const STOPPED: &str = "You will get no more messages from us. Reply START to get them again.";
const STARTED: &str = "You will get messages from us again. Reply STOP to end them.";
const HELP: &str = "Write to us here and somebody will answer. Reply STOP to get no more messages.";

/// What is written for one address.
pub(super) struct Desk<'m> {
    messaging: &'m Messaging,
    system: Caller,
    channel: Channel,
    address: String,
    party: Party,
    /// The newest session's state in the database, if it was there before.
    was: Option<Status>,
    ended_by: Option<&'static str>,
    write: Together<'m>,
    /// Whether it is looked if a message is there already: only when something was found to be.
    is_careful: bool,
    sends: bool,
    /// A conversation that is made with this, by its name.
    made: Option<(String, Id)>,
}

impl<'m> Desk<'m> {
    pub(super) async fn open(
        messaging: &'m Messaging,
        channel: Channel,
        address: &str,
        is_careful: bool,
    ) -> Result<Self, Error> {
        let party = messaging.party(channel.id, address).await?;
        let system = messaging.org().system();
        Ok(Self {
            was: party.session.as_ref().map(|session| session.status),
            write: messaging.org().together(&system),
            messaging,
            system,
            channel,
            address: address.to_owned(),
            party,
            ended_by: None,
            is_careful,
            sends: false,
            made: None,
        })
    }

    /// Does what one event asks for.
    pub(super) async fn take(&mut self, what: &Arrival) -> Result<(), Error> {
        match what {
            Arrival::Message {
                id,
                text,
                name,
                conversation,
            } => {
                self.hear(id, text, name.as_deref(), conversation.as_deref())
                    .await
            }
            Arrival::Conversation { identifier, name } => {
                let user = self.user(name.as_deref()).await?;
                self.session(&user, Some(identifier), "InboundInitiated")
                    .await
                    .map(|_| ())
            }
            Arrival::End => {
                self.end("EndUser");
                Ok(())
            }
            // Those lie under the message's id, and are noted one by one.
            Arrival::Delivery { .. } => Ok(()),
        }
    }

    /// The event is worked off.
    pub(super) async fn settle(&mut self, event: &Event) -> Result<(), Error> {
        let state = match event.inbound {
            Some(_) => "Done",
            None => "Failed",
        };
        let draft = Draft::new().with("State", state);
        let expected = [("State", Value::from(event.state.as_str()))];
        let written = self
            .write
            .update(&self.system, "InboundEvent", event.id, &draft, &expected);
        Ok(written.await?)
    }

    /// Writes all of it.
    pub(super) async fn close(mut self) -> Result<Attempt, Error> {
        self.write_status().await?;
        let done = self.write.commit().await?;
        if done == Attempt::Done && self.sends {
            self.messaging.wake_sending();
        }
        Ok(done)
    }

    /// Puts down where the session has come to. Before another session is begun as well, for a user has
    /// one that is open.
    async fn write_status(&mut self) -> Result<(), Error> {
        if let Some(session) = &self.party.session
            && self.was != Some(session.status)
        {
            let mut draft = Draft::new().with("Status", session.status.word());
            if session.status.is_over() {
                draft = draft
                    .with("EndTime", self.write.at())
                    .with("EndedByType", self.ended_by.unwrap_or("System"));
            }
            let expected = self.was.map(|was| ("Status", Value::from(was.word())));
            self.write
                .update(
                    &self.system,
                    "MessagingSession",
                    session.id,
                    &draft,
                    expected.as_slice(),
                )
                .await?;
        }
        Ok(())
    }

    /// The customer has written.
    async fn hear(
        &mut self,
        id: &str,
        text: &str,
        name: Option<&str>,
        conversation: Option<&str>,
    ) -> Result<(), Error> {
        let user = self.user(name).await?;
        let keyword = keyword(text).filter(|_| heeds_keywords(&self.channel));
        let origin = match keyword {
            Some(Keyword::Stop) => "OptOut",
            Some(Keyword::Start) => "OptIn",
            Some(Keyword::Help) => "Help",
            None => "InboundInitiated",
        };
        let is_new = self.session(&user, conversation, origin).await?;
        if self.is_careful && self.has(id).await? {
            return Ok(());
        }
        let entry = NewEntry {
            kind: "Text",
            speaker: Speaker::EndUser,
            actor: Some(user.id),
            name: &user.name,
            text,
            message: Some(id),
            status: None,
        };
        self.say(&entry).await?;
        match keyword {
            Some(keyword) => return self.heed(&user, keyword, is_new).await,
            None => {
                if let Some(session) = &mut self.party.session {
                    session.status = session.status.when_customer_writes();
                }
            }
        }
        if is_new && !user.was_answered && !self.channel.initial_response.is_empty() {
            let text = self.channel.initial_response.clone();
            self.answer(&text).await?;
            let draft = Draft::new().with("HasInitialResponseSent", true);
            self.change_user(&user, &draft).await?;
        }
        Ok(())
    }

    /// Does what a keyword asks for. A session that was begun by nothing else is over with it.
    async fn heed(&mut self, user: &User, keyword: Keyword, is_new: bool) -> Result<(), Error> {
        let (answer, consent, event) = match keyword {
            Keyword::Stop => (STOPPED, Some("OptedOut"), Some("EndUserOptedOut")),
            Keyword::Start => (STARTED, Some("ExplicitlyOptedIn"), Some("EndUserOptedIn")),
            Keyword::Help => (HELP, None, None),
        };
        if let Some(consent) = consent {
            let draft = Draft::new().with("MessagingConsentStatus", consent);
            self.change_user(user, &draft).await?;
        }
        if let Some(kind) = event {
            let entry = NewEntry {
                kind,
                speaker: Speaker::EndUser,
                actor: Some(user.id),
                name: &user.name,
                text: "",
                message: None,
                status: None,
            };
            self.say(&entry).await?;
        }
        self.answer(answer).await?;
        if is_new || keyword == Keyword::Stop {
            self.end("EndUser");
        }
        Ok(())
    }

    /// The server says something to the customer.
    async fn answer(&mut self, text: &str) -> Result<(), Error> {
        let id = self.say(&NewEntry::automatic(text)).await?;
        let due = self.write.at();
        let session = self.party.session.as_ref().map(|session| session.id);
        let lane = session.as_ref().map(Id::as_str);
        self.write.later(outbound::SEND, id.as_str(), due, lane);
        self.sends = true;
        Ok(())
    }

    async fn say(&mut self, entry: &NewEntry<'_>) -> Result<Id, Error> {
        let at = self.write.at();
        let Some(session) = &mut self.party.session else {
            return Err(Error::Busy);
        };
        let draft = entry.draft(session, at);
        let written = self.write.create(&self.system, "ConversationEntry", &draft);
        Ok(written.await?)
    }

    /// Whether the session has a message of this id.
    async fn has(&self, message: &str) -> Result<bool, Error> {
        let Some(session) = &self.party.session else {
            return Ok(false);
        };
        Ok(self.messaging.message(session.id, message).await?.is_some())
    }

    fn end(&mut self, by: &'static str) {
        if let Some(session) = &mut self.party.session
            && !session.status.is_over()
        {
            session.status = Status::Ended;
            self.ended_by = Some(by);
        }
    }

    async fn change_user(&mut self, user: &User, draft: &Draft) -> Result<(), Error> {
        let write = &mut self.write;
        Ok(write
            .update(&self.system, "MessagingEndUser", user.id, draft, &[])
            .await?)
    }

    /// The Messaging User of the address, made if there is none.
    async fn user(&mut self, name: Option<&str>) -> Result<User, Error> {
        if let Some(user) = &self.party.user {
            return Ok(user.clone());
        }
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let name = name.unwrap_or(match self.channel.kind.as_str() {
            "EmbeddedMessaging" => "Guest",
            _ => &self.address,
        });
        let name: String = name.chars().take(255).collect();
        let draft = Draft::new()
            .with("Name", name.as_str())
            .with("MessagingChannelId", self.channel.id)
            .with("MessageType", self.channel.kind.as_str())
            .with("MessagingPlatformKey", self.address.as_str())
            .with("MessagingConsentStatus", "ImplicitlyOptedIn");
        let id = self
            .write
            .create(&self.system, "MessagingEndUser", &draft)
            .await?;
        if self.channel.links_contacts {
            self.write
                .later(linking::LINK, id.as_str(), self.write.at(), None);
        }
        let user = User {
            id,
            name,
            was_answered: false,
        };
        self.party.user = Some(user.clone());
        Ok(user)
    }

    /// Sees to it that the user has an open session: whether it is new.
    async fn session(
        &mut self,
        user: &User,
        conversation: Option<&str>,
        origin: &str,
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
        let owner = self.channel.handler.unwrap_or(self.system.user);
        let status = Status::Waiting;
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
        let id = self
            .write
            .create(&self.system, "MessagingSession", &draft)
            .await?;
        self.was = Some(status);
        self.party.session = Some(Session {
            id,
            status,
            conversation,
            seq: 0,
        });
        Ok(true)
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

/// Whether a word alone means something: on web pages there is a button for it.
fn heeds_keywords(channel: &Channel) -> bool {
    matches!(
        channel.kind.as_str(),
        "Text" | "WhatsApp" | "Facebook" | "Custom"
    )
}
