//! Whom an address stands for.

use headwater_catalogue::Id;
use headwater_records::{Cells, literal};

use super::{Session, User, session_of};
use crate::consent::Level;
use crate::error::Error;
use crate::messaging::Messaging;

/// What an address of a channel stands for.
#[derive(Debug, Clone, Default)]
pub struct Party {
    /// The Messaging User; none before the first message.
    pub user: Option<User>,
    /// The newest session, over or not.
    pub session: Option<Session>,
}

impl Party {
    /// Who has this very address: one that differs by capitals is another's.
    fn of(user: User, session: Option<Session>, address: &str) -> Result<Self, Error> {
        if user.key != address {
            return Err(Error::OtherCase);
        }
        Ok(Self {
            user: Some(user),
            session,
        })
    }
}

impl Messaging {
    /// Whom an address stands for.
    ///
    /// # Errors
    /// [`Error::OtherCase`], so that nobody gets what is another's; else the database's.
    pub async fn party(&self, channel: Id, address: &str) -> Result<Party, Error> {
        let (of_channel, of_address) = (literal(channel.as_str()), literal(address));
        // Nearly all who are asked for have written before: both are had at once.
        let soql = format!(
            "SELECT Id, Status, ConversationId, Conversation.ConversationIdentifier, \
             MessagingEndUser.Id, MessagingEndUser.Name, MessagingEndUser.MessagingPlatformKey, \
             MessagingEndUser.HasInitialResponseSent, MessagingEndUser.MessagingConsentStatus \
             FROM MessagingSession WHERE MessagingEndUser.MessagingChannelId = {of_channel} \
             AND MessagingEndUser.MessagingPlatformKey = {of_address} \
             AND MessagingEndUser.IsDeleted = false ORDER BY StartTime DESC, Id"
        );
        let table = self.one(&soql).await?;
        let newest = table.first().and_then(session_of);
        if let Some(user) = table
            .first()
            .and_then(|row| user_of(row, "MessagingEndUser."))
        {
            let session = match newest {
                Some(newest) if newest.status.is_over() => {
                    Some(self.open_session(user.id).await?.unwrap_or(newest))
                }
                newest => newest,
            };
            return Party::of(user, session, address);
        }
        let soql = format!(
            "SELECT Id, Name, MessagingPlatformKey, HasInitialResponseSent, \
             MessagingConsentStatus FROM MessagingEndUser \
             WHERE MessagingChannelId = {of_channel} AND MessagingPlatformKey = {of_address}"
        );
        match self
            .one(&soql)
            .await?
            .first()
            .and_then(|row| user_of(row, ""))
        {
            Some(user) => Party::of(user, None, address),
            None => Ok(Party::default()),
        }
    }

    /// A Messaging User's open session. Sessions that ended and began with the same burst of messages began
    /// at the same moment, so that one that is over may come out as the newest.
    pub(crate) async fn open_session(&self, user: Id) -> Result<Option<Session>, Error> {
        let soql = format!(
            "SELECT Id, Status, ConversationId, Conversation.ConversationIdentifier \
             FROM MessagingSession WHERE MessagingEndUserId = {} AND Status NOT IN ('Ended', 'Error')",
            literal(user.as_str())
        );
        Ok(self.one(&soql).await?.first().and_then(session_of))
    }
}

/// A Messaging User whose fields stand at this path.
fn user_of(row: Cells<'_>, path: &str) -> Option<User> {
    let at = |field: &str| format!("{path}{field}");
    Some(User {
        id: row.id(&at("Id"))?,
        name: row.text(&at("Name")).to_owned(),
        key: row.text(&at("MessagingPlatformKey")).to_owned(),
        was_answered: row.get(&at("HasInitialResponseSent")).is_true(),
        consent: Level::of(row.text(&at("MessagingConsentStatus"))),
    })
}
