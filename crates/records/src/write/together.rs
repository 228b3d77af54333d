//! Several records written together by a verb: all of it happens, or nothing.
//!
//! A verb reads, works out what follows, and puts it together here with what it has taken for granted.
//! When somebody was faster, the whole is worked out anew from what is there by then.

use std::sync::Arc;

use headwater_catalogue::{Id, Object, Value};
use headwater_store::{NewJob, Operation, WriteError, WriteSet};
use jiff::Timestamp;

use super::prepared::Prepared;
use super::{Precondition, id_of, may};
use crate::caller::Caller;
use crate::change::Condition;
use crate::draft::Draft;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::refusal;
use crate::visibility::{self, Act};

/// What became of a write that was worked out from what its verb had read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It is durable.
    Done,
    /// Somebody else was first, and nothing was written: to be worked out anew.
    Overtaken,
}

/// A write of several records, being put together. Nothing happens before [`Together::commit`].
#[derive(Debug)]
pub struct Together<'a> {
    org: &'a Org,
    set: WriteSet,
    changes: Vec<Prepared>,
    /// The place of the change that each operation is of.
    of_change: Vec<usize>,
    /// What each check of the set is about.
    conditions: Vec<Condition>,
}

impl Org {
    /// Begins a write of several records. `actor` is who it is put down to, whoever's rights each
    /// of the changes is made with.
    pub fn together(&self, actor: &Caller) -> Together<'_> {
        Together {
            org: self,
            set: self.write_set(actor, Vec::new(), Vec::new()),
            changes: Vec::new(),
            of_change: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// Whether the caller may change a record, which is also what it takes to do things with it that
    /// only the server writes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they do not even see it, else [`Error::NotAllowed`] when they may not.
    pub async fn may_edit(&self, caller: &Caller, object: &str, id: Id) -> Result<(), Error> {
        let object = may(caller, object, Verb::Update)?;
        let id = id_of(object, id.as_str())?;
        if self.watchable(caller, &[id]).await?.is_empty() {
            return Err(Error::NotFound(id.to_string()));
        }
        match refusal::out_of_reach(self, caller, object, Act::Edit, &[id]).await? {
            Some(record) => Err(Error::NotAllowed {
                verb: Verb::Update,
                object: object.name.clone(),
                record: Some(record),
            }),
            None => Ok(()),
        }
    }
}

impl Together<'_> {
    /// Also makes a record, with this caller's rights. Records made later may refer to it.
    ///
    /// # Errors
    /// As [`Org::create`], as far as it can be told before the write.
    pub async fn create(
        &mut self,
        caller: &Caller,
        object: &str,
        draft: &Draft,
    ) -> Result<Id, Error> {
        let object = may(caller, object, Verb::Create)?;
        let (prepared, set) = self.org.prepare_insert(caller, object, draft).await?;
        let id = prepared.id;
        self.add(prepared, set);
        Ok(id)
    }

    /// Also keeps a file, as a new `ContentVersion`: gives the `ContentDocument` that comes into being with
    /// it, which records made later may refer to.
    ///
    /// # Errors
    /// As [`Together::create`].
    pub async fn create_file(&mut self, caller: &Caller, draft: &Draft) -> Result<Id, Error> {
        let before = self.set.operations.len();
        self.create(caller, "ContentVersion", draft).await?;
        let made = self.set.operations[before..].iter().filter_map(inserted);
        let mut documents = made.filter(|(object, _)| object.name == "ContentDocument");
        let document = documents.next().map(|(_, id)| id);
        document.ok_or_else(|| Error::internal("a version came without its document"))
    }

    /// Also changes a record, with this caller's rights, if these fields still hold what `expected`
    /// says.
    ///
    /// # Errors
    /// As [`Org::update`], as far as it can be told before the write.
    pub async fn update(
        &mut self,
        caller: &Caller,
        object: &str,
        id: Id,
        draft: &Draft,
        expected: &[(&str, Value)],
    ) -> Result<(), Error> {
        let object = may(caller, object, Verb::Update)?;
        let (prepared, mut set) = self
            .org
            .prepare_revision(caller, object, id, draft, Precondition::default())
            .await?;
        for operation in &mut set.operations {
            if let Operation::Update { expect, .. } = operation {
                let places = expected.iter().filter_map(|(field, value)| {
                    let place = object.position(field)?;
                    Some((place, value.clone()))
                });
                expect.extend(places);
            }
        }
        self.add(prepared, set);
        Ok(())
    }

