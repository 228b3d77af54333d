//! The words of one language by which customers of a channel say whether they want messages, and what
//! they are answered. Words are separated by commas.
//!
//! Left out: `MessagingChannelUsageId`, whose object is not here. The key prefix is ours: none is known.

use crate::{Access, Calls, Columns, Field, Index, Object, OnDelete, SystemPermission};

/// Channels have a row for each language.
const LANGUAGE: Columns =
    &[Index::ascending("MessagingChannelId"), Index::ascending("MasterLanguage")];

const INDEXES: &[Index] = &[Index::on(LANGUAGE).unique()];

const FIELDS: &[Field] = &[
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .set_once()
        .required()
        .children("MsgChannelLanguageKeywords")
        .on_delete(OnDelete::Cascade),
    Field::text("MasterLanguage", 10).label("Language").editable().required(),
    Field::text_area("OptInKeywords", 1_000).label("Opt-In Keywords").editable(),
    Field::text_area("DoubleOptInKeywords", 1_000).label("Double Opt-In Keywords").editable(),
    Field::text_area("OptInConfirmation", 1_600).label("Opt-In Confirmation").editable(),
    Field::text_area("HelpKeywords", 1_000).label("Help Keywords").editable(),
    Field::text_area("HelpResponse", 1_600).label("Help Response").editable(),
    Field::text_area("OptOutKeywords", 1_000).label("Opt-Out Keywords").editable(),
    Field::text_area("OptOutConfirmation", 1_600).label("Opt-Out Confirmation").editable(),
    Field::text_area("CustomKeywords", 1_000).label("Custom Keywords").editable(),
    Field::text_area("CustomResponse", 1_600).label("Custom Response").editable(),
];

/// Keywords of a channel in one language.
pub const OBJECT: Object = Object::new("MsgChannelLanguageKeyword", "HWM", FIELDS)
    .label("Messaging Channel Language Keyword", "Messaging Channel Language Keywords")
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
