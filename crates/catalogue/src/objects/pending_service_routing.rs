//! A session that waits for an agent, as long as none has taken it.
//!
//! Written only by the server: it begins with the waiting, in the transaction that begins it, and goes
//! when somebody takes the session or it ends. Salesforce lets its API write these for skills and external
//! routing; here skills come from the queue's routing configuration, and the services that route say so by the
//! Interaction Service API.

use std::borrow::Cow;

use super::shared::{GROUP_OR_USER, ROUTING_MODELS, ROUTING_TYPES};
use crate::{
    Access, Calls, Columns, DefaultValue, Field, Index, Object, OnDelete, Sharing, SystemFields,
};

const SESSION: Columns = &[Index::ascending("WorkItemId")];

/// In the order in which they are given out.
const IN_LINE: Columns = &[
    Index::ascending("IsPushed"),
    Index::ascending("RoutingPriority"),
    Index::ascending("CustomRequestedDateTime"),
    Index::ascending("Id"),
];

const INDEXES: &[Index] = &[Index::on(SESSION).unique(), Index::on(IN_LINE)];

const FIELDS: &[Field] = &[
    Field::polymorphic("OwnerId", GROUP_OR_USER)
        .label("Owner ID")
        .required()
        .on_delete(OnDelete::Restrict),
    Field::auto_number("Name", "PSR-{00000000}").ungroupable().id_lookup().name_field(),
    Field::reference("WorkItemId", "MessagingSession")
        .label("WorkItem ID")
        .required()
        .children("PendingServiceRoutings")
        .on_delete(OnDelete::Cascade),
    Field::boolean("IsPushAttempted").label("Is Push Attempted"),
    Field::reference("ServiceChannelId", "ServiceChannel")
        .label("Service Channel ID")
        .required()
        .on_delete(OnDelete::Restrict),
    Field::boolean("IsPushed").label("Is Pushed"),
    Field::integer("Serial", 9).required().default_value(DefaultValue::Integer(0)),
    Field::boolean("IsTransfer").label("Is Transfer"),
    Field::restricted_picklist("RoutingModel", ROUTING_MODELS).label("Queue's Routing Model"),
    Field::datetime("CustomRequestedDateTime").label("Custom Requested Date").required(),
    Field::integer("RoutingPriority", 9)
        .label("Routing Priority")
        .required()
        .default_value(DefaultValue::Integer(1)),
    Field::restricted_picklist("RoutingType", ROUTING_TYPES)
        .label("Routing Type")
        .default_text("QueueBased"),
    Field::boolean("IsReadyForRouting").label("Is Ready For Routing").ticked(),
    Field::double("CapacityWeight", 10, 2).label("Capacity Weight"),
    Field::percent("CapacityPercentage", 5, 2).label("Capacity Percentage"),
    Field::integer("PushTimeout", 9).label("Push Time-Out"),
    Field::reference("PreferredUserId", "User").label("User ID"),
    Field::reference("GroupId", "Group").label("Group ID"),
    Field::boolean("IsPreferredUserRequired").label("Is Preferred User Required"),
    Field::reference("TransferRequesterId", "User").label("User ID"),
    Field::integer("DropAdditionalSkillsTimeout", 9).label("Drop Additional Skills Time-Out"),
    // Ours: when the service that routes it has answered that it does.
    Field::datetime("AnsweredTime").label("Answered"),
    // Ours: the queue whose line was full.
    Field::reference("OverflowFromId", "Group").label("Overflow From ID"),
];

/// A session that waits for an agent.
pub const OBJECT: Object = Object::new("PendingServiceRouting", "0JR", FIELDS)
    .label("Pending Service Routing", "Pending Service Routings")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { replicate: true, ..Calls::QUERY })
    .access(Access::Follows(Cow::Borrowed("MessagingSession")))
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("WorkItemId")))
    .indexes(INDEXES);
