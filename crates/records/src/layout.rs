//! What a page of an object's records looks like: sections, and in each its fields in their order.
//!
//! An object has the layout that an administrator gave it, else a usual one that is worked out from
//! the catalogue (`usual.rs`). A layout only arranges: whether a field is seen and written is
//! decided by rights and catalogue on every door alike, so a field that is read-only here can still
//! be written over the API, as in Salesforce.

mod check;
mod definition;
mod usual;

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object};
use headwater_soql::resolved::Filter;
use headwater_store::{Operation, WriteError, WriteSet};

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::error::Error;
use crate::metadata::{NamedRow, customizable, may_customize};
use crate::org::Org;
use crate::seed;
use definition::Definition;

pub use check::{FIELDS_MAX, SECTIONS_MAX, TITLE_CHARACTERS_MAX};

/// What a page looks like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Its sections, from top to bottom.
    pub sections: Vec<LayoutSection>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutSection {
    /// What stands above it.
    pub title: String,
    /// How many columns it has: 1 or 2.
    pub columns: u8,
    /// Its fields, row by row.
    pub fields: Vec<LayoutField>,
}

/// A field on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutField {
    /// Its API name.
    pub field: String,
    /// Whether the page asks for a value.
    pub required: bool,
    /// Whether the page shows it only.
    pub read_only: bool,
}

impl Layout {
    /// Every field, from top to bottom.
    pub fn fields(&self) -> impl Iterator<Item = &LayoutField> {
        self.sections.iter().flat_map(|section| &section.fields)
    }
}

/// How often a layout is written again when somebody else wrote one at the same moment.
const TRIES_MAX: usize = 5;

impl Org {
    /// The layout of an object's pages, without what the caller does not see.
    ///
    /// # Errors
    /// [`Error::UnknownObject`] when the caller does not see the object.
    pub async fn layout(&self, caller: &Caller, object: &str) -> Result<Layout, Error> {
        let object = visible_object(caller, object)?;
        let mut layout = match self.stored_layout(object).await? {
            Some((_, definition)) => definition.with_new_fields(object),
            None => usual::layout(object),
        };
        let rights = caller.rights.on(object);
        for section in &mut layout.sections {
            section.fields.retain(|shown| {
                let place = object.position(&shown.field);
                place.is_some_and(|place| !object.fields[place].internal && rights.reads(place))
            });
        }
        layout.sections.retain(|section| !section.fields.is_empty());
        Ok(layout)
    }

    /// Gives an object's pages a layout. Takes the right to customize.
    ///
    /// # Errors
    /// [`Error::NotPermitted`]; [`Error::Invalid`] with what is wrong: a field that is not there
    /// or stands twice, one that every new record needs and that is left out, too much of
    /// anything.
    pub async fn set_layout(
        &self,
        caller: &Caller,
        object: &str,
        layout: &Layout,
    ) -> Result<(), Error> {
        may_customize(caller)?;
        let catalogue = self.catalogue();
        let object = customizable(&catalogue, object)?;
        let definition = Definition::of(object, check::checked(object, layout)?);
        let text = definition.to_json();
        for _ in 0..TRIES_MAX {
            let operation = self.layout_operation(&catalogue, object, &text).await?;
            match self
                .apply(WriteSet::new(caller.user, self.now(), vec![operation]))
                .await
            {
                Ok(_) => return Ok(()),
                // Somebody else was faster to make the first one, or took it away meanwhile.
                Err(WriteError::Duplicate { .. } | WriteError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Gives an object's pages the usual layout again. Takes the right to customize.
    ///
    /// # Errors
    /// [`Error::NotPermitted`], [`Error::UnknownObject`].
    pub async fn reset_layout(&self, caller: &Caller, object: &str) -> Result<(), Error> {
        may_customize(caller)?;
        let catalogue = self.catalogue();
        let object = customizable(&catalogue, object)?;
        let Some((id, _)) = self.stored_layout(object).await? else {
            return Ok(());
        };
        let operation = Operation::Delete {
            object: Arc::clone(layouts(&catalogue)?),
            id,
            may: Filter::Always,
        };
        match self
            .apply(WriteSet::new(caller.user, self.now(), vec![operation]))
            .await
        {
            Ok(_) | Err(WriteError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn stored_layout(&self, object: &Object) -> Result<Option<(Id, Definition)>, Error> {
        let catalogue = self.catalogue();
        let name = object.name.to_string().into();
        let row = NamedRow::one(self.store(), layouts(&catalogue)?, "EntityName", name).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id = row.value("Id").as_id();
        let id = id.ok_or_else(|| Error::internal("a layout without an id"))?;
        let text = row.text("Definition").unwrap_or_default();
        Ok(Some((id, Definition::of_json(&text)?)))
    }

    async fn layout_operation(
        &self,
        catalogue: &Catalogue,
        object: &Object,
        text: &str,
    ) -> Result<Operation, Error> {
        let table = layouts(catalogue)?;
        let Some((id, _)) = self.stored_layout(object).await? else {
            let row = vec![
                ("EntityName", object.name.to_string().into()),
                ("Definition", text.into()),
            ];
            return Ok(seed::insertion(self.store(), table, row)?.1);
        };
        let place = table.position("Definition");
        let place = place.ok_or_else(|| Error::internal("layouts have no definition"))?;
        Ok(Operation::Update {
            object: Arc::clone(table),
            id,
            values: vec![(place, text.into())],
            may: Filter::Always,
            expect: Vec::new(),
            seen: None,
        })
    }
}

fn layouts(catalogue: &Catalogue) -> Result<&Arc<Object>, Error> {
    catalogue
        .object("PageLayout")
        .ok_or_else(|| Error::UnknownObject("PageLayout".to_owned()))
}
