//! What a carrier or a web chat has brought, as it was taken in: kept before the carrier is told that it
//! was, and worked off afterwards.
//!
//! Written only by the server. A channel names each event; a name comes once, so an event that is
//! delivered again is known.

use crate::{
    Access, Calls, Choice, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

const STATES: &[Choice] = &Choice::list(["Received", "Done", "Waiting", "Failed"]);

const EVENT: Columns = &[Index::ascending("MessagingChannelId"), Index::ascending("EventKey")];

/// What waits of an address.
const OF_ADDRESS: Columns = &[
    Index::ascending("MessagingChannelId"),
    Index::ascending("Address"),
    Index::ascending("State"),
];

/// What was left behind, and what was kept long enough.
const BY_AGE: Columns = &[Index::ascending("State"), Index::ascending("ReceivedTime")];

const INDEXES: &[Index] = &[Index::on(EVENT).unique(), Index::on(OF_ADDRESS), Index::on(BY_AGE)];

const FIELDS: &[Field] = &[
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .required()
        .on_delete(OnDelete::Cascade),
    Field::text("EventKey", 255).label("Event Key").required().case_sensitive(),
    // Whose events are worked off one after the other: a customer's address, or a message's id.
    Field::text("Address", 255).required().case_sensitive(),
    Field::text_area("Payload", 100_000).required(),
    Field::datetime("ReceivedTime").label("Received").required(),
    Field::restricted_picklist("State", STATES).required().default_text("Received"),
    Field::text("ErrorMessage", 255).label("Error Message"),
];

/// An event that came in.
pub const OBJECT: Object = Object::new("InboundEvent", "HW5", FIELDS)
    .label("Inbound Event", "Inbound Events")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup))
    .indexes(INDEXES)
    .unlogged();
