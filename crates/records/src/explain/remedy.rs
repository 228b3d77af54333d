//! What would grant a missing right: the permission sets that hold it already, and the profile in
//! which it could be ticked.

use std::collections::HashMap;

use headwater_catalogue::{Access, Catalogue, Id, Name, Object, SystemPermission, Value};

use super::origin::Home;
use super::{Rule, rule};
use crate::caller::Caller;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::permissions::governing;
use crate::selection::Selection;

/// Most permission sets named in a sentence.
const NAMES_MAX: usize = 3;

/// What would grant a missing right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// One sentence for people.
    pub sentence: String,
    /// The permission sets that grant the right and can be assigned, by label.
    pub permission_sets: Vec<Granting>,
    /// The permission set in which the user's profile keeps its rights.
    pub profile_set: Option<Id>,
}

/// A permission set that grants a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granting {
    /// The permission set.
    pub id: Id,
    /// Its label.
    pub label: String,
}

/// A right that a permission set may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Right {
    /// A field of `ObjectPermissions`, for an object.
    OnObject(&'static str, Name),
    /// A field of `FieldPermissions`, for `Object.Field`.
    OnField(&'static str, String),
    /// A field of `PermissionSet`.
    System(SystemPermission),
}

/// The permission sets of an org with what they hold, as far as some objects go.
#[derive(Debug)]
pub(super) struct Remedies {
    sets: Vec<Set>,
    /// Which sets hold which right, by `ObjectPermissions` and object.
    objects: HashMap<(&'static str, String), Vec<Id>>,
    /// The same by `FieldPermissions` and field.
    fields: HashMap<(&'static str, String), Vec<Id>>,
    profile_name: String,
    profile: Id,
}

#[derive(Debug)]
struct Set {
    granting: Granting,
    profile: Option<Id>,
    system: Vec<SystemPermission>,
}

const OBJECT_RIGHTS: [&str; 4] = [
    "PermissionsRead",
    "PermissionsEdit",
    "PermissionsViewAllRecords",
    "PermissionsModifyAllRecords",
];
const FIELD_RIGHTS: [&str; 2] = ["PermissionsRead", "PermissionsEdit"];

impl Remedies {
    /// What permission sets hold now, and the profile of a user.
    pub(super) async fn read(org: &Org, user: &Caller) -> Result<Self, Error> {
        let catalogue = org.catalogue();
        let profile = Selection::of(&catalogue, "Profile")?
            .fields(&["Name"])?
            .equal("Id", user.profile)?
            .rows(org.store())
            .await?;
        let profile_name = profile.first().and_then(|row| row[1].as_text());
        Ok(Self {
            sets: sets(org, &catalogue).await?,
            objects: held(org, "ObjectPermissions", "SobjectType", &OBJECT_RIGHTS).await?,
            fields: held(org, "FieldPermissions", "Field", &FIELD_RIGHTS).await?,
            profile_name: profile_name.unwrap_or_default().to_owned(),
            profile: user.profile,
        })
    }

    /// What would lift a rule that a missing right is behind.
    pub(super) fn of(
        &self,
        user: &Caller,
        object: &std::sync::Arc<Object>,
        place: usize,
        rule: Rule,
    ) -> Option<Remedy> {
        let right = right(user, object, place, rule)?;
        let mut granting: Vec<Granting> = self
            .sets
            .iter()
            .filter(|set| set.profile.is_none() && self.holds(set, &right))
            .map(|set| set.granting.clone())
            .collect();
        granting.sort_by(|a, b| a.label.cmp(&b.label));
        let own = self
            .sets
            .iter()
            .find(|set| set.profile == Some(self.profile));
        Some(Remedy {
            sentence: self.sentence(user, &right, &granting),
            permission_sets: granting,
            profile_set: own.map(|set| set.granting.id),
        })
    }

    fn holds(&self, set: &Set, right: &Right) -> bool {
        let among = |held: &HashMap<(&'static str, String), Vec<Id>>, column, name: &str| {
            let sets = held.get(&(column, name.to_ascii_lowercase()));
            sets.is_some_and(|sets| sets.contains(&set.granting.id))
        };
        match right {
            Right::OnObject(column, object) => among(&self.objects, *column, object),
            Right::OnField(column, field) => among(&self.fields, *column, field),
            Right::System(permission) => set.system.contains(permission),
        }
    }

    fn sentence(&self, user: &Caller, right: &Right, granting: &[Granting]) -> String {
        let catalogue = &user.rights.catalogue;
        let (right, user, profile) = (right.words(catalogue), &user.name, &self.profile_name);
        let names: Vec<_> = granting
            .iter()
            .take(NAMES_MAX)
            .map(|set| set.label.as_str())
            .collect();
        match names.as_slice() {
            [] => format!(
                "No permission set grants it: tick {right} in the profile {profile}, or in a \
                 permission set of {user}."
            ),
            [one] => format!(
                "Assign {user} the permission set {one}, or tick {right} in the profile {profile}."
            ),
            several => format!(
                "Assign {user} one of the permission sets {}, or tick {right} in the profile \
                 {profile}.",
                several.join(", ")
            ),
        }
    }
}

impl Right {
    /// The box to tick, by its label.
    fn words(&self, catalogue: &Catalogue) -> String {
        let label = |object: &str, column: &str| {
            let field = catalogue.object(object).and_then(|o| o.field(column));
            field.map_or_else(|| column.to_owned(), |field| field.label.to_string())
        };
        match self {
            Self::OnObject(column, object) => {
                format!("{} of {object}", label("ObjectPermissions", column))
            }
            Self::OnField(column, field) => {
                format!("{} of {field}", label("FieldPermissions", column))
            }
            Self::System(permission) => label("PermissionSet", permission.field()),
        }
    }
}

/// The right that is missing where a rule says no; none when no right would help.
fn right(
    user: &Caller,
    object: &std::sync::Arc<Object>,
    place: usize,
    rule: Rule,
) -> Option<Right> {
    let on_object = |object: &Object, column| {
        let governor = rule::governor(user, object);
        match governor.access {
            Access::SetUp(permission) | Access::SeenWith(permission) => Right::System(permission),
            Access::Granted | Access::Follows(_) | Access::Internal => {
                Right::OnObject(column, governor.name.clone())
            }
        }
    };
    let on_field = |object: &Object, place: usize, column| {
        let field = &object.fields[place];
        let name = governing(object, field).map_or(&field.name, |governor| &governor.name);
        Right::OnField(column, format!("{}.{name}", object.name))
    };
    match rule {
        Rule::ObjectHidden => Some(on_object(object, "PermissionsRead")),
        Rule::RecordHidden => Some(on_object(object, "PermissionsViewAllRecords")),
        Rule::FieldHidden => Some(match rule::hidden_at(user, object, place) {
            (hidden, None) => on_object(hidden, "PermissionsRead"),
            (hidden, Some(at)) => on_field(hidden, at, "PermissionsRead"),
        }),
        Rule::ObjectRight => Some(on_object(object, "PermissionsEdit")),
        Rule::FieldRight => Some(on_field(object, place, "PermissionsEdit")),
        Rule::RecordAccess => Some(on_object(object, "PermissionsModifyAllRecords")),
        Rule::Inherited => {
            let home = Home::of(&user.rights.catalogue, object, place)?;
            let rule = rule::first(user, &home.object, home.place, Verb::Update);
            // By its rights the caller may, so it is the record that they do not reach.
            let rule = rule.unwrap_or(Rule::RecordAccess);
            right(user, &home.object, home.place, rule)
        }
        Rule::Computed | Rule::System | Rule::SetOnce | Rule::ObjectReadOnly => None,
    }
}

async fn sets(org: &Org, catalogue: &Catalogue) -> Result<Vec<Set>, Error> {
    let rows = Selection::of(catalogue, "PermissionSet")?
        .fields(&["Label", "ProfileId"])?
        .fields(&SystemPermission::ALL.map(SystemPermission::field))?
        .rows(org.store())
        .await?;
    let set = |row: Vec<Value>| {
        let held = SystemPermission::ALL.iter().zip(&row[3..]);
        Some(Set {
            granting: Granting {
                id: row[0].as_id()?,
                label: row[1].as_text()?.to_owned(),
            },
            profile: row[2].as_id(),
            system: held
                .filter(|(_, on)| on.is_true())
                .map(|(one, _)| *one)
                .collect(),
        })
    };
    Ok(rows.into_iter().filter_map(set).collect())
}

/// Which permission sets hold which right, by the right's column and what it is on.
async fn held(
    org: &Org,
    object: &str,
    on: &str,
    columns: &[&'static str],
) -> Result<HashMap<(&'static str, String), Vec<Id>>, Error> {
    let rows = Selection::of(&org.catalogue(), object)?
        .fields(&["ParentId", on])?
        .fields(columns)?
        .rows(org.store())
        .await?;
    let mut held: HashMap<_, Vec<Id>> = HashMap::new();
    for row in rows {
        let [_, set, name, flags @ ..] = row.as_slice() else {
            continue;
        };
        let (Some(set), Some(name)) = (set.as_id(), name.as_text()) else {
            continue;
        };
        for (column, _) in columns.iter().zip(flags).filter(|(_, on)| on.is_true()) {
            held.entry((*column, name.to_ascii_lowercase()))
                .or_default()
                .push(set);
        }
    }
    Ok(held)
}
