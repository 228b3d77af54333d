//! A number, page or web address that customers write to.
//!
//! Left out: `ChannelDefinitionId` and `RoutingConfigurationId`, whose objects (bring your own channel,
//! skill-based routing) are not here; `RoutingOwner` is the one field of the former that is. How long sessions may be silent, and what happens outside of
//! business hours, Salesforce keeps in settings that its API does not show; here they are fields.

use super::shared::{CHANNEL_TYPES, CONSENT_TYPES, GROUP_OR_USER, LANGUAGES};
use crate::{Access, Calls, Choice, Columns, Field, Index, Object, OnDelete, SystemPermission};

const PLATFORM_TYPES: &[Choice] = &Choice::list(["Standard", "Enhanced"]);

const ROUTING_TYPES: &[Choice] = &Choice::labelled_list([("OmniQueue", "0"), ("OmniSkills", "1")]);

/// What becomes of a session that begins outside of business hours, after the customer was told.
const OUTSIDE_HOURS: &[Choice] = &Choice::labelled_list([
    ("Wait", "Let it wait"),
    ("Fallback", "Give it to the fallback queue"),
    ("End", "End it"),
]);

/// Who says which agent gets a session: this server, or the service that a channel of one's own belongs to.
/// Salesforce has it on the channel's `ConversationChannelDefinition`.
const ROUTING_OWNERS: &[Choice] = &Choice::list(["Salesforce", "Partner"]);

const LINKING_PREFERENCES: &[Choice] = &Choice::list(["Contact"]);

/// Carriers name the channel by it. Not unique: a number can carry texts and WhatsApp.
const ADDRESS: Columns = &[Index::ascending("MessagingPlatformKey")];

const INDEXES: &[Index] = &[Index::on(ADDRESS)];

const FIELDS: &[Field] = &[
    Field::text("DeveloperName", 80).label("Developer Name").editable().required().unique(),
    Field::restricted_picklist("Language", LANGUAGES)
        .label("Master Language")
        .editable()
        .default_text("en_US"),
    Field::text("MasterLabel", 80)
        .label("Channel Name")
        .editable()
        .required()
        .id_lookup()
        .name_field(),
    Field::text_area("Description", 32_000).editable(),
    Field::text("ChannelAddressIdentifier", 36).label("Channel Address Identifier"),
    Field::restricted_picklist("MessageType", CHANNEL_TYPES).label("Type").editable().required(),
    Field::text("MessagingPlatformKey", 150)
        .label("Messaging Platform Key")
        .editable()
        .required()
        .id_lookup(),
    Field::text("IsoCountryCode", 10).label("ISO Country Code").set_once(),
    Field::restricted_picklist("PlatformType", PLATFORM_TYPES).label("Platform Type").set_once(),
    Field::boolean("IsActive").label("Active").editable(),
    Field::restricted_picklist("RoutingType", ROUTING_TYPES).label("Routing Type").editable(),
    Field::restricted_picklist("RoutingOwner", ROUTING_OWNERS)
        .label("Routing Owner")
        .help("Partner: the channel's own service says which agent gets a session")
        .editable()
        .default_text("Salesforce"),
    Field::reference("TargetQueueId", "Group").label("Queue ID").editable(),
    Field::polymorphic("SessionHandlerId", GROUP_OR_USER)
        .label("Routing Type ID")
        .editable()
        .on_delete(OnDelete::Restrict),
    Field::reference("FallbackQueueId", "Group").label("Queue ID").editable(),
    Field::restricted_picklist("ConsentType", CONSENT_TYPES).label("Consent Type").editable(),
    Field::text_area("OptInPrompt", 32_000).label("Opt-In Prompt").editable(),
    Field::text_area("DoubleOptInPrompt", 32_000).label("Double Opt-In Prompt").editable(),
    Field::boolean("IsRequireDoubleOptIn").label("Require Double Opt-In?").editable(),
    Field::text_area("DefaultResponse", 32_000).label("Default Response Text"),
    Field::text_area("InitialResponse", 32_000).label("Conversation Acknowledgement").editable(),
    Field::text_area("EngagedResponse", 32_000).label("Start Conversation").editable(),
    Field::text_area("ConversationEndResponse", 32_000).label("End Conversation").editable(),
    Field::text_area("OfflineAgentsResponse", 32_000).label("Offline Agents Response").editable(),
    Field::text_area("OutsideBusinessHoursResponse", 32_000)
        .label("Outside Business Hours Response")
        .editable(),
    Field::reference("BusinessHoursId", "BusinessHours").label("Business Hours ID").editable(),
    Field::boolean("IsRestrictedToBusinessHours")
        .label("Is Restricted to Business Hours")
        .editable(),
    Field::restricted_picklist("OutsideHoursAction", OUTSIDE_HOURS)
        .label("Outside Business Hours Action")
        .editable()
        .default_text("Wait"),
    Field::integer("InactivityMinutes", 4)
        .label("Minutes until Inactive")
        .help("How long a customer may be silent after an answer before the session rests")
        .editable(),
    Field::integer("AutoEndHours", 4)
        .label("Hours until Ended")
        .help("How long a session rests before it is ended; 24 when empty")
        .editable(),
    Field::integer("UnansweredEndHours", 4)
        .label("Hours until Unanswered")
        .help(
            "After how long a session ends that an agent began and nobody answered; 48 when empty",
        )
        .editable(),
    Field::integer("RetentionDays", 5)
        .label("Days Transcripts Are Kept")
        .help(
            "What was said in a session is removed so long after its end; when empty, as the \
             organization has it; 0: never",
        )
        .editable(),
    Field::boolean("IsSessionRemoved")
        .label("Remove Sessions Too")
        .help("Whether the session's record goes with its transcript")
        .editable(),
    Field::picklist("LinkingPreference", LINKING_PREFERENCES)
        .label("Select record type to link")
        .editable(),
    Field::boolean("IsLinkedRecordOpenedAsSubTab")
        .label("Open linked record as a subtab within the Messaging Session")
        .editable(),
];

/// A messaging channel.
pub const OBJECT: Object = Object::new("MessagingChannel", "0Mj", FIELDS)
    .label("Messaging Channel", "Messaging Channels")
    .calls(Calls { delete: false, undelete: false, replicate: false, ..Calls::ALL })
    .access(Access::SetUp(SystemPermission::CustomizeApplication))
    .indexes(INDEXES);
