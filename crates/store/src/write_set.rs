//! A write as data: what one transaction does, applied by either engine.
//!
//! The store itself adds what follows from the catalogue, inside the transaction and from the rows
//! as they are then: system fields, auto-numbers, rollups, history rows of tracked fields,
//! change-log entries, and what deleting a record does to those that refer to it. So no caller can
//! forget one, and an old value in the history is the value that was really there.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, Value};
use headwater_soql::resolved::Filter;
use jiff::Timestamp;

use crate::sheet::Line;

/// Everything one transaction does. Either all of it is durable when the answer comes, or nothing
/// of it happened.
#[derive(Debug, Clone)]
pub struct WriteSet {
    /// Who writes: the User in `CreatedById`, `LastModifiedById` and the history.
    pub actor: Id,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// What must hold before anything is written.
    pub checks: Vec<Check>,
    /// What is written, in this order.
    pub operations: Vec<Operation>,
    /// Work to do after the commit.
    pub jobs: Vec<NewJob>,
    /// Lines of sheets, written after the operations. If one is there already, nothing happens.
    pub lines: Vec<Line>,
    /// The catalogue to move the database to first, when metadata changes with this write.
    pub catalogue: Option<Arc<Catalogue>>,
    /// Whether it may be lost when the machine fails right after, so that nobody waits for the disk.
    /// Everybody sees it at once like any other write, and a process that ends loses nothing.
    pub is_fleeting: bool,
}

impl WriteSet {
    /// A write of these operations, and of nothing else.
    pub fn new(actor: Id, at: Timestamp, operations: Vec<Operation>) -> Self {
        Self {
            actor,
            at,
            checks: Vec::new(),
            operations,
            jobs: Vec::new(),
            lines: Vec::new(),
            catalogue: None,
            is_fleeting: false,
        }
    }

    /// The same, for what is easily had anew; see [`WriteSet::is_fleeting`].
    #[must_use]
    pub fn fleeting(self) -> Self {
        Self {
            is_fleeting: true,
            ..self
        }
    }
}

/// A record that must exist, not deleted, for the write to happen: the target of a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The object of the record.
    pub object: Arc<Object>,
    /// The record.
    pub id: Id,
    /// Which records the caller may refer to; source 0 is `object`.
    pub visible: Filter,
}

/// One change of one record.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A new record. Fields that are not listed are null (checkboxes off); system fields and
    /// auto-numbers are filled by the store.
    Insert {
        /// The object.
        object: Arc<Object>,
        /// The new record's id, from [`crate::Store::next_id`].
        id: Id,
        /// Values by the place of their field.
        values: Vec<(usize, Value)>,
    },
    /// New values for some fields of a record.
    Update {
        /// The object.
        object: Arc<Object>,
        /// The record.
        id: Id,
        /// Values by the place of their field.
        values: Vec<(usize, Value)>,
        /// Which records the caller may edit; source 0 is `object`.
        may: Filter,
        /// What these fields must still hold, or the write fails as [`WriteError::Unexpected`].
        expect: Vec<(usize, Value)>,
        /// The `SystemModstamp` the caller saw, or the write fails as [`WriteError::Stale`].
        seen: Option<Timestamp>,
    },
    /// The record goes: to the recycle bin if its object has one, else for good. Referring
    /// records are cleared, deleted with it, or forbid it, as the catalogue says.
    Delete {
        /// The object.
        object: Arc<Object>,
        /// The record.
        id: Id,
        /// Which records the caller may delete; source 0 is `object`.
        may: Filter,
    },
    /// The record comes back from the recycle bin, with what went with it; references that were
    /// cleared when it went refer to it again, unless they have another value by now.
    Undelete {
        /// The object.
        object: Arc<Object>,
        /// The record.
        id: Id,
        /// Which records the caller may bring back; source 0 is `object`.
        may: Filter,
    },
    /// The record goes for good, from the recycle bin with what went with it, or past the bin:
    /// then what deletes it, clears or forbids is as for [`Operation::Delete`].
    Erase {
        /// The object.
        object: Arc<Object>,
        /// The record.
        id: Id,
        /// Which records the caller may delete; source 0 is `object`.
        may: Filter,
    },
    /// Records become one: whatever refers to those that are merged refers to the survivor from
    /// now on, and they go to the recycle bin, where they say what they were merged into. Their
    /// own history goes with them, and what lies in the recycle bin already stays as it is.
    Merge {
        /// The object.
        object: Arc<Object>,
        /// The record that stays. It must be there, or the write fails as
        /// [`WriteError::Dangling`]; what is to change in it is an update beside this.
        survivor: Id,
        /// The records that go.
        merged: Vec<Id>,
        /// Which records the caller may delete; source 0 is `object`.
        may: Filter,
        /// Why, for the survivor's history.
        reason: Option<String>,
    },
}

/// A piece of work for later, done at least once.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What to do; the worker that knows this word takes it.
    pub kind: String,
    /// What it needs to know, as JSON text.
    pub payload: String,
    /// Not before.
    pub due: Timestamp,
    /// Jobs of one lane are done one after the other, in the order they were asked for; those without
    /// one wait for nobody.
    pub lane: Option<String>,
}

/// What a committed write did.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    /// What each operation did, in their order.
    pub outcomes: Vec<Outcome>,
    /// The last change-log entry it made; 0 when it made none.
    pub replay_id: i64,
}

