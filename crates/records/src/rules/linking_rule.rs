//! A linking rule compares a field of contacts that there is, and its condition is one that can be asked.

use headwater_catalogue::Value;

use super::Rule;
use crate::change::Change;
use crate::query;

/// What is compared must be a field of contacts.
pub(super) const FIELD: Rule = Rule {
    objects: &["ChannelObjectLinkingRule"],
    when: &["MatchBy", "ContactField"],
    knows: &["MatchBy", "ContactField"],
    apply: field,
};

/// The condition must be one of a query of contacts.
pub(super) const CONDITION: Rule = Rule {
    objects: &["ChannelObjectLinkingRule"],
    when: &["ContactCondition"],
    knows: &[],
    apply: condition,
};

fn field(change: &mut Change<'_>) {
    if !matches!(change.holds("MatchBy").as_text(), Some("Key" | "Subject")) {
        return;
    }
    let contacts = change.catalogue().object("Contact");
    let message = match change.holds("ContactField") {
        Value::Text(name) => match contacts.and_then(|contacts| contacts.field(name)) {
            Some(field) if field.filterable => return,
            Some(_) => format!("Contact Field: contacts are not found by their {name}"),
            None => format!("Contact Field: contacts have no field {name}"),
        },
        _ => "Contact Field: say which field of the contact is compared".to_owned(),
    };
    change.refuse_rule(&["ContactField"], message);
}

fn condition(change: &mut Change<'_>) {
    let Some(condition) = change.holds("ContactCondition").as_text() else {
        return;
    };
    let soql = format!("SELECT Id FROM Contact WHERE ({condition})");
    if let Err(error) = query::resolved(change.caller, &soql, false, change.at) {
        let message = format!(
            "Contact Condition: what stands after WHERE in a query of contacts is wanted ({error})"
        );
        change.refuse_rule(&["ContactCondition"], message);
    }
}
