//! Who took part in a conversation, and when.
//!
//! Written only by the server. Salesforce's key prefix is not published; `0dx` is our choice.

use std::borrow::Cow;

use crate::{Access, Calls, Field, Name, Object, OnDelete, Sharing};

const PARTICIPANT_ENTITIES: &[Name] =
    &[Cow::Borrowed("Contact"), Cow::Borrowed("MessagingEndUser"), Cow::Borrowed("User")];

const FIELDS: &[Field] = &[
    Field::auto_number("Name", "CP-{00000000}")
        .label("Conversation Participant Name")
        .ungroupable()
        .name_field(),
    Field::reference("ConversationId", "Conversation")
        .without_relationship()
        .label("Conversation ID")
        .children("ConversationParticipants")
        .on_delete(OnDelete::Cascade),
    Field::text("AppType", 255).label("App Type"),
    Field::datetime("JoinedTime").label("Joined Time").required(),
    Field::integer("JoinedTimeMilliSecs", 9).label("Milliseconds portion of Joined Time"),
    Field::polymorphic("ParticipantEntityId", PARTICIPANT_ENTITIES)
        .label("ParticipantEntity ID")
        .children("ConversationParticipants"),
    Field::text("ParticipantKey", 255).label("Participant Key"),
    Field::text("ParticipantRole", 255).label("Participant Role"),
    Field::text("ParticipantContext", 255).label("Participant Context"),
    Field::text("ParticipantDisplayName", 255).label("Participant Display Name"),
    Field::datetime("LeftTime").label("Left Time"),
    Field::integer("LeftTimeMilliSecs", 9).label("Milliseconds portion of Left Time"),
    Field::datetime("LastActiveTime").label("Last Active Time").required(),
    Field::integer("LastActiveTimeMilliSecs", 9).label("Milliseconds portion of Last Active Time"),
];

/// A conversation participant.
pub const OBJECT: Object = Object::new("ConversationParticipant", "0dx", FIELDS)
    .label("Conversation Participant", "Conversation Participants")
    .calls(Calls::QUERY)
    .access(Access::Follows(Cow::Borrowed("MessagingSession")))
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("ConversationId")));
