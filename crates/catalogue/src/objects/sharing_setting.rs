//! The organization-wide default of one built-in object, where it differs from the constant's. A
//! custom object keeps its own.

use crate::{Access, Calls, Choice, Field, Object, SystemFields};

const MODELS: &[Choice] = &Choice::labelled_list([
    ("ReadWrite", "Public Read/Write"),
    ("Read", "Public Read Only"),
    ("Private", "Private"),
]);

const FIELDS: &[Field] = &[
    Field::text("SobjectType", 63).required().unique(),
    Field::restricted_picklist("SharingModel", MODELS).label("Sharing Model").required(),
];

/// A sharing setting.
pub const OBJECT: Object = Object::new("SharingSetting", "HW7", FIELDS)
    .label("Sharing Setting", "Sharing Settings")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::NONE)
    .access(Access::Internal);
