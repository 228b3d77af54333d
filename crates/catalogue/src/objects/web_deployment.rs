//! How a web channel lets visitors in. A channel without one lets everybody in, and refuses a token of a
//! customer's that is not good.

use crate::{Access, Calls, Choice, Field, Object, OnDelete, SystemFields, SystemPermission};

const BAD_TOKEN_ACTIONS: &[Choice] = &Choice::labelled_list([
    ("Refuse", "Refuse the visitor and say why"),
    ("LetInAsGuest", "Let the visitor in as a guest, as Salesforce does"),
]);

const FIELDS: &[Field] = &[
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .set_once()
        .required()
        .unique()
        .on_delete(OnDelete::Cascade),
    Field::restricted_picklist("BadTokenAction", BAD_TOKEN_ACTIONS)
        .label("When a Customer's Token Is Bad")
        .editable()
        .required()
        .default_text("Refuse"),
    Field::boolean("IsForVerifiedOnly").label("Verified Customers Only").editable(),
    Field::integer("GuestTokenMinutes", 9).label("Minutes a Guest's Token Lasts").editable(),
    Field::integer("VerifiedTokenMinutes", 9)
        .label("Minutes a Verified Customer's Token Lasts")
        .editable(),
];

/// A web deployment.
pub const OBJECT: Object = Object::new("WebDeployment", "HWW", FIELDS)
    .label("Web Deployment", "Web Deployments")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { undelete: false, replicate: false, search: false, ..Calls::ALL })
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
