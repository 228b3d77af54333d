//! What the platform does by itself when records are written: one list, in visible order.
//!
//! A rule looks at a [`Change`] before it is written: it sets what follows from other fields,
//! refuses what does not go together, or asks that another record be there. What another record
//! holds is never read ahead: it becomes a condition of the write, so no race can get between.

mod case;
mod content_version;
mod conversation_entry;
mod custom;
mod lead;
mod linking_rule;
mod messaging_channel;
mod messaging_end_user;
mod messaging_session;
mod opportunity;
mod owner;
mod permission;
mod person;
mod record_type;
mod routing;
mod task;
mod user;
mod web_chat;

use headwater_catalogue::Object;

use crate::change::{Accepted, Change};

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The objects it is for; none means every object.
    objects: &'static [&'static str],
    /// It runs on an update only when one of these is written, or any field with [`ANY_FIELD`]; a
    /// create always runs it.
    when: &'static [&'static str],
    /// Fields whose present values it needs on an update.
    knows: &'static [&'static str],
    /// What it does.
    apply: fn(&mut Change<'_>),
}

/// Whatever an update writes.
const ANY_FIELD: &[&str] = &["*"];

/// All rules, in the order in which they run.
const ALL: &[Rule] = &[
    lead::CONVERTED,
    owner::MAY_OWN,
    record_type::FITS,
    custom::NAME,
    custom::KEY_PREFIX,
    person::NAME,
    user::USERNAME,
    case::CLOSED,
    opportunity::STAGE,
    opportunity::EXPECTED_REVENUE,
    content_version::FILE,
    task::STATUS,
    task::PRIORITY,
    messaging_end_user::CHANNEL,
    messaging_session::CHANNEL,
    messaging_session::ENDED,
    messaging_channel::RETENTION,
    messaging_channel::ROUTING_OWNER,
    routing::SKILL,
    routing::SKILL_TIMES,
    routing::CONFIGURATION,
    linking_rule::FIELD,
    linking_rule::CONDITION,
    conversation_entry::CONVERSATION,
    conversation_entry::MILLISECONDS,
    web_chat::CHANNEL,
    web_chat::TOKEN_TIMES,
    web_chat::KEYS,
    web_chat::PARAMETER,
    permission::OBJECT,
    permission::FIELD,
    permission::NAMED,
    record_type::DEFAULT,
    permission::MEMBER,
];

impl Rule {
    fn concerns(&self, object: &Object) -> bool {
        self.objects.is_empty() || self.objects.contains(&&*object.name)
    }

    /// Whether an update that writes these fields runs it.
    fn runs(&self, object: &Object, given: &Accepted<'_>) -> bool {
        if self.when == ANY_FIELD {
            return true;
        }
        let written = |name: &&'static str| {
            let place = object.position(name);
            place.is_some_and(|place| given.names(place))
        };
        self.when.iter().any(written)
    }
}

/// The places of the fields that an update must know before its rules can run.
pub(crate) fn to_know(object: &Object, given: &Accepted<'_>) -> Vec<usize> {
    let rules = ALL.iter().filter(|rule| !rule.knows.is_empty());
    let running = rules.filter(|rule| rule.concerns(object) && rule.runs(object, given));
    let mut places: Vec<usize> = running
        .flat_map(|rule| rule.knows)
        .filter_map(|name| object.position(name))
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Runs the object's rules over a change.
pub(crate) fn apply(change: &mut Change<'_>, given: &Accepted<'_>) {
    for rule in ALL {
        let object = change.object;
        if rule.concerns(object) && (change.is_create() || rule.runs(object, given)) {
            (rule.apply)(change);
        }
    }
}
