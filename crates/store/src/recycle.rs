//! The recycle bin: what a delete did, kept so that it can be undone, until the record is gone for
//! good.
//!
//! A delete leaves a note of itself: the record that somebody deleted, and as its parts the records
//! that went with it and the references to any of them that were cleared. To undelete it brings all of
//! that back: the records, with the history they had; and each reference that is still empty. One
//! that holds another value by now is left alone, and so is one that refers to a record which has
//! left the bin for good.
//!
//! A record that would come back to a deleted parent, which it goes with or forbids to delete, is
//! refused. Any other reference to a deleted record is cleared, and noted as if that record's delete
//! had cleared it: so it is filled again should that record come back.

mod bin;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, OnDelete, Value};
use headwater_soql::resolved::Filter;

use crate::apply::{Run, is_deleted, modstamp};
use crate::change_log::ChangeKind;
use crate::ddl::{is_filled, names_the_writer};
use crate::rows::Cells;
use crate::table::Table;
use crate::write_set::{Outcome, WriteError};

pub(crate) use bin::fill;
pub use bin::{Recycled, RecycledPage};

const DELETED: &str = "INSERT INTO \"_headwater_recycled\" (\"record\", \"object\", \"at\", \
     \"actor\") VALUES ($1, $2, $3, $4)";

const PART: &str = "INSERT INTO \"_headwater_recycled_part\" (\"id\", \"root\", \"object\", \
     \"record\", \"field\", \"referred\") VALUES ($1, $2, $3, $4, $5, $6)";

const PARTS: &str = "SELECT \"object\", \"record\", \"field\", \"referred\" \
     FROM \"_headwater_recycled_part\" WHERE \"root\" = $1 ORDER BY \"id\"";

const ROOT: &str = "SELECT \"root\" FROM \"_headwater_recycled_part\" \
     WHERE \"record\" = $1 AND \"field\" IS NULL";

const FORGET_ROOT: &str = "DELETE FROM \"_headwater_recycled\" WHERE \"record\" = $1";

const FORGET_PARTS: &str = "DELETE FROM \"_headwater_recycled_part\" WHERE \"root\" = $1";

const FORGET_PART: &str =
    "DELETE FROM \"_headwater_recycled_part\" WHERE \"record\" = $1 AND \"field\" IS NULL";

/// How many numbers for parts are taken at a time.
const NUMBERS_TAKEN: i64 = 1_000;

/// Something that went, or that was cleared, with the record that was deleted.
struct Part {
    object: Arc<Object>,
    record: Id,
    /// The reference that was cleared, and what it referred to; none for a record that went.
    cleared: Option<(usize, Id)>,
}

/// A record on its way out of the bin.
struct Returning {
    table: Arc<Table>,
    id: Id,
    row: Vec<Value>,
}

