//! What a merge is asked to do, checked as far as it can be without reading anything.

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object};

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::draft::Draft;
use crate::error::{Error, Problem};
use crate::relink::request::id;

/// Most records that are merged into one at once.
pub const MERGED_MAX: usize = 2;

/// Most characters of a reason: as many as an entry of the history has.
const REASON_CHARACTERS_MAX: u32 = 255;

/// How requests name the object, the survivor, those that go, and why.
const OBJECT: &str = "object";
pub(super) const SURVIVOR: &str = "masterRecordId";
pub(super) const MERGED: &str = "mergedRecordIds";
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

/// A request whose ids are ids.
pub(super) struct Parsed {
    pub(super) survivor: Id,
    pub(super) merged: Vec<Id>,
    pub(super) reason: Option<String>,
}

impl Parsed {
    /// All of them, the survivor first.
    pub(super) fn all(&self) -> Vec<Id> {
        let merged = self.merged.iter().copied();
        std::iter::once(self.survivor).chain(merged).collect()
    }
}

/// The object, if its records merge.
pub(super) fn merging<'a>(caller: &'a Caller, name: &str) -> Result<&'a Arc<Object>, Error> {
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
pub(super) fn parse(object: &Object, request: &MergeRequest) -> Result<Parsed, Error> {
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

fn rule(field: &'static str, message: String) -> Error {
    Error::Invalid(vec![Problem::Rule {
        fields: vec![Name::Borrowed(field)],
        message,
    }])
}
