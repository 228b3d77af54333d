//! What changed and what went away in a stretch of time, and small questions about many records.

use std::sync::Arc;

use headwater_catalogue::{Id, Object, Value};
use headwater_soql::resolved::{Comparison, Query};
use headwater_store::{Page, Rows};
use jiff::{SignedDuration, Timestamp};

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::{self, Act};

/// How far back a stretch of time may begin.
const WINDOW_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most records that one answer lists, as on Salesforce.
const LISTED_MAX: u64 = 600_000;
/// Rows read at a time.
const PAGE_ROWS: u64 = 20_000;

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
        let object = replicated(caller, object)?;
        let stretch = Stretch::new(start, end, self.now())?;
        let selection = stretch.of(caller, object)?;
        let rows = self.listed(selection.into_query()).await?;
        Ok(UpdatedRecords {
            ids: rows.iter().filter_map(|row| row.first()?.as_id()).collect(),
            latest_covered: stretch.covered,
        })
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
        let object = replicated(caller, object)?;
        let now = self.now();
        let stretch = Stretch::new(start, end, now)?;
        let mut records = Vec::new();
        if object.position("IsDeleted").is_some() {
            let selection = stretch.of(caller, object)?.equal("IsDeleted", true)?;
            let rows = self.listed(selection.with_deleted().into_query()).await?;
            let record =
                |row: &Vec<Value>| Some((row.first()?.as_id()?, row.get(1)?.as_datetime()?));
            records = rows.iter().filter_map(record).collect();
        }
        Ok(DeletedRecords {
            records,
            earliest_available: now.checked_sub(WINDOW_MAX).unwrap_or(now),
            latest_covered: stretch.covered,
        })
    }

    /// How many records of an object there are that the caller may see.
    ///
    /// # Errors
    /// [`Error::UnknownObject`].
    pub async fn record_count(&self, caller: &Caller, object: &str) -> Result<u64, Error> {
        let object = visible_object(caller, object)?;
        let visible = visibility::filter(caller, object, Act::See, 0);
        let query = Selection::of_object(object).only(visible).into_query();
        Ok(self.store().count(Arc::new(query)).await?)
    }

    /// All rows of a query, page by page.
    async fn listed(&self, query: Query) -> Result<Vec<Vec<Value>>, Error> {
        let query = Arc::new(query);
        let mut page = Page {
            after: None,
            rows_max: Some(PAGE_ROWS),
        };
        let mut sink = Rows::default();
        loop {
            let selected = self
                .store()
                .select(Arc::clone(&query), page.clone(), sink)
                .await?;
            sink = selected.sink;
            let full = sink.rows.len() as u64 >= LISTED_MAX;
            if selected.next.is_none() || full {
                return Ok(sink.rows);
            }
            page.after = selected.next;
        }
    }
}

/// The object, if it takes these calls and the caller may read it.
fn replicated<'a>(caller: &'a Caller, object: &str) -> Result<&'a Arc<Object>, Error> {
    let object = visible_object(caller, object)?;
    if object.calls.replicate {
        return Ok(object);
    }
    Err(Error::CallNotSupported {
        verb: Verb::Read,
        object: object.name.clone(),
    })
}

/// A stretch of time in whole minutes.
struct Stretch {
    start: Timestamp,
    end: Timestamp,
    /// Up to when it can be answered for: not beyond now.
    covered: Timestamp,
}

impl Stretch {
    fn new(start: Timestamp, end: Timestamp, now: Timestamp) -> Result<Self, Error> {
        let (start, end) = (whole_minute(start), whole_minute(end));
        if start >= end {
            return Err(Error::BadInterval(
                "startDate must be at least one minute before endDate".to_owned(),
            ));
        }
        if now.duration_since(start) > WINDOW_MAX {
            return Err(Error::BadInterval(
                "startDate must be within the last 30 days".to_owned(),
            ));
        }
        Ok(Self {
            start,
            end,
            covered: end.min(whole_minute(now)),
        })
    }

    /// The records that were last touched in it, with the moment.
    fn of(&self, caller: &Caller, object: &Arc<Object>) -> Result<Selection, Error> {
        let touched = object
            .position("SystemModstamp")
            .map_or("CreatedDate", |_| "SystemModstamp");
        Ok(Selection::of_object(object)
            .fields(&[touched])?
            .compared(touched, Comparison::GreaterOrEqual, self.start)?
            .compared(touched, Comparison::Less, self.end)?
            .only(visibility::filter(caller, object, Act::See, 0)))
    }
}

fn whole_minute(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(at)
}
