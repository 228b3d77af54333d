//! How long after a customer's message a channel takes free text.
//!
//! The carriers' own rules: `WhatsApp` and Messenger take what is written within 24 hours of the customer's
//! last message. `WhatsApp` takes templates at any time.

use headwater_catalogue::Id;
use headwater_records::literal;
use jiff::{SignedDuration, Timestamp};

use crate::carrier::Undelivered;
use crate::error::Error;
use crate::messaging::Messaging;

/// How long a channel of this type is open after the customer's last message; none when it always is.
fn window(kind: &str) -> Option<SignedDuration> {
    matches!(kind, "WhatsApp" | "Facebook").then(|| SignedDuration::from_hours(24))
}

/// Why free text does not go out.
fn closed(kind: &str) -> Undelivered {
    let instead = match kind {
        "WhatsApp" => "WhatsApp takes nothing but templates by then: use a template",
        _ => "Messenger takes nothing by then: wait until they write again",
    };
    Undelivered::for_good(
        "WINDOW_CLOSED",
        format!("the customer's last message is more than 24 hours ago, and {instead}"),
    )
}

impl Messaging {
    /// Why a channel of this type takes no free text in a conversation now; none when it does.
    pub(crate) async fn window_closed(
        &self,
        kind: &str,
        conversation: Option<Id>,
    ) -> Result<Option<Undelivered>, Error> {
        let Some(window) = window(kind) else {
            return Ok(None);
        };
        let last = match conversation {
            Some(conversation) => self.last_heard(conversation).await?,
            None => None,
        };
        let is_open = last.is_some_and(|last| self.org().now() < last + window);
        Ok((!is_open).then(|| closed(kind)))
    }

    /// When the customer of a conversation wrote last.
    async fn last_heard(&self, conversation: Id) -> Result<Option<Timestamp>, Error> {
        let soql = format!(
            "SELECT EntryTime FROM ConversationEntry WHERE ConversationEntityId = {} AND \
             ActorType = 'EndUser' AND EntryType = 'Text' ORDER BY EntryTime DESC",
            literal(conversation.as_str())
        );
        let table = self.one(&soql).await?;
        Ok(table
            .first()
            .and_then(|row| row.get("EntryTime").as_datetime()))
    }
}
