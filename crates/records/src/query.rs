//! Queries: text to rows, page by page, with the caller's rights in every one.

mod children;
mod cursor;
mod explain;

use std::sync::Arc;

use headwater_catalogue::Object;
use headwater_soql::resolved::{Column, Comparison, Expression, Filter, Query};
use headwater_soql::{Context, SoqlError, SoqlErrorKind};
use headwater_store::{Page, Row, RowSink};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::visibility;
use children::{Paged, Pages};

pub(crate) use cursor::WaitingCursors;

/// Fewest rows of a page.
const PAGE_ROWS_MIN: u32 = 200;
/// Most rows of a page, and how many it has unless somebody says otherwise.
const PAGE_ROWS_MAX: u32 = 2_000;

pub use children::{Related, RelatedRows};
pub use explain::{LeadingOperation, PlanNote, QueryPlan};

/// Takes the rows of an answer, after being told what they are.
pub trait RecordSink: RowSink + Send + 'static {
    /// The rows that follow have this query's columns.
    fn begin(&mut self, query: &Arc<Query>);

    /// The next row of a query with subqueries in its SELECT list, and what they have found for it.
    /// A sink that is given no such queries need not know of this.
    fn record(&mut self, row: &Row<'_>, related: Related<'_>) {
        let _ = related;
        self.row(row);
    }
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
        mut sink: S,
    ) -> Result<QueryAnswer<S>, Error> {
        let now = self.now();
        let query = Arc::new(resolved(caller, soql, options.include_deleted, now)?);
        check_filtered(&query)?;
        sink.begin(&query);
        if query.count {
            let total = self.store().count(Arc::clone(&query)).await?;
            return Ok(whole(sink, query, total));
        }
        let rows = page_rows(options.batch_size);
        let page = Page {
            after: None,
            rows_max: Some(rows.into()),
        };
        let id = self.next_cursor()?;
        let (paged, total) = self.first_page(&query, page, sink, Pages::of(id)).await?;
        let Paged {
            selected,
            continues,
            first,
        } = paged;
        self.note_purposes(caller, &query, &first).await?;
        if selected.next.is_none() && !continues {
            return Ok(whole(selected.sink, query, total));
        }
        let done = selected.next.is_none();
        let keys = selected.next.map(|next| (selected.rows, next));
        let cursor = cursor::Cursor {
            soql: soql.to_owned(),
            include_deleted: options.include_deleted,
            page_rows: rows,
            total,
            begun: now,
            used: now,
            keys: keys.into_iter().collect(),
        };
        self.open_cursor(caller, id, cursor).await?;
        Ok(QueryAnswer {
            sink: selected.sink,
            query,
            total,
            done,
            locator: (!done).then(|| cursor::locator(id, selected.rows)),
        })
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
        mut sink: S,
    ) -> Result<QueryAnswer<S>, Error> {
        let (id, place) = cursor::Place::parse(locator).ok_or(Error::UnknownLocator)?;
        let mut cursor = self.cursor(caller, id).await?;
        let offset = match place {
            cursor::Place::Rows(offset) => offset,
            cursor::Place::Children(place) => {
                return self
                    .more_children(caller, (id, cursor), place, batch_size, sink)
                    .await;
            }
        };
        let resolved = resolved(caller, &cursor.soql, cursor.include_deleted, cursor.begun)?;
        let query = Arc::new(resolved);
        sink.begin(&query);
        let rows = batch_size.map_or(cursor.page_rows, |rows| page_rows(Some(rows)));
        let after = cursor.key(offset);
        let known = after.is_some();
        let page = Page {
            after,
            rows_max: Some(rows.into()),
        };
        let run = if known {
            Arc::clone(&query)
        } else {
            Arc::new(skipping(&query, offset))
        };
        let Paged {
            selected, first, ..
        } = self.page(&run, page, sink, Pages::of(id)).await?;
        self.note_purposes(caller, &query, &first).await?;
        let offset = offset + selected.rows;
        let more = selected.next.is_some();
        // A key of the query with another offset means nothing to the query itself.
        let next = selected.next.filter(|_| known);
        self.use_cursor(caller, id, &mut cursor, next.map(|key| (offset, key)))
            .await?;
        Ok(QueryAnswer {
            sink: selected.sink,
            query,
            total: cursor.total,
            done: !more,
            locator: more.then(|| cursor::locator(id, offset)),
        })
    }

    /// A query resolved for this caller, not run: for `columns=true` and the plan's explanation.
    ///
    /// # Errors
    /// [`Error::Soql`].
    pub fn resolve(&self, caller: &Caller, soql: &str) -> Result<Arc<Query>, Error> {
        Ok(Arc::new(resolved(caller, soql, false, self.now())?))
    }
}

