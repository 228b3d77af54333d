//! Who a user is and what they may do, read once and kept until it changes.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use headwater_catalogue::{Catalogue, Id, SystemPermission, Value};
use headwater_store::Store;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::caller::{Caller, RecordType, Rights};
use crate::error::Error;
use crate::following::CALLER_FIELDS;
use crate::org::Org;
use crate::permissions::{Grants, ObjectGrant};
use crate::selection::Selection;
use crate::week::first_weekday;

/// Most groups within groups that membership is followed through.
const GROUP_DEPTH_MAX: usize = 10;

/// The callers known now. Readers never wait: the whole map is swapped.
#[derive(Debug, Default)]
pub(crate) struct CallerCache {
    known: ArcSwap<Known>,
}

#[derive(Debug, Default, Clone)]
struct Known {
    /// Counts how often everything was forgotten, so that what was read before a change is not
    /// kept after it.
    generation: u64,
    callers: HashMap<Id, (Caller, Option<Timestamp>)>,
}

impl CallerCache {
    /// A caller, unless it is not known or an assignment of theirs has run out.
    pub(crate) fn get(&self, user: Id, now: Timestamp) -> Option<Caller> {
        let known = self.known.load();
        let (caller, until) = known.callers.get(&user)?;
        let holds = until.is_none_or(|until| now < until);
        holds.then(|| caller.clone())
    }

    pub(crate) fn generation(&self) -> u64 {
        self.known.load().generation
    }

    /// Keeps a caller that was read in this generation.
    pub(crate) fn keep(&self, generation: u64, caller: &Caller, until: Option<Timestamp>) {
        self.known.rcu(|known| {
            if known.generation != generation {
                return Arc::clone(known);
            }
            let mut known = Known::clone(known);
            known.callers.insert(caller.user, (caller.clone(), until));
            Arc::new(known)
        });
    }

    /// Forgets everybody.
    pub(crate) fn forget(&self) {
        self.known.rcu(|known| Known {
            generation: known.generation + 1,
            callers: HashMap::new(),
        });
    }
}

/// Reads a caller, with the moment until which the answer holds.
pub(crate) async fn read(
    org: &Org,
    user: Id,
    now: Timestamp,
) -> Result<(Caller, Option<Timestamp>), Error> {
    let catalogue = org.catalogue();
    let store = org.store();
    let found = Selection::of(&catalogue, "User")?
        .fields(&CALLER_FIELDS)?
        .equal("Id", user)?
        .rows(store)
        .await?;
    let unknown = || Error::NotFound(user.to_string());
    let row = found.into_iter().next().ok_or_else(unknown)?;
    let [_, profile, active, name, username, zone, locale] = row.as_slice() else {
        return Err(unknown());
    };
    let (Some(profile), true) = (profile.as_id(), active.is_true()) else {
        return Err(unknown());
    };
    let text = |value: &Value| Arc::from(value.as_text().unwrap_or_default());
    let zone = zone.as_text().and_then(|name| TimeZone::get(name).ok());
    let (grants, until) = grants(store, &catalogue, user, profile, now).await?;
    let caller = Caller {
        user,
        name: text(name),
        username: text(username),
        profile,
        organization: org.organization(),
        zone: zone.unwrap_or(TimeZone::UTC),
        first_weekday: first_weekday(locale.as_text().unwrap_or_default()),
        rights: Arc::new(Rights::of(grants, &catalogue, now)),
    };
    Ok((caller, until))
}

/// Everything that is granted to a user, and until when that is so.
async fn grants(
    store: &Store,
    catalogue: &Catalogue,
    user: Id,
    profile: Id,
    now: Timestamp,
) -> Result<(Grants, Option<Timestamp>), Error> {
    let (sets, until) = permission_sets(store, catalogue, user, profile, now).await?;
    let mut grants = Grants {
        groups: groups(store, catalogue, user).await?,
        record_types: record_types(store, catalogue, profile).await?,
        ..Grants::default()
    };
    read_system(store, catalogue, &sets, &mut grants).await?;
    read_objects(store, catalogue, &sets, &mut grants).await?;
    read_fields(store, catalogue, &sets, &mut grants).await?;
    Ok((grants, until))
}

/// The profile's own permission set and the assigned ones.
async fn permission_sets(
    store: &Store,
    catalogue: &Catalogue,
    user: Id,
    profile: Id,
    now: Timestamp,
) -> Result<(Vec<Value>, Option<Timestamp>), Error> {
    let own = Selection::of(catalogue, "PermissionSet")?
        .equal("ProfileId", profile)?
        .rows(store)
        .await?;
    let assigned = Selection::of(catalogue, "PermissionSetAssignment")?
        .fields(&["PermissionSetId", "ExpirationDate", "IsRevoked"])?
        .equal("AssigneeId", user)?
        .rows(store)
        .await?;
    let mut sets: Vec<Value> = own
        .into_iter()
        .filter_map(|row| row.into_iter().next())
        .collect();
    let mut until: Option<Timestamp> = None;
    for row in assigned {
        let [_, set, expires, revoked] = row.as_slice() else {
            continue;
        };
        let expires = expires.as_datetime();
        if revoked.is_true() || expires.is_some_and(|at| at <= now) {
            continue;
        }
        until = [until, expires].into_iter().flatten().min();
        sets.push(set.clone());
    }
    Ok((sets, until))
}

