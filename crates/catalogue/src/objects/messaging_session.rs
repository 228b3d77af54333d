//! One exchange with a customer on a channel, from its first message to its end.
//!
//! A session belongs to one Messaging User for good, and shows that user's account and contact:
//! `EndUserAccountId` and `EndUserContactId` are inherited and are changed on the Messaging User.
//! Case, lead, opportunity and campaign are the session's own.

use std::borrow::Cow;

use super::shared::{CHANNEL_TYPES, LANGUAGES, owner_or_queue};
use crate::{Choice, Columns, DefaultValue, Field, Formula, Index, Name, Object, OnDelete};

const STATUSES: &[Choice] =
    &Choice::list(["Active", "Ended", "Waiting", "New", "Consent", "Inactive", "Error", "Paused"]);

const ORIGINS: &[Choice] = &Choice::labelled_list([
    ("InboundInitiated", "Inbound Initiated"),
    ("TriggeredOutbound", "Triggered Outbound"),
    ("OptOut", "Opt-Out Status Change"),
    ("OptIn", "Opt In Status Change"),
    ("ConversationClose", "Conversation Closed"),
    ("AgentInitiated", "Agent Initiated"),
    ("Help", "Help"),
    ("ConversationControlLost", "Conversation Control Transferred"),
]);

const AGENT_TYPES: &[Choice] = &Choice::labelled_list([
    ("Agent", "Agent"),
    ("Bot", "Bot"),
    ("BotToAgent", "Bot & Agent"),
    ("System", "System"),
]);

const ENDED_BY_TYPES: &[Choice] = &Choice::labelled_list([
    ("Agent", "Agent"),
    ("Bot", "Bot"),
    ("EndUser", "End User"),
    ("System", "System"),
]);

/// The statuses of sessions that are over. A Messaging User has at most one session that is not.
pub const CLOSED_STATUSES: &[Name] = &[Cow::Borrowed("Ended"), Cow::Borrowed("Error")];

const CHANNEL_AND_USER: Formula = Formula::Concatenation {
    paths: Cow::Borrowed(&[
        Cow::Borrowed("MessagingChannel.MasterLabel"),
        Cow::Borrowed("MessagingEndUser.Name"),
    ]),
    separator: Cow::Borrowed(" - "),
};

/// What a side has said to the other: what people here write to each other is no message.
const fn messages(holding: &'static [(Name, Name)]) -> Formula {
    Formula::CountOf {
        object: Cow::Borrowed("ConversationEntry"),
        reference: Cow::Borrowed("ConversationId"),
        holding: Cow::Borrowed(holding),
    }
}

const TEXT: (Name, Name) = (Cow::Borrowed("EntryType"), Cow::Borrowed("Text"));
const OF_CUSTOMER: &[(Name, Name)] =
    &[(Cow::Borrowed("ActorType"), Cow::Borrowed("EndUser")), TEXT];
const OF_AGENT: &[(Name, Name)] = &[(Cow::Borrowed("ActorType"), Cow::Borrowed("Agent")), TEXT];

const NEWEST_OF_USER: Columns = &[
    Index::ascending("MessagingEndUserId"),
    Index::descending("StartTime"),
    Index::ascending("Id"),
];
const NEWEST: Columns = &[Index::descending("StartTime"), Index::ascending("Id")];
const USER: Columns = &[Index::ascending("MessagingEndUserId")];
/// Most sessions are over; those who look for one that waits do not look through these. In the order of
/// lists, so that one of a status needs no sorting.
const BY_STATUS: Columns =
    &[Index::ascending("Status"), Index::descending("StartTime"), Index::ascending("Id")];

/// Retention rules look for what ended long ago and has its transcript still.
const TRANSCRIPTS: Columns = &[
    Index::ascending("MessagingChannelId"),
    Index::ascending("TranscriptRemovedTime"),
    Index::ascending("EndTime"),
];

const INDEXES: &[Index] = &[
    Index::on(TRANSCRIPTS),
    Index::on(NEWEST_OF_USER),
    Index::on(NEWEST),
    Index::on(BY_STATUS),
    Index::on(USER).unique().unless("Status", CLOSED_STATUSES),
];

