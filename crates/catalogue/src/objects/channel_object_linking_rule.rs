//! How a channel finds the contact of a new Messaging User, and what it does then.
//!
//! Salesforce has one rule for each sort of channel, by its Metadata API; here it is a record, and
//! there may be one for each channel. Its name, the two actions and their values are Salesforce's; by what
//! is matched, and the key prefix, are ours.

use crate::{Access, Calls, Choice, Field, Object, OnDelete, SystemPermission};

const MATCHES: &[Choice] = &Choice::labelled_list([
    ("Phone", "Phone number"),
    ("Key", "Messaging platform key"),
    ("Email", "Email address"),
    ("Subject", "Verified subject"),
]);

const FOR_NONE: &[Choice] = &Choice::labelled_list([
    ("PromptAgent", "Ask the agent"),
    ("CreateNewRecordAndLink", "Make a contact and link it"),
]);

const FOR_ONE: &[Choice] =
    &Choice::labelled_list([("AutoLink", "Link it"), ("PromptAgent", "Ask the agent")]);

const FIELDS: &[Field] = &[
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .set_once()
        .required()
        .unique()
        .on_delete(OnDelete::Cascade),
    Field::restricted_picklist("MatchBy", MATCHES)
        .label("Match By")
        .editable()
        .required()
        .default_text("Phone"),
    // The field of Contact that holds what channels of this sort know a customer by.
    Field::text("ContactField", 80).label("Contact Field").editable(),
    // What must be true of a contact besides: what stands after WHERE in a query of contacts.
    Field::text_area("ContactCondition", 1_000)
        .label("Contact Condition")
        .help("Only contacts of which this is true, as after WHERE in SOQL: Account.Type = 'Customer'")
        .editable(),
    Field::restricted_picklist("ActionForNoRecordFound", FOR_NONE)
        .label("Action for No Record Found")
        .editable()
        .required()
        .default_text("PromptAgent"),
    Field::restricted_picklist("ActionForSingleRecordFound", FOR_ONE)
        .label("Action for Single Record Found")
        .editable()
        .required()
        .default_text("AutoLink"),
];

/// A linking rule.
pub const OBJECT: Object = Object::new("ChannelObjectLinkingRule", "HWR", FIELDS)
    .label("Channel-Object Linking Rule", "Channel-Object Linking Rules")
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