/// What the names of this caller's queries mean.
pub(crate) fn context(caller: &Caller, include_deleted: bool, now: Timestamp) -> Context<'_> {
    Context {
        catalogue: &caller.rights.catalogue,
        sight: &*caller.rights,
        caller: caller.user,
        groups: &caller.rights.groups,
        now,
        zone: &caller.zone,
        first_weekday: caller.first_weekday,
        include_deleted,
    }
}

/// The text's query with every name looked up and only what the caller may see in it.
pub(crate) fn resolved(
    caller: &Caller,
    soql: &str,
    include_deleted: bool,
    now: Timestamp,
) -> Result<Query, Error> {
    let refused = |error: SoqlError| Error::Soql {
        kind: error.kind,
        message: error.render(soql),
    };
    let context = context(caller, include_deleted, now);
    let parsed = headwater_soql::parse(soql).map_err(refused)?;
    let mut query = headwater_soql::resolve(&parsed, &context).map_err(refused)?;
    visibility::restrict(caller, &mut query);
    Ok(query)
}

/// Refuses a query that does not say which records it is about, where its object wants that.
pub(crate) fn check_filtered(query: &Query) -> Result<(), Error> {
    let object = query.object();
    if object.filtered_by.is_empty() || names_one(object, &query.filter) {
        return Ok(());
    }
    Err(Error::Soql {
        kind: SoqlErrorKind::MalformedQuery,
        message: format!(
            "Implementation restriction: {} requires a filter by a single Id on {} using the equals \
             operator or multiple Id's using the IN operator.",
            object.name,
            object.filtered_by.join(" or ")
        ),
    })
}

/// Whether a condition lets only those through that refer to certain records.
fn names_one(object: &Object, filter: &Filter) -> bool {
    match filter {
        Filter::And(all) => all.iter().any(|one| names_one(object, one)),
        Filter::Compare {
            left: Expression::Column(Column { source: 0, field }),
            operator: Comparison::Equal,
            ..
        }
        | Filter::In {
            left: Expression::Column(Column { source: 0, field }),
            ..
        }
        | Filter::InQuery {
            left: Expression::Column(Column { source: 0, field }),
            ..
        } => object.filtered_by.contains(&object.fields[*field].name),
        Filter::Always
        | Filter::Never
        | Filter::Or(_)
        | Filter::Not(_)
        | Filter::IsNull(_)
        | Filter::Compare { .. }
        | Filter::In { .. }
        | Filter::Like { .. }
        | Filter::Includes { .. }
        | Filter::InQuery { .. }
        | Filter::Found { .. } => false,
    }
}

fn whole<S>(sink: S, query: Arc<Query>, total: u64) -> QueryAnswer<S> {
    QueryAnswer {
        sink,
        query,
        total,
        done: true,
        locator: None,
    }
}

fn page_rows(asked: Option<u32>) -> u32 {
    asked
        .unwrap_or(PAGE_ROWS_MAX)
        .clamp(PAGE_ROWS_MIN, PAGE_ROWS_MAX)
}

/// The query without so many of its first rows: slow, but right for an offset that no page ended
/// at.
fn skipping(query: &Query, rows: u64) -> Query {
    Query {
        offset: query.offset + rows,
        limit: query.limit.map(|limit| limit.saturating_sub(rows)),
        ..query.clone()
    }
}
