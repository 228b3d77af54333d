//! Leads.

use super::{ANY_FIELD, Rule};
use crate::change::Change;
use crate::error::Problem;

/// A converted lead is changed no more.
pub(super) const CONVERTED: Rule = Rule {
    objects: &["Lead"],
    when: ANY_FIELD,
    knows: &["IsConverted"],
    apply: converted,
};

fn converted(change: &mut Change<'_>) {
    if change.held("IsConverted").is_true() {
        let id = change.id;
        change.refuse(Problem::ConvertedLead { id });
    }
}
