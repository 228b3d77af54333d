//! The engines behind one face. Only here is it decided which one answers.

use std::path::Path;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id};
use headwater_soql::resolved::Query;

use crate::answer::{Page, PlanById, Selected, Statistics};
use crate::change_log::Change;
use crate::connection::Connection;
use crate::dialect::Dialect;
use crate::error::{ReadError, StoreError};
use crate::options::{Location, Options};
use crate::rows::{Row, RowSink};
use crate::sqlite;

/// What answers reads.
#[derive(Debug)]
pub(crate) enum Engine {
    Sqlite(Arc<sqlite::Database>),
}

/// The connections that write.
pub(crate) struct Connections {
    /// Writes groups.
    pub(crate) group: Box<dyn Connection>,
    /// Writes those alone that somebody else was in the way of; none where there is nobody else.
    pub(crate) alone: Option<Box<dyn Connection>>,
}

impl Engine {
    /// Connects to a database, or makes it.
    pub(crate) fn open(
        location: &Location,
        options: Options,
    ) -> Result<(Self, Connections), StoreError> {
        match location {
            Location::Sqlite(path) => {
                let (database, writing) = sqlite::Database::open(path, options)?;
                let connections = Connections {
                    group: Box::new(writing),
                    alone: None,
                };
                Ok((Self::Sqlite(Arc::new(database)), connections))
            }
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    pub(crate) async fn select<S: RowSink + Send + 'static>(
        &self,
        query: Arc<Query>,
        page: Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        match self {
            Self::Sqlite(database) => match database.select_at_once(&query, &page, sink)? {
                Ok(selected) => Ok(selected),
                Err(sink) => {
                    let select = move |database: &sqlite::Database, cancelled| {
                        database.select(&query, &page, sink, Some(cancelled))
                    };
                    database.off_the_workers(select).await
                }
            },
        }
    }

    pub(crate) fn select_blocking<S: RowSink>(
        &self,
        query: &Query,
        page: &Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        match self {
            Self::Sqlite(database) => database.select(query, page, sink, None),
        }
    }

    pub(crate) async fn count(&self, query: Arc<Query>) -> Result<u64, ReadError> {
        match self {
            Self::Sqlite(database) => {
                if let Some(count) = database.count_at_once(&query)? {
                    return Ok(count);
                }
                let count = move |database: &sqlite::Database, cancelled| {
                    database.count(&query, Some(cancelled))
                };
                database.off_the_workers(count).await
            }
        }
    }

    pub(crate) fn count_blocking(&self, query: &Query) -> Result<u64, ReadError> {
        match self {
            Self::Sqlite(database) => database.count(query, None),
        }
    }

    #[expect(
        clippy::unused_async,
        reason = "a file is read on the spot; a server is waited for"
    )]
    pub(crate) async fn read_by_id<R>(
        &self,
        plan: &PlanById,
        id: Id,
        read: impl FnOnce(&Row<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        match self {
            Self::Sqlite(database) => database.read_by_id(plan, id, read),
        }
    }

    #[expect(
        clippy::unused_async,
        reason = "a file is read on the spot; a server is waited for"
    )]
    pub(crate) async fn changes(
        &self,
        after: i64,
        limit: usize,
        catalogue: &Catalogue,
    ) -> Result<Vec<Change>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        match self {
            Self::Sqlite(database) => database.changes(after, limit, catalogue),
        }
    }

    pub(crate) fn backup(
        &self,
        to: &Path,
        progress: impl FnMut(u64, u64),
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(database) => sqlite::copy(&database.path, to, progress),
        }
    }

    pub(crate) fn check_integrity(&self, catalogue: &Catalogue) -> Result<Vec<String>, ReadError> {
        match self {
            Self::Sqlite(database) => database.check_integrity(catalogue),
        }
    }

    pub(crate) fn statistics(&self, catalogue: &Catalogue) -> Result<Statistics, ReadError> {
        match self {
            Self::Sqlite(database) => database.statistics(catalogue),
        }
    }

    /// No more reads.
    pub(crate) fn close(&self) {
        match self {
            Self::Sqlite(database) => database.close(),
        }
    }

    /// The writers have ended.
    pub(crate) fn release(&self) {
        match self {
            Self::Sqlite(database) => database.unlock(),
        }
    }
}
