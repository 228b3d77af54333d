//! Create, update, upsert and delete: the one path by which records change.

use headwater_catalogue::Id;
use jiff::Timestamp;

use crate::caller::Caller;
use crate::draft::Draft;
use crate::error::Error;
use crate::org::Org;

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

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upserted {
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
        let _ = (caller, object, draft);
        Err(Error::Busy)
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
        let _ = (caller, object, id, draft, when);
        Err(Error::Busy)
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
    ) -> Result<Upserted, Error> {
        let _ = (caller, object, field, value, draft, update_only);
        Err(Error::Busy)
    }

    /// Deletes a record: to the recycle bin, if its object has one.
    ///
    /// # Errors
    /// Nothing was written; see [`Error`].
    pub async fn delete(&self, caller: &Caller, object: &str, id: &str) -> Result<(), Error> {
        let _ = (caller, object, id);
        Err(Error::Busy)
    }
}
