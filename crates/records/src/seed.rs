//! What a new database is filled with, so that somebody can log in and do something: the
//! organization, the server's user, the shipped profiles and permission sets, the command line's
//! app, and what routing begins with.

mod grants;
mod routing;

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Field, Id, Kind, Object, Value};
use headwater_store::{Operation, Store, WriteSet};
use jiff::Timestamp;

use crate::error::Error;
use crate::login;
use crate::selection::Selection;
pub(crate) use grants::EVERYTHING;
use grants::{Granted, Set};

/// The name of the server's own user.
pub(crate) const SERVER_USER_NAME: &str = "Automated Process";
/// Their username. The top-level domain is one that never exists.
pub(crate) const SERVER_USERNAME: &str = "autoproc@headwater.invalid";
/// Their type.
const SERVER_USER_TYPE: &str = "AutomatedProcess";
/// The profile that may do everything.
const ADMINISTRATOR: &str = "System Administrator";

/// What every org has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Founded {
    /// The organization's row.
    pub(crate) organization: Id,
    /// The user who stands for the server.
    pub(crate) server_user: Id,
    /// The profile of administrators.
    pub(crate) administrator: Id,
}

/// Reads what every org has, after making it when the database is new.
pub(crate) fn found(store: &Store, now: Timestamp) -> Result<Founded, Error> {
    let catalogue = store.catalogue();
    let mut seed = Seed::new(store, &catalogue);
    let known = read(store, &catalogue)?;
    let founded = match known {
        Some(founded) if routing::is_there(store)? => return Ok(founded),
        Some(founded) => founded,
        None => seed.fill()?,
    };
    routing::fill(&mut seed)?;
    let set = WriteSet::new(founded.server_user, now, seed.operations);
    store.write_blocking(set)?;
    Ok(founded)
}

/// The server's user is told by its type, which nobody can write, and the administrators' profile
/// by that user: names may be changed.
fn read(store: &Store, catalogue: &Catalogue) -> Result<Option<Founded>, Error> {
    let organizations = Selection::of(catalogue, "Organization")?
        .limit(1)
        .rows_blocking(store)?;
    let users = Selection::of(catalogue, "User")?
        .fields(&["ProfileId"])?
        .equal("UserType", SERVER_USER_TYPE)?
        .limit(1)
        .rows_blocking(store)?;
    let id = |rows: &[Vec<Value>], place: usize| rows.first()?.get(place)?.as_id();
    let Some(organization) = id(&organizations, 0) else {
        return Ok(None);
    };
    match (id(&users, 0), id(&users, 1)) {
        (Some(server_user), Some(administrator)) => Ok(Some(Founded {
            organization,
            server_user,
            administrator,
        })),
        _ => Err(Error::internal("the server's own user is gone")),
    }
}

/// The rows of a new database, gathered for one write.
struct Seed<'a> {
    store: &'a Store,
    catalogue: &'a Catalogue,
    operations: Vec<Operation>,
}

impl<'a> Seed<'a> {
    fn new(store: &'a Store, catalogue: &'a Catalogue) -> Self {
        Self {
            store,
            catalogue,
            operations: Vec::new(),
        }
    }

    fn fill(&mut self) -> Result<Founded, Error> {
        let administrator = self.profile(ADMINISTRATOR, "Everything", &grants::administrator())?;
        let agent = "Serves customers: reads and edits what sessions are about";
        self.profile("Support Agent", agent, &grants::support_agent())?;
        let minimum = "Logs in, and may do what permission sets add";
        self.profile("Minimum Access", minimum, &grants::minimum())?;
        self.read_only()?;
        let server_user = self.server_user(administrator)?;
        let organization = self.organization()?;
        self.operations.push(login::platform_cli(self.store)?);
        Ok(Founded {
            organization,
            server_user,
            administrator,
        })
    }

    fn organization(&mut self) -> Result<Id, Error> {
        self.insert(
            "Organization",
            vec![
                ("Name", "Headwater".into()),
                ("DefaultLocaleSidKey", "en_US".into()),
                ("TimeZoneSidKey", "GMT".into()),
                ("LanguageLocaleKey", "en_US".into()),
                ("FiscalYearStartMonth", 1_i64.into()),
                ("OrganizationType", "Enterprise Edition".into()),
                ("InstanceName", "HW1".into()),
                ("DefaultAccountAccess", "Edit".into()),
                ("DefaultContactAccess", "Edit".into()),
                ("DefaultOpportunityAccess", "Edit".into()),
                ("DefaultLeadAccess", "ReadEditTransfer".into()),
                ("DefaultCaseAccess", "ReadEditTransfer".into()),
                ("DefaultCampaignAccess", "Edit".into()),
            ],
        )
    }

    /// Nobody logs in as the server: it has no password, and no token is ever given out for it.
    fn server_user(&mut self, profile: Id) -> Result<Id, Error> {
        self.insert(
            "User",
            vec![
                ("Username", SERVER_USERNAME.into()),
                ("LastName", SERVER_USER_NAME.into()),
                ("Name", SERVER_USER_NAME.into()),
                ("Email", SERVER_USERNAME.into()),
                ("Alias", "autoproc".into()),
                ("IsActive", true.into()),
                ("TimeZoneSidKey", "GMT".into()),
                ("LocaleSidKey", "en_US".into()),
                ("EmailEncodingKey", "UTF-8".into()),
                ("LanguageLocaleKey", "en_US".into()),
                ("ProfileId", profile.into()),
                ("UserType", SERVER_USER_TYPE.into()),
            ],
        )
    }

