//! A customer's side of a channel as the database has it: who they are, and their newest session.

mod named;
mod party;

use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, Error as RecordsError, literal};
use jiff::Timestamp;

use crate::consent::Level;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::status::Status;
pub use named::{Addressed, Correspondents, Named};
pub use party::Party;

/// A channel, as far as messages need to know it.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) id: Id,
    /// `MessageType`: what it carries.
    pub(crate) kind: String,
    /// Who is to get new sessions, a queue or a person; the next one where the one before cannot.
    pub(crate) handlers: Vec<Id>,
    /// Whether a new Messaging User is linked by itself to the one contact with its number.
    pub(crate) links_contacts: bool,
    pub(crate) country: Option<String>,
    /// How far customers have to agree before they are written to.
    pub(crate) consent: Level,
    pub(crate) opt_in_prompt: String,
    pub(crate) double_opt_in_prompt: String,
    pub(crate) initial_response: String,
    pub(crate) end_response: String,
    /// What it does outside of its business hours, if it has some.
    pub(crate) outside_hours: Option<OutsideHours>,
    /// How long a customer may be silent after an answer.
    pub(crate) inactivity_minutes: Option<i64>,
    /// How long a session rests before it is ended.
    pub(crate) auto_end_hours: Option<i64>,
    /// Whether its service says who gets its sessions, if it has one.
    pub(crate) is_routed_externally: bool,
}

/// What a channel does with sessions that begin when nobody is there.
#[derive(Debug, Clone)]
pub(crate) struct OutsideHours {
    /// When somebody is there; none: by the org's own hours.
    pub(crate) hours: Option<Id>,
    /// What the customer is told.
    pub(crate) response: String,
    pub(crate) action: OutsideAction,
    pub(crate) fallback: Option<Id>,
}

/// What becomes of such a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutsideAction {
    Wait,
    Fallback,
    End,
}

/// A Messaging User.
#[derive(Debug, Clone)]
pub struct User {
    /// Its record.
    pub id: Id,
    /// What it is called.
    pub name: String,
    /// Its platform key: the address it was made for.
    pub(crate) key: String,
    /// Whether the channel's first answer was sent already.
    pub(crate) was_answered: bool,
    /// How far they have agreed to messages.
    pub(crate) consent: Level,
}

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its record.
    pub id: Id,
    /// Where it stands.
    pub status: Status,
    /// Its conversation.
    pub conversation: Option<Id>,
    /// What the customer's side calls that, where it was read.
    pub conversation_name: String,
    /// The place of its last entry; zero until it is asked for by [`Messaging::with_place`].
    pub(crate) seq: i64,
    /// Whether that entry is an agent's.
    pub(crate) is_answered: bool,
}

/// Whose the conversation of a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owned {
    /// There is none.
    Free,
    /// The Messaging User's own.
    Theirs(Id),
    /// Somebody else's.
    Others,
}

impl Messaging {
    /// Whose the conversation of a name is, for a Messaging User.
    ///
    /// # Errors
    /// The database's.
    pub async fn conversation_of(&self, user: Id, name: &str) -> Result<Owned, Error> {
        let soql = format!(
            "SELECT Id FROM Conversation WHERE ConversationIdentifier = {}",
            literal(name)
        );
        let Some(id) = self.one(&soql).await?.first().and_then(|row| row.id("Id")) else {
            return Ok(Owned::Free);
        };
        let soql = format!(
            "SELECT Id FROM MessagingSession WHERE ConversationId = {} AND MessagingEndUserId = {}",
            literal(id.as_str()),
            literal(user.as_str())
        );
        let is_theirs = !self.one(&soql).await?.is_empty();
        Ok(if is_theirs {
            Owned::Theirs(id)
        } else {
            Owned::Others
        })
    }

    /// A channel that is switched on.
    pub(crate) async fn channel(&self, id: Id) -> Result<Channel, Error> {
        let soql = format!(
            "SELECT Id, MessageType, SessionHandlerId, TargetQueueId, \
             FallbackQueueId, LinkingPreference, IsoCountryCode, ConsentType, OptInPrompt, \
             DoubleOptInPrompt, InitialResponse, ConversationEndResponse, \
             IsRestrictedToBusinessHours, BusinessHoursId, OutsideBusinessHoursResponse, \
             OutsideHoursAction, InactivityMinutes, AutoEndHours, RoutingOwner FROM MessagingChannel WHERE Id = {} AND IsActive = true",
            literal(id.as_str())
        );
        let table = self.one(&soql).await?;
        let row = table
            .first()
            .ok_or_else(|| Error::NoSuchChannel(id.to_string()))?;
        let handler = ["SessionHandlerId", "TargetQueueId", "FallbackQueueId"];
        Ok(Channel {
            id,
            kind: row.text("MessageType").to_owned(),
            handlers: handler
                .into_iter()
                .filter_map(|field| row.id(field))
                .collect(),
            links_contacts: row.text("LinkingPreference") == "Contact",
            country: row.get("IsoCountryCode").as_text().map(str::to_owned),
            consent: Level::wanted(row.text("ConsentType")),
            opt_in_prompt: row.text("OptInPrompt").to_owned(),
            double_opt_in_prompt: row.text("DoubleOptInPrompt").to_owned(),
            initial_response: row.text("InitialResponse").to_owned(),
            end_response: row.text("ConversationEndResponse").to_owned(),
            outside_hours: outside_hours(row),
            inactivity_minutes: positive(row.get("InactivityMinutes")),
            auto_end_hours: positive(row.get("AutoEndHours")),
            is_routed_externally: row.text("RoutingOwner") == "Partner",
        })
    }

