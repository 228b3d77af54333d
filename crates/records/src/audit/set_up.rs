//! What is set-up, and how its records are called.

/// An object whose records are set-up.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) object: &'static str,
    /// Where administrators find it.
    pub(super) section: &'static str,
    /// What people call one.
    pub(super) noun: &'static str,
    /// The fields that together name a record.
    pub(super) told_by: &'static [&'static str],
    /// Whether there is always a value, and the record only says that it is another than usual:
    /// making it is a change, deleting it goes back.
    pub(super) is_setting: bool,
}

const fn thing(
    object: &'static str,
    section: &'static str,
    noun: &'static str,
    told_by: &'static [&'static str],
) -> Setup {
    Setup {
        object,
        section,
        noun,
        told_by,
        is_setting: false,
    }
}

const fn setting(
    object: &'static str,
    section: &'static str,
    noun: &'static str,
    told_by: &'static [&'static str],
) -> Setup {
    Setup {
        is_setting: true,
        ..thing(object, section, noun, told_by)
    }
}

pub(super) const USERS: &str = "Manage Users";
const OBJECTS: &str = "Object Manager";
const COMPANY: &str = "Company Settings";
const ROUTING: &str = "Routing";

/// What is set-up. This is the one list.
pub(super) const SETUP: [Setup; 39] = [
    thing("BusinessHours", COMPANY, "business hours", &["Name"]),
    thing(
        "ChannelAccount",
        "Messaging",
        "channel account",
        &["Carrier", "AccountKey"],
    ),
    thing(
        "ChannelObjectLinkingRule",
        "Messaging",
        "linking rule",
        &["MessagingChannelId"],
    ),
    thing(
        "ChannelParameter",
        "Messaging",
        "channel parameter",
        &["DeveloperName", "MessagingChannelId"],
    ),
    thing(
        "ConnectedApplication",
        "Connected Apps",
        "connected app",
        &["Name"],
    ),
    thing(
        "CustomField",
        OBJECTS,
        "custom field",
        &["TableEnumOrId", "DeveloperName"],
    ),
    thing("CustomObject", OBJECTS, "custom object", &["DeveloperName"]),
    thing(
        "DefaultRecordType",
        USERS,
        "default record type",
        &["SobjectType", "ProfileId"],
    ),
    thing("Erasure", "Messaging", "erasure of", &["ErasedRecordId"]),
    thing(
        "FieldPermissions",
        USERS,
        "field permission",
        &["Field", "ParentId"],
    ),
    thing("Group", "Groups and Queues", "group", &["Name"]),
    thing(
        "GroupMember",
        "Groups and Queues",
        "member",
        &["UserOrGroupId", "GroupId"],
    ),
    thing(
        "MessagingChannel",
        "Messaging",
        "messaging channel",
        &["MasterLabel"],
    ),
    thing(
        "MessagingKeyset",
        "Messaging",
        "keyset",
        &["DeveloperName", "MessagingChannelId"],
    ),
    thing(
        "MsgChannelLanguageKeyword",
        "Messaging",
        "keywords",
        &["MasterLanguage", "MessagingChannelId"],
    ),
    thing(
        "ObjectPermissions",
        USERS,
        "object permission",
        &["SobjectType", "ParentId"],
    ),
    thing("Organization", COMPANY, "organization", &["Name"]),
    setting("PageLayout", "Page Layouts", "page layout", &["EntityName"]),
    thing("PermissionSet", USERS, "permission set", &["Label"]),
    thing(
        "PermissionSetAssignment",
        USERS,
        "assignment of the permission set",
        &["PermissionSetId", "AssigneeId"],
    ),
    thing(
        "PresenceUserConfig",
        ROUTING,
        "presence configuration",
        &["MasterLabel"],
    ),
    thing(
        "PresenceUserConfigProfile",
        ROUTING,
        "profile of the presence configuration",
        &["PresenceUserConfigId", "ProfileId"],
    ),
    thing(
        "PresenceUserConfigUser",
        ROUTING,
        "user of the presence configuration",
        &["PresenceUserConfigId", "UserId"],
    ),
    thing("Profile", USERS, "profile", &["Name"]),
    thing(
        "QueueRoutingConfig",
        ROUTING,
        "routing configuration",
        &["MasterLabel"],
    ),
    thing(
        "QueueRoutingConfigSkill",
        ROUTING,
        "skill of the routing configuration",
        &["SkillId", "QueueRoutingConfigId"],
    ),
    thing(
        "QueueSobject",
        "Groups and Queues",
        "queue's object",
        &["SobjectType", "QueueId"],
    ),
    thing("RecordType", OBJECTS, "record type", &["Name"]),
    thing(
        "ServiceChannel",
        ROUTING,
        "service channel",
        &["MasterLabel"],
    ),
    thing(
        "ServiceChannelStatus",
        ROUTING,
        "channel of the status",
        &["ServicePresenceStatusId", "ServiceChannelId"],
    ),
    thing(
        "ServicePresenceStatus",
        ROUTING,
        "presence status",
        &["MasterLabel"],
    ),
    thing("ServiceResource", ROUTING, "service resource", &["Name"]),
    thing(
        "ServiceResourceSkill",
        ROUTING,
        "skill of the service resource",
        &["SkillId", "ServiceResourceId"],
    ),
    setting(
        "SharingSetting",
        "Sharing Settings",
        "sharing default",
        &["SobjectType"],
    ),
    thing(
        "RetentionRun",
        "Messaging",
        "retention run of",
        &["MessagingChannelId"],
    ),
    thing("Skill", ROUTING, "skill", &["MasterLabel"]),
    thing("User", USERS, "user", &["Name", "Username"]),
    thing("UserRole", USERS, "role", &["Name"]),
    thing(
        "WebDeployment",
        "Messaging",
        "web deployment",
        &["MessagingChannelId"],
    ),
];