impl Run<'_> {
    /// Notes that somebody deleted a record.
    pub(crate) fn note_deleted(&self, table: &Table, id: Id) -> Result<(), WriteError> {
        let parameters = [
            id.as_str().into(),
            (&*table.object.name).into(),
            self.at.as_microsecond().into(),
            self.actor.as_str().into(),
        ];
        Ok(self.session.run_later(DELETED, &parameters)?)
    }

    /// Notes that a record went with another.
    pub(crate) fn note_gone(&mut self, root: Id, table: &Table, id: Id) -> Result<(), WriteError> {
        self.note_part(root, &table.object, id, None)
    }

    /// Notes that a reference was cleared when a record went.
    pub(crate) fn note_cleared(
        &mut self,
        root: Id,
        object: &Object,
        id: Id,
        (place, referred): (usize, Id),
    ) -> Result<(), WriteError> {
        let field = object.fields[place].name.to_string();
        self.note_part(root, object, id, Some((&field, referred)))
    }

    fn note_part(
        &mut self,
        root: Id,
        object: &Object,
        id: Id,
        cleared: Option<(&str, Id)>,
    ) -> Result<(), WriteError> {
        let number = self.session.next_number("recycled", NUMBERS_TAKEN)?;
        let referred = cleared.map(|(_, referred)| referred.to_string());
        let parameters = [
            number.into(),
            root.as_str().into(),
            (&*object.name).into(),
            id.as_str().into(),
            cleared.map(|(field, _)| field).into(),
            referred.as_deref().into(),
        ];
        Ok(self.session.run_later(PART, &parameters)?)
    }

    /// Brings a record back from the recycle bin, with what went with it.
    pub(crate) fn undelete(
        &mut self,
        table: &Arc<Table>,
        id: Id,
        may: &Filter,
    ) -> Result<Outcome, WriteError> {
        let operation = self.operation;
        let not_found = WriteError::NotFound {
            operation,
            deleted: false,
        };
        let before = self.row(table, id)?.ok_or(not_found)?;
        if !is_deleted(table, &before) {
            return Err(WriteError::NotDeleted { operation });
        }
        if !self.passes(&table.object, id, &before, may)? {
            return Err(WriteError::Refused { operation });
        }
        let (table, row) = (Arc::clone(table), before.clone());
        let mut returning = vec![Returning { table, id, row }];
        let parts = self.parts(id)?;
        for part in parts.iter().filter(|part| part.cleared.is_none()) {
            let table = self.session.table(&part.object);
            // One that has left the bin for good meanwhile stays away.
            let row = self.row(&table, part.record)?;
            if let Some(row) = row.filter(|row| is_deleted(&table, row)) {
                let id = part.record;
                returning.push(Returning { table, id, row });
            }
        }
        let together: HashSet<Id> = returning.iter().map(|one| one.id).collect();
        let mut is_there = HashMap::new();
        for one in &returning {
            self.bring_back(one, &together, &mut is_there)
                .map_err(|error| taken(error, &one.table.object))?;
            self.forget_part(one.id)?;
        }
        for part in &parts {
            if let Some((place, referred)) = part.cleared
                && together.contains(&referred)
            {
                self.fill_again(part, place, referred)?;
            }
        }
        self.forget_root(id)?;
        let after = self.row(&returning[0].table, id)?;
        let modstamp = after.and_then(|row| modstamp(&returning[0].table, &row));
        Ok(Outcome {
            id,
            before,
            modstamp: modstamp.unwrap_or(self.at),
            moved: Vec::new(),
        })
    }

    fn bring_back(
        &mut self,
        one: &Returning,
        together: &HashSet<Id>,
        is_there: &mut HashMap<Id, bool>,
    ) -> Result<(), WriteError> {
        let table = &*one.table;
        let (mut row, mut written) = (one.row.clone(), Vec::new());
        if let Some(place) = table.stamps.deleted {
            row[place] = Value::Boolean(false);
            written.push(place);
        }
        let merged_into = table.object.merged_into();
        for (place, on_delete) in references_of(&table.object) {
            let Value::Id(referred) = row[place] else {
                continue;
            };
            // What a merge gave to the survivor stays there, but it is merged no more.
            if merged_into != Some(place) {
                if together.contains(&referred) || self.is_there(referred, is_there)? {
                    continue;
                }
                if on_delete != OnDelete::Clear || is_filled(&table.object.fields[place]) {
                    return Err(WriteError::ParentDeleted {
                        operation: self.operation,
                        object: Arc::clone(&table.object),
                        field: place,
                        parent: referred,
                    });
                }
                if let Some(root) = self.root_of(referred)? {
                    self.note_cleared(root, &table.object, one.id, (place, referred))?;
                }
            }
            row[place] = Value::Null;
            written.push(place);
        }
        self.stamp(table, &one.row, &mut row, &mut written);
        self.write(table, one.id, &row, &written)?;
        if let Some(history) = &table.history {
            self.run_for(&history.restore, one.id)?;
        }
        self.roll_up(table, None, Some(&row))?;
        let shown: Vec<usize> = (1..row.len())
            .filter(|place| !row[*place].is_null())
            .collect();
        self.log(table, ChangeKind::Undelete, one.id, &shown, &row);
        Ok(())
    }

    /// Whether a record is there and not deleted, and stays so until the end of the transaction.
    fn is_there(&mut self, id: Id, known: &mut HashMap<Id, bool>) -> Result<bool, WriteError> {
        if let Some(known) = known.get(&id) {
            return Ok(*known);
        }
        let object = self.session.catalogue.object_of(id.prefix()).cloned();
        let is_there = match object {
            Some(object) if object.keeps_deleted() => {
                let table = self.session.table(&object);
                let row = self.row_by(&table.check, &table, id)?;
                row.is_some_and(|row| !is_deleted(&table, &row))
            }
            // Without a bin, nothing deleted is still referred to.
            Some(_) | None => true,
        };
        known.insert(id, is_there);
        Ok(is_there)
    }

    /// Puts a reference back that was cleared, unless it has another value by now.
    fn fill_again(&mut self, part: &Part, place: usize, referred: Id) -> Result<(), WriteError> {
        let table = self.session.table(&part.object);
        let Some(mut row) = self.row(&table, part.record)? else {
            return Ok(());
        };
        if !row[place].is_null() {
            return Ok(());
        }
        if is_deleted(&table, &row) {
            row[place] = Value::Id(referred);
            return self.write(&table, part.record, &row, &[place]);
        }
        let values = [(place, Value::Id(referred))];
        let filled = self.update(&table, part.record, &row, &values);
        filled.map_err(|error| taken(error, &table.object))?;
        Ok(())
    }

    /// Deletes a record for good, whether it lies in the recycle bin or not.
    pub(crate) fn erase(
        &mut self,
        table: &Table,
        id: Id,
        may: &Filter,
    ) -> Result<Outcome, WriteError> {
        let operation = self.operation;
        let not_found = WriteError::NotFound {
            operation,
            deleted: false,
        };
        let before = self.row(table, id)?.ok_or(not_found)?;
        if !self.passes(&table.object, id, &before, may)? {
            return Err(WriteError::Refused { operation });
        }
        if is_deleted(table, &before) {
            let parts = self.parts(id)?;
            // What went last refers to what went before.
            for part in parts.iter().rev().filter(|part| part.cleared.is_none()) {
                let table = self.session.table(&part.object);
                let row = self.row(&table, part.record)?;
                if row.is_some_and(|row| is_deleted(&table, &row)) {
                    self.purge(&table, part.record)?;
                }
            }
            self.purge(table, id)?;
        } else {
            self.delete_for_good(table, id, &before)?;
        }
        Ok(Outcome {
            id,
            before,
            modstamp: self.at,
            moved: Vec::new(),
        })
    }

    /// Forgets what is noted of a record that comes back or has gone for good.
    pub(crate) fn forget_root(&self, id: Id) -> Result<(), WriteError> {
        self.run_for(FORGET_ROOT, id)?;
        self.run_for(FORGET_PARTS, id)
    }

    /// Forgets that a record went with another.
    pub(crate) fn forget_part(&self, id: Id) -> Result<(), WriteError> {
        self.run_for(FORGET_PART, id)
    }

    /// The record whose delete took this one.
    fn root_of(&self, id: Id) -> Result<Option<Id>, WriteError> {
        let read = |row: &dyn Cells| row.content(0).as_text().and_then(|id| id.parse().ok());
        let root = self.session.one(ROOT, &[id.as_str().into()], read)?;
        Ok(root.unwrap_or(Some(id)))
    }

    fn parts(&self, root: Id) -> Result<Vec<Part>, WriteError> {
        let catalogue = &self.session.catalogue;
        let read = |row: &dyn Cells| read_part(row, catalogue);
        let parts = self.session.all(PARTS, &[root.as_str().into()], read)?;
        Ok(parts.into_iter().flatten().collect())
    }
}

