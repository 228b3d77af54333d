//! Messaging Users.

use std::sync::Arc;

use headwater_catalogue::Value;
use headwater_soql::resolved::{Column, Filter};
use headwater_store::Check;

use super::Rule;
use crate::change::{Change, Condition};
use crate::error::Problem;

/// A Messaging User is of its channel's type.
pub(super) const CHANNEL: Rule = Rule {
    objects: &["MessagingEndUser"],
    when: &["MessagingChannelId", "MessageType"],
    knows: &["MessagingChannelId", "MessageType"],
    apply: channel,
};

fn channel(change: &mut Change<'_>) {
    let (Value::Id(channel), Value::Text(kind)) = (
        change.holds("MessagingChannelId"),
        change.holds("MessageType"),
    ) else {
        return;
    };
    let Some(target) = change.catalogue().object("MessagingChannel") else {
        return;
    };
    let Some(field) = target.position("MessageType") else {
        return;
    };
    let (id, kind) = (*channel, kind.clone());
    let condition = Condition {
        check: Check {
            object: Arc::clone(target),
            id,
            visible: Filter::equal(Column { source: 0, field }, Value::Text(kind.clone())),
        },
        missing: Problem::NoSuchRecord {
            field: "MessagingChannelId".into(),
            id,
        },
        refused: Problem::Rule {
            fields: vec!["MessageType".into()],
            message: format!("Message Type: the messaging channel is not of type {kind}"),
        },
    };
    change.require(condition);
}
