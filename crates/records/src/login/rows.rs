//! Looking up and changing the few internal records that logging in is about, straight in the
//! store: no caller has rights on them, so no verb of `Org` reaches them.

use std::sync::Arc;

use headwater_catalogue::{Id, Object, Value};
use headwater_soql::resolved::{Column, Comparison, Expression, Filter, Query};
use headwater_store::{Operation, Page, Rows, Store, WriteError, WriteSet};
use jiff::Timestamp;

use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

/// A record as the database has it: every stored column.
#[derive(Clone)]
pub(super) struct Found {
    object: Arc<Object>,
    places: Vec<usize>,
    values: Vec<Value>,
}

impl Found {
    pub(super) fn id(&self) -> Result<Id, Error> {
        self.values
            .first()
            .and_then(Value::as_id)
            .ok_or_else(|| Error::internal("a row without an id"))
    }

    pub(super) fn value(&self, field: &str) -> &Value {
        self.object
            .position(field)
            .and_then(|place| self.places.iter().position(|known| *known == place))
            .and_then(|column| self.values.get(column))
            .unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.value(field).as_text()
    }

    pub(super) fn reference(&self, field: &str) -> Option<Id> {
        self.value(field).as_id()
    }

    pub(super) fn integer(&self, field: &str) -> i64 {
        self.value(field).as_integer().unwrap_or_default()
    }

    pub(super) fn instant(&self, field: &str) -> Option<Timestamp> {
        self.value(field).as_datetime()
    }

    pub(super) fn is_true(&self, field: &str) -> bool {
        self.value(field).is_true()
    }
}

impl Org {
    /// The record that holds this value in this field, which is unique.
    pub(super) async fn find_one(
        &self,
        object: &str,
        field: &str,
        value: impl Into<Value>,
    ) -> Result<Option<Found>, Error> {
        let selection = Selection::of(&self.catalogue(), object)?.equal(field, value)?;
        Ok(self.whole_rows(selection.limit(1)).await?.pop())
    }

    /// At most so many records whose field holds an instant before this one.
    pub(super) async fn find_before(
        &self,
        object: &str,
        field: &str,
        instant: Timestamp,
        rows_max: u64,
    ) -> Result<Vec<Found>, Error> {
        let selection = Selection::of(&self.catalogue(), object)?
            .compared(field, Comparison::Less, instant)?
            .limit(rows_max);
        self.whole_rows(selection).await
    }

    /// At most so many records whose fields hold these values.
    pub(super) async fn find_all(
        &self,
        object: &str,
        equal: &[(&str, Value)],
        rows_max: u64,
    ) -> Result<Vec<Found>, Error> {
        let mut selection = Selection::of(&self.catalogue(), object)?.limit(rows_max);
        for (field, value) in equal {
            selection = selection.equal(field, value.clone())?;
        }
        self.whole_rows(selection).await
    }

    /// The selected records with every stored column.
    async fn whole_rows(&self, selection: Selection) -> Result<Vec<Found>, Error> {
        let mut query = selection.into_query();
        let object = Arc::clone(query.object());
        let stored = object.fields.iter().enumerate();
        for (field, _) in stored.filter(|(_, field)| field.is_column()) {
            query.column(Expression::Column(Column { source: 0, field }));
        }
        let places = places(&query);
        let selected = self
            .store()
            .select(Arc::new(query), Page::default(), Rows::default())
            .await?;
        let found = selected.sink.rows.into_iter().map(|values| Found {
            object: Arc::clone(&object),
            places: places.clone(),
            values,
        });
        Ok(found.collect())
    }

    /// A new record of an internal object.
    pub(super) fn insertion(
        &self,
        object: &str,
        values: &[(&str, Value)],
    ) -> Result<(Id, Operation), Error> {
        insertion(self.store(), object, values)
    }

    /// New values for a record, if the expected ones still stand.
    pub(super) fn change(
        &self,
        object: &str,
        id: Id,
        values: &[(&str, Value)],
        expect: &[(&str, Value)],
    ) -> Result<Operation, Error> {
        let object = object_of(self.store(), object)?;
        Ok(Operation::Update {
            id,
            values: placed(&object, values)?,
            may: Filter::Always,
            expect: placed(&object, expect)?,
            seen: None,
            object,
        })
    }

    pub(super) fn removal(&self, object: &str, id: Id) -> Result<Operation, Error> {
        Ok(Operation::Delete {
            object: object_of(self.store(), object)?,
            id,
            may: Filter::Always,
        })
    }

    /// Writes as the server itself.
    pub(super) async fn write_as_system(
        &self,
        operations: Vec<Operation>,
    ) -> Result<(), WriteError> {
        self.write_as(self.system().user, operations).await
    }

    pub(super) async fn write_as(
        &self,
        actor: Id,
        operations: Vec<Operation>,
    ) -> Result<(), WriteError> {
        let set = WriteSet::new(actor, self.now(), operations);
        self.apply(set).await.map(drop)
    }
}

/// A new record of an internal object, for who has the store and not yet an org.
pub(super) fn insertion(
    store: &Store,
    object: &str,
    values: &[(&str, Value)],
) -> Result<(Id, Operation), Error> {
    let object = object_of(store, object)?;
    let id = store.next_id(&object);
    let values = placed(&object, values)?;
    Ok((id, Operation::Insert { object, id, values }))
}

fn object_of(store: &Store, name: &str) -> Result<Arc<Object>, Error> {
    let catalogue = store.catalogue();
    let object = catalogue.object(name).cloned();
    object.ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

fn place(object: &Object, field: &str) -> Result<usize, Error> {
    object
        .position(field)
        .ok_or_else(|| Error::internal(format!("{} has no field {field}", object.name)))
}

fn placed(object: &Object, values: &[(&str, Value)]) -> Result<Vec<(usize, Value)>, Error> {
    values
        .iter()
        .map(|(field, value)| Ok((place(object, field)?, value.clone())))
        .collect()
}

/// Which field each column of the query holds.
fn places(query: &Query) -> Vec<usize> {
    query
        .columns
        .iter()
        .filter_map(|expression| match expression {
            Expression::Column(column) => Some(column.field),
            _ => None,
        })
        .collect()
}
