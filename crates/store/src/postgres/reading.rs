//! Running planned queries.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt as _;
use headwater_catalogue::{Catalogue, Id};
use headwater_soql::resolved::Query;
use tokio_postgres::{Client, Row as Came, RowStream};

use super::Database;
use super::cells::Parameter;
use super::failure::of_read;
use super::link::{Link, time_max};
use crate::answer::{Page, PlanById, Selected};
use crate::change_log::{self, Change};
use crate::dialect::Dialect;
use crate::error::ReadError;
use crate::given::Given;
use crate::plan;
use crate::plans::Planned;
use crate::rows::{Cells, Content, Row, RowSink};

/// Most rows of an answer that is tried on a shared connection.
const SHARED_ROWS_MAX: u64 = 200;

/// Longest time a statement may hold up those behind it on a shared connection; then it is run on
/// one of its own.
const SHARED_TIME_MAX: Duration = Duration::from_millis(100);

impl Database {
    /// A page of a query, ready to run.
    pub(crate) fn plan(&self, query: &Query, page: &Page) -> Result<Planned, ReadError> {
        self.plans.plan(query, page, self.options.query_rows_max)
    }

    /// Reads a page of a query into a sink.
    pub(crate) async fn select<S: RowSink>(
        &self,
        query: &Query,
        page: &Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        let planned = self.plan(query, page)?;
        self.run(&planned, sink).await
    }

    /// Reads what is planned into a sink.
    pub(crate) async fn run<S: RowSink>(
        &self,
        planned: &Planned,
        mut sink: S,
    ) -> Result<Selected<S>, ReadError> {
        let wanted = &planned.wanted;
        let (mut rows, mut next) = (0, None);
        if wanted.rows > 0 {
            let small = self.small(planned).await?;
            (rows, next) = match small {
                Some(came) => {
                    let mut given = Given::new(planned, &mut sink);
                    for row in &came {
                        if !given.row(row)? {
                            break;
                        }
                    }
                    given.end()
                }
                None => {
                    self.apart(async |link| {
                        let mut given = Given::new(planned, &mut sink);
                        let (text, parameters) = (&planned.plan.text, &planned.parameters);
                        let mut came = pin!(send(link, text, parameters).await?);
                        while let Some(row) = came.next().await {
                            if !given.row(&row.map_err(|error| of_read(&error))?)? {
                                break;
                            }
                        }
                        Ok(given.end())
                    })
                    .await?
                }
            };
        }
        Ok(planned.selected(sink, (rows, next)))
    }

