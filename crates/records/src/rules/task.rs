//! Tasks.

use headwater_catalogue::Value;

use super::Rule;
use crate::change::Change;

/// A completed task is closed.
pub(super) const STATUS: Rule = Rule {
    objects: &["Task"],
    when: &["Status"],
    knows: &[],
    apply: status,
};

/// A task of high priority says so.
pub(super) const PRIORITY: Rule = Rule {
    objects: &["Task"],
    when: &["Priority"],
    knows: &[],
    apply: priority,
};

fn status(change: &mut Change<'_>) {
    let closed = is(change, "Status", "Completed");
    change.set("IsClosed", closed);
}

fn priority(change: &mut Change<'_>) {
    let high = is(change, "Priority", "High");
    change.set("IsHighPriority", high);
}

fn is(change: &Change<'_>, field: &str, text: &str) -> bool {
    let given = change.given(field).and_then(Value::as_text);
    given.is_some_and(|given| given.eq_ignore_ascii_case(text))
}
