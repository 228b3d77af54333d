//! Rows that are kept for a moment: those of a query, and those of its child relationships.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use headwater_catalogue::{Id, Value, ValueType};
use headwater_soql::resolved::{Children, Filter, Query};

use crate::db::Store;
use crate::dialect::Dialect;
use crate::error::ReadError;
use crate::key::Key;
use crate::plan::{self, Prepared};
use crate::plans::Planned;
use crate::rows::{KeptRows, Row, RowSink, ValueRef};

impl Store {
    /// The first rows of a child relationship for each of these parents, in one statement.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn children(
        &self,
        children: &Children,
        parents: &[Id],
        rows_max: u64,
    ) -> Result<ChildRows, ReadError> {
        if let Some(staged) = self.waiting() {
            let planned = planned(children, parents, rows_max, self.engine().dialect());
            let sink = ChildRows::of(&children.query);
            let selected = Box::pin(self.run_staged(staged, &planned, sink)).await?;
            return Ok(selected.sink);
        }
        self.engine().children(children, parents, rows_max).await
    }
}

/// A sink that keeps every row as the database gave it: smaller than [`crate::Rows`], and to be
/// given to another sink later.
#[derive(Debug, Default)]
pub struct Kept {
    rows: KeptRows,
    types: Vec<ValueType>,
    len: usize,
}

impl Kept {
    /// Shows some of the rows, by their places, in order.
    pub fn each(&self, places: Range<usize>, mut show: impl FnMut(&Row<'_>)) {
        for place in places {
            let cells = &self.rows.row_at(place * self.types.len());
            show(&Row {
                cells,
                types: &self.types,
            });
        }
    }

    /// The values of a column that are ids.
    pub fn ids(&self, column: usize) -> Vec<Id> {
        let mut ids = Vec::with_capacity(self.len);
        self.each(0..self.len, |row| ids.extend(id(row.get(column))));
        ids
    }

    /// How much memory the texts of the rows take.
    pub fn text_bytes(&self) -> usize {
        self.rows.text_bytes()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl RowSink for Kept {
    fn row(&mut self, row: &Row<'_>) {
        if self.types.is_empty() {
            self.types = row.types.to_vec();
        }
        self.rows.row(row);
        self.len += 1;
    }
}

/// The children of many parents, parent by parent.
#[derive(Debug)]
pub struct ChildRows {
    kept: Kept,
    families: HashMap<Id, Range<usize>>,
    query: Arc<Query>,
}

/// The children of one parent.
#[derive(Debug, Clone)]
pub struct Family<'a> {
    of: &'a ChildRows,
    places: Range<usize>,
}

impl ChildRows {
    pub(crate) fn of(query: &Arc<Query>) -> Self {
        Self {
            kept: Kept::default(),
            families: HashMap::new(),
            query: Arc::clone(query),
        }
    }

    /// A parent's children; none if it has none.
    pub fn family(&self, parent: Id) -> Option<Family<'_>> {
        self.families.get(&parent).map(|places| Family {
            of: self,
            places: places.clone(),
        })
    }

    /// All rows, whoever their parent is.
    pub fn rows(&self) -> &Kept {
        &self.kept
    }

    /// Whether some parent has more children than are here.
    pub fn leaves_some_out(&self) -> bool {
        let mut families = self.families.values();
        families.any(|places| {
            let places = places.clone();
            Family { of: self, places }.next().is_some()
        })
    }

    /// Where the query's columns end and what the plan adds begins.
    fn columns(&self) -> usize {
        self.query.columns.len()
    }
}

impl RowSink for ChildRows {
    fn row(&mut self, row: &Row<'_>) {
        let Some(parent) = id(row.get(self.columns())) else {
            return;
        };
        let place = self.kept.len();
        self.kept.row(row);
        let places = self.families.entry(parent).or_insert(place..place);
        places.end = place + 1;
    }
}

impl Family<'_> {
    /// How many children there are in all, the query's LIMIT and OFFSET respected.
    pub fn total(&self) -> u64 {
        let mut total = 0;
        self.of
            .kept
            .each(self.places.start..self.places.start + 1, |row| {
                if let ValueRef::Integer(all) = row.get(self.of.columns() + 1) {
                    total = u64::try_from(all).unwrap_or_default();
                }
            });
        let query = &self.of.query;
        let total = total.saturating_sub(query.offset);
        query.limit.map_or(total, |limit| total.min(limit))
    }

    /// Where the children continue that are not here; none if all are.
    pub fn next(&self) -> Option<Key> {
        let taken = self.places.len() as u64;
        if taken >= self.total() {
            return None;
        }
        let mut values = Vec::new();
        self.of
            .kept
            .each(self.places.end - 1..self.places.end, |row| {
                let terms = self.of.columns() + 2..row.len();
                values = terms.map(|column| row.get(column).to_value()).collect();
            });
        let id = Some(values.pop().as_ref().and_then(Value::as_id)?);
        Some(Key { taken, values, id })
    }

    /// Shows the children, in order. What a row has beyond the query's columns is not the reader's.
    pub fn each(&self, show: impl FnMut(&Row<'_>)) {
        self.of.kept.each(self.places.clone(), show);
    }
}

fn id(value: ValueRef<'_>) -> Option<Id> {
    match value {
        ValueRef::Id(id) => id.parse().ok(),
        _ => None,
    }
}

/// The statement for the children of these parents, at most so many of each.
pub(crate) fn planned(
    children: &Children,
    parents: &[Id],
    rows_max: u64,
    dialect: Dialect,
) -> Planned {
    let mut query = Query::clone(&children.query);
    let among = Filter::In {
        left: children.parent.clone(),
        values: parents.iter().copied().map(Value::Id).collect(),
    };
    query.filter = among.and(query.filter);
    let of_each = query.limit.map_or(rows_max, |limit| limit.min(rows_max));
    let plan = plan::children(&query, &children.parent, of_each, dialect);
    let statement = dialect.build(&plan.select);
    let (prepared, parameters) = Prepared::of_statement(statement, plan.types);
    Planned::whole(
        prepared,
        parameters,
        of_each.saturating_mul(parents.len() as u64),
    )
}
