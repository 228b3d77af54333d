//! A place in the hierarchy of users.

use crate::{Access, Calls, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("Name", 80).editable().required().name_field(),
    Field::text("DeveloperName", 80).label("Developer Name").editable(),
    Field::reference("ParentRoleId", "UserRole").label("Parent Role ID").editable(),
    Field::text("RollupDescription", 80).label("Description").editable(),
];

/// A role.
pub const OBJECT: Object = Object::new("UserRole", "00E", FIELDS)
    .label("Role", "Roles")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers));
