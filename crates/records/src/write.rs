//! Create, update, upsert and delete: the one path by which records change.
//!
//! Draft, rights on object and fields, normalised values and defaults, the object's rules, write
//! set, commit. Whatever depends on other records is a condition that the store asks in the
//! transaction itself.

pub mod convert;
mod file;
mod insert;
pub mod merge;
mod prepared;
mod revise;
pub mod several;
pub mod together;

use std::sync::Arc;

use headwater_catalogue::{Access, Id, Object, Value};
use headwater_store::{Check, Mark, Operation, WriteSet};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::change::Accepted;
use crate::describe::visible_object;
use crate::draft::{Draft, Input};
use crate::error::{Error, Verb};
use crate::metadata;
use crate::org::Org;
use crate::visibility::{self, Act};
use prepared::Prepared;

/// How often an update is tried again when a field that a rule had read has changed meanwhile.
const TRIES_MAX: usize = 5;

/// A record's `SystemModstamp`.
pub type Version = Timestamp;

/// What must still be so for an update to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Precondition {
    /// The record has this version.
    pub match_version: Option<Version>,
    /// The record was not modified after this second.
    pub unmodified_since: Option<Timestamp>,
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The record.
    pub id: Id,
    /// Whether it is new.
    pub created: bool,
}

impl Org {
    /// Makes a record.
    ///
    /// # Errors
    /// Nothing was written; see [`Error`].
    pub async fn create(&self, caller: &Caller, object: &str, draft: Draft) -> Result<Id, Error> {
        let object = may(caller, object, Verb::Create)?;
        self.insert(caller, object, &draft, None).await
    }

    /// As [`Org::create`], noting it in a line.
    pub(crate) async fn create_noting(
        &self,
        caller: &Caller,
        object: &str,
        draft: &Draft,
        mark: Mark,
    ) -> Result<Id, Error> {
        let object = may(caller, object, Verb::Create)?;
        self.insert(caller, object, draft, Some(mark)).await
    }

    /// As [`Org::update`], noting it in a line.
    pub(crate) async fn update_noting(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
        draft: &Draft,
        when: Precondition,
        mark: Mark,
    ) -> Result<Version, Error> {
        let object = may(caller, object, Verb::Update)?;
        let id = id_of(object, id)?;
        self.revise(caller, object, id, draft, when, Some(mark))
            .await
    }

    /// Changes a record: the fields the draft names, and no other.
    ///
    /// # Errors
    /// Nothing was written; see [`Error`].
    pub async fn update(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
        draft: Draft,
        when: Precondition,
    ) -> Result<Version, Error> {
        let object = may(caller, object, Verb::Update)?;
        let id = id_of(object, id)?;
        self.revise(caller, object, id, &draft, when, None).await
    }

    /// Changes the record that holds a value in an external id, or makes it.
    ///
    /// # Errors
    /// Nothing was written; see [`Error`].
    pub async fn upsert(
        &self,
        caller: &Caller,
        object: &str,
        field: &str,
        value: &str,
        draft: Draft,
        update_only: bool,
    ) -> Result<Written, Error> {
        let key = (field, value);
        self.upsert_noting(caller, object, key, &draft, update_only, None)
            .await
    }

