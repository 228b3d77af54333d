//! What is asked of the store, and what it answers.

use std::sync::Arc;

use headwater_catalogue::{Id, ValueType};

use crate::key::Key;
use crate::rows::Content;

/// Which part of a query's rows to read. The default is all of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Only rows after this one.
    pub after: Option<Key>,
    /// At most so many rows.
    pub rows_max: Option<u64>,
}

/// What a select gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected<S> {
    /// The sink, with all rows.
    pub sink: S,
    /// How many rows.
    pub rows: u64,
    /// Where the next page continues; none when there are no more rows.
    pub next: Option<Key>,
}

/// The prepared text of "this query, for one record". Made once by [`crate::Store::plan_by_id`].
#[derive(Debug, Clone)]
pub struct PlanById {
    pub(crate) text: Arc<str>,
    pub(crate) parameters: Arc<[Content]>,
    /// Which of the parameters is the id.
    pub(crate) id: usize,
    pub(crate) types: Arc<[ValueType]>,
}

impl PlanById {
    /// The statement's parameters for this record.
    pub(crate) fn parameters_of(&self, id: Id) -> Vec<Content> {
        let mut parameters = self.parameters.to_vec();
        if let Some(parameter) = parameters.get_mut(self.id) {
            *parameter = Content::Text(id.as_str().to_owned());
        }
        parameters
    }
}

/// Numbers about the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Size of the file.
    pub file_bytes: u64,
    /// Size of the write-ahead log.
    pub log_bytes: u64,
    /// The oldest change that is kept; 0 when none is.
    pub first_change: i64,
    /// The newest change; 0 when there was none.
    pub last_change: i64,
    /// Jobs waiting.
    pub jobs_waiting: u64,
    /// Rows of each object's table, deleted ones included.
    pub rows: Vec<(String, u64)>,
}
