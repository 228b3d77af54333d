//! How long a channel, or the organization, keeps what was said.

use headwater_catalogue::Value;

use super::Rule;
use crate::change::Change;

/// Retention is a number of days that makes sense.
pub(super) const RETENTION: Rule = Rule {
    objects: &["MessagingChannel", "Organization"],
    when: &["RetentionDays", "MessagingRetentionDays"],
    knows: &["RetentionDays", "MessagingRetentionDays"],
    apply: retention,
};

/// Only a channel of one's own has a service that routes.
pub(super) const ROUTING_OWNER: Rule = Rule {
    objects: &["MessagingChannel"],
    when: &["RoutingOwner", "MessageType"],
    knows: &["RoutingOwner", "MessageType"],
    apply: routing_owner,
};

fn routing_owner(change: &mut Change<'_>) {
    if change.holds("RoutingOwner").as_text() == Some("Partner")
        && change.holds("MessageType").as_text() != Some("Custom")
    {
        let message = "Routing Owner is Partner only on channels of the type Custom, which are \
                       connected to a service of your own";
        change.refuse_rule(&["RoutingOwner"], message.to_owned());
    }
}

/// A hundred years: what is to be kept longer is kept for good.
const RETENTION_DAYS_MAX: i64 = 36_500;

fn retention(change: &mut Change<'_>) {
    // A channel says 0 to keep for good what the organization does not; there, empty says it.
    let (field, least) = match &*change.object.name {
        "MessagingChannel" => ("RetentionDays", 0),
        _ => ("MessagingRetentionDays", 1),
    };
    if let Value::Integer(days) = change.holds(field)
        && !(least..=RETENTION_DAYS_MAX).contains(days)
    {
        let message = format!("Transcripts are kept for {least} to {RETENTION_DAYS_MAX} days");
        change.refuse_rule(&[field], message);
    }
}
