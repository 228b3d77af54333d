//! Rights that can be given to users. Each profile has one of its own (`IsOwnedByProfile`).
//!
//! Left out: licences and permission set groups, which are not here, and the permissions that
//! nothing here asks for.

use crate::{
    Access, Calls, Choice, DefaultValue, Field, Object, OnDelete, SystemFields, SystemPermission,
};

const TYPES: &[Choice] = &Choice::list([
    "Regular",
    "Profile",
    "Group",
    "Session",
    "Integration",
    "Standard",
]);

const FIELDS: &[Field] = &[
    Field::text("Name", 80).label("API Name").editable().required().name_field().unique(),
    Field::text("Label", 80).label("Permission Set Name").editable().required(),
    Field::reference("ProfileId", "Profile").label("Profile ID").on_delete(OnDelete::Cascade),
    Field::boolean("IsOwnedByProfile").label("Is Owned By Profile"),
    Field::boolean("IsCustom").label("Custom").default_value(DefaultValue::Boolean(true)),
    Field::text("Description", 255).editable(),
    Field::text("NamespacePrefix", 15).label("Namespace Prefix"),
    Field::boolean("HasActivationRequired").label("Session Activation Required").editable(),
    Field::restricted_picklist("Type", TYPES).label("Permission Set Type").default_text("Regular"),
    Field::boolean("PermissionsApiEnabled")
        .label("API Enabled")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsViewAllData")
        .label("View All Data")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsModifyAllData")
        .label("Modify All Data")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsViewSetup")
        .label("View Setup and Configuration")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsCustomizeApplication")
        .label("Customize Application")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsManageUsers")
        .label("Manage Users")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsEditReadonlyFields")
        .label("Edit Read Only Fields")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsViewAllFieldsGlobal")
        .label("View All Fields (Global)")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsTransferAnyEntity")
        .label("Transfer Record")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsTransferAnyCase")
        .label("Transfer Cases")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsTransferAnyLead")
        .label("Transfer Leads")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsEmbeddedMessagingAgent")
        .label("Enhanced Chat Rep")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsMobileMessagingAgent")
        .label("Message on Mobile")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsCanInitiateMessagingSessions")
        .label("Initiate Messaging Sessions")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsLMOutboundMessagingUserPerm")
        .label("Agent Initiated Outbound Messaging")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsLMEndMessagingSessionUserPerm")
        .label("End Messaging Session")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsCanSendInitialSMSToIndividual")
        .label("Send Initial SMS Message to Individual")
        .editable()
        .ungroupable()
        .unsortable(),
    Field::boolean("PermissionsCloseConversations")
        .label("Close Conversation Threads")
        .editable()
        .ungroupable()
        .unsortable(),
];

/// A permission set.
pub const OBJECT: Object = Object::new("PermissionSet", "0PS", FIELDS)
    .label("Permission Set", "Permission Sets")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers));
