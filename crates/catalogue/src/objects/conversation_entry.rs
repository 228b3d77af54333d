//! One message or event in a transcript.

use std::borrow::Cow;

use crate::{Access, Calls, Choice, Columns, Field, Index, Name, Object, OnDelete, Sharing};

const CONVERSATIONS: &[Name] = &[Cow::Borrowed("Conversation"), Cow::Borrowed("MessagingSession")];

const ENTRY_TYPES: &[Choice] = &Choice::labelled_list([
    ("Text", "Text"),
    ("EndUserOptedIn", "End User Opted In"),
    ("EndUserOptedOut", "End User Opted Out"),
    ("AdminOptedIn", "Admin Opted In"),
    ("AdminOptedOut", "Admin Opted Out"),
    ("BotEscalated", "Bot Escalated"),
    ("ChatbotEstablished", "Bot Established"),
    ("ChatbotNotEstablished", "Bot Not Established"),
    ("ChatbotClosedIdleSession", "Bot Closed Idle Session"),
    ("ChatbotEndedChatByAction", "Conversation ended by automated action"),
    (
        "ChatbotEndedTransferNotConfigured",
        "Conversation ended because transfer fail is not configured",
    ),
    ("ConversationControlLost", "Conversation control transferred to another party"),
    // Those of the Messaging API that people here are told, and customers are not.
    ("SessionOwnerChanged", "Session Owner Changed"),
    ("RoutingResult", "Routing Result"),
    ("Note", "Note"),
    ("FlagRaise", "Flag Raised"),
    ("FlagLower", "Flag Lowered"),
]);

const ACTOR_TYPES: &[Choice] = &Choice::list(["System", "Agent", "EndUser", "Supervisor", "Bot"]);

const ACTORS: &[Name] = &[
    Cow::Borrowed("ConversationParticipant"),
    Cow::Borrowed("MessagingEndUser"),
    Cow::Borrowed("User"),
];

const MESSAGE_STATUSES: &[Choice] =
    &Choice::list(["Pending", "Sent", "Delivered", "Read", "Error"]);

// With the actor and the type at its end, for every read of a session counts the messages of either side:
// so the index alone answers, and no entry with its text is fetched for that.
const IN_ORDER: Columns = &[
    Index::ascending("ConversationId"),
    Index::ascending("EntryTime"),
    Index::ascending("Seq"),
    Index::ascending("Id"),
    Index::ascending("ActorType"),
    Index::ascending("EntryType"),
];

/// A message is in a transcript once, however often it is sent or delivered.
const MESSAGE: Columns =
    &[Index::ascending("ConversationId"), Index::ascending("MessageIdentifier")];

/// What carriers report on names a message by their own id for it.
const AT_CARRIER: Columns = &[Index::ascending("CarrierMessageId")];

const INDEXES: &[Index] =
    &[Index::on(IN_ORDER), Index::on(MESSAGE).unique(), Index::on(AT_CARRIER)];

const FIELDS: &[Field] = &[
    Field::reference("ConversationEntityId", "Conversation")
        .without_relationship()
        .label("Conversation ID")
        .editable()
        .children("ConvEntries")
        .on_delete(OnDelete::Cascade),
    Field::polymorphic("ConversationId", CONVERSATIONS)
        .label("Conversation ID")
        .set_once()
        .required()
        .children("ConversationEntries")
        .on_delete(OnDelete::Cascade),
    Field::integer("Seq", 9).label("Sequence").set_once().required(),
    Field::datetime("EntryTime").label("Entry Start Time").set_once().required(),
    Field::integer("EntryTimeMilliSecs", 9)
        .label("Entry Time Milli Seconds(last 3 digits)")
        .set_once(),
    Field::restricted_picklist("EntryType", ENTRY_TYPES).label("Entry Type").set_once().required(),
    Field::restricted_picklist("ActorType", ACTOR_TYPES).label("Actor Type").set_once().required(),
    Field::polymorphic("ActorId", ACTORS)
        .label("Actor ID")
        .set_once()
        .children("ConversationEntries"),
    Field::text("ActorName", 255).label("Actor Name").set_once().ungroupable(),
    Field::text_area("Message", 32_000).set_once(),
    Field::restricted_picklist("MessageStatus", MESSAGE_STATUSES)
        .label("Message Status")
        .set_once(),
    Field::text("MessageStatusCode", 255).label("Message Status Code").editable(),
    Field::datetime("MessageSendTime").label("Message Send Time").set_once(),
    Field::datetime("MessageDeliverTime").label("Message Deliver Time").set_once(),
    Field::datetime("MessageReadTime").label("Message Read Time").set_once(),
    Field::text("MessageIdentifier", 255).label("Message ID").set_once(),
    Field::boolean("HasAttachments").label("Has Attachments").set_once(),
    Field::datetime("EntryEndTime").label("Entry End Time").set_once(),
    Field::datetime("ClientTimestamp").set_once(),
    Field::integer("ClientDuration", 9).set_once(),
    Field::datetime("ServerReceivedTimestamp").set_once(),
    // The carrier's own id of a message that was sent through it.
    Field::text("CarrierMessageId", 255).case_sensitive().internal(),
    // For a message that is a template of the carrier's: which, and what fills it in.
    Field::text_area("Template", 10_000).set_once().internal(),
    // For a message that offers answers: what it says without them, and the answers.
    Field::text_area("Choices", 10_000).set_once().internal(),
];

/// A conversation entry.
pub const OBJECT: Object = Object::new("ConversationEntry", "0Zy", FIELDS)
    .label("Conversation Entry", "Conversation Entries")
    .calls(Calls { search: false, undelete: false, replicate: false, ..Calls::ALL })
    .access(Access::Follows(Cow::Borrowed("MessagingSession")))
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("ConversationId")))
    .indexes(INDEXES);
