//! Whether a permission set lets one read and edit one field. `Field` is written `Object.Field`.

use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const PAIR: Columns = &[Index::ascending("ParentId"), Index::ascending("Field")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("ParentId", "PermissionSet")
        .label("Parent ID")
        .set_once()
        .required()
        .children("FieldPerms")
        .on_delete(OnDelete::Cascade),
    Field::picklist("SobjectType", &[]).label("SObject Type Name").set_once().required(),
    Field::picklist("Field", &[]).label("Field Name").set_once().required(),
    Field::boolean("PermissionsEdit").label("Edit Field").editable(),
    Field::boolean("PermissionsRead").label("Read Field").editable(),
];

/// Rights on a field.
pub const OBJECT: Object = Object::new("FieldPermissions", "01k", FIELDS)
    .label("Field Permissions", "Field Permissions")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .indexes(INDEXES);
