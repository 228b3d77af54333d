//! Rows with the records of their child relationships.
//!
//! Rows are read a few at a time, and then the children of all of these in one statement for each
//! relationship, and so on down, before the rows go into the sink. So neither the number of
//! statements grows with every row, nor does more than that lie in memory. Of each record's
//! children an answer has a first page only; a locator says where they continue.

use std::pin::Pin;
use std::sync::Arc;

use headwater_catalogue::{Id, Value};
use headwater_soql::resolved::{Children, Comparison, Filter, Query};
use headwater_store::{ChildRows, Family, Kept, Page, Row, Selected};

use super::cursor::{self, ChildPlace, Cursor};
use super::{QueryAnswer, RecordSink, page_rows, resolved};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::recents::NOTED_MAX;

/// Rows whose children are read together.
const PARENTS_TOGETHER_MAX: u64 = 50;
/// Most ids that one statement looks for the children of.
const PARENTS_PER_STATEMENT_MAX: usize = 500;
/// Most children of a record before its first locator.
const CHILDREN_MAX: u64 = 200;
/// Children in a page, of whatever record and relationship, after which the page is long enough:
/// it ends early, and what children are still read are fewer of each record.
const CHILDREN_OF_PAGE_MAX: u64 = 10_000;
/// As much text of theirs ends a page early too.
const TEXT_OF_PAGE_BYTES_MAX: usize = 16 << 20;

/// What names the pages of an answer and of the children in it.
#[derive(Debug, Clone)]
pub(super) struct Pages {
    cursor: Id,
    /// Which subquery the rows are those of; empty for the query itself.
    path: Vec<usize>,
}

impl Pages {
    pub(super) fn of(cursor: Id) -> Self {
        let path = Vec::new();
        Self { cursor, path }
    }

    fn below(&self, place: usize) -> Self {
        let mut below = self.clone();
        below.path.push(place);
        below
    }
}

/// The children of some rows, relationship by relationship, with theirs.
#[derive(Debug, Default)]
struct Level {
    relations: Vec<Relation>,
}

#[derive(Debug)]
struct Relation {
    query: Arc<Query>,
    pages: Pages,
    found: Vec<ChildRows>,
    below: Level,
}

/// What the subqueries of a SELECT list have found for its rows.
#[derive(Debug, Clone, Copy)]
pub struct Related<'a> {
    level: &'a Level,
}

/// The records of one child relationship of one record; never none.
#[derive(Debug)]
pub struct RelatedRows<'a> {
    relation: &'a Relation,
    family: Family<'a>,
    parent: Id,
}

impl<'a> Related<'a> {
    /// What the subquery at a place of [`Query::children`] has found for the record of this id.
    pub fn of(&self, id: &str, place: usize) -> Option<RelatedRows<'a>> {
        let parent: Id = id.parse().ok()?;
        let relation = self.level.relations.get(place)?;
        let family = relation.found.iter().find_map(|rows| rows.family(parent))?;
        Some(RelatedRows {
            relation,
            family,
            parent,
        })
    }
}

impl<'a> RelatedRows<'a> {
    /// The query whose columns and outputs the rows have.
    pub fn query(&self) -> &'a Query {
        &self.relation.query
    }

    /// How many there are in all.
    pub fn total(&self) -> u64 {
        self.family.total()
    }

    /// Where they continue; none if all of them are here.
    pub fn locator(&self) -> Option<String> {
        let Pages { cursor, path } = &self.relation.pages;
        let place = ChildPlace {
            path: path.clone(),
            parent: self.parent,
            after: self.family.next()?,
        };
        Some(cursor::child_locator(*cursor, &place))
    }

    /// Shows each record, with what belongs to it.
    pub fn each(&self, mut show: impl FnMut(&Row<'_>, Related<'a>)) {
        let below = Related {
            level: &self.relation.below,
        };
        self.family.each(|row| show(row, below));
    }
}

/// A page that was read.
pub(super) struct Paged<S> {
    pub(super) selected: Selected<S>,
    /// Whether some record has more children than are in the page.
    pub(super) continues: bool,
    /// The ids of the first rows, of a query that says what its records are wanted for.
    pub(super) first: Vec<Id>,
}

impl<S> Paged<S> {
    /// A page of records without children, wanted for nothing that is said.
    fn plain(selected: Selected<S>) -> Self {
        Self {
            selected,
            continues: false,
            first: Vec::new(),
        }
    }
}

/// How many children may still be read for a page.
#[derive(Debug)]
struct Budget {
    left: u64,
    /// How much more text they may have.
    text_bytes_left: usize,
    /// Whether some are left out, so that there is a locator to them.
    continues: bool,
}

impl Budget {
    fn is_spent(&self) -> bool {
        self.left == 0 || self.text_bytes_left == 0
    }
}

/// Whether a query's rows are all there is to read for it.
fn is_plain(query: &Query) -> bool {
    query.children.is_empty() && query.purposes.is_empty()
}

impl Org {
    /// Reads the first page of a query, as [`Org::page`], with how many rows there are in all.
    pub(super) async fn first_page<S: RecordSink>(
        &self,
        query: &Arc<Query>,
        page: Page,
        sink: S,
        pages: Pages,
    ) -> Result<(Paged<S>, u64), Error> {
        if is_plain(query) {
            let selected = self.store().select_counted(Arc::clone(query), page, sink);
            let (selected, total) = selected.await?;
            return Ok((Paged::plain(selected), total));
        }
        let read = self.page(query, page, sink, pages).await?;
        let total = match read.selected.next {
            Some(_) => self.store().count(Arc::clone(query)).await?,
            None => read.selected.rows,
        };
        Ok((read, total))
    }