/// What a duplicate is called when the record is not the caller's to change.
fn taken(error: WriteError, object: &Arc<Object>) -> WriteError {
    match error {
        WriteError::Duplicate {
            operation,
            fields,
            existing,
        } => WriteError::Taken {
            operation,
            object: Arc::clone(object),
            fields,
            existing,
        },
        other => other,
    }
}

/// A part as it is held; none if the catalogue no longer knows what it is of.
fn read_part(row: &dyn Cells, catalogue: &Catalogue) -> Option<Part> {
    let id = |column| row.content(column).as_text()?.parse::<Id>().ok();
    let object = Arc::clone(catalogue.object(row.content(0).as_text()?)?);
    let cleared = match row.content(2).as_text() {
        Some(field) => Some((object.position(field)?, id(3)?)),
        None => None,
    };
    Some(Part {
        object,
        record: id(1)?,
        cleared,
    })
}

/// The stored references of an object's records, and what deleting the other record does. Who
/// wrote a row is not among them.
fn references_of(object: &Object) -> impl Iterator<Item = (usize, OnDelete)> {
    let fields = object.fields.iter().enumerate();
    fields.filter_map(|(place, field)| {
        let reference = field.kind.as_reference()?;
        (field.is_column() && !names_the_writer(field)).then_some((place, reference.on_delete))
    })
}
