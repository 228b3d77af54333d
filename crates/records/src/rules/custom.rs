//! Objects made at run time.

use headwater_catalogue::Kind;

use super::Rule;
use crate::change::Change;

/// A record made without a name is named by its id.
pub(super) const NAME: Rule = Rule {
    objects: &[],
    when: &["Name"],
    knows: &[],
    apply: name,
};

/// The server gives a custom object its key prefix. Which one is settled when its turn comes.
pub(super) const KEY_PREFIX: Rule = Rule {
    objects: &["CustomObject"],
    when: &[],
    knows: &[],
    apply: key_prefix,
};

fn key_prefix(change: &mut Change<'_>) {
    change.set("KeyPrefix", "a00");
}

fn name(change: &mut Change<'_>) {
    let object = change.object;
    let named_by_text = object
        .field("Name")
        .is_some_and(|field| field.name_field && matches!(field.kind, Kind::Text { .. }));
    if object.custom && named_by_text && change.holds("Name").is_null() {
        let id = change.id.to_string();
        change.set("Name", id);
    }
}
