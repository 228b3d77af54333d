//! The first page of an answer, with how many rows there are in all.

use std::sync::Arc;

use headwater_soql::resolved::Query;

use crate::answer::{Page, Selected};
use crate::db::Store;
use crate::engine::Engine;
use crate::error::ReadError;
use crate::rows::RowSink;
use crate::sqlite;

impl Store {
    /// As [`Store::select`] of a first page, with how many rows the query has.
    ///
    /// # Errors
    /// See [`ReadError`]. The sink is gone then.
    pub async fn select_counted<S: RowSink + Send + 'static>(
        &self,
        query: Arc<Query>,
        page: Page,
        sink: S,
    ) -> Result<(Selected<S>, u64), ReadError> {
        let is_staged = self.waiting().is_some();
        let selected = match self.engine() {
            Engine::Sqlite(database) if !is_staged => {
                let planned = database.plan(&query, &page)?;
                match database.run_at_once(&planned, sink)? {
                    Ok(selected) => selected,
                    Err(sink) => {
                        let run = move |database: &sqlite::Database, cancelled| {
                            database.run_counted(&query, &planned, sink, cancelled)
                        };
                        return database.off_the_workers(run).await;
                    }
                }
            }
            _ => self.select(Arc::clone(&query), page, sink).await?,
        };
        let total = match selected.next {
            Some(_) => self.count(query).await?,
            None => selected.rows,
        };
        Ok((selected, total))
    }
}