    /// Also deletes a record, with this caller's rights.
    ///
    /// # Errors
    /// As [`Org::delete`], as far as it can be told before the write.
    pub fn delete(&mut self, caller: &Caller, object: &str, id: Id) -> Result<(), Error> {
        let object = may(caller, object, Verb::Delete)?;
        let (prepared, set) = self.org.prepare_delete(caller, object, id);
        self.add(prepared, set);
        Ok(())
    }

    /// Also deletes a record for good, past the recycle bin: what refers to it goes with it, is cleared or
    /// forbids it as with any delete.
    ///
    /// # Errors
    /// As [`Org::delete_for_good`], as far as it can be told before the write.
    pub fn erase(&mut self, caller: &Caller, object: &str, id: Id) -> Result<(), Error> {
        let object = may(caller, object, Verb::Delete)?;
        let may = visibility::filter(caller, object, Act::Delete, 0);
        let operation = Operation::Erase {
            object: Arc::clone(object),
            id,
            may,
        };
        let set = self.org.write_set(caller, Vec::new(), vec![operation]);
        self.add(Prepared::new(object, id, Verb::Delete), set);
        Ok(())
    }

    /// Also leaves work for now or later; see [`Org::claim_work`]. Work of one lane is done in the
    /// order in which it was left.
    pub fn later(
        &mut self,
        kind: &str,
        payload: impl Into<String>,
        due: Timestamp,
        lane: Option<&str>,
    ) {
        self.set.jobs.push(NewJob {
            kind: kind.to_owned(),
            payload: payload.into(),
            due,
            lane: lane.map(str::to_owned),
        });
    }

    /// The moment at which all of it is written.
    pub fn at(&self) -> Timestamp {
        self.set.at
    }

    fn add(&mut self, mut prepared: Prepared, set: WriteSet) {
        let made = self.set.operations.iter().filter_map(inserted);
        let made: Vec<Id> = made.map(|(_, id)| id).collect();
        for condition in std::mem::take(&mut prepared.conditions) {
            // What is made beside it is there, and was made to fit.
            if !made.contains(&condition.check.id) {
                self.set.checks.push(condition.check.clone());
                self.conditions.push(condition);
            }
        }
        let place = self.changes.len();
        self.of_change.extend(set.operations.iter().map(|_| place));
        self.set.operations.extend(set.operations);
        self.set.lines.extend(set.lines);
        self.changes.push(prepared);
    }

    /// Writes all of it, or nothing.
    ///
    /// # Errors
    /// Nothing was written, and trying again leads to the same: see [`Error`].
    pub async fn commit(self) -> Result<Attempt, Error> {
        let Self {
            org,
            set,
            mut changes,
            of_change,
            conditions,
        } = self;
        let Err(error) = org.apply(set).await else {
            return Ok(Attempt::Done);
        };
        let operation = match error {
            WriteError::Unexpected { .. }
            | WriteError::Stale { .. }
            | WriteError::Duplicate { .. }
            | WriteError::NotFound { .. }
            | WriteError::Missing { hidden: false, .. } => return Ok(Attempt::Overtaken),
            WriteError::Refused { operation } | WriteError::Dangling { operation } => operation,
            // Among them a record that is there and does not do, as an owner who may own no such record:
            // nobody was faster.
            _ => 0,
        };
        let Some(place) = of_change.get(operation) else {
            return Err(error.into());
        };
        let mut change = changes.swap_remove(*place);
        change.conditions = conditions;
        // `refusal` asks whether whoever writes reaches the record, and that is the server here.
        Err(change.refusal(org, &org.system(), error).await)
    }
}

/// The record that an operation makes, if it makes one.
fn inserted(operation: &Operation) -> Option<(&Object, Id)> {
    match operation {
        Operation::Insert { object, id, .. } => Some((object, *id)),
        _ => None,
    }
}
