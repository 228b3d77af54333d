//! How sessions that wait in a queue get to its agents.
//!
//! Salesforce makes these with its Metadata API alone; here they are records like other set-up. Left out:
//! external routing.

use super::shared::{GROUP_OR_USER, LANGUAGES, OWN_ROUTING_MODELS};
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
    Field::restricted_picklist("RoutingModel", OWN_ROUTING_MODELS)
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
    Field::polymorphic("OverflowAssigneeId", GROUP_OR_USER)
        .label("OverflowAssignee ID")
        .editable()
        .help(
            "Who gets new sessions while the queue’s line is full: another queue, or a person as long \
             as they are available and have room",
        ),
    // Ours: Salesforce has one limit for all queues of an org.
    Field::integer("LineMax", 5)
        .label("Most Sessions in Line")
        .editable()
        .help("From so many waiting sessions on, new ones go to the overflow assignee; empty: never."),
    Field::boolean("IsAttributeBased")
        .label("Use with Skills-Based Routing Rules")
        .editable()
        .help("Whether its skills are asked for."),
    Field::integer("DropAdditionalSkillsTimeout", 9)
        .label("Drop Additional Skills Time-Out (seconds)")
        .editable()
        .help("After so long in line, additional skills are waived; empty: never."),
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
