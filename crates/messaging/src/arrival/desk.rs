//! What the events of one address come to, put together before it is written.

mod addresses;
mod begin;
mod hear;
mod signs;
mod standing;

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Together};

use super::Event;
use crate::conversation::{Channel, Party, User};
use crate::error::Error;
use crate::inbound::{Arrival, Kept};
use crate::lifecycle::EndedBy;
use crate::messaging::Messaging;
use crate::outbound;
use crate::routing::Handler;
use crate::status::Status;
use crate::transcript::NewEntry;
use hear::Heard;

/// What is written for one address.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing of its own that is seen to at the end"
)]
pub(super) struct Desk<'m> {
    messaging: &'m Messaging,
    system: Caller,
    channel: Channel,
    address: String,
    phone: Option<String>,
    party: Party,
    /// The newest session's state in the database, if it was there before.
    was: Option<Status>,
    ended_by: Option<EndedBy>,
    write: Together<'m>,
    /// Whether it is looked if a message is there already: only when something was found to be.
    is_careful: bool,
    sends: bool,
    /// Files that are to be fetched from the carrier.
    to_fetch: usize,
    /// Whether it is outside of the channel's hours, once that was asked.
    outside: Option<bool>,
    /// Whether somebody waits, or is free again.
    routes: bool,
    /// Whether the channel's carrier hears what happens in sessions.
    hears: bool,
    /// A conversation that is made with this, by its name.
    made: Option<(String, Id)>,
    /// What the event that is taken brings for the fields of its session.
    given: Draft,
    /// A session that is made with this.
    begun: Option<Id>,
    /// Who gets a session that begins to wait, once that was asked.
    handler: Option<Handler>,
    /// The place of the newest session's last entry, if it was there before.
    place: i64,
}

impl<'m> Desk<'m> {
    pub(super) async fn open(
        messaging: &'m Messaging,
        channel: Channel,
        (address, phone): (&str, Option<&str>),
        is_careful: bool,
    ) -> Result<Self, Error> {
        let mut party = messaging.party_of(&channel, address, phone).await?;
        if let Some(session) = party.session {
            party.session = Some(messaging.with_place(session).await?);
        }
        let system = messaging.org().system();
        Ok(Self {
            was: party.session.as_ref().map(|session| session.status),
            place: party.session.as_ref().map_or(0, |session| session.seq),
            write: messaging.org().together(&system),
            hears: messaging.hears(channel.id, &channel.kind).await?,
            messaging,
            system,
            channel,
            address: address.to_owned(),
            phone: phone.map(str::to_owned),
            party,
            ended_by: None,
            is_careful,
            sends: false,
            to_fetch: 0,
            outside: None,
            routes: false,
            made: None,
            given: Draft::new(),
            begun: None,
            handler: None,
        })
    }

    /// Does what one event asks for.
    pub(super) async fn take(&mut self, kept: &Kept) -> Result<(), Error> {
        let given = &kept.parameters;
        self.given = self.messaging.mapped(self.channel.id, given).await?;
        match &kept.inbound.what {
            Arrival::Message {
                id,
                text,
                name,
                conversation,
            } => {
                let heard = Heard {
                    id,
                    text,
                    name: name.as_deref(),
                    conversation: conversation.as_deref(),
                    files: &kept.files(),
                    media: &kept.media,
                    heeded: kept.heeded,
                };
                self.hear(&heard).await
            }
            Arrival::Conversation { identifier, name } => {
                let user = self.user(name.as_deref()).await?;
                let first = Status::Waiting;
                self.session(&user, Some(identifier), "InboundInitiated", first)
                    .await
                    .map(|_| ())
            }
            Arrival::End => {
                self.end(EndedBy::EndUser);
                Ok(())
            }
            Arrival::Consent { is_given } => self.consent(*is_given).await,
            Arrival::ConsentLevel { level } => self.agree(*level).await,
            Arrival::Progress { state, until } => self.progress(*state, *until).await,
            // Those lie under the message's id, and are noted one by one.
            Arrival::Delivery { .. } => Ok(()),
        }
    }

    /// The event is worked off.
    pub(super) async fn settle(&mut self, event: &Event) -> Result<(), Error> {
        let state = match event.kept {
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
        self.learn_addresses().await?;
        self.write_status().await?;
        let done = self.write.commit().await?;
        if done == Attempt::Done && self.sends {
            self.messaging.wake_sending();
        }
        if done == Attempt::Done && self.to_fetch > 0 {
            self.messaging.wake_fetching();
        }
        if done == Attempt::Done && self.routes {
            self.messaging.wake_routing();
        }
        Ok(done)
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

    fn end(&mut self, by: EndedBy) {
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
}
