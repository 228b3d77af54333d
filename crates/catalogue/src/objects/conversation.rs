//! What the carrier sees as one conversation: one or more sessions of a Messaging User on a channel.
//!
//! Written only by the server. Salesforce's key prefix is not published; `0dw` is our choice.
//! `ConversationChannelId` can also name a call center there, which is not here.

use std::borrow::Cow;

use crate::{Access, Calls, Columns, Field, Index, Object, OnDelete, Sharing};

/// Web clients name their conversation, and name it once.
const IDENTIFIER: Columns = &[Index::ascending("ConversationIdentifier")];

const INDEXES: &[Index] = &[Index::on(IDENTIFIER).unique()];

const FIELDS: &[Field] = &[
    Field::auto_number("Name", "CONV-{00000000}")
        .label("Conversation Name")
        .ungroupable()
        .name_field(),
    Field::text("ConversationIdentifier", 36).label("Conversation Identifier").required(),
    Field::datetime("StartTime").label("Conversation Start time").required(),
    Field::integer("StartTimeMilliSecs", 9)
        .label("Milliseconds portion of Conversation Start time"),
    Field::datetime("EndTime").label("Conversation End time"),
    Field::integer("EndTimeMilliSecs", 9).label("Milliseconds portion of Conversation End time"),
    Field::reference("ConversationChannelId", "MessagingChannel")
        .without_relationship()
        .label("Conversation Channel ID")
        .on_delete(OnDelete::Restrict),
];

/// A conversation.
pub const OBJECT: Object = Object::new("Conversation", "0dw", FIELDS)
    .label("Conversation", "Conversations")
    .calls(Calls::QUERY)
    .access(Access::Follows(Cow::Borrowed("MessagingSession")))
    .sharing(Sharing::PublicRead)
    .indexes(INDEXES);
