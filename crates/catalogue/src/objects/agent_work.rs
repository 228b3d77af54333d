//! A session as a piece of one agent's work: offered to them (`Assigned`), taken (`Opened`), and over,
//! one way or another.
//!
//! Written only by the server; the verbs of routing are the way to change it. Left out: what belongs to
//! bots, skills, interruptible work and the time after a conversation, and the deprecated `OriginalQueueId`.

use std::borrow::Cow;

use super::shared::{GROUP_OR_USER, ROUTING_MODELS, ROUTING_TYPES};
use crate::{Access, Calls, Choice, Columns, Field, Index, Name, Object, OnDelete, Sharing};

const STATUSES: &[Choice] = &Choice::labelled_list([
    ("Assigned", "Assigned"),
    ("Unavailable", "Unavailable"),
    ("Declined", "Declined"),
    ("Opened", "Opened"),
    ("Closed", "Closed"),
    ("DeclinedOnPushTimeout", "Declined on Push Time-Out"),
    ("Canceled", "Canceled"),
    ("Transferred", "Transferred"),
]);

/// The statuses of work that is over. A session is one agent's open work at most.
pub const CLOSED_STATUSES: &[Name] = &[
    Cow::Borrowed("Unavailable"),
    Cow::Borrowed("Declined"),
    Cow::Borrowed("Closed"),
    Cow::Borrowed("DeclinedOnPushTimeout"),
    Cow::Borrowed("Canceled"),
    Cow::Borrowed("Transferred"),
];

const SESSION: Columns = &[Index::ascending("WorkItemId")];

/// What agents have open.
const OF_AGENTS: Columns = &[Index::ascending("Status"), Index::ascending("UserId")];

const INDEXES: &[Index] =
    &[Index::on(SESSION).unique().unless("Status", CLOSED_STATUSES), Index::on(OF_AGENTS)];

const FIELDS: &[Field] = &[
    Field::polymorphic("OwnerId", GROUP_OR_USER)
        .label("Owner ID")
        .required()
        .on_delete(OnDelete::Restrict),
    Field::auto_number("Name", "AW-{00000000}").ungroupable().id_lookup().name_field(),
    Field::reference("UserId", "User").label("User ID").required().on_delete(OnDelete::Cascade),
    Field::reference("WorkItemId", "MessagingSession")
        .label("WorkItem ID")
        .required()
        .children("AgentWorks")
        .on_delete(OnDelete::Cascade),
    Field::restricted_picklist("Status", STATUSES).required(),
    Field::reference("ServiceChannelId", "ServiceChannel")
        .label("Service Channel ID")
        .required()
        .on_delete(OnDelete::Restrict),
    Field::double("CapacityWeight", 10, 2).label("Units of Capacity"),
    Field::percent("CapacityPercentage", 5, 2).label("Percentage of Capacity"),
    Field::datetime("RequestDateTime").label("Request Date"),
    Field::datetime("AcceptDateTime").label("Accept Date"),
    Field::datetime("DeclineDateTime").label("Decline Date"),
    Field::datetime("CloseDateTime").label("Close Date"),
    Field::integer("SpeedToAnswer", 9).label("Speed To Answer"),
    Field::double("AgentCapacityWhenDeclined", 10, 2).label("Agent Capacity when Declined"),
    Field::reference("PendingServiceRoutingId", "PendingServiceRouting")
        .label("Pending Service Routing ID"),
    Field::integer("PushTimeout", 9).label("Push Time-Out"),
    Field::datetime("PushTimeoutDateTime").label("Push Time-Out Date"),
    Field::integer("HandleTime", 9).label("Handle Time"),
    Field::text("DeclineReason", 200).label("Decline Reason"),
    Field::datetime("CancelDateTime").label("Cancel Date"),
    Field::boolean("ShouldSkipCapacityCheck").label("Should Skip Capacity Check"),
    Field::restricted_picklist("RoutingType", ROUTING_TYPES).label("Routing Type"),
    Field::restricted_picklist("RoutingModel", ROUTING_MODELS).label("Routing Model"),
    Field::integer("RoutingPriority", 9).label("Routing Priority"),
    Field::datetime("AssignedDateTime").label("Assign Date"),
    Field::reference("PreferredUserId", "User").label("User ID"),
    Field::reference("OriginalGroupId", "Group").label("Group ID"),
    Field::boolean("IsPreferredUserRequired").label("Is Preferred User Required"),
    Field::reference("TransferRequesterId", "User").label("User ID"),
    Field::boolean("IsTransfer").label("Is Transfer"),
];

/// A piece of work.
pub const OBJECT: Object = Object::new("AgentWork", "0Bz", FIELDS)
    .label("Agent Work", "Agent Work")
    .calls(Calls { replicate: true, ..Calls::QUERY })
    .access(Access::Follows(Cow::Borrowed("MessagingSession")))
    .sharing(Sharing::ControlledByParent(Cow::Borrowed("WorkItemId")))
    .indexes(INDEXES);
