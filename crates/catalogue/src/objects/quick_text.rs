//! An answer that is written once and put into messages by its name.
//!
//! Left out: folders, and `SourceType`.

use super::shared::owner;
use crate::{Choice, Field, Object, Sharing};

const CATEGORIES: &[Choice] = &Choice::list(["Greetings", "FAQ", "Closings"]);

const CHANNELS: &[Choice] = &Choice::list([
    "Email",
    "Event",
    "Internal",
    "Knowledge",
    "Messaging",
    "Phone",
    "Portal",
    "Task",
]);

const FIELDS: &[Field] = &[
    owner("Owner ID"),
    Field::text("Name", 255).label("Quick Text Name").editable().required().name_field(),
    Field::text_area("Message", 4_096).editable().required(),
    Field::picklist("Category", CATEGORIES).editable(),
    Field::multi_picklist("Channel", CHANNELS).editable(),
    Field::boolean("IsInsertable").label("Include in selected channels").editable().ticked(),
];

/// A quick text.
pub const OBJECT: Object = Object::new("QuickText", "574", FIELDS)
    .label("Quick Text", "Quick Texts")
    .sharing(Sharing::PublicRead);
