//! What several objects share: owners, switches, and picklists.

use std::borrow::Cow;

use crate::{Choice, DefaultValue, Field, Name, OnDelete};

/// Queues and people.
pub(super) const GROUP_OR_USER: &[Name] = &[Cow::Borrowed("Group"), Cow::Borrowed("User")];

/// What files can belong to, people among it.
pub(super) const FILED: &[Name] = &[
    Cow::Borrowed("Account"),
    Cow::Borrowed("Campaign"),
    Cow::Borrowed("Case"),
    Cow::Borrowed("Contact"),
    Cow::Borrowed("ConversationEntry"),
    Cow::Borrowed("Lead"),
    Cow::Borrowed("MessagingSession"),
    Cow::Borrowed("Opportunity"),
    Cow::Borrowed("Organization"),
    Cow::Borrowed("Task"),
    Cow::Borrowed("User"),
];

/// Whether those who have a file may share it.
pub(super) const SHARING_OPTIONS: &[Choice] =
    &Choice::labelled_list([("A", "Freeze Sharing Off"), ("R", "Freeze Sharing On")]);

/// Whether those who see a record see its files.
pub(super) const SHARING_PRIVACIES: &[Choice] = &Choice::labelled_list([
    ("N", "Visible to Anyone With Record Access"),
    ("P", "Private on Records"),
]);

/// `OwnerId` of an object that queues do not take in. An owner cannot be deleted: there would be
/// nobody to give the record to.
pub(super) const fn owner(label: &'static str) -> Field {
    owned(Field::reference("OwnerId", "User"), label)
}

/// `OwnerId` of an object that queues take in.
pub(super) const fn owner_or_queue(label: &'static str) -> Field {
    owned(Field::polymorphic("OwnerId", GROUP_OR_USER), label)
}

const fn owned(field: Field, label: &'static str) -> Field {
    field
        .label(label)
        .editable()
        .required()
        .default_value(DefaultValue::Caller)
        .on_delete(OnDelete::Restrict)
}

/// A checkbox among many, kept packed by Salesforce: it can be filtered, but neither grouped nor
/// sorted.
pub(super) const fn switch(name: &'static str, label: &'static str) -> Field {
    Field::boolean(name).label(label).editable().ungroupable().unsortable()
}

