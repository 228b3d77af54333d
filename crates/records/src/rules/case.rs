//! Cases.

use headwater_catalogue::Value;

use super::Rule;
use crate::change::Change;

/// A case is closed by its status.
pub(super) const CLOSED: Rule = Rule {
    objects: &["Case"],
    when: &["Status"],
    knows: &[],
    apply: closed,
};

fn closed(change: &mut Change<'_>) {
    let status = change.given("Status").and_then(Value::as_text);
    let is_closed = status.is_some_and(|status| status.eq_ignore_ascii_case("Closed"));
    change.set("IsClosed", is_closed);
}
