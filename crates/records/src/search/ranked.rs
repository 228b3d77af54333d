//! One object's records of a search, in their order.

use std::sync::Arc;

use headwater_catalogue::{SearchClass, Value};
use headwater_soql::resolved::{Column, Comparison, Expression, Filter, Order, Query};
use headwater_soql::search::Search;
use headwater_store::Page;

use super::checked::Checked;
use super::{CHECKED_ROWS_MAX, seen_classes};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::query::RecordSink;

/// Rows looked at again at a time.
const CHECKED_ROWS_AT_ONCE: u64 = 200;

const ID: Column = Column {
    source: 0,
    field: 0,
};

impl Org {
    /// Gives the sink the records that a query's search finds: how many, and the query.
    pub(super) async fn ranked<S: RecordSink>(
        &self,
        caller: &Caller,
        mut query: Query,
        sink: S,
    ) -> Result<(S, u64, Arc<Query>), Error> {
        let asked = Arc::new(query.clone());
        let Some(search) = query.search().cloned() else {
            return Ok((sink, 0, asked));
        };
        if !query.order.is_empty() {
            let (sink, given) = self.gather(caller, query, &search, sink).await?;
            return Ok((sink, given, asked));
        }
        query.order = vec![Order {
            by: Expression::Column(ID),
            descending: true,
            nulls_first: true,
        }];
        let (mut sink, mut given) = (sink, 0);
        if let Some(name) = exact(caller, &query, &search) {
            let named = with_filter(&query, &mut |one| *one = name.clone());
            let wanted = named.limit.unwrap_or_default();
            (sink, given) = self.fetch(named.clone(), sink).await?;
            let skipped = if query.offset > 0 && given < wanted {
                let all = Query {
                    limit: None,
                    offset: 0,
                    ..named
                };
                self.store().count(Arc::new(all)).await?
            } else {
                0
            };
            query.filter = query.filter.and(Filter::Not(Box::new(name)));
            query.offset = query.offset.saturating_sub(skipped);
            query.limit = Some(wanted - given);
        }
        let (sink, more) = self.gather(caller, query, &search, sink).await?;
        Ok((sink, given + more, asked))
    }

    /// The rows that the search finds, looked at again where that is needed.
    async fn gather<S: RecordSink>(
        &self,
        caller: &Caller,
        query: Query,
        search: &Search,
        sink: S,
    ) -> Result<(S, u64), Error> {
        let is_checked = is_checked(caller, &query, search);
        let Some(mut query) = indexed(caller, query) else {
            return Ok((sink, 0));
        };
        if !is_checked {
            return self.fetch(query, sink).await;
        }
        let limit = query.limit.take().unwrap_or(u64::MAX);
        let offset = std::mem::take(&mut query.offset);
        let object = Arc::clone(query.object());
        let rights = caller.rights.on(&object);
        let read = object.searched_fields().into_iter();
        let read = read.filter(|(place, _)| rights.reads(*place));
        let texts = read.map(|(field, class)| {
            let column = Column { source: 0, field };
            (class, query.column(Expression::Column(column)))
        });
        let texts: Vec<(SearchClass, usize)> = texts.collect();
        let query = Arc::new(query);
        let mut checked = Checked::new(sink, search.clone(), texts, offset, limit);
        checked.sink.begin(&query);
        let (mut after, mut seen) = (None, 0);
        while checked.left > 0 && seen < CHECKED_ROWS_MAX {
            let page = Page {
                after,
                rows_max: Some(CHECKED_ROWS_AT_ONCE),
            };
            let selected = self
                .store()
                .select(Arc::clone(&query), page, checked)
                .await?;
            checked = selected.sink;
            seen += selected.rows;
            after = selected.next;
            if after.is_none() {
                break;
            }
        }
        Ok((checked.sink, checked.given))
    }

    async fn fetch<S: RecordSink>(&self, query: Query, mut sink: S) -> Result<(S, u64), Error> {
        if query.limit == Some(0) {
            return Ok((sink, 0));
        }
        let query = Arc::new(query);
        sink.begin(&query);
        let selected = self.store().select(query, Page::default(), sink).await?;
        Ok((selected.sink, selected.rows))
    }
}

/// The query with its search changed.
fn with_filter(query: &Query, change: &mut dyn FnMut(&mut Filter)) -> Query {
    let mut changed = query.clone();
    let mut change = |filter: &mut Filter| {
        if matches!(filter, Filter::Found { source: 0, .. }) {
            change(filter);
        }
    };
    match &mut changed.filter {
        Filter::And(all) => all.iter_mut().for_each(change),
        one => change(one),
    }
    changed
}

/// Whether records have to be looked at again.
fn is_checked(caller: &Caller, query: &Query, search: &Search) -> bool {
    let seen = seen_classes(caller, query.object());
    search.is_rough() || !search.classes.iter().all(|class| seen.contains(class))
}

/// The query as the index is asked; none if the caller reads nothing that is searched. Where records
/// are looked at again, the index must not leave out what it finds in a hidden field.
pub(super) fn indexed(caller: &Caller, query: Query) -> Option<Query> {
    let search = query.search()?;
    if !is_checked(caller, &query, search) {
        return Some(query);
    }
    let object = query.object();
    let rights = caller.rights.on(object);
    let mut read = object.searched_fields().into_iter();
    if !read.any(|(place, class)| rights.reads(place) && search.classes.contains(&class)) {
        return None;
    }
    let wider = Arc::new(search.without_unwanted());
    Some(with_filter(&query, &mut |filter| {
        *filter = Filter::Found {
            source: 0,
            search: Arc::clone(&wider),
        };
    }))
}

/// The condition of the records that come first: they are called what was searched for.
fn exact(caller: &Caller, query: &Query, search: &Search) -> Option<Filter> {
    let object = query.object();
    let field = object.fields.iter().position(|field| field.name_field)?;
    let class = object.fields[field].search_class()?;
    let counts = search.classes.contains(&class) && caller.rights.on(object).reads(field);
    let text = search.exact.as_ref().filter(|_| counts)?;
    Some(Filter::Compare {
        left: Expression::Column(Column { source: 0, field }),
        operator: Comparison::Equal,
        right: Value::Text(text.clone()),
    })
}
