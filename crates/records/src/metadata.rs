//! Objects and fields made at run time. Their rows become the same structs as the constants, and
//! the catalogue is swapped whole in the transaction that writes the row.

mod custom_field;
mod custom_object;
mod named_row;
mod sharing;

use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, SystemPermission, Value};
use headwater_store::{Operation, Store, WriteSet};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::{Error, Problem};
use crate::org::Org;
use crate::seed;
use crate::selection::Selection;
pub(crate) use named_row::NamedRow;

pub use custom_field::CustomFieldSpec;
pub use custom_object::CustomObjectSpec;
pub use sharing::SharingModel;

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
        let _one_at_a_time = self.metadata_turn().await?;
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
        let _one_at_a_time = self.metadata_turn().await?;
        let catalogue = self.catalogue();
        let object = customizable(&catalogue, &spec.object)?;
        let field = custom_field::field(&spec)?;
        if object.field(&field.name).is_some() {
            let text = format!("{} already has a field {}", object.name, field.name);
            return Err(wrong("fullName", text));
        }
        let table = self.table_of(object).await?;
        let (id, row) = self.row("CustomField", custom_field::row(&spec, &table))?;
        let granted = self.grant_field(object, &field).await?;
        let new = Arc::new(catalogue.with(custom_field::added(object, field, &spec))?);
        self.put(caller, new, row.into_iter().chain(granted).collect())
            .await?;
        Ok(id)
    }

    /// Makes what a new row of metadata stands for.
    pub(crate) async fn create_metadata(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        values: Vec<(usize, Value)>,
    ) -> Result<Id, Error> {
        let row = NamedRow::new(object, values);
        if object.name == "CustomObject" {
            return self
                .create_custom_object(caller, custom_object::of_row(&row))
                .await;
        }
        let table = row.text("TableEnumOrId").unwrap_or_default();
        let object = self.object_of_table(&table).await?;
        self.create_custom_field(caller, custom_field::of_row(&object, &row))
            .await
    }

    /// The catalogue after a row of metadata is given these values. Whoever asks holds the
    /// metadata turn.
    pub(crate) async fn catalogue_after(
        &self,
        object: &Arc<Object>,
        id: Id,
        values: &[(usize, Value)],
    ) -> Result<Option<Arc<Catalogue>>, Error> {
        let Some(row) = NamedRow::one(self.store(), object, "Id", id.into()).await? else {
            // There is nothing to change, which the write will say.
            return Ok(None);
        };
        let row = row.with(values);
        let catalogue = self.catalogue();
        let changed = if object.name == "CustomObject" {
            let spec = custom_object::of_row(&row);
            let name = format!("{}__c", spec.name);
            custom_object::renamed(named(&catalogue, &name)?, &spec)?
        } else {
            let table = row.text("TableEnumOrId").unwrap_or_default();
            let name = self.object_of_table(&table).await?;
            let field = custom_field::field(&custom_field::of_row(&name, &row))?;
            custom_field::replaced(named(&catalogue, &name)?, field)?
        };
        Ok(Some(Arc::new(catalogue.with(changed)?)))
    }

    /// What a field's row calls its object.
    async fn table_of(&self, object: &Object) -> Result<String, Error> {
        if !object.custom {
            return Ok(object.name.to_string());
        }
        let name = custom_object::developer_name(&object.name);
        let rows = Selection::of(&self.catalogue(), "CustomObject")?
            .equal("DeveloperName", name)?
            .rows(self.store())
            .await?;
        let id = rows.first().and_then(|row| row.first()?.as_id());
        id.map(|id| id.to_string())
            .ok_or_else(|| Error::UnknownObject(object.name.to_string()))
    }

    /// The API name of what a field's row calls its object: a name, or the id of a custom one.
    pub(crate) async fn object_of_table(&self, table: &str) -> Result<String, Error> {
        let Ok(id) = table.parse::<Id>() else {
            return Ok(table.to_owned());
        };
        let catalogue = self.catalogue();
        let objects = named(&catalogue, "CustomObject")?;
        if id.prefix() != objects.prefix {
            return Ok(table.to_owned());
        }
        let row = NamedRow::one(self.store(), objects, "Id", id.into()).await?;
        let name = row.and_then(|row| row.text("DeveloperName"));
        name.map(|name| format!("{name}__c"))
            .ok_or_else(|| Error::UnknownObject(table.to_owned()))
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
            catalogue: Some(catalogue),
            ..WriteSet::new(caller.user, self.now(), operations)
        };
        self.apply(set).await?;
        Ok(())
    }
}

/// Reads the custom metadata of a database, and moves the store to it. Blocks.
pub(crate) fn load(
    store: &Store,
    built_in: &Catalogue,
    server_user: Id,
    now: Timestamp,
) -> Result<(), Error> {
    let object_rows = NamedRow::all(store, named(built_in, "CustomObject")?)?;
    let field_rows = NamedRow::all(store, named(built_in, "CustomField")?)?;
    let settings = sharing::read(store, built_in)?;
    if object_rows.is_empty() && field_rows.is_empty() && settings.is_empty() {
        return Ok(());
    }
    let own = built_in
        .objects()
        .iter()
        .map(|object| Catalogue::own_fields(object));
    let mut objects: Vec<Object> = own.collect();
    let mut names = HashMap::new();
    for row in object_rows {
        let object = custom_object::object_of_row(&row)?;
        if let Some(id) = row.value("Id").as_id() {
            names.insert(id.to_string(), object.name.to_string());
        }
        objects.push(object);
    }
    for row in field_rows {
        let table = row.text("TableEnumOrId").unwrap_or_default();
        let spec = custom_field::of_row(names.get(&table).unwrap_or(&table), &row);
        let object = one_of(&mut objects, &spec.object)?;
        *object = custom_field::added(object, custom_field::field(&spec)?, &spec);
    }
    for (name, model) in settings {
        one_of(&mut objects, &name)?.sharing = model.sharing();
    }
    let set = WriteSet {
        catalogue: Some(Arc::new(Catalogue::new(objects)?)),
        ..WriteSet::new(server_user, now, Vec::new())
    };
    store.write_blocking(set)?;
    Ok(())
}

fn one_of<'a>(objects: &'a mut [Object], name: &str) -> Result<&'a mut Object, Error> {
    objects
        .iter_mut()
        .find(|object| object.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

/// Whether an object's records stand for objects and fields.
pub(crate) fn is_metadata(object: &Object) -> bool {
    matches!(&*object.name, "CustomObject" | "CustomField")
}

pub(crate) fn may_customize(caller: &Caller) -> Result<(), Error> {
    let permission = SystemPermission::CustomizeApplication;
    if caller.rights.has(permission) {
        return Ok(());
    }
    Err(Error::NotPermitted(permission.field()))
}

/// An object that may get custom fields, other sharing or another layout.
pub(crate) fn customizable<'a>(
    catalogue: &'a Catalogue,
    name: &str,
) -> Result<&'a Arc<Object>, Error> {
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
