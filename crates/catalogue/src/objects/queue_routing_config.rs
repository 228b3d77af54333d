//! How sessions that wait in a queue get to its agents.
//!
//! Salesforce makes these with its Metadata API alone; here they are records like other set-up. Left out:
//! external routing, overflow, and skills.

use super::shared::{LANGUAGES, ROUTING_MODELS};
use crate::{Access, Calls, DefaultValue, Field, Object, SystemFields, SystemPermission};

const FIELDS: &[Field] = &[
    Field::text("DeveloperName", 80).label("Developer Name").editable().required().unique(),
    Field::restricted_picklist("Language", LANGUAGES)
        .label("Master Language")
        .editable()
        .default_text("en_US"),
    Field::text("MasterLabel", 80)
        .label("Routing Configuration Name")
        .editable()
        .required()
        .name_field(),
    Field::integer("RoutingPriority", 9)
        .label("Routing Priority")
        .editable()
        .required()
        .default_value(DefaultValue::Integer(1))
        .help("Queues with a lower number come first."),
    Field::restricted_picklist("RoutingModel", ROUTING_MODELS)
        .label("Routing Model")
        .editable()
        .required()
        .default_text("LeastActive"),
    Field::double("CapacityWeight", 10, 2).label("Units of Capacity").editable(),
    Field::percent("CapacityPercentage", 5, 2).label("Percentage of Capacity").editable(),
    Field::integer("PushTimeout", 9)
        .label("Push Time-Out (seconds)")
        .editable()
        .help("After so long without an answer, the next agent is asked."),
    // Ours: Salesforce leaves the work of agents who are gone with them.
    Field::integer("UnattendedTimeout", 9)
        .label("Unattended Time-Out (seconds)")
        .editable()
        .help("Accepted work of an agent who has been offline for so long goes back to the queue."),
];

/// A routing configuration.
pub const OBJECT: Object = Object::new("QueueRoutingConfig", "0K9", FIELDS)
    .label("Routing Configuration", "Routing Configurations")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
