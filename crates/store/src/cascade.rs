//! Deleting a record, and what that does to those that refer to it.

use headwater_catalogue::{Id, OnDelete, Value};
use jiff::Timestamp;

use crate::apply::Run;
use crate::change_log::ChangeKind;
use crate::connection::Failure;
use crate::ddl::is_filled;
use crate::rows::Cells;
use crate::table::{Referring, Table};
use crate::write_set::WriteError;

/// Most records named in the refusal of a delete.
const NAMED_MAX: usize = 10;

/// Longest chain of records that go with one another.
const DEPTH_MAX: usize = 50;

/// How a record goes.
#[derive(Clone, Copy)]
struct Going {
    /// The record that somebody deleted, with which all others go.
    root: Id,
    for_good: bool,
    depth: usize,
}

impl Going {
    fn of(root: Id, for_good: bool) -> Self {
        Self {
            root,
            for_good,
            depth: 0,
        }
    }

    /// As a record that refers to this one, and has a recycle bin or not.
    fn along(self, has_bin: bool) -> Self {
        Self {
            for_good: self.for_good || !has_bin,
            depth: self.depth + 1,
            ..self
        }
    }
}

impl Run<'_> {
    /// Deletes a record: the deleting moment.
    pub(crate) fn delete(
        &mut self,
        table: &Table,
        id: Id,
        before: &[Value],
    ) -> Result<Timestamp, WriteError> {
        let for_good = !table.object.keeps_deleted();
        self.delete_within(table, id, before, Going::of(id, for_good))
    }

    /// Deletes a record that is not deleted yet, past the recycle bin.
    pub(crate) fn delete_for_good(
        &mut self,
        table: &Table,
        id: Id,
        before: &[Value],
    ) -> Result<Timestamp, WriteError> {
        self.delete_within(table, id, before, Going::of(id, true))
    }

    /// Deletes a record that is not deleted yet, for good or into the recycle bin.
    fn delete_within(
        &mut self,
        table: &Table,
        id: Id,
        before: &[Value],
        going: Going,
    ) -> Result<Timestamp, WriteError> {
        let for_good = going.for_good;
        if going.depth > DEPTH_MAX {
            return Err(WriteError::Database(
                "records delete one another in a circle".to_owned(),
            ));
        }
        // First whatever may refuse, so that the answer names all of it.
        for referring in &table.referring {
            self.restrict(referring, id)?;
        }
        let mut row = before.to_vec();
        let mut written = Vec::new();
        if let Some(deleted) = table.stamps.deleted
            && !for_good
        {
            row[deleted] = Value::Boolean(true);
            written.push(deleted);
            self.stamp(table, before, &mut row, &mut written);
            // Before its children, so that one that refers back finds it gone.
            self.write(table, id, &row, &written)?;
            if going.depth == 0 {
                self.note_deleted(table, id)?;
            } else {
                self.note_gone(going.root, table, id)?;
            }
        }
        for referring in &table.referring {
            self.let_go(referring, id, going)?;
        }
        if let Some(history) = &table.history {
            let text = if for_good {
                &history.purge
            } else {
                &history.delete
            };
            self.run_for(text, id)?;
        }
        if for_good {
            self.remove(table, id)?;
        }
        self.roll_up(table, Some(before), None)?;
        self.log(table, ChangeKind::Delete, id, &[], &row);
        let stamp = table
            .stamps
            .modstamp
            .and_then(|place| row[place].as_datetime());
        Ok(stamp.filter(|_| !for_good).unwrap_or(self.at))
    }

    fn restrict(&mut self, referring: &Referring, id: Id) -> Result<(), WriteError> {
        if !is_restricting(referring) || referring.history {
            return Ok(());
        }
        let ids = self.ids(&format!("{} LIMIT {NAMED_MAX}", referring.live), id)?;
        if ids.is_empty() {
            return Ok(());
        }
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            let name = self.name_of(&Value::Id(id))?;
            records.push((id, name.unwrap_or_else(|| id.to_string())));
        }
        Err(WriteError::Restricted {
            operation: self.operation,
            object: std::sync::Arc::clone(&referring.object),
            records,
        })
    }

    /// Clears the references to a record, or deletes those that hold them.
    fn let_go(&mut self, referring: &Referring, id: Id, going: Going) -> Result<(), WriteError> {
        if referring.history {
            return Ok(());
        }
        let child = self.session.table(&referring.object);
        for referrer in self.ids(&referring.live, id)? {
            // A record may refer twice, or have gone with another.
            let Some(row) = self.row(&child, referrer)? else {
                continue;
            };
            let gone = crate::apply::is_deleted(&child, &row);
            if gone || row[referring.field] != Value::Id(id) {
                continue;
            }
            match referring.on_delete {
                OnDelete::Clear => {
                    if !going.for_good {
                        let cleared = (referring.field, id);
                        self.note_cleared(going.root, &child.object, referrer, cleared)?;
                    }
                    self.update(&child, referrer, &row, &[(referring.field, Value::Null)])?;
                }
                OnDelete::Cascade | OnDelete::Restrict => {
                    let along = going.along(child.object.keeps_deleted());
                    self.delete_within(&child, referrer, &row, along)?;
                }
            }
        }
        if going.for_good
            && let Some(deleted) = &referring.deleted
        {
            self.forget(&child, referring, deleted, id)?;
        }
        Ok(())
    }

    /// Records in the recycle bin cannot keep referring to what is gone for good.
    fn forget(
        &mut self,
        child: &Table,
        referring: &Referring,
        deleted: &str,
        id: Id,
    ) -> Result<(), WriteError> {
        let filled = is_filled(&child.object.fields[referring.field]);
        for referrer in self.ids(deleted, id)? {
            let Some(mut row) = self.row(child, referrer)? else {
                continue;
            };
            if filled {
                self.purge(child, referrer)?;
            } else {
                row[referring.field] = Value::Null;
                self.write(child, referrer, &row, &[referring.field])?;
            }
        }
        Ok(())
    }

    /// Takes a deleted record out of the recycle bin for good, with all that still refers to it.
    pub(crate) fn purge(&mut self, table: &Table, id: Id) -> Result<(), WriteError> {
        let others = table
            .referring
            .iter()
            .filter(|referring| !referring.history);
        for referring in others {
            let child = self.session.table(&referring.object);
            if let Some(deleted) = &referring.deleted {
                self.forget(&child, referring, deleted, id)?;
            }
        }
        if let Some(history) = &table.history {
            self.run_for(&history.purge, id)?;
        }
        self.remove(table, id)
    }

    /// Takes the row away, the bytes of its files, the words it is found by, and what the recycle bin
    /// knows of it.
    fn remove(&mut self, table: &Table, id: Id) -> Result<(), WriteError> {
        if !table.contents.is_empty()
            && let Some(row) = self.row(table, id)?
        {
            for place in &table.contents {
                self.remove_content(&row[*place])?;
            }
        }
        if table.stamps.deleted.is_some() {
            self.forget_root(id)?;
            self.forget_part(id)?;
        }
        self.run_for(
            &format!("DELETE FROM \"{}\" WHERE \"Id\" = $1", table.object.name),
            id,
        )?;
        self.forget_words(table, id);
        Ok(())
    }

    /// Removes the bytes that a field held.
    pub(crate) fn remove_content(&mut self, held: &Value) -> Result<(), WriteError> {
        if let Value::Integer(sheet) = held {
            crate::outside::remove(self.session, *sheet, self.at)?;
        }
        Ok(())
    }

    /// The ids of the rows that such a text selects for an id.
    pub(crate) fn ids(&self, text: &str, id: Id) -> Result<Vec<Id>, WriteError> {
        let read = |row: &dyn Cells| row.content(0).as_text().and_then(|id| id.parse().ok());
        let rows = self.session.all(text, &[id.as_str().into()], read)?;
        Ok(rows.into_iter().flatten().collect())
    }

    pub(crate) fn run_for(&self, text: &str, id: Id) -> Result<(), WriteError> {
        let operation = self.operation;
        let run = self.session.run_later(text, &[id.as_str().into()]);
        run.map_err(|failure| match failure {
            Failure::Dangling => WriteError::Dangling { operation },
            other => other.into(),
        })
    }
}

/// A reference that must be filled cannot be cleared, so it holds its parent, whatever it says.
fn is_restricting(referring: &Referring) -> bool {
    match referring.on_delete {
        OnDelete::Restrict => true,
        OnDelete::Cascade => false,
        OnDelete::Clear => is_filled(&referring.object.fields[referring.field]),
    }
}
