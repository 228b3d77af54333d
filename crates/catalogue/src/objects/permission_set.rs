//! Rights that can be given to users. Each profile has one of its own (`IsOwnedByProfile`).
//!
//! Left out: licences and permission set groups, which are not here, and the permissions that
//! nothing here asks for.

use super::shared::switch;
use crate::{Access, Calls, Choice, Field, Object, OnDelete, SystemFields, SystemPermission};

const TYPES: &[Choice] =
    &Choice::list(["Regular", "Profile", "Group", "Session", "Integration", "Standard"]);

const FIELDS: &[Field] = &[
    Field::text("Name", 80).label("API Name").editable().required().name_field().unique(),
    Field::text("Label", 80).label("Permission Set Name").editable().required(),
    Field::reference("ProfileId", "Profile").label("Profile ID").on_delete(OnDelete::Cascade),
    Field::boolean("IsOwnedByProfile").label("Is Owned By Profile"),
    Field::boolean("IsCustom").label("Custom").ticked(),
    Field::text("Description", 255).editable(),
    Field::text("NamespacePrefix", 15).label("Namespace Prefix"),
    Field::boolean("HasActivationRequired").label("Session Activation Required").editable(),
    Field::restricted_picklist("Type", TYPES).label("Permission Set Type").default_text("Regular"),
    switch("PermissionsApiEnabled", "API Enabled"),
    switch("PermissionsViewAllData", "View All Data"),
    switch("PermissionsModifyAllData", "Modify All Data"),
    switch("PermissionsViewSetup", "View Setup and Configuration"),
    switch("PermissionsCustomizeApplication", "Customize Application"),
    switch("PermissionsManageUsers", "Manage Users"),
    switch("PermissionsEditReadonlyFields", "Edit Read Only Fields"),
    switch("PermissionsViewAllFieldsGlobal", "View All Fields (Global)"),
    switch("PermissionsTransferAnyEntity", "Transfer Record"),
    switch("PermissionsTransferAnyCase", "Transfer Cases"),
    switch("PermissionsTransferAnyLead", "Transfer Leads"),
    switch("PermissionsEmbeddedMessagingAgent", "Enhanced Chat Rep"),
    switch("PermissionsMobileMessagingAgent", "Message on Mobile"),
    switch("PermissionsCanInitiateMessagingSessions", "Initiate Messaging Sessions"),
    switch("PermissionsLMOutboundMessagingUserPerm", "Agent Initiated Outbound Messaging"),
    switch("PermissionsLMEndMessagingSessionUserPerm", "End Messaging Session"),
    switch("PermissionsCanSendInitialSMSToIndividual", "Send Initial SMS Message to Individual"),
    switch("PermissionsCloseConversations", "Close Conversation Threads"),
];

/// A permission set.
pub const OBJECT: Object = Object::new("PermissionSet", "0PS", FIELDS)
    .label("Permission Set", "Permission Sets")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::SET_UP)
    .access(Access::SetUp(SystemPermission::ManageUsers));
