//! Applies a write set, with all that follows from it.

use std::sync::Arc;

use headwater_catalogue::{Id, Object, Value};
use headwater_soql::resolved::{Filter, Source};
use jiff::{SignedDuration, Timestamp};

use crate::change_log::ChangeKind;
use crate::connection::TAKE_NUMBERS;
use crate::duplicate;
use crate::plan;
use crate::row_filter;
use crate::rows::Content;
use crate::session::{Session, borrowed};
use crate::table::Table;
use crate::write_set::{Check, Committed, Operation, Outcome, WriteError, WriteSet};

/// The counter of changes of the catalogue.
pub(crate) const CATALOGUE: &str = "catalogue";

/// Applies a write set. When it fails and has written something, the caller rolls back.
pub(crate) fn apply(session: &mut Session, set: &WriteSet) -> Result<Committed, WriteError> {
    session.begin_set();
    if let Some(catalogue) = &set.catalogue {
        session
            .migrate(catalogue)
            .map_err(|error| WriteError::Database(error.to_string()))?;
        session.set_catalogue(Arc::clone(catalogue));
        // Whoever only follows what others have made has nothing to tell them.
        if !set.operations.is_empty() {
            session.one(TAKE_NUMBERS, &[CATALOGUE.into(), 1.into()], |_| ())?;
        }
    }
    let mut run = Run {
        first_change: session.changes.len(),
        session,
        actor: set.actor,
        at: whole_microseconds(set.at),
        operation: 0,
    };
    for (place, check) in set.checks.iter().enumerate() {
        run.check(place, check)?;
    }
    let mut outcomes = Vec::with_capacity(set.operations.len());
    for (place, operation) in set.operations.iter().enumerate() {
        run.operation = place;
        outcomes.push(run.operation(operation)?);
    }
    for job in &set.jobs {
        crate::jobs::add(run.session, job)?;
    }
    for line in &set.lines {
        crate::sheet::add(run.session, line)?;
    }
    // Changes are numbered within their transaction until it ends.
    let changes = run.session.changes.len();
    let logged = changes > run.first_change;
    Ok(Committed {
        outcomes,
        replay_id: if logged {
            i64::try_from(changes).unwrap_or(i64::MAX)
        } else {
            0
        },
    })
}

/// Instants are kept in microseconds; rounding them first keeps what is answered and what is
/// stored the same.
fn whole_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// A write set being applied.
pub(crate) struct Run<'a> {
    pub(crate) session: &'a mut Session,
    pub(crate) actor: Id,
    pub(crate) at: Timestamp,
    /// The operation it is at, for errors.
    pub(crate) operation: usize,
    /// The place of the first change it logs among those of the transaction.
    pub(crate) first_change: usize,
}

