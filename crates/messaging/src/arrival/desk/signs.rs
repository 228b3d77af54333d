//! What a customer has done at the carrier without writing: read, blocked, come back.

use headwater_catalogue::Value;
use headwater_records::{Draft, literal};
use jiff::Timestamp;

use super::Desk;
use crate::consent::Level;
use crate::error::Error;
use crate::inbound::DeliveryState;
use crate::lifecycle::EndedBy;

/// Most messages that one sign is noted at; older ones are left as they are.
const MESSAGES_MAX: u64 = 200;

impl Desk<'_> {
    /// The customer has blocked us at the carrier, or lets us write again. Nothing is answered: while
    /// we are blocked nothing arrives.
    pub(super) async fn consent(&mut self, is_given: bool) -> Result<(), Error> {
        // Who has never written has nothing to take back.
        let Some(user) = self.party.user.clone() else {
            return Ok(());
        };
        self.agree(if is_given {
            user.consent.max(Level::Implicit)
        } else {
            Level::OptedOut
        })
        .await
    }

    /// The customer agrees this far, and no further. Who takes no messages has no session.
    pub(super) async fn agree(&mut self, level: Level) -> Result<(), Error> {
        let Some(user) = self.party.user.clone() else {
            return Ok(());
        };
        self.note_consent(&user, level).await?;
        if level == Level::OptedOut {
            self.end(EndedBy::EndUser);
        }
        Ok(())
    }

    /// Notes at all messages up to a moment how far the customer has come with them. What the carrier
    /// has not taken is left alone: it was not among them.
    pub(super) async fn progress(&mut self, state: DeliveryState, until: i64) -> Result<(), Error> {
        let conversation = self.party.session.as_ref();
        let conversation = conversation.and_then(|session| session.conversation);
        let (earlier, time) = match state {
            DeliveryState::Delivered => ("'Sent'", "MessageDeliverTime"),
            DeliveryState::Read => ("'Sent', 'Delivered'", "MessageReadTime"),
            DeliveryState::Sent | DeliveryState::Failed => return Ok(()),
        };
        let (Some(conversation), Ok(until)) = (conversation, Timestamp::from_millisecond(until))
        else {
            return Ok(());
        };
        let soql = format!(
            "SELECT Id, MessageStatus FROM ConversationEntry WHERE ConversationEntityId = {} AND \
             MessageStatus IN ({earlier}) AND EntryTime <= {until} ORDER BY EntryTime DESC",
            literal(conversation.as_str())
        );
        let org = self.messaging.org();
        let browsed = org.browse(&self.system, &soql, None, MESSAGES_MAX);
        for row in browsed.await?.rows() {
            let Some(id) = row.id("Id") else { continue };
            let draft = Draft::new()
                .with("MessageStatus", state.word())
                .with(time, self.write.at());
            let expected = [("MessageStatus", Value::from(row.text("MessageStatus")))];
            let write = &mut self.write;
            write
                .update(&self.system, "ConversationEntry", id, &draft, &expected)
                .await?;
        }
        Ok(())
    }
}
