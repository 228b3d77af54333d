//! Queries cut into chunks by the ids of their records, each a batch of its own: what clients of Bulk
//! API 1.0 ask for where a table is large.

use std::sync::Arc;

use headwater_catalogue::{Id, Object};
use headwater_soql::ast::Condition;
use headwater_soql::{SoqlError, parse};
use headwater_store::{Key, Page, Row, RowSink, ValueRef};

use super::batch::{Batch, BatchState};
use super::job::{BulkOperation, Job};
use super::request::check_query;
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::query::resolved;
use crate::selection::Selection;
use crate::visibility::{self, Act};

/// Most chunks of a query; the last one has what is left.
const CHUNKS_MAX: usize = 1_000;

/// Remembers the last record it was given.
#[derive(Debug, Default)]
struct LastId(Option<Id>);

impl RowSink for LastId {
    fn row(&mut self, row: &Row<'_>) {
        if let ValueRef::Id(id) = row.get(0) {
            self.0 = id.parse().ok();
        }
    }
}

impl Org {
    /// The batch that a query was handed in as, which is not worked itself: its chunks are.
    pub(super) async fn add_chunks(
        &self,
        caller: &Caller,
        job: &Job,
        sheet: i64,
        rows: u64,
    ) -> Result<Batch, Error> {
        let lines = self.store().lines(sheet, 0, 1).await?;
        let soql = lines.into_iter().next().and_then(|line| line.text);
        let soql = soql.unwrap_or_default();
        let all = job.operation == BulkOperation::QueryAll;
        let query = resolved(caller, &soql, all, job.created)?;
        check_query(&query)?;
        let ends = self.chunk_ends(caller, query.object(), rows).await?;
        let first = self
            .add_batch(caller, job, sheet, BatchState::NotProcessed, None)
            .await?;
        let starts = std::iter::once(None).chain(ends.iter().map(Some));
        let ends = ends.iter().map(Some).chain(std::iter::once(None));
        for (after, until) in starts.zip(ends) {
            let part = part_of(&soql, after, until)?;
            let sheet = self.new_sheets().await?;
            self.add_batch(caller, job, sheet, BatchState::Queued, Some(&part))
                .await?;
        }
        Ok(first)
    }

    /// The last id of each chunk but the last.
    async fn chunk_ends(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        rows: u64,
    ) -> Result<Vec<Id>, Error> {
        let query = Selection::of_object(object)
            .only(visibility::filter(caller, object, Act::See, 0))
            .with_deleted()
            .into_query();
        let query = Arc::new(query);
        let mut ends = Vec::new();
        let mut after: Option<Key> = None;
        while ends.len() + 1 < CHUNKS_MAX {
            let page = Page {
                after: after.take(),
                rows_max: Some(rows),
            };
            let selected = self
                .store()
                .select(Arc::clone(&query), page, LastId::default())
                .await?;
            match (selected.next, selected.sink.0) {
                (Some(next), Some(last)) => {
                    ends.push(last);
                    after = Some(next);
                }
                _ => break,
            }
        }
        Ok(ends)
    }
}

/// The query, for the records after an id up to another.
fn part_of(soql: &str, after: Option<&Id>, until: Option<&Id>) -> Result<String, Error> {
    let mut bounds = Vec::new();
    bounds.extend(after.map(|id| format!("Id > '{id}'")));
    bounds.extend(until.map(|id| format!("Id <= '{id}'")));
    if bounds.is_empty() {
        return Ok(soql.to_owned());
    }
    let bounds = format!("SELECT Id FROM Account WHERE {}", bounds.join(" AND "));
    let refused = |text: &str, error: SoqlError| Error::Soql {
        kind: error.kind,
        message: error.render(text),
    };
    let mut query = parse(soql).map_err(|error| refused(soql, error))?;
    let bounds = parse(&bounds).map_err(|error| refused(&bounds, error))?;
    let terms: Vec<Condition<'_>> = query
        .condition
        .take()
        .into_iter()
        .chain(bounds.condition)
        .collect();
    query.condition = match <[Condition<'_>; 1]>::try_from(terms) {
        Ok([only]) => Some(only),
        Err(terms) => Some(Condition::And(terms)),
    };
    Ok(query.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_its_bounds_beside_what_the_query_wants() {
        let (one, two) = ("001000000000001AAA", "001000000000002AAA");
        let (one, two): (Id, Id) = (one.parse().unwrap(), two.parse().unwrap());
        let part = |soql| part_of(soql, Some(&one), Some(&two)).unwrap();
        assert_eq!(
            part("SELECT Id FROM Account"),
            format!("SELECT Id FROM Account WHERE Id > '{one}' AND Id <= '{two}'")
        );
        assert_eq!(
            part("SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' LIMIT 5"),
            format!(
                "SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b') AND (Id > '{one}' AND \
                 Id <= '{two}') LIMIT 5"
            )
        );
        let whole = part_of("SELECT Id FROM Account", None, None).unwrap();
        assert_eq!(whole, "SELECT Id FROM Account");
    }
}
