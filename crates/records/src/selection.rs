//! The server's own reads, by names: what a rule, a cache or the seed needs to know.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Object, Value};
use headwater_soql::resolved::{Column, Comparison, Expression, Filter, Query};
use headwater_store::Store;

use crate::error::Error;

/// A query under construction. Every row begins with the record's id.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    query: Query,
}

impl Selection {
    /// Records of an object.
    pub(crate) fn of(catalogue: &Catalogue, object: &str) -> Result<Self, Error> {
        let object = catalogue
            .object(object)
            .ok_or_else(|| Error::UnknownObject(object.to_owned()))?;
        Ok(Self::of_object(object))
    }

    /// Records of an object that is at hand.
    pub(crate) fn of_object(object: &Arc<Object>) -> Self {
        Self {
            query: Query::of_object(object),
        }
    }

    /// Also reads these fields, after what is read already.
    pub(crate) fn fields(mut self, names: &[&str]) -> Result<Self, Error> {
        for name in names {
            let column = self.place(name)?;
            self.query.columns.push(Expression::Column(column));
        }
        Ok(self)
    }

    /// Only records whose field holds this; null when there is no value.
    pub(crate) fn equal(self, field: &str, value: impl Into<Value>) -> Result<Self, Error> {
        let column = self.place(field)?;
        let selection = self.only(Filter::equal(column, value.into()));
        // The store answers at once what it knows to be small.
        Ok(if is_id(column) {
            selection.limit(1)
        } else {
            selection
        })
    }

    /// Only records whose field holds one of these.
    pub(crate) fn any_of(self, field: &str, values: Vec<Value>) -> Result<Self, Error> {
        let column = self.place(field)?;
        if values.is_empty() {
            return Ok(self.only(Filter::Never));
        }
        let (left, rows) = (Expression::Column(column), values.len() as u64);
        let selection = self.only(Filter::In { left, values });
        Ok(if is_id(column) {
            selection.limit(rows)
        } else {
            selection
        })
    }

    /// Only records whose field compares so.
    pub(crate) fn compared(
        self,
        field: &str,
        operator: Comparison,
        right: impl Into<Value>,
    ) -> Result<Self, Error> {
        let left = Expression::Column(self.place(field)?);
        Ok(self.only(Filter::Compare {
            left,
            operator,
            right: right.into(),
        }))
    }

    /// Only records that also pass this filter, whose source 0 is the object.
    pub(crate) fn only(mut self, filter: Filter) -> Self {
        self.query.filter = std::mem::replace(&mut self.query.filter, Filter::Always).and(filter);
        self
    }

    /// At most so many.
    pub(crate) fn limit(mut self, rows: u64) -> Self {
        self.query.limit = Some(rows);
        self
    }

    /// Deleted records too.
    pub(crate) fn with_deleted(mut self) -> Self {
        self.query.include_deleted = true;
        self
    }

    /// The query.
    pub(crate) fn into_query(self) -> Query {
        self.query
    }

    /// Its rows.
    pub(crate) async fn rows(self, store: &Store) -> Result<Vec<Vec<Value>>, Error> {
        let page = headwater_store::Page::default();
        let sink = headwater_store::Rows::default();
        let selected = store.select(Arc::new(self.query), page, sink).await?;
        Ok(selected.sink.rows)
    }

    /// Its rows, on this thread.
    pub(crate) fn rows_blocking(self, store: &Store) -> Result<Vec<Vec<Value>>, Error> {
        Ok(store.read_rows_blocking(&self.query)?)
    }

    fn place(&self, name: &str) -> Result<Column, Error> {
        let object = self.query.object();
        let field = object.position(name).ok_or_else(|| Error::UnknownField {
            object: object.name.clone(),
            field: name.to_owned(),
        })?;
        Ok(Column { source: 0, field })
    }
}

/// Whether a column is the id of the records themselves, so that a value is one record's.
fn is_id(column: Column) -> bool {
    column
        == Column {
            source: 0,
            field: 0,
        }
}
