//! A relink: Messaging Users were given another account or contact, and all their sessions with
//! them. Who did it is `CreatedById`.
//!
//! Written only by the relink verb. Ours, so the key prefix is ours: Salesforce has none that begins
//! with a capital letter, and `HW` begins all of ours.

use crate::{Calls, Choice, Field, Object, Sharing};

const RULES: &[Choice] = &Choice::list([
    "Manual",
    "Undo",
    "Import",
    "PhoneMatch",
    "KeyMatch",
    "EmailMatch",
    "SubjectMatch",
    "NewContact",
    "Merge",
]);

const FIELDS: &[Field] = &[
    Field::auto_number("Name", "RL-{00000000}").label("Relink Name").name_field(),
    Field::text("Reason", 255),
    Field::restricted_picklist("Rule", RULES).required().default_text("Manual"),
    Field::integer("MessagingEndUserCount", 9).label("Messaging Users").required(),
    Field::integer("SessionsAffected", 9).label("Sessions Affected").required(),
    Field::reference("UndoOfId", "Relink").label("Undo Of ID").children("Undos"),
    Field::reference("UndoneById", "Relink").label("Undone By ID"),
];

/// A relink.
pub const OBJECT: Object = Object::new("Relink", "HW1", FIELDS)
    .label("Relink", "Relinks")
    .calls(Calls::QUERY)
    .sharing(Sharing::PublicRead);
