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

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object, Value};
use headwater_soql::resolved::{Column, Expression, Filter};
use headwater_store::{Operation, WriteError, moved_by_merge};
use jiff::Timestamp;

use super::{TRIES_MAX, may};
use crate::caller::Caller;
use crate::change::{Condition, ValidChange};
use crate::describe::visible_object;
use crate::draft::Draft;
use crate::error::{Error, Problem, Verb};
use crate::org::Org;
use crate::relink::{Party, links, no_such, request::id};
use crate::selection::Selection;
use crate::visibility::{self, Act};
use crate::{failure, refusal};

/// Most records that are merged into one at once.
pub const MERGED_MAX: usize = 2;

/// Most characters of a reason: as many as an entry of the history has.
const REASON_CHARACTERS_MAX: u32 = 255;

/// How requests name the object, the survivor, those that go, and why.
const OBJECT: &str = "object";
const SURVIVOR: &str = "masterRecordId";
const MERGED: &str = "mergedRecordIds";
const REASON: &str = "reason";

/// What a merge is asked to do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MergeRequest {
    /// The object of all of them.
    pub object: String,
    /// The record that stays.
    pub survivor: String,
    /// The records that are merged into it. One that is named twice counts once.
    pub merged: Vec<String>,
    /// New values for the survivor. Whatever is not here it keeps, even where it has no value and
    /// a merged record has one.
    pub values: Draft,
    /// Why, for whoever reads the survivor's history.
    pub reason: Option<String>,
    /// Check and say what would move, but write nothing. That no other record holds a value that
    /// must be unique is found by the merge itself alone.
    pub dry_run: bool,
}

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

/// A request whose ids are ids.
struct Parsed {
    survivor: Id,
    merged: Vec<Id>,
    reason: Option<String>,
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

impl Parsed {
    fn all(&self) -> Vec<Id> {
        let merged = self.merged.iter().copied();
        std::iter::once(self.survivor).chain(merged).collect()
    }
}

/// The object, if its records merge.
fn merging<'a>(caller: &'a Caller, name: &str) -> Result<&'a Arc<Object>, Error> {
    let object = visible_object(caller, name).ok();
    if let Some(object) = object.filter(|object| object.merged_into().is_some()) {
        return Ok(object);
    }
    let objects = caller.rights.catalogue.objects().iter();
    let merge = objects.filter(|object| object.merged_into().is_some());
    let names: Vec<&str> = merge.map(|object| &*object.name).collect();
    let name: String = name.chars().take(80).collect();
    Err(rule(
        OBJECT,
        format!(
            "Records of '{name}' do not merge; those of {} do.",
            names.join(", ")
        ),
    ))
}

/// Reads a request; all problems with its ids together.
fn parse(object: &Object, request: &MergeRequest) -> Result<Parsed, Error> {
    let mut problems = Vec::new();
    let survivor = id(object, SURVIVOR, &request.survivor, &mut problems);
    let mut merged = Vec::new();
    for written in &request.merged {
        if let Some(id) = id(object, MERGED, written, &mut problems)
            && !merged.contains(&id)
        {
            merged.push(id);
        }
        if merged.len() > MERGED_MAX || problems.len() > MERGED_MAX + 1 {
            return Err(Error::LimitExceeded {
                what: format!("The number of {MERGED} in one merge"),
                limit: format!("{MERGED_MAX} records"),
            });
        }
    }
    if request.merged.is_empty() {
        problems.push(Problem::Missing {
            fields: vec![Name::Borrowed(MERGED)],
        });
    }
    let reason = request.reason.as_deref().map(str::trim);
    let reason = reason.filter(|reason| !reason.is_empty());
    if let Some(reason) = reason
        && reason.chars().count() > REASON_CHARACTERS_MAX as usize
    {
        problems.push(Problem::TooLong {
            field: Name::Borrowed(REASON),
            label: Name::Borrowed(REASON),
            value: reason.to_owned(),
            max: REASON_CHARACTERS_MAX,
        });
    }
    let Some(survivor) = survivor.filter(|_| problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    if merged.contains(&survivor) {
        return Err(rule(
            MERGED,
            format!(
                "The {} {survivor} cannot be merged with itself.",
                object.label
            ),
        ));
    }
    Ok(Parsed {
        survivor,
        merged,
        reason: reason.map(str::to_owned),
    })
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

fn rule(field: &'static str, message: String) -> Error {
    Error::Invalid(vec![Problem::Rule {
        fields: vec![Name::Borrowed(field)],
        message,
    }])
}