    /// As [`Org::upsert`], by a field and its value, noting it in a line.
    pub(crate) async fn upsert_noting(
        &self,
        caller: &Caller,
        object: &str,
        (field, value): (&str, &str),
        draft: &Draft,
        update_only: bool,
        mark: Option<Mark>,
    ) -> Result<Written, Error> {
        // Somebody may make the same record between the look and the write; then it is there to
        // be changed.
        let mut made_meanwhile = None;
        for _ in 0..TRIES_MAX {
            match self.find(caller, object, field, value).await {
                Ok(id) => {
                    let object = may(caller, object, Verb::Update)?;
                    refuse_key_in_body(object, field, draft)?;
                    self.revise(caller, object, id, draft, Precondition::default(), mark)
                        .await?;
                    return Ok(Written { id, created: false });
                }
                Err(Error::NotFound(_)) if !update_only && !field.eq_ignore_ascii_case("Id") => {}
                Err(error) => return Err(error),
            }
            let object = may(caller, object, Verb::Create)?;
            refuse_key_in_body(object, field, draft)?;
            let mut draft = draft.clone();
            draft
                .fields
                .push((field.to_owned(), Input::Text(value.to_owned())));
            match self.insert(caller, object, &draft, mark).await {
                Ok(id) => return Ok(Written { id, created: true }),
                Err(error @ Error::Duplicate { .. }) => made_meanwhile = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(made_meanwhile.unwrap_or(Error::Busy))
    }

    /// Deletes a record: to the recycle bin, if its object has one.
    ///
    /// # Errors
    /// Nothing was written; see [`Error`].
    pub async fn delete(&self, caller: &Caller, object: &str, id: &str) -> Result<(), Error> {
        self.delete_noting(caller, object, id, None).await
    }

    /// As [`Org::delete`], noting it in a line.
    pub(crate) async fn delete_noting(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
        mark: Option<Mark>,
    ) -> Result<(), Error> {
        let object = may(caller, object, Verb::Delete)?;
        let id = id_of(object, id)?;
        let (prepared, mut set) = self.prepare_delete(caller, object, id);
        set.lines.extend(mark.map(|mark| mark.of(id, false)));
        match self.apply(set).await {
            Ok(_) => Ok(()),
            Err(error) => Err(prepared.refusal(self, caller, error).await),
        }
    }

    fn prepare_delete(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
    ) -> (Prepared, WriteSet) {
        let operation = Operation::Delete {
            object: Arc::clone(object),
            id,
            may: visibility::filter(caller, object, Act::Delete, 0),
        };
        let set = self.write_set(caller, Vec::new(), vec![operation]);
        (Prepared::new(object, id, Verb::Delete), set)
    }

    /// The draft's fields, if all of them may be written; else every one that may not, with where
    /// to edit it instead.
    async fn accept<'d>(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        record: Option<Id>,
        draft: &'d Draft,
    ) -> Result<Accepted<'d>, Error> {
        let verb = record.map_or(Verb::Create, |_| Verb::Update);
        match Accepted::new(caller, object, verb, draft) {
            Err(Error::FieldsNotWritable { fields }) => Err(Error::FieldsNotWritable {
                fields: self.complete(caller, object, record, verb, fields).await?,
            }),
            accepted => accepted,
        }
    }

    pub(crate) fn write_set(
        &self,
        caller: &Caller,
        checks: Vec<Check>,
        operations: Vec<Operation>,
    ) -> WriteSet {
        WriteSet {
            checks,
            ..WriteSet::new(caller.user, self.now(), operations)
        }
    }

    /// The ids of the parents that a draft names by an external id.
    async fn parents(
        &self,
        caller: &Caller,
        object: &Object,
        accepted: &Accepted<'_>,
    ) -> Result<Vec<(usize, Value)>, Error> {
        let mut found = Vec::new();
        for (place, by, value) in accepted.parents() {
            let id = self.parent(caller, object, place, by, value).await?;
            found.push((place, Value::Id(id)));
        }
        Ok(found)
    }
}

/// The object, if this caller may do this with records of it.
pub(crate) fn may<'a>(
    caller: &'a Caller,
    object: &str,
    verb: Verb,
) -> Result<&'a Arc<Object>, Error> {
    let object = visible_object(caller, object)?;
    let rights = caller.rights.on(object);
    let (takes_call, granted) = match verb {
        Verb::Read => (true, rights.read),
        Verb::Create => (object.calls.create, rights.create),
        Verb::Update => (object.calls.update, rights.edit),
        Verb::Delete => (object.calls.delete, rights.delete),
    };
    // Its records and their history would lose their table.
    let unmakes = verb == Verb::Delete && metadata::is_metadata(object);
    if unmakes || (!takes_call && !caller.rights.is_server()) {
        let object = object.name.clone();
        return Err(Error::CallNotSupported { verb, object });
    }
    match &object.access {
        _ if granted => Ok(object),
        Access::SetUp(permission) | Access::SeenWith(permission) => {
            Err(Error::NotPermitted(permission.field()))
        }
        Access::Granted | Access::Follows(_) | Access::Internal => Err(Error::NotAllowed {
            verb,
            object: object.name.clone(),
            record: None,
        }),
    }
}

/// Metadata changes the tables, which is done alone.
fn refuse_metadata(object: &Object, verb: Verb) -> Result<(), Error> {
    if !metadata::is_metadata(object) {
        return Ok(());
    }
    let object = object.name.clone();
    Err(Error::CallNotSupported { verb, object })
}

/// The id in an address, if it can be one of this object's records.
pub(crate) fn id_of(object: &Object, text: &str) -> Result<Id, Error> {
    text.parse::<Id>()
        .ok()
        .filter(|id| id.prefix() == object.prefix)
        .ok_or_else(|| Error::NotFound(text.to_owned()))
}

/// The address already says what the external id holds.
fn refuse_key_in_body(object: &Object, field: &str, draft: &Draft) -> Result<(), Error> {
    if field.eq_ignore_ascii_case("Id") || draft.get(field).is_none() {
        return Ok(());
    }
    let name = object.field(field).map(|field| field.name.clone());
    Err(Error::Invalid(vec![crate::error::Problem::Rule {
        message: format!("The {field} field should not be specified in the sobject data."),
        fields: name.into_iter().collect(),
    }]))
}
