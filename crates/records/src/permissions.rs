//! From what is granted to what a caller may do: one answer per object and field, worked out once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use headwater_catalogue::{
    ADDRESS_PARTS, Access, Catalogue, Field, Formula, Id, Kind, Name, Object, Source,
    SystemPermission,
};
use jiff::Timestamp;

use crate::caller::{ObjectRights, RecordType, Rights};
use crate::retrieve::PlanCache;

/// Most objects that "follows" leads through before it grants nothing: metadata may make a circle.
const FOLLOWED_MAX: usize = 5;

/// What a profile and the permission sets of a user grant together. Names are in lower case.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    /// System permissions.
    pub(crate) system: HashSet<SystemPermission>,
    /// Whether every field of every readable object can be read.
    pub(crate) every_field: bool,
    /// Rights by object.
    pub(crate) objects: HashMap<String, ObjectGrant>,
    /// Rights by `object.field`: read, edit.
    pub(crate) fields: HashMap<String, (bool, bool)>,
    /// Groups and queues.
    pub(crate) groups: Vec<Id>,
    /// The kinds of record, which are for everybody, and the profile's defaults among them.
    pub(crate) record_types: Vec<RecordType>,
}

/// What is granted on one object.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one column of ObjectPermissions"
)]
pub(crate) struct ObjectGrant {
    pub(crate) read: bool,
    pub(crate) create: bool,
    pub(crate) edit: bool,
    pub(crate) delete: bool,
    pub(crate) view_all: bool,
    pub(crate) modify_all: bool,
    pub(crate) every_field: bool,
}

impl ObjectGrant {
    /// Everything that either grants.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            read: self.read || other.read,
            create: self.create || other.create,
            edit: self.edit || other.edit,
            delete: self.delete || other.delete,
            view_all: self.view_all || other.view_all,
            modify_all: self.modify_all || other.modify_all,
            every_field: self.every_field || other.every_field,
        }
    }
}

impl Rights {
    /// What these grants come to.
    pub(crate) fn of(grants: Grants, catalogue: &Arc<Catalogue>, since: Timestamp) -> Self {
        let mut objects: HashMap<Name, ObjectRights> = catalogue
            .objects()
            .iter()
            .map(|object| (object.name.clone(), granted(&grants, catalogue, object)))
            .collect();
        let hidden = hidden_sources(catalogue, &objects);
        for (object, place) in hidden {
            if let Some(rights) = objects.get_mut(&object) {
                rights.readable[place] = false;
            }
        }
        Self {
            catalogue: Arc::clone(catalogue),
            objects,
            system: grants.system.into_iter().collect(),
            groups: grants.groups,
            record_types: grants.record_types,
            server: false,
            since,
            plans: PlanCache::default(),
        }
    }

    /// Every right there is: the server's own.
    pub(crate) fn of_server(catalogue: &Arc<Catalogue>, since: Timestamp) -> Self {
        let everything = |object: &Arc<Object>| {
            let rights = ObjectRights {
                read: true,
                create: true,
                edit: true,
                delete: true,
                view_all: true,
                modify_all: true,
                readable: vec![true; object.fields.len()],
                writable: vec![true; object.fields.len()],
            };
            (object.name.clone(), rights)
        };
        Self {
            catalogue: Arc::clone(catalogue),
            objects: catalogue.objects().iter().map(everything).collect(),
            system: SystemPermission::ALL.to_vec(),
            groups: Vec::new(),
            record_types: Vec::new(),
            server: true,
            since,
            plans: PlanCache::default(),
        }
    }
}

/// Rights on an object and its own columns, before asking where derived fields come from.
fn granted(grants: &Grants, catalogue: &Catalogue, object: &Object) -> ObjectRights {
    let grant = object_grant(grants, catalogue, object, 0);
    let by_field = |field: &Field| {
        if field.internal {
            return (false, false);
        }
        match governing(object, field) {
            Some(governor) if object.access == Access::Granted => {
                let key = field_key(&object.name, &governor.name);
                let (read, edit) = grants.fields.get(&key).copied().unwrap_or_default();
                (
                    read || edit || grant.every_field || grants.every_field,
                    edit,
                )
            }
            _ => (true, true),
        }
    };
    let (readable, writable) = object.fields.iter().map(by_field).unzip();
    ObjectRights {
        read: grant.read,
        create: grant.create,
        edit: grant.edit,
        delete: grant.delete,
        view_all: grant.view_all,
        modify_all: grant.modify_all,
        readable,
        writable,
    }
}

