//! A user or group in a group.

use super::shared::GROUP_OR_USER;
use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const PAIR: Columns = &[Index::ascending("UserOrGroupId"), Index::ascending("GroupId")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("GroupId", "Group")
        .label("Group ID")
        .set_once()
        .required()
        .children("GroupMembers")
        .on_delete(OnDelete::Cascade),
    Field::polymorphic("UserOrGroupId", GROUP_OR_USER)
        .label("User/Group ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Cascade),
];

/// A membership.
pub const OBJECT: Object = Object::new("GroupMember", "011", FIELDS)
    .label("Group Member", "Group Members")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { update: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .indexes(INDEXES);
