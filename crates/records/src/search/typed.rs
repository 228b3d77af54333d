//! What somebody types, as they type: records to choose from, and lists narrowed by words.

use std::sync::Arc;

use headwater_catalogue::{Object, SearchClass};
use headwater_soql::resolved::{Column, Expression, Filter, Query};
use headwater_soql::search::{FieldGroup, Search};
use headwater_store::Rows;

use super::seen_classes;
use crate::browse::{ROWS_MAX, Table};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::query::{RecordSink, resolved};
use crate::visibility::{self, Act};

/// Most records that are suggested at once.
pub const SUGGESTED_MAX: u64 = 2_000;

/// Whose words a list is narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// The records' own.
    Own,
    /// Those of the record that this reference names.
    Of(&'a str),
}

impl Org {
    /// The records of a SOQL query without an order that have all the words typed, each whole or
    /// begun; none when there is no word in the text.
    ///
    /// # Errors
    /// [`Error::Soql`].
    pub async fn look_up(
        &self,
        caller: &Caller,
        soql: &str,
        typed: &str,
        rows_max: u64,
    ) -> Result<Table, Error> {
        let (typed, rows) = ((typed, FieldGroup::All), rows_max.min(ROWS_MAX));
        let found = self.suggested(caller, soql, typed, rows, Kept::default());
        let (query, rows) = found.await?;
        Ok(Table::of(&query, rows.0.rows, None))
    }

    /// As [`Org::look_up`], into a sink: how many there were. Only fields of these sorts are looked
    /// into.
    ///
    /// # Errors
    /// [`Error::Soql`].
    pub async fn suggest<S: RecordSink>(
        &self,
        caller: &Caller,
        soql: &str,
        typed: (&str, FieldGroup),
        rows_max: u64,
        sink: S,
    ) -> Result<S, Error> {
        let rows = rows_max.min(SUGGESTED_MAX);
        let suggested = self.suggested(caller, soql, typed, rows, sink);
        Ok(suggested.await?.1)
    }

    async fn suggested<S: RecordSink>(
        &self,
        caller: &Caller,
        soql: &str,
        (typed, group): (&str, FieldGroup),
        rows_max: u64,
        sink: S,
    ) -> Result<(Arc<Query>, S), Error> {
        let mut query = resolved(caller, soql, false, self.now())?;
        let search = Search::typed(typed).and_then(|search| search.within(group.classes()));
        let Some(search) = search.filter(|_| query.object().is_searched()) else {
            return Ok((Arc::new(query), sink));
        };
        let search = Arc::new(search);
        query.filter = Filter::Found { source: 0, search }.and(query.filter);
        query.limit = Some(rows_max);
        let (sink, _, query) = self.ranked(caller, query, sink).await?;
        Ok((query, sink))
    }

    /// As [`Org::browse`], of the records that have all the words typed. A sort of field is looked
    /// into when the caller reads every field of it.
    ///
    /// # Errors
    /// As [`Org::browse`].
    pub async fn browse_words(
        &self,
        caller: &Caller,
        soql: &str,
        (typed, whose): (&str, Whose<'_>),
        after: Option<&str>,
        rows_max: u64,
    ) -> Result<Table, Error> {
        let mut query = resolved(caller, soql, false, self.now())?;
        let found = found(caller, query.object(), typed, whose);
        query.filter = found.and(query.filter);
        self.browse_query(query, after, rows_max).await
    }
}

/// The condition that a record has all the words typed.
fn found(caller: &Caller, object: &Arc<Object>, typed: &str, whose: Whose<'_>) -> Filter {
    let Some(search) = Search::typed(typed) else {
        return Filter::Never;
    };
    match whose {
        Whose::Own => own(caller, object, &search),
        Whose::Of(reference) => {
            let place = object.position(reference);
            let place = place.filter(|place| caller.rights.on(object).reads(*place));
            let parent = place.and_then(|place| {
                let target = object.fields[place].kind.as_reference()?;
                let name = target.targets.names().first()?;
                Some((place, caller.rights.catalogue.object(name)?))
            });
            let Some((field, parent)) = parent else {
                return Filter::Never;
            };
            let mut query = Query::of_object(parent);
            query.sources[0].visible = visibility::filter(caller, parent, Act::See, 0);
            query.filter = own(caller, parent, &search);
            Filter::InQuery {
                left: Expression::Column(Column { source: 0, field }),
                query: Box::new(query),
                by_row: false,
            }
        }
    }
}

fn own(caller: &Caller, object: &Object, search: &Search) -> Filter {
    let seen: Vec<SearchClass> = seen_classes(caller, object);
    match search.within(&seen).filter(|_| object.is_searched()) {
        Some(search) => Filter::Found {
            source: 0,
            search: Arc::new(search),
        },
        None => Filter::Never,
    }
}

/// Keeps the rows.
#[derive(Debug, Default)]
struct Kept(Rows);

impl headwater_store::RowSink for Kept {
    fn row(&mut self, row: &headwater_store::Row<'_>) {
        self.0.row(row);
    }
}

impl RecordSink for Kept {
    fn begin(&mut self, _: &Arc<Query>) {}
}