fn object_grant(
    grants: &Grants,
    catalogue: &Catalogue,
    object: &Object,
    followed: usize,
) -> ObjectGrant {
    let whole = |may_write: bool| ObjectGrant {
        read: true,
        view_all: true,
        create: may_write,
        edit: may_write,
        delete: may_write,
        modify_all: may_write,
        every_field: false,
    };
    match &object.access {
        Access::Granted => {
            let name = object.name.to_ascii_lowercase();
            let own = grants.objects.get(&name).copied().unwrap_or_default();
            let all = own.or(by_system_permission(grants));
            ObjectGrant {
                view_all: all.view_all || all.modify_all,
                ..all
            }
        }
        Access::Follows(other) if followed < FOLLOWED_MAX => catalogue
            .object(other)
            .map(|other| object_grant(grants, catalogue, other, followed + 1))
            .unwrap_or_default(),
        Access::SetUp(permission) => whole(grants.system.contains(permission)),
        Access::SeenWith(permission) if grants.system.contains(permission) => whole(false),
        Access::SeenWith(_) | Access::Follows(_) | Access::Internal => ObjectGrant::default(),
    }
}

fn by_system_permission(grants: &Grants) -> ObjectGrant {
    let modify = grants.system.contains(&SystemPermission::ModifyAllData);
    let view = modify || grants.system.contains(&SystemPermission::ViewAllData);
    ObjectGrant {
        read: view,
        create: modify,
        edit: modify,
        delete: modify,
        view_all: view,
        modify_all: modify,
        every_field: false,
    }
}

/// The key of a field in [`Grants::fields`].
pub(crate) fn field_key(object: &str, field: &str) -> String {
    format!("{object}.{field}").to_ascii_lowercase()
}

/// The field whose permission decides over this one: itself, or the address it is a part of.
pub(crate) fn governing<'a>(object: &'a Object, field: &'a Field) -> Option<&'a Field> {
    if field.permissionable {
        return Some(field);
    }
    address_of(object, field).filter(|address| address.permissionable)
}

/// The address that a field is a part of.
pub(crate) fn address_of<'a>(object: &'a Object, field: &Field) -> Option<&'a Field> {
    let gathers = |address: &&Field| match &address.kind {
        Kind::Address { prefix } => field
            .name
            .strip_prefix(&**prefix)
            .is_some_and(|part| ADDRESS_PARTS.contains(&part)),
        _ => false,
    };
    object.fields.iter().find(gathers)
}

/// The derived fields whose source the caller may not read. What is inherited obeys the reader's
/// rights on the object and field it comes from, and on each reference on the way.
fn hidden_sources(
    catalogue: &Catalogue,
    objects: &HashMap<Name, ObjectRights>,
) -> Vec<(Name, usize)> {
    let mut hidden = Vec::new();
    for object in catalogue.objects() {
        for (place, field) in object.fields.iter().enumerate() {
            if !source_is_readable(catalogue, objects, object, field) {
                hidden.push((object.name.clone(), place));
            }
        }
    }
    hidden
}

fn source_is_readable(
    catalogue: &Catalogue,
    objects: &HashMap<Name, ObjectRights>,
    object: &Object,
    field: &Field,
) -> bool {
    let path = |path: &Name| path_is_readable(catalogue, objects, object, path);
    match &field.source {
        Source::Stored
        | Source::Rollup(_)
        | Source::Formula(Formula::LastSeen(_) | Formula::Unfilled) => true,
        Source::Inherited(from) => path(from),
        Source::Formula(Formula::Concatenation { paths, .. }) => paths.iter().all(path),
        Source::Formula(Formula::ConsentReached { given, required }) => {
            path(given) && path(required)
        }
        Source::Formula(Formula::CountOf {
            object: child,
            reference,
            holding,
        }) => catalogue.object(child).is_some_and(|child| {
            let compared = holding.iter().map(|(field, _)| field);
            std::iter::once(reference).chain(compared).all(|name| {
                let place = child.position(name);
                place.is_some_and(|place| reads(objects, child, place))
            })
        }),
    }
}

fn path_is_readable(
    catalogue: &Catalogue,
    objects: &HashMap<Name, ObjectRights>,
    object: &Object,
    path: &str,
) -> bool {
    let Some(end) = catalogue.follow(object, path) else {
        return false;
    };
    end.steps
        .iter()
        .all(|(passed, reference)| reads(objects, passed, *reference))
        && reads(objects, end.object, end.place)
        && source_is_readable(catalogue, objects, end.object, end.field())
}

fn reads(objects: &HashMap<Name, ObjectRights>, object: &Object, place: usize) -> bool {
    objects
        .get(&object.name)
        .is_some_and(|rights| rights.reads(place))
}
