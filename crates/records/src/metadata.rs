//! Objects and fields made at run time. Their rows become the same structs as the constants, and
//! the catalogue is swapped whole in the transaction that writes the row.

mod custom_field;
mod custom_object;

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, Sharing, SystemPermission, Value};
use headwater_store::{Operation, Store, WriteSet};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::{Error, Problem};
use crate::org::Org;
use crate::seed;
use crate::selection::Selection;

pub use custom_field::CustomFieldSpec;
pub use custom_object::CustomObjectSpec;

/// Who may reach records of an object without owning them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SharingModel {
    /// Everybody with the object right reads and edits.
    ReadWrite,
    /// Everybody with the object right reads.
    Read,
    /// Owners only.
    Private,
}

impl SharingModel {
    /// As metadata spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadWrite => "ReadWrite",
            Self::Read => "Read",
            Self::Private => "Private",
        }
    }

    /// From metadata's spelling.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::ReadWrite, Self::Read, Self::Private]
            .into_iter()
            .find(|model| model.name().eq_ignore_ascii_case(name))
    }

    fn sharing(self) -> Sharing {
        match self {
            Self::ReadWrite => Sharing::PublicReadWrite,
            Self::Read => Sharing::PublicRead,
            Self::Private => Sharing::Private,
        }
    }
}

impl Org {
    /// Makes a custom object: its table is there when this returns.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] without the right to customize; [`Error::Metadata`] or
    /// [`Error::Invalid`] when it cannot be.
    pub async fn create_custom_object(
        &self,
        caller: &Caller,
        spec: CustomObjectSpec,
    ) -> Result<Id, Error> {
        may_customize(caller)?;
        let _one_at_a_time = self.metadata_turn().await;
        let catalogue = self.catalogue();
        let prefix = custom_object::free_prefix(&catalogue)
            .ok_or_else(|| wrong("fullName", "there are no key prefixes left"))?;
        let object = custom_object::object(&spec, prefix)?;
        if catalogue.object(&object.name).is_some() {
            return Err(wrong(
                "fullName",
                format!("there is already an object {}", object.name),
            ));
        }
        let (id, row) = self.row("CustomObject", custom_object::row(&spec, prefix))?;
        let granted = self.grant_object(&object).await?;
        let new = Arc::new(catalogue.with(object)?);
        self.put(caller, new, row.into_iter().chain(granted).collect())
            .await?;
        Ok(id)
    }

    /// Makes a custom field: its column is there when this returns.
    ///
    /// # Errors
    /// As [`Org::create_custom_object`].
    pub async fn create_custom_field(
        &self,
        caller: &Caller,
        spec: CustomFieldSpec,
    ) -> Result<Id, Error> {
        may_customize(caller)?;
        let _one_at_a_time = self.metadata_turn().await;
        let catalogue = self.catalogue();
        let object = customizable(&catalogue, &spec.object)?;
        let field = custom_field::field(&spec)?;
        if object.field(&field.name).is_some() {
            let text = format!("{} already has a field {}", object.name, field.name);
            return Err(wrong("fullName", text));
        }
        let (id, row) = self.row("CustomField", custom_field::row(&spec, &object.name))?;
        let granted = self.grant_field(object, &field).await?;
        let new = Arc::new(catalogue.with(custom_field::added(object, field, &spec))?);
        self.put(caller, new, row.into_iter().chain(granted).collect())
            .await?;
        Ok(id)
    }

    /// Says who reaches the records of an object without owning them.
    ///
    /// # Errors
    /// As [`Org::create_custom_object`].
    pub async fn set_sharing(
        &self,
        caller: &Caller,
        object: &str,
        model: SharingModel,
    ) -> Result<(), Error> {
        may_customize(caller)?;
        let _one_at_a_time = self.metadata_turn().await;
        let catalogue = self.catalogue();
        let object = customizable(&catalogue, object)?;
        let changed = Object {
            sharing: model.sharing(),
            ..Catalogue::own_fields(object)
        };
        let operation = self.sharing_row(object, model).await?;
        let new = Arc::new(catalogue.with(changed)?);
        self.put(caller, new, vec![operation]).await
    }

    async fn sharing_row(&self, object: &Object, model: SharingModel) -> Result<Operation, Error> {
        let catalogue = self.catalogue();
        let (table, key, value) = if object.custom {
            (
                "CustomObject",
                "DeveloperName",
                custom_object::developer_name(&object.name),
            )
        } else {
            ("SharingSetting", "SobjectType", &*object.name)
        };
        let known = Selection::of(&catalogue, table)?
            .equal(key, value)?
            .rows(self.store())
            .await?;
        let Some(id) = known.first().and_then(|row| row.first()?.as_id()) else {
            let row = vec![
                (key, Value::from(value)),
                ("SharingModel", model.name().into()),
            ];
            let (_, operations) = self.row(table, row)?;
            return operations.into_iter().next().ok_or(Error::Busy);
        };
        let table = named(&catalogue, table)?;
        let place = table.position("SharingModel").ok_or(Error::Busy)?;
        Ok(Operation::Update {
            object: Arc::clone(table),
            id,
            values: vec![(place, model.name().into())],
            may: headwater_soql::resolved::Filter::Always,
            expect: Vec::new(),
            seen: None,
        })
    }