impl Committed {
    /// Changes are numbered at the end of their transaction, after the number `before`.
    pub(crate) fn number(&mut self, before: i64) {
        if self.replay_id > 0 {
            self.replay_id += before;
        }
    }
}

/// What one operation did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The record.
    pub id: Id,
    /// The row before, in the order of its object's fields (null for fields without a column);
    /// empty for an insert.
    pub before: Vec<Value>,
    /// The new `SystemModstamp`; the deleting moment for a delete.
    pub modstamp: Timestamp,
    /// How many records of which objects a merge gave to the survivor, itself and those that are
    /// gone not among them.
    pub moved: Vec<(Arc<Object>, u64)>,
}

/// Why nothing was written. Numbers are places in the write set.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// A checked record is not there, deleted, or not visible to the caller.
    #[error("check {check}: no such record")]
    Missing {
        /// Which check.
        check: usize,
        /// Whether it is there, but the caller may not see it.
        hidden: bool,
    },
    /// The record to change does not exist.
    #[error("operation {operation}: no such record")]
    NotFound {
        /// Which operation.
        operation: usize,
        /// Whether it lies in the recycle bin.
        deleted: bool,
    },
    /// The record to change is there, and `may` does not let the caller.
    #[error("operation {operation}: not allowed")]
    Refused {
        /// Which operation.
        operation: usize,
    },
    /// The record has changed since the caller saw it.
    #[error("operation {operation}: the record has changed")]
    Stale {
        /// Which operation.
        operation: usize,
        /// Its `SystemModstamp` now.
        now: Timestamp,
    },
    /// A field does not hold what the write expects.
    #[error("operation {operation}: field {field} has changed")]
    Unexpected {
        /// Which operation.
        operation: usize,
        /// The place of the field.
        field: usize,
        /// What it holds.
        found: Value,
    },
    /// Another record holds these values, which must be unique.
    #[error("operation {operation}: duplicate value")]
    Duplicate {
        /// Which operation.
        operation: usize,
        /// The places of the fields that must differ together.
        fields: Vec<usize>,
        /// The other record.
        existing: Option<Id>,
    },
    /// Records refer to this one and forbid deleting it.
    #[error("operation {operation}: {} records refer to it", object.name)]
    Restricted {
        /// Which operation.
        operation: usize,
        /// The referring object.
        object: Arc<Object>,
        /// The first few of its records, with their names.
        records: Vec<(Id, String)>,
    },
    /// The record to bring back is not in the recycle bin.
    #[error("operation {operation}: the record is not deleted")]
    NotDeleted {
        /// Which operation.
        operation: usize,
    },
    /// A record cannot come back while the one it belongs to is deleted.
    #[error("operation {operation}: {parent} is deleted")]
    ParentDeleted {
        /// Which operation.
        operation: usize,
        /// The object of the record that would come back: the one asked for, or one with it.
        object: Arc<Object>,
        /// The place of its reference.
        field: usize,
        /// The record it refers to.
        parent: Id,
    },
    /// A record to bring back holds values that must be unique, and another has them by now.
    #[error("operation {operation}: {} has a duplicate value", object.name)]
    Taken {
        /// Which operation.
        operation: usize,
        /// The object of the record: the one asked for, or one that would come back with it.
        object: Arc<Object>,
        /// The places of the fields that must differ together.
        fields: Vec<usize>,
        /// The other record.
        existing: Option<Id>,
    },
    /// A reference points to no record, found by the database itself.
    #[error("operation {operation}: dangling reference")]
    Dangling {
        /// Which operation.
        operation: usize,
    },
    /// It could have been written, and was not because another write set beside it was refused.
    #[error("undone, for another write of the batch was refused")]
    Undone,
    /// A write that waits before this one would be refused; see [`crate::Store::staging`].
    #[error("write {place}, which waits before this one, is refused: {error}")]
    Earlier {
        /// Its place among those that wait.
        place: usize,
        /// Why.
        error: Box<WriteError>,
    },
    /// The database could not do it now and nothing was written: try again.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database went away while it committed, and whether it did cannot be told. Whoever asked
    /// must look before they ask again.
    #[error("it is not certain whether the write happened: {0}")]
    InDoubt(String),
    /// The store is shutting down, and nothing was written.
    #[error("the store is closed")]
    Closed,
    /// The database failed, and nothing was written. The text is for the log, not for callers.
    #[error("the database failed: {0}")]
    Database(String),
}

impl WriteError {
    /// What the failure of a write that waits means to what comes after it. Trouble with the
    /// database is not that write's fault.
    pub(crate) fn of_earlier(self, place: usize) -> Self {
        match self {
            Self::Missing { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Stale { .. }
            | Self::Unexpected { .. }
            | Self::Duplicate { .. }
            | Self::Restricted { .. }
            | Self::NotDeleted { .. }
            | Self::ParentDeleted { .. }
            | Self::Taken { .. }
            | Self::Dangling { .. } => Self::Earlier {
                place,
                error: Box::new(self),
            },
            Self::Undone
            | Self::Earlier { .. }
            | Self::Busy(_)
            | Self::InDoubt(_)
            | Self::Closed
            | Self::Database(_) => self,
        }
    }
}