impl Run<'_> {
    fn check(&mut self, place: usize, check: &Check) -> Result<(), WriteError> {
        if self.session.was_checked(check) {
            return Ok(());
        }
        let missing = |hidden| WriteError::Missing {
            check: place,
            hidden,
        };
        let table = self.session.table(&check.object);
        let row = self.row_by(&table.check, &table, check.id)?;
        let row = row.ok_or_else(|| missing(false))?;
        if is_deleted(&table, &row) {
            return Err(missing(false));
        }
        if row_filter::passes(&check.visible, &row) == Some(true) {
            self.session.remember_check(check);
        } else if !self.passes(&check.object, check.id, &row, &check.visible)? {
            return Err(missing(true));
        }
        Ok(())
    }

    fn operation(&mut self, operation: &Operation) -> Result<Outcome, WriteError> {
        if !matches!(operation, Operation::Insert { .. }) {
            self.session.forget_checks();
        }
        match operation {
            Operation::Insert { object, id, values } => self.insert(object, *id, values),
            Operation::Update {
                object,
                id,
                values,
                may,
                expect,
                seen,
            } => {
                let table = self.session.table(object);
                let before = self.changeable(&table, *id, may)?;
                self.unchanged(&table, &before, expect, *seen)?;
                let modstamp = self.update(&table, *id, &before, values)?;
                let id = *id;
                Ok(Outcome {
                    id,
                    before,
                    modstamp,
                    moved: Vec::new(),
                })
            }
            Operation::Delete { object, id, may } => {
                let table = self.session.table(object);
                let before = self.changeable(&table, *id, may)?;
                let modstamp = self.delete(&table, *id, &before)?;
                let id = *id;
                Ok(Outcome {
                    id,
                    before,
                    modstamp,
                    moved: Vec::new(),
                })
            }
            Operation::Undelete { object, id, may } => {
                let table = self.session.table(object);
                self.undelete(&table, *id, may)
            }
            Operation::Erase { object, id, may } => {
                let table = self.session.table(object);
                self.erase(&table, *id, may)
            }
            Operation::Merge {
                object,
                survivor,
                merged,
                may,
                reason,
            } => {
                let table = self.session.table(object);
                self.merge(&table, *survivor, merged, may, reason.as_deref())
            }
        }
    }

    /// The row with an id, deleted or not, for a change: nobody else changes it until the end.
    pub(crate) fn row(&self, table: &Table, id: Id) -> Result<Option<Vec<Value>>, WriteError> {
        self.row_by(&table.select, table, id)
    }

    pub(crate) fn row_by(
        &self,
        text: &str,
        table: &Table,
        id: Id,
    ) -> Result<Option<Vec<Value>>, WriteError> {
        let parameters = [id.as_str().into()];
        let row = self.session.one(text, &parameters, |row| table.read(row));
        Ok(row?)
    }

    /// The row to change, if it is there and the caller may.
    pub(crate) fn changeable(
        &self,
        table: &Table,
        id: Id,
        may: &Filter,
    ) -> Result<Vec<Value>, WriteError> {
        let operation = self.operation;
        let not_found = |deleted| WriteError::NotFound { operation, deleted };
        let row = self.row(table, id)?;
        let row = row.ok_or_else(|| not_found(false))?;
        if is_deleted(table, &row) {
            return Err(not_found(true));
        }
        if !self.passes(&table.object, id, &row, may)? {
            return Err(WriteError::Refused { operation });
        }
        Ok(row)
    }

    pub(crate) fn passes(
        &self,
        object: &Arc<Object>,
        id: Id,
        row: &[Value],
        filter: &Filter,
    ) -> Result<bool, WriteError> {
        if let Some(passes) = row_filter::passes(filter, row) {
            return Ok(passes);
        }
        let source = [Source {
            object: Arc::clone(object),
            parent: None,
            visible: Filter::Always,
        }];
        let dialect = self.session.dialect();
        let mut statement = dialect.build(&plan::passes(&source, filter, dialect));
        // The id is the last parameter.
        statement.parameters.pop();
        statement
            .parameters
            .push(Content::Text(id.as_str().to_owned()));
        let parameters = borrowed(&statement.parameters);
        let passes = self.session.one(&statement.text, &parameters, |row| {
            row.content(0).as_number()
        });
        Ok(passes?.flatten().is_some_and(|passes| passes != 0))
    }

    /// The row must still be what the caller saw.
    fn unchanged(
        &self,
        table: &Table,
        before: &[Value],
        expect: &[(usize, Value)],
        seen: Option<Timestamp>,
    ) -> Result<(), WriteError> {
        let operation = self.operation;
        let now = modstamp(table, before);
        if let (Some(seen), Some(now)) = (seen, now)
            && whole_microseconds(seen) != now
        {
            return Err(WriteError::Stale { operation, now });
        }
        for (field, expected) in expect {
            if table.stored(*field, expected) != before[*field] {
                return Err(WriteError::Unexpected {
                    operation,
                    field: *field,
                    found: before[*field].clone(),
                });
            }
        }
        Ok(())
    }

    /// Gives a row new values: the new `SystemModstamp`.
    pub(crate) fn update(
        &mut self,
        table: &Table,
        id: Id,
        before: &[Value],
        values: &[(usize, Value)],
    ) -> Result<Timestamp, WriteError> {
        let mut row = before.to_vec();
        let mut changed = Vec::with_capacity(values.len());
        for (place, value) in values {
            let mut value = table.stored(*place, value);
            if value.is_null() {
                value = table.filled(*place, self.actor, self.at);
            }
            if value != row[*place] {
                row[*place] = value;
                if !changed.contains(place) {
                    changed.push(*place);
                }
            }
        }
        for (checkbox, place) in &table.since {
            let said = values.iter().any(|(given, _)| given == place);
            if row[*checkbox] != before[*checkbox] && !said {
                row[*place] = since(&row[*checkbox], self.at);
                changed.push(*place);
            }
        }
        // Given one value and then the old one again.
        changed.retain(|place| row[*place] != before[*place]);
        changed.sort_unstable();
        let internal = |place: &usize| table.object.fields[*place].internal;
        let mut written = changed.clone();
        // What only the server sees is no change of the record to anybody else.
        if changed.is_empty() || !changed.iter().all(internal) {
            self.stamp(table, before, &mut row, &mut written);
        }
        if !written.is_empty() {
            self.write(table, id, &row, &written)?;
        }
        // After the statement that may refuse: what it refuses has kept its bytes.
        for place in &table.contents {
            if changed.contains(place) {
                self.remove_content(&before[*place])?;
            }
        }
        self.roll_up(table, Some(before), Some(&row))?;
        self.track(table, id, &changed, before, &row)?;
        self.log(table, ChangeKind::Update, id, &changed, &row);
        Ok(modstamp(table, &row).unwrap_or(self.at))
    }

    /// Says who changed the row and when. Versions of a row differ even within a microsecond, and
    /// when the clock goes back.
    pub(crate) fn stamp(
        &self,
        table: &Table,
        before: &[Value],
        row: &mut [Value],
        written: &mut Vec<usize>,
    ) {
        let next = modstamp(table, before).map(|at| at + SignedDuration::from_micros(1));
        let now = Value::DateTime(next.map_or(self.at, |next| next.max(self.at)));
        let stamps = [
            (table.stamps.modified_date, now.clone()),
            (table.stamps.modified_by, Value::Id(self.actor)),
            (table.stamps.modstamp, now),
        ];
        for (place, value) in stamps {
            if let Some(place) = place
                && !written.contains(&place)
            {
                row[place] = value;
                written.push(place);
            }
        }
    }

    /// Writes these fields of a row.
    pub(crate) fn write(
        &mut self,
        table: &Table,
        id: Id,
        row: &[Value],
        written: &[usize],
    ) -> Result<(), WriteError> {
        let text = self.session.update_text(table, written);
        let contents: Vec<_> = written
            .iter()
            .map(|place| Content::of(&row[*place], table.value_type(*place)))
            .collect();
        let mut parameters = borrowed(&contents);
        parameters.push(id.as_str().into());
        match self.session.run_later(&text, &parameters) {
            Ok(()) => {
                self.keep_words(table, id, row, Some(written));
                Ok(())
            }
            Err(failure) => Err(duplicate::explain(self, table, id, row, failure)),
        }
    }
}

/// What remembers since when a checkbox is ticked that has just changed to this.
fn since(checkbox: &Value, at: Timestamp) -> Value {
    if checkbox.is_true() {
        Value::DateTime(at)
    } else {
        Value::Null
    }
}

/// Whether a row lies in the recycle bin.
pub(crate) fn is_deleted(table: &Table, row: &[Value]) -> bool {
    table
        .stamps
        .deleted
        .is_some_and(|place| row[place].is_true())
}

pub(crate) fn modstamp(table: &Table, row: &[Value]) -> Option<Timestamp> {
    let place = table.stamps.modstamp.or(table.stamps.created_date)?;
    row.get(place)?.as_datetime()
}
