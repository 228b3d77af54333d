//! A sort of work that is routed to agents. There is one, `sfdc_livemessage`: messaging sessions.
//!
//! Left out: what widgets and after-conversation timers of Salesforce are told by it, and `IsDeleted`,
//! for none is deleted.

use super::shared::LANGUAGES;
use crate::{Access, Calls, Choice, Field, Object, SystemFields, SystemPermission};

/// The developer name of the channel that messaging sessions are routed by.
pub const MESSAGING: &str = "sfdc_livemessage";

const ROUTED: &[Choice] = &Choice::list(["MessagingSession"]);

const FIELDS: &[Field] = &[
    Field::text("DeveloperName", 80).label("Developer Name").required().unique(),
    Field::restricted_picklist("Language", LANGUAGES)
        .label("Master Language")
        .default_text("en_US"),
    Field::text("MasterLabel", 80).label("Service Channel Name").required().name_field(),
    Field::restricted_picklist("RelatedEntity", ROUTED)
        .label("Custom Object Definition ID")
        .required(),
];

/// A service channel.
pub const OBJECT: Object = Object::new("ServiceChannel", "0N9", FIELDS)
    .label("Service Channel", "Service Channels")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::QUERY)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
