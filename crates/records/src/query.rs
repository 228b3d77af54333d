//! Queries: text to rows, page by page, with the caller's rights in every one.

use std::sync::Arc;

use headwater_soql::resolved::Query;
use headwater_store::RowSink;

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// Takes the rows of an answer, after being told what they are.
pub trait RecordSink: RowSink + Send + 'static {
    /// The rows that follow have this query's columns.
    fn begin(&mut self, query: &Arc<Query>);
}

/// How a query is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryOptions {
    /// Deleted records too (`queryAll`).
    pub include_deleted: bool,
    /// Rows in a page; brought into 200 to 2,000. None: 2,000.
    pub batch_size: Option<u32>,
}

/// One page of an answer.
#[derive(Debug)]
pub struct QueryAnswer<S> {
    /// The sink, with the page's rows.
    pub sink: S,
    /// The query that was run, with what the caller may see put in.
    pub query: Arc<Query>,
    /// How many rows the whole answer has.
    pub total: u64,
    /// Whether this was the last page.
    pub done: bool,
    /// Where the next page is; none after the last.
    pub locator: Option<String>,
}

impl Org {
    /// Answers a SOQL query: its first page.
    ///
    /// # Errors
    /// [`Error::Soql`] when the text is wrong or names what the caller may not see.
    pub async fn query<S: RecordSink>(
        &self,
        caller: &Caller,
        soql: &str,
        options: QueryOptions,
        sink: S,
    ) -> Result<QueryAnswer<S>, Error> {
        let _ = (caller, soql, options, sink);
        Err(Error::Busy)
    }

    /// The page at a locator. It can be read again.
    ///
    /// # Errors
    /// [`Error::UnknownLocator`] when it is unknown, too old, or another user's.
    pub async fn query_more<S: RecordSink>(
        &self,
        caller: &Caller,
        locator: &str,
        batch_size: Option<u32>,
        sink: S,
    ) -> Result<QueryAnswer<S>, Error> {
        let _ = (caller, locator, batch_size, sink);
        Err(Error::Busy)
    }

    /// A query resolved for this caller, not run: for `columns=true` and the plan's explanation.
    ///
    /// # Errors
    /// [`Error::Soql`].
    pub fn resolve(&self, caller: &Caller, soql: &str) -> Result<Arc<Query>, Error> {
        let _ = (caller, soql);
        Err(Error::Busy)
    }
}
