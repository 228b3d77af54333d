//! A row of metadata with its values by name.

use std::sync::Arc;

use headwater_catalogue::{Object, Value};
use headwater_store::Store;

use crate::error::Error;
use crate::selection::Selection;

/// The stored values of one record.
#[derive(Debug)]
pub(crate) struct NamedRow {
    object: Arc<Object>,
    /// By the place of the field.
    values: Vec<(usize, Value)>,
}

impl NamedRow {
    /// A record that is made with these values.
    pub(crate) fn new(object: &Arc<Object>, values: Vec<(usize, Value)>) -> Self {
        Self {
            object: Arc::clone(object),
            values,
        }
    }

    /// Every record of an object, oldest first.
    pub(crate) fn all(store: &Store, object: &Arc<Object>) -> Result<Vec<Self>, Error> {
        let places = stored(object);
        let mut rows = everything(object, &places)?.rows_blocking(store)?;
        rows.sort_by_key(|row| row.first().and_then(Value::as_id));
        Ok(rows
            .into_iter()
            .map(|row| Self::of(object, &places, row))
            .collect())
    }

    /// One record.
    pub(crate) async fn one(
        store: &Store,
        object: &Arc<Object>,
        field: &str,
        value: Value,
    ) -> Result<Option<Self>, Error> {
        let places = stored(object);
        let selection = everything(object, &places)?.equal(field, value)?;
        let rows = selection.rows(store).await?;
        Ok(rows
            .into_iter()
            .next()
            .map(|row| Self::of(object, &places, row)))
    }

    fn of(object: &Arc<Object>, places: &[usize], row: Vec<Value>) -> Self {
        // Every selection begins with the id, which is the first of the places as well.
        let values = places.iter().copied().zip(row.into_iter().skip(1));
        Self::new(object, values.collect())
    }

    /// With these values in the place of the present ones.
    pub(crate) fn with(mut self, values: &[(usize, Value)]) -> Self {
        for (place, value) in values {
            self.values.retain(|(known, _)| known != place);
            self.values.push((*place, value.clone()));
        }
        self
    }

    /// The value of a field.
    pub(crate) fn value(&self, field: &str) -> &Value {
        static NULL: Value = Value::Null;
        let place = self.object.position(field);
        let found = self.values.iter().find(|(known, _)| Some(*known) == place);
        found.map_or(&NULL, |(_, value)| value)
    }

    pub(crate) fn text(&self, field: &str) -> Option<String> {
        self.value(field).as_text().map(str::to_owned)
    }

    pub(crate) fn number<N: TryFrom<i64>>(&self, field: &str) -> Option<N> {
        N::try_from(self.value(field).as_integer()?).ok()
    }

    pub(crate) fn is_true(&self, field: &str) -> bool {
        self.value(field).is_true()
    }
}

fn stored(object: &Object) -> Vec<usize> {
    let fields = object.fields.iter().enumerate();
    fields
        .filter(|(_, field)| field.is_column())
        .map(|(place, _)| place)
        .collect()
}

fn everything(object: &Arc<Object>, places: &[usize]) -> Result<Selection, Error> {
    let names: Vec<&str> = places
        .iter()
        .map(|place| &*object.fields[*place].name)
        .collect();
    Selection::of_object(object).fields(&names)
}
