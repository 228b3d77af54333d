//! What a permission set lets one do with the records of one object.

use crate::{Access, Calls, Field, Index, Name, Object, OnDelete, SystemFields, SystemPermission};

const PAIR: &[(Name, bool)] = &[
    Index::ascending("ParentId"),
    Index::ascending("SobjectType"),
];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("ParentId", "PermissionSet")
        .label("Parent ID")
        .set_once()
        .required()
        .children("ObjectPerms")
        .on_delete(OnDelete::Cascade),
    Field::picklist("SobjectType", &[]).label("SObject Type Name").set_once().required(),
    Field::boolean("PermissionsCreate")
        .label("Create Records")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsRead").label("Read Records").editable().ungroupable().unsortable(),
    Field::boolean("PermissionsEdit").label("Edit Records").editable().ungroupable().unsortable(),
    Field::boolean("PermissionsDelete")
        .label("Delete Records")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsViewAllRecords")
        .label("Read All Records")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsModifyAllRecords")
        .label("Edit All Records")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsViewAllFields")
        .label("ViewAllFields")
        .editable()
        .ungroupable()
        .unsortable(),
];

/// Rights on an object.
pub const OBJECT: Object = Object::new("ObjectPermissions", "110", FIELDS)
    .label("Object Permissions", "Object Permissions")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .indexes(INDEXES);
