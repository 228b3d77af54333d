//! How a channel is reached: which carrier, and the account there.
//!
//! Written only by the server, through the verb that connects a channel. The secrets are needed as they
//! are, to sign and to send with; so no door shows them, not even to administrators.

use crate::{Access, Calls, Choice, Field, Object, OnDelete, SystemFields, SystemPermission};

const CARRIERS: &[Choice] = &Choice::labelled_list([
    ("Twilio", "Twilio"),
    ("WhatsApp", "WhatsApp Cloud API"),
    ("Messenger", "Facebook Messenger"),
    ("Telegram", "Telegram"),
    // A service of the organization's own, by Salesforce's Interaction Service API.
    ("Partner", "Bring Your Own Channel"),
]);

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
    // Empty: as many as the carrier takes as a rule.
    Field::integer("MessagesPerSecondMax", 4).label("Messages per Second, Maximum"),
    // What opens the carrier's API. Tokens of Meta's have no length that is promised.
    Field::text_area("Secret", 4_096).required().internal(),
    // What the carrier signs with, where that is something else.
    Field::text("SigningSecret", 255).case_sensitive().internal(),
    // Made here, and told to the carrier with the address that it is to call.
    Field::text("VerifyToken", 255).case_sensitive().internal(),
    // What a service of the organization's own has said that it can show.
    Field::text_area("Capabilities", 32_000).internal(),
];

/// A channel's account with its carrier.
pub const OBJECT: Object = Object::new("ChannelAccount", "HW6", FIELDS)
    .label("Channel Account", "Channel Accounts")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SeenWith(SystemPermission::ViewSetup));
