//! The engines behind one face. Only here is it decided which one answers.

use std::path::Path;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id};
use headwater_soql::resolved::{Children, Query};
use tokio::sync::{broadcast, watch};

use crate::answer::{Page, PlanById, Selected, Statistics};
use crate::change_log::Change;
use crate::children::{self, ChildRows};
use crate::connection::Connection;
use crate::dialect::Dialect;
use crate::error::{ReadError, StoreError};
use crate::options::{Location, Options};
use crate::plans::Planned;
use crate::rows::{Cells, Content, Row, RowSink};
use crate::{postgres, sqlite};

/// What answers reads. Waiting for a server is boxed: it costs nothing beside the waiting, and keeps
/// the futures small for a file, which needs none.
#[derive(Debug)]
pub(crate) enum Engine {
    Sqlite(Arc<sqlite::Database>),
    Postgres(Box<postgres::Database>),
}

/// Something that only one process does at a time, until this is dropped.
#[derive(Debug)]
pub struct Turn {
    /// None where there is no other process.
    _held: Option<postgres::Turn>,
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
            Location::Postgres(url) => {
                let (database, writers) = postgres::Database::open(url, options)?;
                let connections = Connections {
                    group: Box::new(writers.group),
                    alone: Some(Box::new(writers.alone)),
                };
                Ok((Self::Postgres(Box::new(database)), connections))
            }
        }
    }

    /// Keeps `changed` at the last replay id where others than us give out such, and tells the signals that
    /// come from the database.
    pub(crate) fn listen(
        &self,
        changed: &watch::Sender<i64>,
        signals: &broadcast::Sender<Arc<str>>,
    ) {
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres(database) => database.listen(changed.clone(), signals.clone()),
        }
    }

    /// Tells a signal: at once where there is nobody else, and by way of the database where there may be.
    pub(crate) async fn signal(
        &self,
        text: &str,
        signals: &broadcast::Sender<Arc<str>>,
    ) -> Result<(), ReadError> {
        match self {
            Self::Sqlite(_) => {
                // Nobody may be listening.
                let _ = signals.send(text.into());
                Ok(())
            }
            Self::Postgres(database) => Box::pin(database.signal(text)).await,
        }
    }

    /// Whether other processes may have the database open as well.
    pub(crate) fn is_shared(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(_) => true,
        }
    }

    /// What a counter stands at; zero where nobody else can have moved it.
    pub(crate) async fn counter(&self, name: &str) -> Result<i64, ReadError> {
        match self {
            Self::Sqlite(_) => Ok(0),
            Self::Postgres(database) => Box::pin(database.counter(name)).await,
        }
    }

    /// Waits until no other process has this turn.
    pub(crate) async fn turn(&self, name: &str) -> Result<Turn, ReadError> {
        let held = match self {
            Self::Sqlite(_) => None,
            Self::Postgres(database) => Some(Box::pin(database.turn(name)).await?),
        };
        Ok(Turn { _held: held })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A page of a query, ready to run.
    pub(crate) fn plan(&self, query: &Query, page: &Page) -> Result<Planned, ReadError> {
        match self {
            Self::Sqlite(database) => database.plan(query, page),
            Self::Postgres(database) => database.plan(query, page),
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
            Self::Postgres(database) => Box::pin(database.select(&query, &page, sink)).await,
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
            Self::Postgres(database) => database.block_on(database.select(query, page, sink)),
        }
    }

    pub(crate) async fn children(
        &self,
        children: &Children,
        parents: &[Id],
        rows_max: u64,
    ) -> Result<ChildRows, ReadError> {
        let planned = children::planned(children, parents, rows_max, self.dialect());
        let sink = ChildRows::of(&children.query);
        let selected = match self {
            Self::Sqlite(database) => match database.run_at_once(&planned, sink)? {
                Ok(selected) => selected,
                Err(sink) => {
                    let run = move |database: &sqlite::Database, cancelled| {
                        database.run_planned(&planned, sink, Some(cancelled))
                    };
                    database.off_the_workers(run).await?
                }
            },
            Self::Postgres(database) => Box::pin(database.run(&planned, sink)).await?,
        };
        Ok(selected.sink)
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
            Self::Postgres(database) => Box::pin(database.count(&query)).await,
        }
    }

    pub(crate) fn count_blocking(&self, query: &Query) -> Result<u64, ReadError> {
        match self {
            Self::Sqlite(database) => database.count(query, None),
            Self::Postgres(database) => database.block_on(database.count(query)),
        }
    }

    pub(crate) async fn read_by_id<R>(
        &self,
        plan: &PlanById,
        id: Id,
        read: impl FnOnce(&Row<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        match self {
            Self::Sqlite(database) => database.read_by_id(plan, id, read),
            Self::Postgres(database) => Box::pin(database.read_by_id(plan, id, read)).await,
        }
    }

    pub(crate) async fn changes(
        &self,
        after: i64,
        limit: usize,
        catalogue: &Catalogue,
    ) -> Result<Vec<Change>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        match self {
            Self::Sqlite(database) => database.changes(after, limit, catalogue),
            Self::Postgres(database) => Box::pin(database.changes(after, limit, catalogue)).await,
        }
    }

    /// The rows of a statement about the store's own tables.
    pub(crate) async fn own_rows<R>(
        &self,
        text: &str,
        parameters: &[Content],
        read: impl Fn(&dyn Cells) -> R,
    ) -> Result<Vec<R>, ReadError> {
        match self {
            Self::Sqlite(database) => database.own_rows(text, parameters, read),
            Self::Postgres(database) => Box::pin(database.own_rows(text, parameters, read)).await,
        }
    }

    pub(crate) fn backup(
        &self,
        to: &Path,
        progress: impl FnMut(u64, u64),
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(database) => sqlite::copy(&database.path, to, progress),
            Self::Postgres(_) => Err(StoreError::NoBackup),
        }
    }

    pub(crate) fn check_integrity(&self, catalogue: &Catalogue) -> Result<Vec<String>, ReadError> {
        match self {
            Self::Sqlite(database) => database.check_integrity(catalogue),
            Self::Postgres(database) => database.block_on(database.check_integrity(catalogue)),
        }
    }

    pub(crate) fn statistics(&self, catalogue: &Catalogue) -> Result<Statistics, ReadError> {
        match self {
            Self::Sqlite(database) => database.statistics(catalogue),
            Self::Postgres(database) => database.block_on(database.statistics(catalogue)),
        }
    }

    /// No more reads.
    pub(crate) fn close(&self) {
        match self {
            Self::Sqlite(database) => database.close(),
            Self::Postgres(database) => database.close(),
        }
    }

    /// The writers have ended.
    pub(crate) fn release(&self) {
        match self {
            Self::Sqlite(database) => database.unlock(),
            Self::Postgres(_) => {}
        }
    }
}
