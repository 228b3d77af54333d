//! That agents of a presence status get work of a service channel.
//!
//! Salesforce makes these with its Metadata API alone; here they are records like other set-up.

use crate::{
    Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const PAIR: Columns =
    &[Index::ascending("ServicePresenceStatusId"), Index::ascending("ServiceChannelId")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FIELDS: &[Field] = &[
    Field::reference("ServiceChannelId", "ServiceChannel")
        .label("Service Channel ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Cascade),
    Field::reference("ServicePresenceStatusId", "ServicePresenceStatus")
        .label("Service Presence Status ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Cascade),
];

/// A channel of a status.
pub const OBJECT: Object = Object::new("ServiceChannelStatus", "0NC", FIELDS)
    .label("Service Channel Status", "Service Channel Statuses")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { update: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