    /// Reads a page of a query into a sink, its subqueries with it.
    pub(super) async fn page<S: RecordSink>(
        &self,
        query: &Arc<Query>,
        page: Page,
        mut sink: S,
        pages: Pages,
    ) -> Result<Paged<S>, Error> {
        if is_plain(query) {
            let selected = self.store().select(Arc::clone(query), page, sink).await?;
            return Ok(Paged::plain(selected));
        }
        let mut budget = Budget {
            left: CHILDREN_OF_PAGE_MAX,
            text_bytes_left: TEXT_OF_PAGE_BYTES_MAX,
            continues: false,
        };
        let (mut rows, mut after) = (0, page.after);
        let mut first = Vec::new();
        loop {
            let left = page.rows_max.map_or(u64::MAX, |wanted| wanted - rows);
            let some = Page {
                after,
                rows_max: Some(left.min(PARENTS_TOGETHER_MAX)),
            };
            let selected = self
                .store()
                .select(Arc::clone(query), some, Kept::default())
                .await?;
            let kept = selected.sink;
            let ids = kept.ids(0);
            let room = NOTED_MAX.saturating_sub(first.len());
            first.extend(ids.iter().take(room));
            let level = self.level(query, ids, pages.clone(), &mut budget).await?;
            let related = Related { level: &level };
            kept.each(0..kept.len(), |row| sink.record(row, related));
            rows += selected.rows;
            after = selected.next;
            let is_full = page.rows_max.is_some_and(|wanted| rows >= wanted);
            if after.is_none() || is_full || budget.is_spent() {
                let next = after;
                return Ok(Paged {
                    selected: Selected { sink, rows, next },
                    continues: budget.continues,
                    first,
                });
            }
        }
    }

    /// The children of these rows, and theirs.
    fn level<'f>(
        &'f self,
        query: &'f Query,
        parents: Vec<Id>,
        pages: Pages,
        budget: &'f mut Budget,
    ) -> Pin<Box<dyn Future<Output = Result<Level, Error>> + Send + 'f>> {
        Box::pin(async move {
            let mut level = Level::default();
            for (place, children) in query.children.iter().enumerate() {
                let found = self.found(children, &parents, budget).await?;
                let ids: Vec<Id> = found.iter().flat_map(|rows| rows.rows().ids(0)).collect();
                let (query, pages) = (&children.query, pages.below(place));
                level.relations.push(Relation {
                    below: self.level(query, ids, pages.clone(), budget).await?,
                    query: Arc::clone(query),
                    pages,
                    found,
                });
            }
            Ok(level)
        })
    }

    async fn found(
        &self,
        children: &Children,
        parents: &[Id],
        budget: &mut Budget,
    ) -> Result<Vec<ChildRows>, Error> {
        let mut found = Vec::new();
        let mut open = parents.len() as u64;
        for parents in parents.chunks(PARENTS_PER_STATEMENT_MAX) {
            let of_each = (budget.left / open.max(1)).clamp(1, CHILDREN_MAX);
            let rows = self.store().children(children, parents, of_each).await?;
            budget.left = budget.left.saturating_sub(rows.rows().len() as u64);
            let bytes = rows.rows().text_bytes();
            budget.text_bytes_left = budget.text_bytes_left.saturating_sub(bytes);
            budget.continues |= rows.leaves_some_out();
            open -= parents.len() as u64;
            found.push(rows);
        }
        Ok(found)
    }

    /// The next page of a record's children.
    pub(super) async fn more_children<S: RecordSink>(
        &self,
        caller: &Caller,
        (id, mut cursor): (Id, Cursor),
        place: ChildPlace,
        batch_size: Option<u32>,
        mut sink: S,
    ) -> Result<QueryAnswer<S>, Error> {
        let whole = resolved(caller, &cursor.soql, cursor.include_deleted, cursor.begun)?;
        let query = of_parent(&whole, &place).ok_or(Error::UnknownLocator)?;
        let query = Arc::new(query);
        sink.begin(&query);
        let rows = batch_size.map_or(cursor.page_rows, |rows| page_rows(Some(rows)));
        let page = Page {
            after: Some(place.after),
            rows_max: Some(rows.into()),
        };
        let pages = Pages {
            cursor: id,
            path: place.path.clone(),
        };
        let Paged { selected, .. } = self.page(&query, page, sink, pages).await?;
        let total = self.store().count(Arc::clone(&query)).await?;
        self.use_cursor(caller, id, &mut cursor, None).await?;
        let locator = selected.next.map(|after| {
            let place = ChildPlace { after, ..place };
            cursor::child_locator(id, &place)
        });
        Ok(QueryAnswer {
            sink: selected.sink,
            query,
            total,
            done: locator.is_none(),
            locator,
        })
    }
}

/// The subquery at a place, for one parent's rows.
fn of_parent(whole: &Query, place: &ChildPlace) -> Option<Query> {
    let (last, steps) = place.path.split_last()?;
    let mut query = whole;
    for step in steps {
        query = &query.children.get(*step)?.query;
    }
    let children = query.children.get(*last)?;
    let mut query = Query::clone(&children.query);
    let of_it = Filter::Compare {
        left: children.parent.clone(),
        operator: Comparison::Equal,
        right: Value::Id(place.parent),
    };
    query.filter = of_it.and(query.filter);
    Some(query)
}