const FIELDS: &[Field] = &[
    owner_or_queue("Owner ID").tracked(),
    Field::auto_number("Name", "MS-{00000000}")
        .label("Messaging Session Name")
        .ungroupable()
        .id_lookup()
        .name_field(),
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Restrict),
    Field::reference("MessagingEndUserId", "MessagingEndUser")
        .label("Messaging User ID")
        .set_once()
        .required()
        .children("MessagingSessions")
        .on_delete(OnDelete::Restrict),
    Field::restricted_picklist("Status", STATUSES).set_once().required().tracked(),
    Field::reference("CaseId", "Case")
        .label("Case ID")
        .editable()
        .permissionable()
        .tracked()
        .children("MessagingSessions"),
    Field::reference("LeadId", "Lead")
        .label("Lead ID")
        .editable()
        .permissionable()
        .tracked()
        .children("MessagingSessions"),
    Field::reference("OpportunityId", "Opportunity")
        .label("Opportunity ID")
        .editable()
        .permissionable()
        .tracked()
        .children("MessagingSessions"),
    Field::reference("CampaignId", "Campaign")
        .label("Campaign ID")
        .editable()
        .permissionable()
        .tracked()
        .children("MessagingSessions"),
    Field::datetime("AcceptTime").label("Accept Time").editable().tracked(),
    // Lists are sorted by it, so every row has one.
    Field::datetime("StartTime")
        .label("Start Time")
        .set_once()
        .tracked()
        .always_filled(DefaultValue::Now),
    Field::datetime("EndTime").label("End Time").set_once().tracked(),
    // Ours: when a retention rule has removed what was said.
    Field::datetime("TranscriptRemovedTime").label("Transcript Removed"),
    Field::restricted_picklist("Origin", ORIGINS)
        .set_once()
        .required()
        .default_text("InboundInitiated")
        .tracked(),
    Field::restricted_picklist("AgentType", AGENT_TYPES)
        .label("Agent Type")
        .set_once()
        .default_text("Agent"),
    Field::text("SessionKey", 36).label("Session Key").set_once(),
    Field::reference("TargetUserId", "User").label("User ID").editable(),
    Field::text("ChannelGroup", 255).label("Group").editable(),
    Field::text("ChannelIntent", 255).label("Intent").editable(),
    Field::text("ChannelLocale", 255).label("Locale").editable(),
    Field::restricted_picklist("EndUserLanguage", LANGUAGES)
        .label("Messaging User Language")
        .editable()
        .permissionable()
        .tracked(),
    // Ours: what the customer's browser has told, by the name that the time zone database has for it.
    Field::text("EndUserTimeZone", 80).label("Messaging User Time Zone"),
    Field::reference("ConversationId", "Conversation")
        .label("Conversation ID")
        .set_once()
        .tracked()
        .on_delete(OnDelete::Cascade),
    // Read through the Messaging User, so that a relink shows in every session at once.
    Field::reference("EndUserAccountId", "Account")
        .label("Account ID")
        .children("MessagingSessions")
        .inherited("MessagingEndUser.AccountId"),
    Field::reference("EndUserContactId", "Contact")
        .label("Contact ID")
        .children("MessagingSessions")
        .inherited("MessagingEndUser.ContactId"),
    // Mirrors of the channel.
    Field::restricted_picklist("ChannelType", CHANNEL_TYPES)
        .label("Channel Type")
        .inherited("MessagingChannel.MessageType"),
    Field::text("ChannelName", 80).label("Channel Name").inherited("MessagingChannel.MasterLabel"),
    Field::text("ChannelKey", 150)
        .label("Channel Key")
        .inherited("MessagingChannel.MessagingPlatformKey"),
    Field::text("PreviewDetails", 255)
        .label("Preview Details")
        .selectable_only()
        .formula(Formula::Unfilled),
    Field::integer("EndUserMessageCount", 9)
        .label("End User Message Count")
        .selectable_only()
        .formula(messages(OF_CUSTOMER)),
    Field::integer("AgentMessageCount", 9)
        .label("Agent Message Count")
        .selectable_only()
        .formula(messages(OF_AGENT)),
    Field::restricted_picklist("EndedByType", ENDED_BY_TYPES)
        .label("Ended By Type")
        .set_once()
        .tracked(),
    // Salesforce also looks records up by this text; a worked-out text has no index, so we do not.
    Field::text("ChannelEndUserFormula", 50)
        .label("Concatenated Messaging Channel and Messaging User")
        .formula(CHANNEL_AND_USER),
];

/// A messaging session.
pub const OBJECT: Object = Object::new("MessagingSession", "0Mw", FIELDS)
    .label("Messaging Session", "Messaging Sessions")
    .history("MessagingSessionHistory")
    .indexes(INDEXES)
    .recents();
