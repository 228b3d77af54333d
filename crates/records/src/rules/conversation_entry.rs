//! Conversation entries.

use headwater_catalogue::Value;

use super::Rule;
use crate::change::Change;

/// An entry of a conversation says so in both of its references.
pub(super) const CONVERSATION: Rule = Rule {
    objects: &["ConversationEntry"],
    when: &[],
    knows: &[],
    apply: conversation,
};

/// The last three digits of the entry's time stand beside it.
pub(super) const MILLISECONDS: Rule = Rule {
    objects: &["ConversationEntry"],
    when: &["EntryTime"],
    knows: &[],
    apply: milliseconds,
};

fn conversation(change: &mut Change<'_>) {
    let Some(id) = change.given("ConversationId").and_then(Value::as_id) else {
        return;
    };
    let target = change.catalogue().object_of(id.prefix());
    let is_conversation = target.is_some_and(|object| object.name == "Conversation");
    if is_conversation && change.given("ConversationEntityId").is_none() {
        change.set("ConversationEntityId", id);
    }
}

fn milliseconds(change: &mut Change<'_>) {
    if let Some(at) = change.given("EntryTime").and_then(Value::as_datetime) {
        let milliseconds = at.as_millisecond().rem_euclid(1000);
        change.set("EntryTimeMilliSecs", milliseconds);
    }
}