/// The languages of the platform.
pub(super) const LANGUAGES: &[Choice] = &Choice::labelled_list([
    ("en_US", "English"),
    ("de", "German"),
    ("es", "Spanish"),
    ("fr", "French"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("sv", "Swedish"),
    ("ko", "Korean"),
    ("zh_TW", "Chinese (Traditional)"),
    ("zh_CN", "Chinese (Simplified)"),
    ("pt_BR", "Portuguese (Brazil)"),
    ("nl_NL", "Dutch"),
    ("da", "Danish"),
    ("th", "Thai"),
    ("fi", "Finnish"),
    ("ru", "Russian"),
    ("es_MX", "Spanish (Mexico)"),
    ("no", "Norwegian"),
]);

/// What a channel carries: `MessageType` of channels and Messaging Users, `ChannelType` of sessions.
pub(super) const CHANNEL_TYPES: &[Choice] = &Choice::labelled_list([
    ("Text", "Text"),
    ("Facebook", "Facebook"),
    ("Line", "Line"),
    ("GoogleHome", "Google Home"),
    ("Alexa", "Alexa"),
    ("Omega", "Omega"),
    ("AppleBusinessChat", "Apple Messages for Business"),
    ("WeChat", "WeChat"),
    ("WebChat", "Chat"),
    ("WhatsApp", "WhatsApp"),
    ("Phone", "Phone"),
    ("EmbeddedMessaging", "Embedded Messaging"),
    ("Voice", "Voice"),
    ("Custom", "Custom"),
    ("InternalCopilot", "Internal Copilot"),
    ("VoiceIntegrationPilot", "Voice Integration Pilot"),
    ("PstnVoice", "Pstn Voice"),
    ("WhatsAppVoice", "WhatsApp Voice"),
    ("SipVoice", "Sip Voice"),
    ("Email", "Email"),
]);

/// Whom routing asks first: the agent with the least work, or the one with the most room for more.
pub(super) const ROUTING_MODELS: &[Choice] = &Choice::labelled_list([
    ("LeastActive", "Least Active"),
    ("MostAvailable", "Most Available"),
    // A service of the organization's own says who gets the work.
    ("ExternalRouting", "External Routing"),
]);

/// Those that this server's own routing follows.
pub(super) const OWN_ROUTING_MODELS: &[Choice] =
    &Choice::labelled_list([("LeastActive", "Least Active"), ("MostAvailable", "Most Available")]);

/// What work is routed by.
pub(super) const ROUTING_TYPES: &[Choice] =
    &Choice::labelled_list([("QueueBased", "Queue Based"), ("SkillsBased", "Skills Based")]);

/// How well somebody has a skill, or must have it: from 0 to 99.99.
pub(super) const fn skill_level() -> Field {
    Field::double("SkillLevel", 4, 2).label("Skill Level").default_value(DefaultValue::Integer(0))
}

/// In which order additional skills are waived: from 0, the last, to 10, the first.
pub(super) const fn skill_priority() -> Field {
    Field::integer("SkillPriority", 2).label("Skill Priority")
}

/// The consent a channel asks for.
pub(super) const CONSENT_TYPES: &[Choice] = &Choice::labelled_list([
    ("ImplicitOptIn", "Implicit Opt-In"),
    ("ExplicitOptIn", "Explicit Opt-In"),
    ("DoubleOptIn", "Double Opt-In"),
]);

/// How exactly an address is placed on the map.
pub(super) const GEOCODE_ACCURACIES: &[Choice] = &Choice::labelled_list([
    ("Address", "Address"),
    ("NearAddress", "Near Address"),
    ("Block", "Block"),
    ("Street", "Street"),
    ("ExtendedZip", "Extended Zip"),
    ("Zip", "Zip"),
    ("Neighborhood", "Neighborhood"),
    ("City", "City"),
    ("County", "County"),
    ("State", "State"),
    ("Unknown", "Unknown"),
]);

/// Lines of business of accounts and leads.
pub(super) const INDUSTRIES: &[Choice] = &Choice::list([
    "Agriculture",
    "Apparel",
    "Banking",
    "Biotechnology",
    "Chemicals",
    "Communications",
    "Construction",
    "Consulting",
    "Education",
    "Electronics",
    "Energy",
    "Engineering",
    "Entertainment",
    "Environmental",
    "Finance",
    "Food & Beverage",
    "Government",
    "Healthcare",
    "Hospitality",
    "Insurance",
    "Machinery",
    "Manufacturing",
    "Media",
    "Not For Profit",
    "Recreation",
    "Retail",
    "Shipping",
    "Technology",
    "Telecommunications",
    "Transportation",
    "Utilities",
    "Other",
]);

/// Where accounts, contacts, leads and opportunities come from.
pub(super) const LEAD_SOURCES: &[Choice] =
    &Choice::list(["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"]);

/// How promising an account or lead is.
pub(super) const RATINGS: &[Choice] = &Choice::list(["Hot", "Warm", "Cold"]);

/// How to address a person.
pub(super) const SALUTATIONS: &[Choice] =
    &Choice::list(["Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."]);

/// How a record compares with a data service.
pub(super) const CLEAN_STATUSES: &[Choice] = &Choice::labelled_list([
    ("Matched", "In Sync"),
    ("Different", "Different"),
    ("Acknowledged", "Reviewed"),
    ("NotFound", "Not Found"),
    ("Inactive", "Inactive"),
    ("Pending", "Not Compared"),
    ("SelectMatch", "Select Match"),
    ("Skipped", "Skipped"),
]);

/// Kinds of user. Only the first is of use here.
pub(super) const USER_TYPES: &[Choice] = &Choice::labelled_list([
    ("Standard", "Standard"),
    ("PowerPartner", "Partner"),
    ("PowerCustomerSuccess", "Customer Portal Manager"),
    ("CustomerSuccess", "Customer Portal User"),
    ("Guest", "Guest"),
    ("CspLitePortal", "High Volume Portal"),
    ("CsnOnly", "CSN Only"),
    ("SelfService", "Self Service"),
]);

/// Hours at which a day begins and ends.
pub(super) const HOURS_OF_DAY: &[Choice] = &Choice::labelled_list([
    ("0", "12:00 AM"),
    ("1", "1:00 AM"),
    ("2", "2:00 AM"),
    ("3", "3:00 AM"),
    ("4", "4:00 AM"),
    ("5", "5:00 AM"),
    ("6", "6:00 AM"),
    ("7", "7:00 AM"),
    ("8", "8:00 AM"),
    ("9", "9:00 AM"),
    ("10", "10:00 AM"),
    ("11", "11:00 AM"),
    ("12", "12:00 PM"),
    ("13", "1:00 PM"),
    ("14", "2:00 PM"),
    ("15", "3:00 PM"),
    ("16", "4:00 PM"),
    ("17", "5:00 PM"),
    ("18", "6:00 PM"),
    ("19", "7:00 PM"),
    ("20", "8:00 PM"),
    ("21", "9:00 PM"),
    ("22", "10:00 PM"),
    ("23", "11:00 PM"),
]);

/// Time zones to pick from. The list is open: any other name of the time zone database will do.
pub(super) const TIME_ZONES: &[Choice] = &Choice::list([
    "Pacific/Auckland",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Australia/Perth",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Singapore",
    "Asia/Manila",
    "Asia/Bangkok",
    "Asia/Jakarta",
    "Asia/Kolkata",
    "Asia/Karachi",
    "Asia/Dubai",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Africa/Nairobi",
    "Africa/Johannesburg",
    "Africa/Cairo",
    "Asia/Jerusalem",
    "Europe/Athens",
    "Europe/Helsinki",
    "Europe/Kiev",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Rome",
    "Europe/Amsterdam",
    "Europe/Stockholm",
    "Europe/Zurich",
    "Africa/Lagos",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "GMT",
    "UTC",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/Halifax",
    "America/New_York",
    "America/Bogota",
    "America/Chicago",
    "America/Mexico_City",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
]);

/// Locales to pick from. The list is open.
pub(super) const LOCALES: &[Choice] = &Choice::labelled_list([
    ("en_US", "English (United States)"),
    ("en_GB", "English (United Kingdom)"),
    ("en_AU", "English (Australia)"),
    ("en_CA", "English (Canada)"),
    ("en_IE", "English (Ireland)"),
    ("en_IN", "English (India)"),
    ("da_DK", "Danish (Denmark)"),
    ("de_AT", "German (Austria)"),
    ("de_CH", "German (Switzerland)"),
    ("de_DE", "German (Germany)"),
    ("es_ES", "Spanish (Spain)"),
    ("es_MX", "Spanish (Mexico)"),
    ("fi_FI", "Finnish (Finland)"),
    ("fr_CA", "French (Canada)"),
    ("fr_CH", "French (Switzerland)"),
    ("fr_FR", "French (France)"),
    ("it_IT", "Italian (Italy)"),
    ("ja_JP", "Japanese (Japan)"),
    ("ko_KR", "Korean (South Korea)"),
    ("nl_BE", "Dutch (Belgium)"),
    ("nl_NL", "Dutch (Netherlands)"),
    ("no_NO", "Norwegian (Norway)"),
    ("pl_PL", "Polish (Poland)"),
    ("pt_BR", "Portuguese (Brazil)"),
    ("pt_PT", "Portuguese (Portugal)"),
    ("ru_RU", "Russian (Russia)"),
    ("sv_SE", "Swedish (Sweden)"),
    ("th_TH", "Thai (Thailand)"),
    ("tr_TR", "Turkish (Türkiye)"),
    ("zh_CN", "Chinese (China)"),
    ("zh_TW", "Chinese (Taiwan)"),
]);
