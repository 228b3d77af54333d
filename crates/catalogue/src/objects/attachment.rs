//! A file of one record, which goes with it.

use std::borrow::Cow;

use super::shared::owner;
use crate::{Field, Name, Object, OnDelete, Sharing};

const PARENT: &[Name] = &[
    Cow::Borrowed("Account"),
    Cow::Borrowed("Campaign"),
    Cow::Borrowed("Case"),
    Cow::Borrowed("Contact"),
    Cow::Borrowed("Lead"),
    Cow::Borrowed("Opportunity"),
    Cow::Borrowed("Task"),
];

const FIELDS: &[Field] = &[
    Field::polymorphic("ParentId", PARENT)
        .custom_too()
        .label("Parent ID")
        .editable()
        .required()
        .children("Attachments")
        .on_delete(OnDelete::Cascade),
    Field::text("Name", 255).label("File Name").editable().required().name_field(),
    Field::boolean("IsPrivate").label("Private").editable(),
    Field::text("ContentType", 120).label("Content Type").editable(),
    Field::integer("BodyLength", 8).label("Body Length"),
    Field::base64("Body", "BodyLength").media_type("ContentType").editable().required(),
    owner("Owner ID"),
    Field::text_area("Description", 500).editable().filterable().sortable(),
];

/// An attachment.
pub const OBJECT: Object = Object::new("Attachment", "00P", FIELDS)
    .label("Attachment", "Attachments")
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("ParentId")));
