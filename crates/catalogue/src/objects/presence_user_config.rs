//! How much work agents get at once, and how it is offered to them. A configuration is a user's by a
//! `PresenceUserConfigUser`, or their profile's by a `PresenceUserConfigProfile`; everybody else has the
//! one that is called `default_presence_config`.
//!
//! Salesforce makes these with its Metadata API alone; here they are records like other set-up. Left out:
//! sounds of one's own, interruptible work, after-conversation time, and where transfers may go.

use super::shared::{LANGUAGES, switch};
use crate::{Access, Calls, DefaultValue, Field, Object, OnDelete, SystemFields, SystemPermission};

/// The developer name of the configuration of everybody who has no other.
pub const DEFAULT: &str = "default_presence_config";

const FIELDS: &[Field] = &[
    Field::text("DeveloperName", 80).label("Developer Name").editable().required().unique(),
    Field::restricted_picklist("Language", LANGUAGES)
        .label("Master Language")
        .editable()
        .default_text("en_US"),
    Field::text("MasterLabel", 80)
        .label("Presence Configuration Name")
        .editable()
        .required()
        .name_field(),
    Field::integer("Capacity", 9).editable().required().default_value(DefaultValue::Integer(5)),
    switch("OptionsIsAutoAcceptEnabled", "Automatically accept requests"),
    switch("OptionsIsDeclineEnabled", "Allow agents to decline requests").ticked(),
    switch("OptionsIsRequestSoundEnabled", "Play a sound with requests").ticked(),
    Field::reference("PresenceStatusOnDeclineId", "ServicePresenceStatus")
        .label("Status on decline")
        .editable(),
    Field::reference("PresenceStatusOnPushTimeoutId", "ServicePresenceStatus")
        .label("Status on push time-out")
        .editable(),
];

/// A presence configuration.
pub const OBJECT: Object = Object::new("PresenceUserConfig", "0Nd", FIELDS)
    .label("Presence Configuration", "Presence Configurations")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));

const CONFIGURATION: Field = Field::reference("PresenceUserConfigId", "PresenceUserConfig")
    .label("Presence Configuration ID")
    .set_once()
    .required()
    .on_delete(OnDelete::Cascade);

const OF_USERS: &[Field] = &[
    CONFIGURATION,
    Field::reference("UserId", "User")
        .label("User ID")
        .set_once()
        .required()
        .unique()
        .on_delete(OnDelete::Cascade),
];

/// That a user has a presence configuration.
pub const OF_USER: Object = Object::new("PresenceUserConfigUser", "0Ne", OF_USERS)
    .label("Presence Configuration User", "Presence Configuration Users")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { update: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::CustomizeApplication));

const OF_PROFILES: &[Field] = &[
    CONFIGURATION,
    Field::reference("ProfileId", "Profile")
        .label("Profile ID")
        .set_once()
        .required()
        .unique()
        .on_delete(OnDelete::Cascade),
];

/// That the users of a profile have a presence configuration.
pub const OF_PROFILE: Object = Object::new("PresenceUserConfigProfile", "0Nf", OF_PROFILES)
    .label("Presence Configuration Profile", "Presence Configuration Profiles")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { update: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
