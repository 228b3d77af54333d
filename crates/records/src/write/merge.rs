//! Merging: several records that mean the same become one, with all that belongs to them.
//!
//! One record survives, and up to two are merged into it. In one transaction whatever refers to
//! those refers to the survivor, Messaging Users among it; they go to the recycle bin, where
//! `MasterRecordId` says what they were merged into; and the survivor gets the values that the
//! request gives it. Sessions are not touched: they read their account and contact through the
//! Messaging User, and so show the survivor with the next read.
//!
//! There is no undo. What referred to a merged record is in the history of tracked fields and in
//! the change log, but nobody puts it back: to take a record out of the recycle bin would not move
//! anything to it again.

mod request;

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object, Value};
use headwater_soql::resolved::{Column, Expression, Filter};
use headwater_store::{Operation, WriteError, moved_by_merge};
use jiff::Timestamp;

use super::{TRIES_MAX, may};
use crate::caller::Caller;
use crate::change::{Condition, ValidChange};
use crate::error::{Error, Problem, Verb};
use crate::org::Org;
use crate::relink::{Party, links, no_such};
use crate::selection::Selection;
use crate::visibility::{self, Act};
use crate::{failure, refusal};
use request::{MERGED, Parsed, SURVIVOR, merging, parse};

pub use request::{MERGED_MAX, MergeRequest};

/// What a merge did, or would do.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeReport {
    /// The object of all of them.
    pub object: Name,
    /// The record that stays.
    pub survivor: Party,
    /// The records that are merged into it.
    pub merged: Vec<Party>,
    /// How many records refer to the survivor instead of them, by object. Objects whose records
    /// the caller may not read are not told; their records move all the same.
    pub moved: Vec<(Name, u64)>,
    /// Whether this only says what would happen.
    pub dry_run: bool,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Id,
}

impl Org {
    /// Merges records of an object into one of them, which takes the right to edit that one and to
    /// delete the others. What refers to them need not be the caller's to edit: it moves whoever
    /// owns it, or nothing does.
    ///
    /// # Errors
    /// Nothing was written. [`Error::Invalid`] names ids that are not there, an object whose
    /// records do not merge, or what is wrong with the values; [`Error::NotAllowed`] and
    /// [`Error::FieldsNotWritable`] say which right is missing; [`Error::LimitExceeded`] that these
    /// are too many at once; [`Error::Busy`] that others changed the survivor again and again.
    pub async fn merge(
        &self,
        caller: &Caller,
        request: MergeRequest,
    ) -> Result<MergeReport, Error> {
        let object = merging(caller, &request.object)?;
        may(caller, &object.name, Verb::Update)?;
        may(caller, &object.name, Verb::Delete)?;
        let parsed = parse(object, &request)?;
        let accepted = self
            .accept(caller, object, Some(parsed.survivor), &request.values)
            .await?;
        let parents = self.parents(caller, object, &accepted).await?;
        for _ in 0..TRIES_MAX {
            let mut report = self.merge_parties(caller, object, &parsed).await?;
            let change = self
                .revision(caller, object, parsed.survivor, &accepted, &parents)
                .await?;
            keeps_none_of(object, &change, &parsed.merged)?;
            if request.dry_run {
                self.would_hold(&change.conditions).await?;
                report.moved = self.would_move(caller, object, &parsed).await?;
                report.dry_run = true;
                return Ok(report);
            }
            let conditions = change.conditions.iter();
            let checks = conditions.map(|condition| condition.check.clone());
            let operations = vec![
                merging_of(caller, object, &parsed),
                // After it: a value that must be unique may come from a record that goes.
                Operation::Update {
                    object: Arc::clone(object),
                    id: parsed.survivor,
                    values: change.values,
                    may: visibility::filter(caller, object, Act::Edit, 0),
                    expect: change.expect,
                    seen: None,
                },
            ];
            let set = self.write_set(caller, checks.collect(), operations);
            report.at = set.at;
            match self.apply(set).await {
                Ok(done) => {
                    report.moved = told(caller, done.outcomes[0].moved.iter());
                    return Ok(report);
                }
                // What was read is not so any more: reading again tells what is wrong, or nothing
                // is.
                Err(
                    WriteError::Unexpected { .. }
                    | WriteError::NotFound { .. }
                    | WriteError::Refused { .. }
                    | WriteError::Dangling { .. },
                ) => {}
                // No reference to a record that merges is unique, so this is not the caller's doing.
                Err(error @ WriteError::Duplicate { operation: 0, .. }) => {
                    return Err(failure::of_write(error));
                }
                Err(error) => return Err(refusal::of_insert(object, change.conditions, error)),
            }
        }
        Err(Error::Busy)
    }

