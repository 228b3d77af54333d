//! Messaging sessions.

use std::sync::Arc;

use headwater_catalogue::Value;
use headwater_soql::resolved::{Column, Filter};
use headwater_store::Check;

use super::Rule;
use crate::change::{Change, Condition};
use crate::error::Problem;

/// A session is on its Messaging User's channel. Replies go to that user's address, so a session
/// on another channel would answer a stranger.
pub(super) const CHANNEL: Rule = Rule {
    objects: &["MessagingSession"],
    when: &["MessagingChannelId", "MessagingEndUserId"],
    knows: &["MessagingChannelId", "MessagingEndUserId"],
    apply: channel,
};

/// A session that is made as ended has an end.
pub(super) const ENDED: Rule = Rule {
    objects: &["MessagingSession"],
    when: &["Status"],
    knows: &["EndTime", "StartTime"],
    apply: ended,
};

fn channel(change: &mut Change<'_>) {
    let (Value::Id(channel), Value::Id(user)) = (
        change.holds("MessagingChannelId"),
        change.holds("MessagingEndUserId"),
    ) else {
        return;
    };
    let Some(target) = change.catalogue().object("MessagingEndUser") else {
        return;
    };
    let Some(field) = target.position("MessagingChannelId") else {
        return;
    };
    let condition = Condition {
        check: Check {
            object: Arc::clone(target),
            id: *user,
            visible: Filter::equal(Column { source: 0, field }, Value::Id(*channel)),
        },
        missing: Problem::NoSuchRecord {
            field: "MessagingEndUserId".into(),
            id: *user,
        },
        refused: Problem::Rule {
            fields: vec!["MessagingChannelId".into()],
            message: "Messaging Channel ID: the messaging user is on another channel".to_owned(),
        },
    };
    change.require(condition);
}

fn ended(change: &mut Change<'_>) {
    let is_over = change
        .holds("Status")
        .as_text()
        .is_some_and(|status| status == "Ended");
    if is_over && change.holds("EndTime").is_null() {
        let start = change.holds("StartTime").as_datetime();
        let end = start.map_or(change.at, |start| start.max(change.at));
        change.set("EndTime", end);
    }
}
