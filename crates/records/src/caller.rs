//! Who calls, and what they may do: one value in every verb's signature.

use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Name, Object, SystemPermission};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::retrieve::PlanCache;

/// Somebody or something that acts. Made only by `Org`, from a token, a user or the server itself,
/// so having one is proof of having been let in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user who acts.
    pub user: Id,
    /// Their name for people and logs.
    pub name: Arc<str>,
    /// Their `Username`.
    pub username: Arc<str>,
    /// Their profile.
    pub profile: Id,
    /// The organization.
    pub organization: Id,
    /// Where days begin for them.
    pub zone: TimeZone,
    /// What weeks begin with for them.
    pub first_weekday: Weekday,
    /// What they may do.
    pub rights: Arc<Rights>,
}

/// What a user may do, worked out once from profile and permission sets and kept until one of
/// those, or the catalogue, changes.
#[derive(Debug)]
pub struct Rights {
    /// The catalogue these rights speak of.
    pub catalogue: Arc<Catalogue>,
    /// Rights by object name as the catalogue spells it. An object that is not here: none.
    pub objects: HashMap<Name, ObjectRights>,
    /// System permissions held.
    pub system: Vec<SystemPermission>,
    /// Groups and queues the user belongs to, directly or through groups.
    pub groups: Vec<Id>,
    /// The kinds of record that objects have beside the one that each has, in the order of their
    /// names; at most one of each object is the default.
    pub record_types: Vec<RecordType>,
    /// Whether these are the server's own: it also writes the fields that no caller may, and
    /// objects that take no calls.
    pub(crate) server: bool,
    /// Since when they are so: what describe says was last changed then.
    pub since: Timestamp,
    /// How records are read under them.
    pub(crate) plans: PlanCache,
}

/// A kind of record within an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordType {
    /// Its record.
    pub id: Id,
    /// Its object.
    pub object: Name,
    /// What people call it.
    pub name: String,
    /// What programs call it.
    pub developer_name: String,
    /// Whether new records may be of it.
    pub is_active: bool,
    /// Whether those that the caller makes are of it unless they say otherwise.
    pub is_default: bool,
}

/// Rights on one object.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one column of ObjectPermissions"
)]
pub struct ObjectRights {
    /// See records.
    pub read: bool,
    /// Make records.
    pub create: bool,
    /// Change records.
    pub edit: bool,
    /// Delete records.
    pub delete: bool,
    /// See all records, whatever the sharing.
    pub view_all: bool,
    /// Change all records, whatever the sharing.
    pub modify_all: bool,
    /// Per field, by its place: whether it can be seen.
    pub readable: Vec<bool>,
    /// Per field, by its place: whether rights (not the catalogue) let it be written.
    pub writable: Vec<bool>,
}

impl Rights {
    /// Rights on an object; none at all if nothing was granted.
    pub fn on(&self, object: &Object) -> &ObjectRights {
        static NONE: std::sync::LazyLock<ObjectRights> =
            std::sync::LazyLock::new(ObjectRights::default);
        self.objects.get(&object.name).unwrap_or(&NONE)
    }

    /// The kind that new records of an object are of unless they say otherwise; none for the one that
    /// each object has.
    pub fn default_record_type(&self, object: &Object) -> Option<&RecordType> {
        let mut kinds = self.record_types.iter();
        kinds.find(|kind| kind.is_default && kind.object == object.name)
    }

    /// Whether the caller holds a system permission.
    pub fn has(&self, permission: SystemPermission) -> bool {
        self.system.contains(&permission)
    }

    /// Whether these are the server's own.
    pub fn is_server(&self) -> bool {
        self.server
    }
}

impl ObjectRights {
    /// Whether the field at this place can be seen.
    pub fn reads(&self, field: usize) -> bool {
        self.read && self.readable.get(field).copied().unwrap_or(false)
    }

    /// Whether rights let the field at this place be written.
    pub fn writes(&self, field: usize) -> bool {
        self.writable.get(field).copied().unwrap_or(false)
    }
}
