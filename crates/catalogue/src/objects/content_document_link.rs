//! What a file belongs to: records, and the people who have it.

use std::borrow::Cow;

use super::shared::FILED;
use crate::{Calls, Choice, Columns, Field, Index, Name, Object, OnDelete, Sharing, SystemFields};

const SHARE_TYPES: &[Choice] =
    &Choice::labelled_list([("V", "Viewer"), ("C", "Collaborator"), ("I", "Inferred")]);

const VISIBILITIES: &[Choice] = &Choice::labelled_list([
    ("AllUsers", "All Users"),
    ("InternalUsers", "Standard Users"),
    ("SharedUsers", "Shared Users"),
]);

const PAIR: Columns = &[Index::ascending("LinkedEntityId"), Index::ascending("ContentDocumentId")];

const INDEXES: &[Index] = &[Index::on(PAIR).unique()];

const FILTERED_BY: &[Name] = &[Cow::Borrowed("ContentDocumentId"), Cow::Borrowed("LinkedEntityId")];

const FIELDS: &[Field] = &[
    Field::polymorphic("LinkedEntityId", FILED)
        .custom_too()
        .label("Linked Entity ID")
        .set_once()
        .required()
        .children("ContentDocumentLinks")
        .on_delete(OnDelete::Cascade),
    Field::reference("ContentDocumentId", "ContentDocument")
        .label("Content Document ID")
        .set_once()
        .required()
        .children("ContentDocumentLinks")
        .on_delete(OnDelete::Cascade),
    Field::restricted_picklist("ShareType", SHARE_TYPES)
        .label("Share Type")
        .editable()
        .default_text("V"),
    Field::restricted_picklist("Visibility", VISIBILITIES).editable().default_text("AllUsers"),
];

/// A link of a file.
pub const OBJECT: Object = Object::new("ContentDocumentLink", "06A", FIELDS)
    .label("Content Document Link", "Content Document Links")
    .system(SystemFields::StampOnly)
    .calls(Calls { undelete: false, search: false, replicate: false, ..Calls::ALL })
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("ContentDocumentId")))
    .filtered_by(FILTERED_BY)
    .indexes(INDEXES);