    /// The rows of a small page; none if it is not small, or not fast.
    async fn small(&self, planned: &Planned) -> Result<Option<Vec<Came>>, ReadError> {
        if planned.wanted.rows > SHARED_ROWS_MAX {
            return Ok(None);
        }
        let (text, parameters) = (&planned.plan.text, &planned.parameters);
        let came = self.shared(text, parameters).await;
        match came {
            Ok(came) => Ok(Some(came)),
            Err(ReadError::TimedOut) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many rows a query has.
    pub(crate) async fn count(&self, query: &Query) -> Result<u64, ReadError> {
        let statement = Dialect::Postgres.build(&plan::count(query, Dialect::Postgres));
        let (text, parameters) = (statement.text.into(), statement.parameters);
        let came = self.soon(&text, &parameters).await?;
        let count = came.first().and_then(|row| row.content(0).as_number());
        Ok(count.map_or(0, |count| u64::try_from(count).unwrap_or_default()))
    }

    /// Reads one record.
    pub(crate) async fn read_by_id<R>(
        &self,
        plan: &PlanById,
        id: Id,
        read: impl FnOnce(&Row<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        let parameters = plan.parameters_of(id);
        let came = self.soon(&plan.text, &parameters).await?;
        Ok(came.first().map(|row| {
            read(&Row {
                cells: row,
                types: &plan.types,
            })
        }))
    }

    /// Entries of the change log.
    pub(crate) async fn changes(
        &self,
        after: i64,
        limit: i64,
        catalogue: &Catalogue,
    ) -> Result<Vec<Change>, ReadError> {
        let parameters = [Content::Number(after), Content::Number(limit)];
        let came = self.soon(&change_log::SELECT.into(), &parameters).await?;
        let damaged = || ReadError::Database(change_log::DAMAGED.to_owned());
        came.iter()
            .map(|row| change_log::read(row, catalogue).ok_or_else(damaged))
            .collect()
    }

    /// The rows of a statement about the store's own tables.
    pub(crate) async fn own_rows<R>(
        &self,
        text: &str,
        parameters: &[Content],
        read: impl Fn(&dyn Cells) -> R,
    ) -> Result<Vec<R>, ReadError> {
        let came = self.soon(&text.into(), parameters).await?;
        Ok(came.iter().map(|row| read(row)).collect())
    }

    /// What a counter stands at.
    pub(crate) async fn counter(&self, name: &str) -> Result<i64, ReadError> {
        let parameters = [Content::Text(name.to_owned())];
        let came = self.soon(&change_log::LAST.into(), &parameters).await?;
        let value = came.first().and_then(|row| row.content(0).as_number());
        Ok(value.unwrap_or_default())
    }

    /// The rows of a statement that seldom takes long: on a shared connection, or on one of its own
    /// where it takes longer than others may wait for.
    async fn soon(&self, text: &Arc<str>, parameters: &[Content]) -> Result<Vec<Came>, ReadError> {
        match self.shared(text, parameters).await {
            Err(ReadError::TimedOut) => {
                self.apart(async |link| all(link, text, parameters).await)
                    .await
            }
            came => came,
        }
    }

    /// The rows of a statement on a shared connection; once again if it was lost meanwhile, for
    /// nothing was changed.
    async fn shared(
        &self,
        text: &Arc<str>,
        parameters: &[Content],
    ) -> Result<Vec<Came>, ReadError> {
        match self.shared_once(text, parameters).await {
            Err(ReadError::Unavailable(_)) => self.shared_once(text, parameters).await,
            came => came,
        }
    }

    async fn shared_once(
        &self,
        text: &Arc<str>,
        parameters: &[Content],
    ) -> Result<Vec<Came>, ReadError> {
        self.check_open()?;
        let slot = self.next.fetch_add(1, Ordering::Relaxed) % self.shared.len();
        let slot = &self.shared[slot];
        let link = match slot.now() {
            Some(link) => link,
            None => slot.or_open(self.open_link(SHARED_TIME_MAX)).await?,
        };
        all(&link, text, parameters).await
    }

    /// Runs a read on a connection of its own. If it is dropped before its end, the server is told
    /// to stop.
    pub(super) async fn apart<R>(
        &self,
        run: impl AsyncFnOnce(&Link) -> Result<R, ReadError>,
    ) -> Result<R, ReadError> {
        self.check_open()?;
        let places = Arc::clone(&self.idle.places);
        let _place = places
            .acquire_owned()
            .await
            .map_err(|_| ReadError::Closed)?;
        let link = match self.idle.take() {
            Some(link) => link,
            None => self.open_link(self.options.query_time_max).await?,
        };
        let mut apart = Apart {
            database: self,
            link: Some(link),
        };
        let answer = match &apart.link {
            Some(link) => run(link).await,
            None => Err(ReadError::Closed),
        };
        // One that failed may still be busy with it.
        if answer.is_ok()
            && let Some(link) = apart.link.take()
            && !self.closed.load(Ordering::Relaxed)
        {
            self.idle.give_back(link);
        }
        answer
    }

    async fn open_link(&self, time: Duration) -> Result<Link, ReadError> {
        let (address, tasks) = (Arc::clone(&self.address), self.tasks.handle.clone());
        let first = format!("{} SET default_transaction_read_only = on;", time_max(time));
        let prepared_max = self.options.statements_cached;
        // Among the tasks, for the caller may stand outside of every runtime.
        let opening = self
            .tasks
            .handle
            .spawn(async move { Link::open(&address, &tasks, &first, prepared_max).await });
        let opened = opening.await.map_err(|_| ReadError::Closed)?;
        opened.map_err(|error| match of_read(&error) {
            ReadError::Database(text) => ReadError::Unavailable(text),
            error => error,
        })
    }
}

/// A connection in use.
struct Apart<'a> {
    database: &'a Database,
    link: Option<Link>,
}

impl Drop for Apart<'_> {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            let token = link.client.cancel_token();
            let address = Arc::clone(&self.database.address);
            let cancel = async move { address.cancel(token).await };
            self.database.tasks.spawn(cancel);
        }
    }
}

async fn send(
    link: &Link,
    text: &Arc<str>,
    parameters: &[Content],
) -> Result<RowStream, ReadError> {
    let sent = async {
        let statement = link.statement(text).await?;
        let parameters = parameters.iter().map(Parameter::sought);
        let client: &Client = &link.client;
        client.query_raw(&statement, parameters).await
    };
    sent.await.map_err(|error| of_read(&error))
}

async fn all(link: &Link, text: &Arc<str>, parameters: &[Content]) -> Result<Vec<Came>, ReadError> {
    let mut came = pin!(send(link, text, parameters).await?);
    let mut rows = Vec::new();
    while let Some(row) = came.next().await {
        rows.push(row.map_err(|error| of_read(&error))?);
    }
    Ok(rows)
}