    /// A report with the records, each there and the caller's to edit or delete.
    async fn merge_parties(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        parsed: &Parsed,
    ) -> Result<MergeReport, Error> {
        let found = links::parties(self, caller, object, &parsed.all()).await?;
        let mut problems = Vec::new();
        let mut named = |field, id: Id| {
            let party = found.iter().find(|party| party.id == id).cloned();
            if party.is_none() {
                problems.push(no_such(field, &object.label, id));
            }
            party
        };
        let survivor = named(SURVIVOR, parsed.survivor);
        let merged = parsed.merged.iter().filter_map(|id| named(MERGED, *id));
        let merged: Vec<Party> = merged.collect();
        let (Some(survivor), true) = (survivor, problems.is_empty()) else {
            return Err(Error::Invalid(problems));
        };
        for (verb, act, ids) in [
            (Verb::Update, Act::Edit, &[parsed.survivor][..]),
            (Verb::Delete, Act::Delete, &parsed.merged),
        ] {
            let record = refusal::out_of_reach(self, caller, object, act, ids).await?;
            if record.is_some() {
                let object = object.name.clone();
                return Err(Error::NotAllowed {
                    verb,
                    object,
                    record,
                });
            }
        }
        Ok(MergeReport {
            object: object.name.clone(),
            survivor,
            merged,
            moved: Vec::new(),
            dry_run: false,
            reason: parsed.reason.clone(),
            at: self.now(),
            by: caller.user,
        })
    }

    /// Asks now what a write would ask in its transaction.
    async fn would_hold(&self, conditions: &[Condition]) -> Result<(), Error> {
        let mut problems = Vec::new();
        for condition in conditions {
            let check = &condition.check;
            let there = Selection::of_object(&check.object).equal("Id", check.id)?;
            let visible = there.clone().only(check.visible.clone());
            if !visible.rows(self.store()).await?.is_empty() {
                continue;
            }
            let is_there = !there.rows(self.store()).await?.is_empty();
            problems.push(if is_there {
                condition.refused.clone()
            } else {
                condition.missing.clone()
            });
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::Invalid(problems))
    }

    /// How many records refer to those that would go.
    async fn would_move(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        parsed: &Parsed,
    ) -> Result<Vec<(Name, u64)>, Error> {
        let mut moved = Vec::new();
        for (child, fields) in moved_by_merge(object, &caller.rights.catalogue) {
            let refers = fields.into_iter().map(|field| among(field, &parsed.merged));
            let mut filter = refers.fold(Filter::Never, Filter::or);
            if child.name == object.name {
                filter = filter.and(Filter::Not(Box::new(among(0, &parsed.all()))));
            }
            let query = Selection::of_object(&child).only(filter).into_query();
            let count = self.store().count(Arc::new(query)).await?;
            moved.push((child, count));
        }
        Ok(told(caller, moved.iter().filter(|(_, count)| *count > 0)))
    }
}

/// A survivor that is told to refer to a record that goes would refer to nothing.
fn keeps_none_of(object: &Object, change: &ValidChange, merged: &[Id]) -> Result<(), Error> {
    let goes = |value: &Value| value.as_id().is_some_and(|id| merged.contains(&id));
    let given = change.values.iter().find(|(_, value)| goes(value));
    let Some((place, _)) = given else {
        return Ok(());
    };
    Err(Error::Invalid(vec![Problem::Rule {
        fields: vec![object.fields[*place].name.clone()],
        message: format!(
            "{}: this record is merged; name one that stays.",
            object.fields[*place].label
        ),
    }]))
}

fn merging_of(caller: &Caller, object: &Arc<Object>, parsed: &Parsed) -> Operation {
    Operation::Merge {
        object: Arc::clone(object),
        survivor: parsed.survivor,
        merged: parsed.merged.clone(),
        may: visibility::filter(caller, object, Act::Delete, 0),
        reason: parsed.reason.clone(),
    }
}

/// Whether a field names one of these records.
fn among(field: usize, ids: &[Id]) -> Filter {
    Filter::In {
        left: Expression::Column(Column { source: 0, field }),
        values: ids.iter().copied().map(Value::Id).collect(),
    }
}

/// Of what moves, that which the caller may know of.
fn told<'m>(
    caller: &Caller,
    moved: impl Iterator<Item = &'m (Arc<Object>, u64)>,
) -> Vec<(Name, u64)> {
    let known = moved.filter(|(object, _)| caller.rights.on(object).read);
    known
        .map(|(object, count)| (object.name.clone(), *count))
        .collect()
}
