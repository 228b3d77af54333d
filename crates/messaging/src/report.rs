//! What carriers report of messages that were sent through them.

use headwater_catalogue::Value;
use headwater_records::{Attempt, Draft};

use crate::arrival::Event;
use crate::error::Error;
use crate::inbound::DeliveryState;
use crate::messaging::Messaging;

/// How far on its way a message is. Reports come in any order, and none leads back; that it will not
/// arrive counts for what has not arrived.
fn rank(status: &str) -> u8 {
    match status {
        "Sent" => 1,
        "Error" => 2,
        "Delivered" => 3,
        "Read" => 4,
        _ => 0,
    }
}

impl Messaging {
    /// Notes at a message what its carrier reports, one report after the other.
    pub(crate) async fn note_reports(
        &self,
        carrier_message: &str,
        events: &[Event],
    ) -> Result<Attempt, Error> {
        for event in events {
            if let Some((state, code)) = event.report()
                && self
                    .note_report(carrier_message, event, state, code)
                    .await?
                    == Attempt::Overtaken
            {
                return Ok(Attempt::Overtaken);
            }
        }
        Ok(Attempt::Done)
    }

    /// Notes at a message what its carrier reports. A report on a message that nobody knows yet waits:
    /// carriers are often faster with it than with the answer to the sending itself.
    async fn note_report(
        &self,
        carrier_message: &str,
        event: &Event,
        state: DeliveryState,
        code: Option<&str>,
    ) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let sent = ("CarrierMessageId", Value::from(carrier_message));
        let rows = self
            .org()
            .own("ConversationEntry", sent, &["MessageStatus"])
            .await?;
        let entry = match rows.first().map(Vec::as_slice) {
            Some([Value::Id(id), is]) => Some((*id, is.as_text().unwrap_or_default())),
            _ => None,
        };
        let next = if entry.is_some() { "Done" } else { "Waiting" };
        if next == event.state {
            // It waits already.
            return Ok(Attempt::Done);
        }
        if let Some((id, is)) = entry
            && rank(state.word()) > rank(is)
        {
            let time = match state {
                DeliveryState::Delivered => Some("MessageDeliverTime"),
                DeliveryState::Read => Some("MessageReadTime"),
                DeliveryState::Sent | DeliveryState::Failed => None,
            };
            let mut draft = Draft::new().with("MessageStatus", state.word());
            if let Some(time) = time {
                draft = draft.with(time, write.at());
            }
            if state == DeliveryState::Failed {
                draft = draft.with("MessageStatusCode", code.map_or(Value::Null, Value::from));
            }
            let expected = [("MessageStatus", Value::from(is))];
            write
                .update(&system, "ConversationEntry", id, &draft, &expected)
                .await?;
        }
        let draft = Draft::new().with("State", next);
        let expected = [("State", Value::from(event.state.as_str()))];
        write
            .update(&system, "InboundEvent", event.id, &draft, &expected)
            .await?;
        Ok(write.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::{DeliveryState, rank};

    #[test]
    fn what_has_arrived_does_not_fail_afterwards() {
        assert!(rank(DeliveryState::Failed.word()) < rank(DeliveryState::Delivered.word()));
        assert!(rank(DeliveryState::Sent.word()) < rank(DeliveryState::Failed.word()));
        assert!(rank("Pending") < rank(DeliveryState::Sent.word()));
    }
}
