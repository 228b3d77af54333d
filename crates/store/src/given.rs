//! Handing a planned query's rows on: as many as were wanted, and where the next page begins.

use headwater_catalogue::{Id, Value};

use crate::answer::Selected;
use crate::error::ReadError;
use crate::key::Key;
use crate::plans::{More, Planned};
use crate::rows::{Cells, Row, RowSink};

/// What the order of a query sorts a row by, and the row's id; a group has none.
pub(crate) type KeyValues = (Vec<Value>, Option<Id>);

/// What has gone into a sink.
pub(crate) struct Given<'a, S> {
    planned: &'a Planned,
    sink: &'a mut S,
    rows: u64,
    /// The key of the last wanted row.
    last: Option<KeyValues>,
    more: bool,
}

impl<'a, S: RowSink> Given<'a, S> {
    pub(crate) fn new(planned: &'a Planned, sink: &'a mut S) -> Self {
        Self {
            planned,
            sink,
            rows: 0,
            last: None,
            more: false,
        }
    }

    /// Takes a row; whether it wants another.
    pub(crate) fn row(&mut self, row: &dyn Cells) -> Result<bool, ReadError> {
        let (wanted, plan) = (&self.planned.wanted, &self.planned.plan);
        if self.rows == wanted.rows {
            return match wanted.more {
                More::No => Ok(false),
                More::Page => {
                    self.more = true;
                    Ok(false)
                }
                More::TooMany => Err(ReadError::TooManyRows(wanted.rows)),
            };
        }
        self.rows += 1;
        self.sink.row(&Row {
            cells: row,
            types: &plan.types,
        });
        if self.rows == wanted.rows && !plan.key.is_empty() {
            self.last = plan.key_of(row);
        }
        Ok(true)
    }

    /// How many rows there were, and the key of the last one when there are more.
    pub(crate) fn end(self) -> (u64, Option<KeyValues>) {
        (self.rows, self.last.filter(|_| self.more))
    }
}

impl Planned {
    /// The answer, from what was given.
    pub(crate) fn selected<S>(&self, sink: S, given: (u64, Option<KeyValues>)) -> Selected<S> {
        let (rows, next) = given;
        let next = next.map(|(values, id)| Key {
            taken: self.wanted.taken + rows,
            values,
            id,
        });
        Selected { sink, rows, next }
    }
}
