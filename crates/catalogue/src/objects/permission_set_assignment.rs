//! A permission set given to a user.

use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const PAIR: Columns = &[Index::ascending("AssigneeId"), Index::ascending("PermissionSetId")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("PermissionSetId", "PermissionSet")
        .label("Permission Set ID")
        .set_once()
        .children("Assignments")
        .on_delete(OnDelete::Cascade)
        .required(),
    Field::reference("AssigneeId", "User")
        .label("Assignee ID")
        .set_once()
        .required()
        .children("PermissionSetAssignments")
        .on_delete(OnDelete::Cascade),
    Field::datetime("ExpirationDate").label("Expires On").editable(),
    Field::boolean("IsActive").label("Is Active").ticked(),
    Field::boolean("IsRevoked").label("Is Revoked").update_only(),
];

/// An assignment.
pub const OBJECT: Object = Object::new("PermissionSetAssignment", "0Pa", FIELDS)
    .label("Permission Set Assignment", "Permission Set Assignments")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .indexes(INDEXES);
