//! That an agent who is not offline is there: their pages say so again and again. Beside the presence
//! itself, which would else change for everybody who watches it each time. Written only by the server.

use crate::{
    Access, Calls, Columns, DefaultValue, Field, Index, Object, OnDelete, SystemFields,
    SystemPermission,
};

const BY_AGE: Columns = &[Index::ascending("SeenTime")];

const INDEXES: &[Index] = &[Index::on(BY_AGE)];

const FIELDS: &[Field] = &[
    // Unique: nobody has two presences, from whichever nodes they come.
    Field::reference("UserId", "User")
        .label("User ID")
        .required()
        .unique()
        .on_delete(OnDelete::Cascade),
    Field::reference("UserServicePresenceId", "UserServicePresence")
        .label("User Presence ID")
        .required()
        .on_delete(OnDelete::Cascade),
    Field::datetime("SeenTime").label("Last Seen").required(),
    // Another with each piece of work that the agent gets, so that two who give some at once do not
    // both fill the same place.
    Field::integer("Serial", 9).required().default_value(DefaultValue::Integer(0)),
];

/// A presence's sign of life.
pub const OBJECT: Object = Object::new("PresenceHeartbeat", "HWB", FIELDS)
    .label("Presence Heartbeat", "Presence Heartbeats")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup))
    .indexes(INDEXES);
