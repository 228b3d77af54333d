//! An object whose records a queue may own.

use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const PAIR: Columns = &[Index::ascending("QueueId"), Index::ascending("SobjectType")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("QueueId", "Group")
        .label("Group ID")
        .set_once()
        .required()
        .children("QueueSobjects")
        .on_delete(OnDelete::Cascade),
    Field::picklist("SobjectType", &[]).label("sObject Type").set_once().required(),
];

/// An object of a queue.
pub const OBJECT: Object = Object::new("QueueSobject", "03g", FIELDS)
    .label("Queue sObject", "Queue sObjects")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { update: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::ManageUsers))
    .indexes(INDEXES);
