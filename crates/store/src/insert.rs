//! New records: the whole row, what is given and what the store fills.

use std::sync::Arc;

use headwater_catalogue::{Id, Kind, Object, Value};

use crate::apply::{Run, modstamp};
use crate::change_log::ChangeKind;
use crate::duplicate;
use crate::rows::Content;
use crate::session::borrowed;
use crate::table::Table;
use crate::write_set::{Operation, Outcome, WriteError, WriteSet};

impl Run<'_> {
    pub(crate) fn insert(
        &mut self,
        object: &Arc<Object>,
        id: Id,
        values: &[(usize, Value)],
    ) -> Result<Outcome, WriteError> {
        let table = self.session.table(object);
        let row = self.new_row(&table, id, values)?;
        let contents: Vec<_> = table
            .columns
            .iter()
            .map(|place| Content::of(&row[*place], table.value_type(*place)))
            .collect();
        let inserted = self.session.run_later(&table.insert, &borrowed(&contents));
        if let Err(failure) = inserted {
            return Err(duplicate::explain(self, &table, id, &row, failure));
        }
        self.keep_words(&table, id, &row, None);
        self.roll_up(&table, None, Some(&row))?;
        self.created(&table, id)?;
        let changed: Vec<usize> = (1..row.len())
            .filter(|place| !row[*place].is_null())
            .collect();
        self.log(&table, ChangeKind::Create, id, &changed, &row);
        Ok(Outcome {
            id,
            before: Vec::new(),
            modstamp: modstamp(&table, &row).unwrap_or(self.at),
            moved: Vec::new(),
        })
    }

    /// The whole new row: what is given, the rest filled.
    fn new_row(
        &mut self,
        table: &Table,
        id: Id,
        values: &[(usize, Value)],
    ) -> Result<Vec<Value>, WriteError> {
        let mut row = vec![Value::Null; table.object.fields.len()];
        for (place, value) in values {
            row[*place] = table.stored(*place, value);
        }
        row[0] = Value::Id(id);
        for place in &table.columns {
            if row[*place].is_null() {
                row[*place] = match &table.object.fields[*place].kind {
                    Kind::AutoNumber { format } => {
                        let number = self.next_number(table, *place)?;
                        Value::Text(numbered(format, number))
                    }
                    _ => table.filled(*place, self.actor, self.at),
                };
            }
        }
        for (checkbox, place) in &table.since {
            if row[*checkbox].is_true() && row[*place].is_null() {
                row[*place] = Value::DateTime(self.at);
            }
        }
        // Rows that are brought in with their past keep it, but begin their versions now.
        if let Some(place) = table.stamps.modstamp {
            row[place] = Value::DateTime(self.at);
        }
        Ok(row)
    }

    fn next_number(&mut self, table: &Table, place: usize) -> Result<i64, WriteError> {
        let counter = counter(&table.object, place);
        Ok(self.session.next_number(&counter, 1)?)
    }
}

fn counter(object: &Object, place: usize) -> String {
    format!("{}.{}", object.name, object.fields[place].name)
}

/// An auto-number that a new record of a write set does not have yet.
pub(crate) struct Unnumbered {
    /// Which operation of the set.
    operation: usize,
    field: usize,
    /// Where its number comes from.
    pub(crate) counter: String,
}

impl Unnumbered {
    /// All of a write set.
    pub(crate) fn of(set: &WriteSet) -> Vec<Self> {
        let mut unnumbered = Vec::new();
        for (operation, it) in set.operations.iter().enumerate() {
            let Operation::Insert { object, values, .. } = it else {
                continue;
            };
            for (field, described) in object.fields.iter().enumerate() {
                let is_given =
                    |(known, value): &(usize, Value)| *known == field && !value.is_null();
                if matches!(described.kind, Kind::AutoNumber { .. }) && !values.iter().any(is_given)
                {
                    unnumbered.push(Self {
                        operation,
                        field,
                        counter: counter(object, field),
                    });
                }
            }
        }
        unnumbered
    }

    /// Gives it its number.
    pub(crate) fn number(&self, set: &mut WriteSet, number: i64) {
        if let Some(Operation::Insert { object, values, .. }) =
            set.operations.get_mut(self.operation)
            && let Kind::AutoNumber { format } = &object.fields[self.field].kind
        {
            values.push((self.field, Value::Text(numbered(format, number))));
        }
    }
}

/// The number in the format of its field: `MS-{00000000}`.
fn numbered(format: &str, number: i64) -> String {
    let parts = format.split_once('{').and_then(|(before, rest)| {
        let (zeros, after) = rest.split_once('}')?;
        Some((before, zeros.len(), after))
    });
    match parts {
        Some((before, width, after)) => format!("{before}{number:0width$}{after}"),
        None => format!("{format}{number}"),
    }
}
