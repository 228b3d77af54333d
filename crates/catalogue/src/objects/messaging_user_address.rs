//! Another address of a Messaging User on its channel, beside its platform key: `WhatsApp` names people by
//! a phone number, by an id within the business, or by both.
//!
//! Written only by the server. Whoever sees the Messaging User sees its addresses.

use std::borrow::Cow;

use crate::{Access, Calls, Columns, Field, Index, Object, OnDelete, Sharing};

/// An address is one customer's.
const OF_CHANNEL: Columns = &[Index::ascending("MessagingChannelId"), Index::ascending("Address")];

const INDEXES: &[Index] = &[Index::on(OF_CHANNEL).unique()];

const FIELDS: &[Field] = &[
    Field::auto_number("Name", "MUA-{00000000}").label("Address Name").name_field(),
    Field::reference("MessagingEndUserId", "MessagingEndUser")
        .label("Messaging User ID")
        .required()
        .children("Addresses")
        .on_delete(OnDelete::Cascade),
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .required()
        .on_delete(OnDelete::Cascade),
    Field::text("Address", 255).required().case_sensitive(),
];

/// Another address of a Messaging User.
pub const OBJECT: Object = Object::new("MessagingUserAddress", "HWA", FIELDS)
    .label("Messaging User Address", "Messaging User Addresses")
    .calls(Calls::QUERY)
    .access(Access::Follows(Cow::Borrowed("MessagingEndUser")))
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("MessagingEndUserId")))
    .indexes(INDEXES);
