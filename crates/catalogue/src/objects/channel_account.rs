//! How a channel is reached: which carrier, and the account there.
//!
//! Written only by the server, through the verb that connects a channel. The secret is needed as it is,
//! to sign and to send with; so no door shows it, not even to administrators.

use crate::{Access, Calls, Choice, Field, Object, OnDelete, SystemFields, SystemPermission};

const CARRIERS: &[Choice] = &Choice::labelled_list([("Twilio", "Twilio")]);

const FIELDS: &[Field] = &[
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .required()
        .unique()
        .on_delete(OnDelete::Cascade),
    Field::restricted_picklist("Carrier", CARRIERS).required(),
    // What the carrier calls the account; it is part of the addresses that are called there.
    Field::text("AccountKey", 255).label("Account Key").required().case_sensitive(),
    // Where the carrier's API is, when it is not where it usually is.
    Field::url("ApiUrl", 255).label("API URL"),
    Field::text("Secret", 255).required().case_sensitive().internal(),
];

/// A channel's account with its carrier.
pub const OBJECT: Object = Object::new("ChannelAccount", "HW6", FIELDS)
    .label("Channel Account", "Channel Accounts")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup));
