//! What a permission set lets one do with the records of one object.

use super::shared::switch;
use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const PAIR: Columns = &[Index::ascending("ParentId"), Index::ascending("SobjectType")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("ParentId", "PermissionSet")
        .label("Parent ID")
        .set_once()
        .required()
        .children("ObjectPerms")
        .on_delete(OnDelete::Cascade),
    Field::picklist("SobjectType", &[]).label("SObject Type Name").set_once().required(),
    switch("PermissionsCreate", "Create Records"),
    switch("PermissionsRead", "Read Records"),
    switch("PermissionsEdit", "Edit Records"),
    switch("PermissionsDelete", "Delete Records"),
    switch("PermissionsViewAllRecords", "Read All Records"),
    switch("PermissionsModifyAllRecords", "Edit All Records"),
    switch("PermissionsViewAllFields", "ViewAllFields"),
];

/// Rights on an object.
pub const OBJECT: Object = Object::new("ObjectPermissions", "110", FIELDS)
    .label("Object Permissions", "Object Permissions")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .indexes(INDEXES);
