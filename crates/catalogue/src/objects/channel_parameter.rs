//! A value that a customer's side hands over when a session begins, and the session's field that it goes
//! into. One with a label is asked for before the first message; one without comes from the page alone.

use crate::{
    Access, Calls, Choice, Columns, Field, Index, Object, OnDelete, SystemFields, SystemPermission,
};

/// As forms of Salesforce's web clients know them.
const KINDS: &[Choice] =
    &Choice::list(["Text", "Email", "Number", "Phone", "Checkbox", "ChoiceList"]);

const NAME: Columns = &[Index::ascending("MessagingChannelId"), Index::ascending("DeveloperName")];

const INDEXES: &[Index] = &[Index::on(NAME).unique()];

const FIELDS: &[Field] = &[
    // What the customer's side calls it.
    Field::text("DeveloperName", 80).label("Parameter Name").editable().required().name_field(),
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Cascade),
    Field::text("SessionField", 80).label("Field of the Messaging Session").editable().required(),
    Field::text("Question", 255).label("Question in the Form").editable(),
    Field::restricted_picklist("Kind", KINDS).editable().required().default_text("Text"),
    // One in each line.
    Field::text_area("Choices", 4_000).label("Choices, One in Each Line").editable(),
    Field::integer("MaxLength", 9).label("Most Characters").editable(),
    Field::boolean("IsRequired").label("Required").editable(),
    Field::integer("Position", 9).label("Place in the Form").editable(),
];

/// A channel's parameter.
pub const OBJECT: Object = Object::new("ChannelParameter", "HWC", FIELDS)
    .label("Channel Parameter", "Channel Parameters")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { undelete: false, replicate: false, search: false, ..Calls::ALL })
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
