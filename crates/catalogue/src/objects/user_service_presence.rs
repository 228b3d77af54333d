//! An agent's status from one change of it to the next; the one that holds now has `IsCurrentState`.
//! Whoever has none of those is offline.
//!
//! Written only by the server. Left out: what Salesforce sums up over the time of a status.

use std::borrow::Cow;

use super::shared::GROUP_OR_USER;
use crate::{Access, Calls, Columns, Field, Index, Object, OnDelete, Sharing};

const CURRENT: Columns = &[Index::ascending("IsCurrentState"), Index::ascending("UserId")];

const INDEXES: &[Index] = &[Index::on(CURRENT)];

const FIELDS: &[Field] = &[
    Field::polymorphic("OwnerId", GROUP_OR_USER)
        .label("Owner ID")
        .required()
        .on_delete(OnDelete::Restrict),
    Field::auto_number("Name", "UP-{00000000}").ungroupable().name_field(),
    Field::reference("UserId", "User").label("User ID").required().on_delete(OnDelete::Cascade),
    Field::reference("ServicePresenceStatusId", "ServicePresenceStatus")
        .label("Service Presence Status ID")
        .on_delete(OnDelete::Restrict),
    Field::datetime("StatusStartDate").label("Status Start Date"),
    Field::integer("ConfiguredCapacity", 9).label("Configured Capacity"),
    Field::datetime("StatusEndDate").label("Status End Date"),
    Field::boolean("IsAway").label("Is Away"),
    Field::boolean("IsCurrentState").label("Is Current State"),
    Field::integer("StatusDuration", 9).label("Status Duration"),
];

/// An agent's presence.
pub const OBJECT: Object = Object::new("UserServicePresence", "0R1", FIELDS)
    .label("User Presence", "User Presence")
    .calls(Calls { replicate: true, ..Calls::QUERY })
    .access(Access::Follows(Cow::Borrowed("MessagingSession")))
    .sharing(Sharing::PublicRead)
    .indexes(INDEXES);
