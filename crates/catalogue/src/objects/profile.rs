//! What a user's rights begin with. The rights themselves are on its permission set.
//!
//! Left out: `UserLicenseId`, for there are no licences here.

use super::shared::USER_TYPES;
use crate::{Access, Calls, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("Name", 255).editable().required().name_field().unique(),
    Field::picklist("UserType", USER_TYPES).label("User Type").default_text("Standard"),
    Field::text("Description", 255).editable(),
];

/// A profile.
pub const OBJECT: Object = Object::new("Profile", "00e", FIELDS)
    .label("Profile", "Profiles")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .recents();