async fn read_system(
    store: &Store,
    catalogue: &Catalogue,
    sets: &[Value],
    grants: &mut Grants,
) -> Result<(), Error> {
    let names = SystemPermission::ALL.map(SystemPermission::field);
    let rows = Selection::of(catalogue, "PermissionSet")?
        .fields(&names)?
        .fields(&["PermissionsViewAllFieldsGlobal"])?
        .any_of("Id", sets.to_vec())?
        .rows(store)
        .await?;
    for row in rows {
        let (system, every_field) = row[1..].split_at(names.len());
        let held = SystemPermission::ALL.iter().zip(system);
        grants
            .system
            .extend(held.filter(|(_, on)| on.is_true()).map(|(one, _)| *one));
        grants.every_field |= every_field.iter().any(Value::is_true);
    }
    Ok(())
}

async fn read_objects(
    store: &Store,
    catalogue: &Catalogue,
    sets: &[Value],
    grants: &mut Grants,
) -> Result<(), Error> {
    let rows = Selection::of(catalogue, "ObjectPermissions")?
        .fields(&[
            "SobjectType",
            "PermissionsRead",
            "PermissionsCreate",
            "PermissionsEdit",
            "PermissionsDelete",
            "PermissionsViewAllRecords",
            "PermissionsModifyAllRecords",
            "PermissionsViewAllFields",
        ])?
        .any_of("ParentId", sets.to_vec())?
        .rows(store)
        .await?;
    for row in rows {
        let [_, object, flags @ ..] = row.as_slice() else {
            continue;
        };
        let on = |place: usize| flags.get(place).is_some_and(Value::is_true);
        let grant = ObjectGrant {
            read: on(0),
            create: on(1),
            edit: on(2),
            delete: on(3),
            view_all: on(4),
            modify_all: on(5),
            every_field: on(6),
        };
        let name = object.as_text().unwrap_or_default().to_ascii_lowercase();
        let known = grants.objects.entry(name).or_default();
        *known = known.or(grant);
    }
    Ok(())
}

async fn read_fields(
    store: &Store,
    catalogue: &Catalogue,
    sets: &[Value],
    grants: &mut Grants,
) -> Result<(), Error> {
    let rows = Selection::of(catalogue, "FieldPermissions")?
        .fields(&["Field", "PermissionsRead", "PermissionsEdit"])?
        .any_of("ParentId", sets.to_vec())?
        .rows(store)
        .await?;
    for row in rows {
        let [_, field, read, edit] = row.as_slice() else {
            continue;
        };
        let name = field.as_text().unwrap_or_default().to_ascii_lowercase();
        let known = grants.fields.entry(name).or_default();
        known.0 |= read.is_true();
        known.1 |= edit.is_true();
    }
    Ok(())
}

/// The kinds of record of all objects, by their names, with the profile's defaults among them. One that
/// is no longer for new records is nobody's default.
async fn record_types(
    store: &Store,
    catalogue: &Catalogue,
    profile: Id,
) -> Result<Vec<RecordType>, Error> {
    let defaults = Selection::of(catalogue, "DefaultRecordType")?
        .fields(&["RecordTypeId"])?
        .equal("ProfileId", profile)?
        .rows(store)
        .await?;
    let is_default = |id: Id| defaults.iter().any(|row| row[1].as_id() == Some(id));
    let rows = Selection::of(catalogue, "RecordType")?
        .fields(&["SobjectType", "Name", "DeveloperName", "IsActive"])?
        .rows(store)
        .await?;
    let record_type = |row: &Vec<Value>| {
        let text = |place: usize| row[place].as_text().unwrap_or_default().to_owned();
        let id = row[0].as_id()?;
        Some(RecordType {
            id,
            is_default: row[4].is_true() && is_default(id),
            object: catalogue.object(row[1].as_text()?)?.name.clone(),
            name: text(2),
            developer_name: text(3),
            is_active: row[4].is_true(),
        })
    };
    let mut known: Vec<RecordType> = rows.iter().filter_map(record_type).collect();
    known.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(known)
}

/// The groups and queues a user is in, directly or through groups.
async fn groups(store: &Store, catalogue: &Catalogue, user: Id) -> Result<Vec<Id>, Error> {
    let mut known: Vec<Id> = Vec::new();
    let mut newest = vec![user];
    for _ in 0..GROUP_DEPTH_MAX {
        let members = newest.into_iter().map(Value::Id).collect();
        let rows = Selection::of(catalogue, "GroupMember")?
            .fields(&["GroupId"])?
            .any_of("UserOrGroupId", members)?
            .rows(store)
            .await?;
        let found = rows.iter().filter_map(|row| row.get(1)?.as_id());
        newest = found.filter(|group| !known.contains(group)).collect();
        newest.sort_unstable();
        newest.dedup();
        if newest.is_empty() {
            break;
        }
        known.extend(&newest);
    }
    Ok(known)
}
