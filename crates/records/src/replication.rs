//! What changed and what went away in a stretch of time, and small questions about many records.

use headwater_catalogue::Id;
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// Records made or changed in a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdatedRecords {
    /// The records.
    pub ids: Vec<Id>,
    /// Up to when the answer is complete.
    pub latest_covered: Timestamp,
}

/// Records deleted in a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct DeletedRecords {
    /// The records, each with when it went.
    pub records: Vec<(Id, Timestamp)>,
    /// Since when deletes are known.
    pub earliest_available: Timestamp,
    /// Up to when the answer is complete.
    pub latest_covered: Timestamp,
}

impl Org {
    /// Records of an object that were made or changed from `start` to before `end`.
    ///
    /// # Errors
    /// [`Error::BadInterval`] when the stretch is empty or reaches too far back.
    pub async fn updated(
        &self,
        caller: &Caller,
        object: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<UpdatedRecords, Error> {
        let _ = (caller, object, start, end);
        Err(Error::Busy)
    }

    /// Records of an object that were deleted from `start` to before `end`.
    ///
    /// # Errors
    /// [`Error::BadInterval`] when the stretch is empty or reaches too far back.
    pub async fn deleted(
        &self,
        caller: &Caller,
        object: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<DeletedRecords, Error> {
        let _ = (caller, object, start, end);
        Err(Error::Busy)
    }

    /// How many records of an object there are that the caller may see.
    ///
    /// # Errors
    /// [`Error::UnknownObject`].
    pub async fn record_count(&self, caller: &Caller, object: &str) -> Result<u64, Error> {
        let _ = (caller, object);
        Err(Error::Busy)
    }

    /// The records the caller changed last, newest first: id and name.
    ///
    /// # Errors
    /// [`Error::UnknownObject`].
    pub async fn recent(
        &self,
        caller: &Caller,
        object: &str,
        limit: u32,
    ) -> Result<Vec<(Id, String)>, Error> {
        let _ = (caller, object, limit);
        Err(Error::Busy)
    }
}
