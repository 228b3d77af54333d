//! Channels by their addresses and conversations by their names, for services that know nothing else of
//! them.

use headwater_catalogue::Id;
use headwater_records::literal;

use super::{Session, session_of};
use crate::error::Error;
use crate::messaging::Messaging;

/// Most channels of one address that are looked at: a number can carry several sorts of messages.
const CHANNELS_MAX: u64 = 50;

/// A channel of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressed {
    /// The channel.
    pub channel: Id,
    /// Whether it is switched on.
    pub is_active: bool,
}

/// A conversation of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The conversation.
    pub conversation: Id,
    /// Its channel.
    pub channel: Id,
    /// The address of its customer; empty when nobody has begun it.
    pub customer: String,
}

/// Who writes to whom in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondents {
    /// The session.
    pub session: Id,
    /// Its channel.
    pub channel: Id,
    /// What the channel carries: a value of `MessageType`.
    pub kind: String,
    /// The channel's address.
    pub address: String,
    /// The customer's address.
    pub customer: String,
    /// What the customer's side calls the conversation.
    pub conversation: Option<String>,
}

impl Messaging {
    /// The session of an id, with the place of its last entry.
    pub(crate) async fn session(&self, id: Id) -> Result<Option<Session>, Error> {
        let soql = format!(
            "SELECT Id, Status, ConversationId FROM MessagingSession WHERE Id = {}",
            literal(id.as_str())
        );
        match self.one(&soql).await?.first().and_then(session_of) {
            Some(session) => Ok(Some(self.with_place(session).await?)),
            None => Ok(None),
        }
    }

    /// Who writes to whom in a session, by its id; none when there is no such session.
    ///
    /// # Errors
    /// The database's.
    pub async fn correspondents(&self, session: &str) -> Result<Option<Correspondents>, Error> {
        let Ok(session) = session.parse::<Id>() else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT Id, MessagingChannelId, ChannelType, ChannelKey, \
             Conversation.ConversationIdentifier, MessagingEndUser.MessagingPlatformKey \
             FROM MessagingSession WHERE Id = {}",
            literal(session.as_str())
        );
        let table = self.one(&soql).await?;
        Ok(table.first().and_then(|row| {
            let conversation = row.text("Conversation.ConversationIdentifier").to_owned();
            Some(Correspondents {
                session: row.id("Id")?,
                channel: row.id("MessagingChannelId")?,
                kind: row.text("ChannelType").to_owned(),
                address: row.text("ChannelKey").to_owned(),
                customer: row.text("MessagingEndUser.MessagingPlatformKey").to_owned(),
                conversation: Some(conversation).filter(|name| !name.is_empty()),
            })
        }))
    }

    /// The channels of an address: their platform key, or Salesforce's identifier of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn channels_addressed(&self, address: &str) -> Result<Vec<Addressed>, Error> {
        let address = literal(address);
        let soql = format!(
            "SELECT Id, IsActive FROM MessagingChannel WHERE MessagingPlatformKey = {address} OR \
             ChannelAddressIdentifier = {address} ORDER BY DeveloperName"
        );
        let system = self.org().system();
        let browsed = self.org().browse(&system, &soql, None, CHANNELS_MAX);
        let table = browsed.await?;
        let channels = table.rows().filter_map(|row| {
            Some(Addressed {
                channel: row.id("Id")?,
                is_active: row.get("IsActive").is_true(),
            })
        });
        Ok(channels.collect())
    }

    /// The conversation that the customer's side calls so.
    ///
    /// # Errors
    /// The database's.
    pub async fn conversation_named(&self, name: &str) -> Result<Option<Named>, Error> {
        let soql = format!(
            "SELECT Id, ConversationChannelId FROM Conversation WHERE ConversationIdentifier = {}",
            literal(name)
        );
        let table = self.one(&soql).await?;
        let Some((conversation, channel)) = table
            .first()
            .and_then(|row| row.id("Id").zip(row.id("ConversationChannelId")))
        else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT MessagingEndUser.MessagingPlatformKey FROM MessagingSession \
             WHERE ConversationId = {}",
            literal(conversation.as_str())
        );
        let table = self.one(&soql).await?;
        let customer = table
            .first()
            .map(|row| row.text("MessagingEndUser.MessagingPlatformKey"));
        Ok(Some(Named {
            conversation,
            channel,
            customer: customer.unwrap_or_default().to_owned(),
        }))
    }
}
