//! What agents say of themselves: `Available`, `Busy`. A status takes work of the service channels that
//! its `ServiceChannelStatus` records name; one without any is for being away. Whoever has no status is
//! offline.
//!
//! Salesforce lets these be made by its API and never deleted; so it is here.

use super::shared::LANGUAGES;
use crate::{Access, Calls, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("DeveloperName", 80).label("Developer Name").set_once().required().unique(),
    Field::restricted_picklist("Language", LANGUAGES)
        .label("Master Language")
        .set_once()
        .default_text("en_US"),
    Field::text("MasterLabel", 80).label("Status Name").editable().required().name_field(),
];

/// A presence status.
pub const OBJECT: Object = Object::new("ServicePresenceStatus", "0N5", FIELDS)
    .label("Presence Status", "Presence Statuses")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { delete: false, ..Calls::SET_UP })
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
