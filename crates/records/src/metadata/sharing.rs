//! Organization-wide defaults: who reaches records without owning them.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Object, Sharing, Value};
use headwater_soql::resolved::Filter;
use headwater_store::{Operation, Store};

use super::{custom_object, customizable, may_customize, named};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

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

    pub(super) fn sharing(self) -> Sharing {
        match self {
            Self::ReadWrite => Sharing::PublicReadWrite,
            Self::Read => Sharing::PublicRead,
            Self::Private => Sharing::Private,
        }
    }
}

impl Org {
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
        let _one_at_a_time = self.metadata_turn().await?;
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
            may: Filter::Always,
            expect: Vec::new(),
            seen: None,
        })
    }
}

/// What the settings say of built-in objects.
pub(super) fn read(
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
