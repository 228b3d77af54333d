//! What the shipped profiles and permission sets grant.

use headwater_catalogue::{Access, Object};

/// Rights on an object; reading is always among them.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one column of ObjectPermissions"
)]
pub(crate) struct Granted {
    pub(crate) create: bool,
    pub(crate) edit: bool,
    pub(crate) delete: bool,
    /// All records, whoever owns them.
    pub(crate) all: bool,
}

/// Everything.
pub(crate) const EVERYTHING: Granted = Granted {
    create: true,
    edit: true,
    delete: true,
    all: true,
};

const READ: Granted = Granted {
    create: false,
    edit: false,
    delete: false,
    all: false,
};

const WORK: Granted = Granted {
    create: true,
    edit: true,
    ..READ
};

const KEEP: Granted = Granted {
    delete: true,
    ..WORK
};

/// What a permission set holds.
pub(crate) struct Set {
    /// Fields of the permission set that are ticked.
    pub(crate) system: &'static [&'static str],
    objects: Objects,
}

enum Objects {
    Every(Granted),
    Some(&'static [(&'static str, Granted)]),
}

impl Set {
    /// Its rights on an object that is granted at all.
    pub(crate) fn on(&self, object: &Object) -> Option<Granted> {
        if object.access != Access::Granted {
            return None;
        }
        match self.objects {
            Objects::Every(granted) => Some(granted),
            Objects::Some(list) => {
                let found = list.iter().find(|(name, _)| *name == object.name);
                found.map(|(_, granted)| *granted)
            }
        }
    }
}

/// What administrators may do.
pub(crate) fn administrator() -> Set {
    Set {
        system: &[
            "PermissionsApiEnabled",
            "PermissionsViewAllData",
            "PermissionsModifyAllData",
            "PermissionsViewSetup",
            "PermissionsCustomizeApplication",
            "PermissionsManageUsers",
            "PermissionsTransferAnyEntity",
            "PermissionsTransferAnyCase",
            "PermissionsTransferAnyLead",
            "PermissionsEmbeddedMessagingAgent",
            "PermissionsMobileMessagingAgent",
            "PermissionsCanInitiateMessagingSessions",
            "PermissionsLMOutboundMessagingUserPerm",
            "PermissionsLMEndMessagingSessionUserPerm",
            "PermissionsCanSendInitialSMSToIndividual",
            "PermissionsCloseConversations",
        ],
        objects: Objects::Every(EVERYTHING),
    }
}

/// What agents may do: they work on sessions and on what those are about, and delete only their
/// own notes to themselves.
pub(crate) fn support_agent() -> Set {
    Set {
        system: &[
            "PermissionsApiEnabled",
            "PermissionsEmbeddedMessagingAgent",
            "PermissionsMobileMessagingAgent",
            "PermissionsCanInitiateMessagingSessions",
            "PermissionsLMOutboundMessagingUserPerm",
            "PermissionsLMEndMessagingSessionUserPerm",
            "PermissionsCanSendInitialSMSToIndividual",
        ],
        objects: Objects::Some(&[
            ("Account", WORK),
            ("Attachment", KEEP),
            ("Campaign", READ),
            ("Case", WORK),
            ("Contact", WORK),
            ("ContentDocument", KEEP),
            ("ContentDocumentLink", KEEP),
            ("ContentVersion", WORK),
            ("Lead", WORK),
            ("MessagingEndUser", WORK),
            ("MessagingSession", WORK),
            ("Opportunity", WORK),
            ("QuickText", KEEP),
            ("Relink", READ),
            ("Task", KEEP),
        ]),
    }
}

/// What users of the smallest profile may do.
pub(crate) fn minimum() -> Set {
    Set {
        system: &["PermissionsApiEnabled"],
        objects: Objects::Some(&[]),
    }
}

/// What the read-only permission set adds.
pub(crate) fn read_only() -> Set {
    Set {
        system: &["PermissionsApiEnabled"],
        objects: Objects::Some(&[
            ("Account", READ),
            ("Attachment", READ),
            ("Campaign", READ),
            ("Case", READ),
            ("Contact", READ),
            ("ContentDocument", READ),
            ("ContentDocumentLink", READ),
            ("ContentVersion", READ),
            ("Lead", READ),
            ("MessagingEndUser", READ),
            ("MessagingSession", READ),
            ("Opportunity", READ),
            ("QuickText", READ),
            ("Relink", READ),
            ("Task", READ),
        ]),
    }
}