    /// A profile with the permission set of its own.
    fn profile(&mut self, name: &str, description: &str, set: &Set) -> Result<Id, Error> {
        let profile = self.insert(
            "Profile",
            vec![
                ("Name", name.into()),
                ("Description", description.into()),
                ("UserType", "Standard".into()),
            ],
        )?;
        let mut row = set_of_profile(profile);
        row.extend(
            set.system
                .iter()
                .map(|field| (*field, Value::Boolean(true))),
        );
        let owned = self.insert("PermissionSet", row)?;
        self.grant(owned, set)?;
        Ok(profile)
    }

    fn read_only(&mut self) -> Result<Id, Error> {
        let set = grants::read_only();
        let owned = self.insert(
            "PermissionSet",
            vec![
                ("Name", "Read_Only".into()),
                ("Label", "Read Only".into()),
                (
                    "Description",
                    "Reads everything that agents work with, and changes nothing".into(),
                ),
                ("IsCustom", false.into()),
                ("Type", "Regular".into()),
                ("PermissionsApiEnabled", true.into()),
            ],
        )?;
        self.grant(owned, &set)?;
        Ok(owned)
    }

    /// The rows of a permission set for every object it grants, and each of their fields.
    fn grant(&mut self, parent: Id, set: &Set) -> Result<(), Error> {
        for object in self.catalogue.objects() {
            if let Some(granted) = set.on(object) {
                self.insert("ObjectPermissions", object_row(parent, object, granted))?;
                for row in field_rows(parent, object, granted.edit) {
                    self.insert("FieldPermissions", row)?;
                }
            }
        }
        Ok(())
    }

    fn insert(&mut self, object: &str, row: Vec<(&str, Value)>) -> Result<Id, Error> {
        let object = self
            .catalogue
            .object(object)
            .ok_or_else(|| Error::UnknownObject(object.to_owned()))?;
        let (id, operation) = insertion(self.store, object, row)?;
        self.operations.push(operation);
        Ok(id)
    }
}

/// A new record, by its fields' names.
pub(crate) fn insertion(
    store: &Store,
    object: &Arc<Object>,
    row: Vec<(&str, Value)>,
) -> Result<(Id, Operation), Error> {
    let placed = |(name, value): (&str, Value)| {
        let place = object.position(name);
        let unknown = || Error::internal(format!("{} has no field {name}", object.name));
        Ok((place.ok_or_else(unknown)?, value))
    };
    let id = store.next_id(object);
    let operation = Operation::Insert {
        object: Arc::clone(object),
        id,
        values: row.into_iter().map(placed).collect::<Result<_, Error>>()?,
    };
    Ok((id, operation))
}

/// The permission set that a profile's rights are kept in, as Salesforce has it for each.
pub(crate) fn set_of_profile(profile: Id) -> Vec<(&'static str, Value)> {
    vec![
        ("Name", format!("X{profile}").into()),
        ("Label", profile.to_string().into()),
        ("ProfileId", profile.into()),
        ("IsOwnedByProfile", true.into()),
        ("IsCustom", false.into()),
        ("Type", "Profile".into()),
    ]
}

/// Rights on an object, as a row of a permission set.
pub(crate) fn object_row(
    parent: Id,
    object: &Object,
    granted: Granted,
) -> Vec<(&'static str, Value)> {
    vec![
        ("ParentId", parent.into()),
        ("SobjectType", object.name.to_string().into()),
        ("PermissionsRead", true.into()),
        ("PermissionsCreate", granted.create.into()),
        ("PermissionsEdit", granted.edit.into()),
        ("PermissionsDelete", granted.delete.into()),
        ("PermissionsViewAllRecords", granted.all.into()),
        ("PermissionsModifyAllRecords", granted.all.into()),
    ]
}

/// Rights on each field of an object that is granted by itself, as rows of a permission set.
fn field_rows(parent: Id, object: &Object, edit: bool) -> Vec<Vec<(&'static str, Value)>> {
    let granted = object.fields.iter().filter(|field| field.permissionable);
    granted
        .map(|field| field_row(parent, object, field, edit))
        .collect()
}

/// Rights on a field, as a row of a permission set.
pub(crate) fn field_row(
    parent: Id,
    object: &Object,
    field: &Field,
    edit: bool,
) -> Vec<(&'static str, Value)> {
    let takes_edit = match field.kind {
        // The parts of an address are written by the right on the whole.
        Kind::Address { .. } => true,
        _ => field.createable || field.updateable,
    };
    vec![
        ("ParentId", parent.into()),
        ("SobjectType", object.name.to_string().into()),
        ("Field", format!("{}.{}", object.name, field.name).into()),
        ("PermissionsRead", true.into()),
        ("PermissionsEdit", (edit && takes_edit).into()),
    ]
}