    /// One record, as the only one of a list of operations.
    fn row(&self, object: &str, row: Vec<(&str, Value)>) -> Result<(Id, Vec<Operation>), Error> {
        let catalogue = self.catalogue();
        let object = named(&catalogue, object)?;
        let (id, operation) = seed::insertion(self.store(), object, row)?;
        Ok((id, vec![operation]))
    }

    /// Administrators may do everything with what is made.
    async fn grant_object(&self, object: &Object) -> Result<Vec<Operation>, Error> {
        let Some(set) = self.administrators_set().await? else {
            return Ok(Vec::new());
        };
        let row = seed::object_row(set, object, seed::EVERYTHING);
        Ok(self.row("ObjectPermissions", row)?.1)
    }

    async fn grant_field(
        &self,
        object: &Object,
        field: &headwater_catalogue::Field,
    ) -> Result<Vec<Operation>, Error> {
        let (Some(set), true) = (self.administrators_set().await?, field.permissionable) else {
            return Ok(Vec::new());
        };
        let row = seed::field_row(set, object, field, true);
        Ok(self.row("FieldPermissions", row)?.1)
    }

    async fn administrators_set(&self) -> Result<Option<Id>, Error> {
        let rows = Selection::of(&self.catalogue(), "PermissionSet")?
            .equal("ProfileId", self.administrator())?
            .rows(self.store())
            .await?;
        Ok(rows.first().and_then(|row| row.first()?.as_id()))
    }

    async fn put(
        &self,
        caller: &Caller,
        catalogue: Arc<Catalogue>,
        operations: Vec<Operation>,
    ) -> Result<(), Error> {
        let set = WriteSet {
            actor: caller.user,
            at: self.now(),
            checks: Vec::new(),
            operations,
            jobs: Vec::new(),
            catalogue: Some(catalogue),
        };
        self.apply(set).await?;
        Ok(())
    }
}

/// Reads the custom metadata of a database at start, and moves the store to it.
pub(crate) fn load(store: &Store, server_user: Id, now: Timestamp) -> Result<(), Error> {
    let built_in = store.catalogue();
    let mut catalogue = Catalogue::clone(&built_in);
    for object in custom_object::read(store, &built_in)? {
        catalogue = catalogue.with(object)?;
    }
    for spec in custom_field::read(store, &built_in)? {
        let object = customizable(&catalogue, &spec.object)?;
        let field = custom_field::field(&spec)?;
        catalogue = catalogue.with(custom_field::added(object, field, &spec))?;
    }
    for (name, model) in read_sharing(store, &built_in)? {
        if let Some(object) = catalogue.object(&name) {
            let changed = Object {
                sharing: model.sharing(),
                ..Catalogue::own_fields(object)
            };
            catalogue = catalogue.with(changed)?;
        }
    }
    let set = WriteSet {
        actor: server_user,
        at: now,
        checks: Vec::new(),
        operations: Vec::new(),
        jobs: Vec::new(),
        catalogue: Some(Arc::new(catalogue)),
    };
    store.write_blocking(set)?;
    Ok(())
}

fn read_sharing(
    store: &Store,
    catalogue: &Catalogue,
) -> Result<Vec<(String, SharingModel)>, Error> {
    let rows = Selection::of(catalogue, "SharingSetting")?
        .fields(&["SobjectType", "SharingModel"])?
        .rows_blocking(store)?;
    let setting = |row: &Vec<Value>| {
        let model = SharingModel::of_name(row.get(2)?.as_text()?)?;
        Some((row.get(1)?.as_text()?.to_owned(), model))
    };
    Ok(rows.iter().filter_map(setting).collect())
}

fn may_customize(caller: &Caller) -> Result<(), Error> {
    let permission = SystemPermission::CustomizeApplication;
    if caller.rights.has(permission) {
        return Ok(());
    }
    Err(Error::NotPermitted(permission.field()))
}

/// An object that may get custom fields or other sharing.
fn customizable<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Arc<Object>, Error> {
    let object = named(catalogue, name)?;
    match object.access {
        headwater_catalogue::Access::Internal => Err(Error::UnknownObject(name.to_owned())),
        _ => Ok(object),
    }
}

fn named<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Arc<Object>, Error> {
    catalogue
        .object(name)
        .ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

/// Something in the metadata itself is wrong.
fn wrong(part: &'static str, message: impl Into<String>) -> Error {
    Error::Invalid(vec![Problem::Rule {
        fields: vec![part.into()],
        message: message.into(),
    }])
}

/// The name without `__c`, if it is one that custom metadata may have.
fn checked_name(name: &str) -> Result<&str, Error> {
    let stem = stem(name);
    let fits = stem.starts_with(|c: char| c.is_ascii_alphabetic())
        && stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !stem.contains("__")
        && !stem.ends_with('_')
        && stem.len() <= 40;
    if fits {
        return Ok(stem);
    }
    let rule = "1 to 40 letters, digits and single underscores, beginning with a letter and not ending with an underscore";
    Err(wrong(
        "fullName",
        format!("'{name}' is not a name: it takes {rule}"),
    ))
}

fn stem(name: &str) -> &str {
    let ending = name
        .len()
        .checked_sub(3)
        .and_then(|at| name.split_at_checked(at));
    match ending {
        Some((stem, ending)) if ending.eq_ignore_ascii_case("__c") => stem,
        _ => name,
    }
}