    /// As [`Messaging::channel`]; none when it is switched off.
    pub(crate) async fn channel_if_on(&self, id: Id) -> Result<Option<Channel>, Error> {
        match self.channel(id).await {
            Err(Error::NoSuchChannel(_)) => Ok(None),
            channel => channel.map(Some),
        }
    }

    /// The id of the active channel of this name.
    ///
    /// # Errors
    /// [`Error::NoSuchChannel`].
    pub async fn channel_named(&self, developer_name: &str) -> Result<Id, Error> {
        let soql = format!(
            "SELECT Id FROM MessagingChannel WHERE DeveloperName = {} AND IsActive = true",
            literal(developer_name)
        );
        let found = self.one(&soql).await?.first().and_then(|row| row.id("Id"));
        found.ok_or_else(|| Error::NoSuchChannel(developer_name.to_owned()))
    }

    /// What a channel is called by programs.
    ///
    /// # Errors
    /// [`Error::NoSuchChannel`], also for one that is switched off.
    pub async fn name_of_channel(&self, id: Id) -> Result<String, Error> {
        let soql = format!(
            "SELECT DeveloperName FROM MessagingChannel WHERE Id = {} AND IsActive = true",
            literal(id.as_str())
        );
        let table = self.one(&soql).await?;
        let name = table
            .first()
            .map(|row| row.text("DeveloperName").to_owned());
        name.ok_or_else(|| Error::NoSuchChannel(id.to_string()))
    }

    /// A session, with the place of its last entry.
    pub(crate) async fn with_place(&self, session: Session) -> Result<Session, Error> {
        let soql = format!(
            "SELECT Id, Seq, ActorType, EntryType FROM ConversationEntry WHERE ConversationId = {} \
             ORDER BY EntryTime DESC, Seq DESC",
            literal(session.id.as_str())
        );
        let last = self.one(&soql).await?;
        let last = last.first();
        Ok(Session {
            seq: last.map_or(0, |row| whole(row.get("Seq"))),
            is_answered: last.is_some_and(|row| {
                // What agents say to each other is no answer.
                row.text("ActorType") == "Agent" && row.text("EntryType") == "Text"
            }),
            ..session
        })
    }

    /// The first row of a query of the server's own.
    pub(crate) async fn one(&self, soql: &str) -> Result<headwater_records::Table, RecordsError> {
        self.org().browse(&self.org().system(), soql, None, 1).await
    }
}

pub(crate) fn session_of(row: Cells<'_>) -> Option<Session> {
    Some(Session {
        id: row.id("Id")?,
        status: Status::of(row.text("Status"))?,
        conversation: row.id("ConversationId"),
        conversation_name: row.text("Conversation.ConversationIdentifier").to_owned(),
        seq: 0,
        is_answered: false,
    })
}

fn outside_hours(row: Cells<'_>) -> Option<OutsideHours> {
    let is_restricted = row.get("IsRestrictedToBusinessHours").is_true();
    is_restricted.then(|| OutsideHours {
        hours: row.id("BusinessHoursId"),
        response: row.text("OutsideBusinessHoursResponse").to_owned(),
        action: match row.text("OutsideHoursAction") {
            "Fallback" => OutsideAction::Fallback,
            "End" => OutsideAction::End,
            _ => OutsideAction::Wait,
        },
        fallback: row.id("FallbackQueueId"),
    })
}

/// A number above zero; none for anything else.
fn positive(value: &Value) -> Option<i64> {
    Some(whole(value)).filter(|number| *number > 0)
}

/// A number without a fraction; zero for anything else.
pub(crate) fn whole(value: &Value) -> i64 {
    match value {
        Value::Integer(whole) => *whole,
        Value::Decimal(decimal) => decimal.to_string().parse().unwrap_or_default(),
        _ => 0,
    }
}

/// One of a customer's conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its name.
    pub identifier: String,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When its newest session ended; none while that is open.
    pub ended: Option<Timestamp>,
}

/// Most sessions that are looked through for conversations.
const SESSIONS_MAX: u64 = 200;

impl Messaging {
    /// The conversations of an address, the newest first.
    ///
    /// # Errors
    /// As [`Messaging::party`].
    pub async fn conversations(&self, channel: Id, address: &str) -> Result<Vec<Summary>, Error> {
        let Some(user) = self.party(channel, address).await?.user else {
            return Ok(Vec::new());
        };
        let soql = format!(
            "SELECT Id, EndTime, Conversation.ConversationIdentifier, Conversation.StartTime \
             FROM MessagingSession WHERE MessagingEndUserId = {} ORDER BY StartTime DESC, Id DESC",
            literal(user.id.as_str())
        );
        let system = self.org().system();
        let table = self
            .org()
            .browse(&system, &soql, None, SESSIONS_MAX)
            .await?;
        let mut found: Vec<Summary> = Vec::new();
        for row in table.rows() {
            let identifier = row.text("Conversation.ConversationIdentifier");
            let is_known = found.iter().any(|one| one.identifier == identifier);
            if !identifier.is_empty() && !is_known {
                found.push(Summary {
                    identifier: identifier.to_owned(),
                    started: row.get("Conversation.StartTime").as_datetime(),
                    ended: row.get("EndTime").as_datetime(),
                });
            }
        }
        Ok(found)
    }

    /// The id of the active web channel of this name.
    ///
    /// # Errors
    /// [`Error::NoSuchChannel`].
    pub async fn web_channel(&self, developer_name: &str) -> Result<Id, Error> {
        let id = self.channel_named(developer_name).await?;
        match self.channel(id).await? {
            channel if channel.kind == "EmbeddedMessaging" => Ok(channel.id),
            _ => Err(Error::NoSuchChannel(developer_name.to_owned())),
        }
    }
}
