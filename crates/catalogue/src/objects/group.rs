//! A queue (`Type` is `Queue`) or a public group (`Regular`).

use std::borrow::Cow;

use crate::{Access, Calls, Choice, Field, Name, Object, SystemFields, SystemPermission};

const RELATED: &[Name] = &[Cow::Borrowed("User"), Cow::Borrowed("UserRole")];

const TYPES: &[Choice] = &Choice::list([
    "AllCustomerPortal",
    "ChannelProgramGroup",
    "CollaborationGroup",
    "Manager",
    "ManagerAndSubordinatesInternal",
    "Organization",
    "Participant",
    "PRMOrganization",
    "Queue",
    "Regular",
    "Role",
    "RoleAndSubordinates",
    "RoleAndSubordinatesInternal",
    "SharingRecordCollGroup",
    "Territory",
    "TerritoryAndSubordinates",
]);

const OWNERS: &[Name] = &[Cow::Borrowed("Organization"), Cow::Borrowed("User")];

const FIELDS: &[Field] = &[
    Field::text("Name", 40).editable().required().name_field(),
    Field::text("DeveloperName", 80).label("Developer Name").editable(),
    Field::polymorphic("RelatedId", RELATED).label("Related ID"),
    Field::restricted_picklist("Type", TYPES).set_once().required().default_text("Regular"),
    Field::email("Email").editable(),
    // Read-only in Salesforce's API, where set-up writes it; here it is how a queue gets its routing.
    Field::reference("QueueRoutingConfigId", "QueueRoutingConfig")
        .label("Routing Configuration ID")
        .without_relationship()
        .editable(),
    Field::polymorphic("OwnerId", OWNERS).label("Owner ID"),
    Field::boolean("DoesSendEmailToMembers").label("Send Email to Members").editable(),
    Field::boolean("DoesIncludeBosses").label("Include Bosses").editable(),
    Field::text_area("Description", 32_000).editable().filterable().sortable(),
];

/// A group.
pub const OBJECT: Object = Object::new("Group", "00G", FIELDS)
    .label("Group", "Groups")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers));
