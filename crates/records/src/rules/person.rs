//! People's names: `Name` is first and last name together, kept so that it is sorted and found by.

use super::Rule;
use crate::change::Change;

/// The full name.
pub(super) const NAME: Rule = Rule {
    objects: &["Contact", "Lead", "User"],
    when: &["FirstName", "LastName"],
    knows: &["FirstName", "LastName"],
    apply: name,
};

fn name(change: &mut Change<'_>) {
    let parts = ["FirstName", "LastName"].map(|field| change.holds(field).as_text());
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return;
    }
    let name = parts.join(" ");
    change.set("Name", name);
}
