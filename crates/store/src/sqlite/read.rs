//! Running planned queries.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use headwater_catalogue::{Catalogue, Id};
use headwater_soql::resolved::Query;

use super::Database;
use super::connections::Reader;
use crate::answer::{Page, PlanById, Selected};
use crate::change_log::{self, Change};
use crate::dialect::Dialect;
use crate::error::ReadError;
use crate::given::KeyValues;
use crate::plan::{self, Prepared};
use crate::plans::{More, Planned, Wanted};
use crate::rows::{Cells, Content, KeptRows, Row, RowSink};

/// Longest text of a statement that stays prepared, in bytes.
const KEPT_TEXT_MAX: usize = 16_384;

/// Most rows of an answer that is tried on the caller's thread.
const AT_ONCE_ROWS_MAX: u64 = 200;

/// Longest time such a try may take; then the query goes to a thread that may block. As long as
/// some tens of requests, which is what an async worker may be held up by.
const AT_ONCE_TIME_MAX: Duration = Duration::from_millis(1);

impl Database {
    /// A page of a query, ready to run.
    pub(crate) fn plan(&self, query: &Query, page: &Page) -> Result<Planned, ReadError> {
        let rows_max = self.connections.options.query_rows_max;
        self.plans.plan(query, page, rows_max)
    }

    /// Reads a page of a query into a sink.
    pub(crate) fn select<S: RowSink>(
        &self,
        query: &Query,
        page: &Page,
        sink: S,
        cancelled: Option<Arc<AtomicBool>>,
    ) -> Result<Selected<S>, ReadError> {
        let planned = self.plan(query, page)?;
        self.run_planned(&planned, sink, cancelled)
    }

    /// Reads a small page, if that takes no time worth mentioning; else gives the sink back, into
    /// which nothing has gone.
    pub(crate) fn select_at_once<S: RowSink>(
        &self,
        query: &Query,
        page: &Page,
        sink: S,
    ) -> Result<Result<Selected<S>, S>, ReadError> {
        let planned = self.plan(query, page)?;
        self.run_at_once(&planned, sink)
    }

    /// As [`Database::select_at_once`], for what is planned already.
    pub(crate) fn run_at_once<S: RowSink>(
        &self,
        planned: &Planned,
        mut sink: S,
    ) -> Result<Result<Selected<S>, S>, ReadError> {
        if planned.wanted.rows > AT_ONCE_ROWS_MAX {
            return Ok(Err(sink));
        }
        match self.run(planned, KeptRows::default(), AT_ONCE_TIME_MAX, None) {
            Err(ReadError::TimedOut) => Ok(Err(sink)),
            Err(error) => Err(error),
            Ok(Selected {
                sink: kept,
                rows,
                next,
            }) => {
                kept.give(&planned.plan.types, &mut sink);
                Ok(Ok(Selected { sink, rows, next }))
            }
        }
    }

    /// Reads what is planned into a sink.
    pub(crate) fn run_planned<S: RowSink>(
        &self,
        planned: &Planned,
        sink: S,
        cancelled: Option<Arc<AtomicBool>>,
    ) -> Result<Selected<S>, ReadError> {
        let time = self.connections.options.query_time_max;
        self.run(planned, sink, time, cancelled)
    }

    fn run<S: RowSink>(
        &self,
        planned: &Planned,
        mut sink: S,
        time: Duration,
        cancelled: Option<Arc<AtomicBool>>,
    ) -> Result<Selected<S>, ReadError> {
        if planned.wanted.rows == 0 {
            return Ok(planned.selected(sink, (0, None)));
        }
        let given = self.bounded(time, cancelled, |reader| given(reader, planned, &mut sink))?;
        Ok(planned.selected(sink, given))
    }

    /// Reads what is planned of a query into a sink, and counts the query's rows if those are not
    /// all: both of one state of the database, with the pages at hand that the rows lie on.
    pub(crate) fn run_counted<S: RowSink>(
        &self,
        query: &Query,
        planned: &Planned,
        mut sink: S,
        cancelled: Arc<AtomicBool>,
    ) -> Result<(Selected<S>, u64), ReadError> {
        let time = self.connections.options.query_time_max;
        let (given, total) = self.bounded(time, Some(cancelled), |reader| {
            let given = given(reader, planned, &mut sink)?;
            let total = match given.1 {
                Some(_) => counted(reader, query)?,
                None => given.0,
            };
            Ok((given, total))
        })?;
        Ok((planned.selected(sink, given), total))
    }

    /// How many rows a query has, if counting them takes no time worth mentioning.
    pub(crate) fn count_at_once(&self, query: &Query) -> Result<Option<u64>, ReadError> {
        match self.count_within(query, AT_ONCE_TIME_MAX, None) {
            Err(ReadError::TimedOut) => Ok(None),
            counted => counted.map(Some),
        }
    }

    /// How many rows a query has.
    pub(crate) fn count(
        &self,
        query: &Query,
        cancelled: Option<Arc<AtomicBool>>,
    ) -> Result<u64, ReadError> {
        self.count_within(query, self.connections.options.query_time_max, cancelled)
    }

    fn count_within(
        &self,
        query: &Query,
        time: Duration,
        cancelled: Option<Arc<AtomicBool>>,
    ) -> Result<u64, ReadError> {
        self.bounded(time, cancelled, |reader| counted(reader, query))
    }

    /// Reads one record, without the machinery that longer reads need.
    pub(crate) fn read_by_id<R>(
        &self,
        plan: &PlanById,
        id: Id,
        read: impl FnOnce(&Row<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        self.connections.with(|reader| {
            let failed = |error| failure(reader, &error);
            let mut prepared = reader
                .connection
                .prepare_cached(&plan.text)
                .map_err(failed)?;
            for (place, value) in plan.parameters.iter().enumerate() {
                if place == plan.id {
                    prepared
                        .raw_bind_parameter(place + 1, id.as_str())
                        .map_err(failed)?;
                } else {
                    prepared
                        .raw_bind_parameter(place + 1, value)
                        .map_err(failed)?;
                }
            }
            let mut rows = prepared.raw_query();
            let row = rows.next().map_err(failed)?;
            Ok(row.map(|row| {
                read(&Row {
                    cells: row,
                    types: &plan.types,
                })
            }))
        })
    }

    /// Entries of the change log.
    pub(crate) fn changes(
        &self,
        after: i64,
        limit: i64,
        catalogue: &Catalogue,
    ) -> Result<Vec<Change>, ReadError> {
        self.connections.with(|reader| {
            let failed = |error| failure(reader, &error);
            let text = change_log::SELECT;
            let mut prepared = reader.connection.prepare_cached(text).map_err(failed)?;
            let mut rows = prepared.query((after, limit)).map_err(failed)?;
            let mut changes = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                let damaged = || ReadError::Database(change_log::DAMAGED.to_owned());
                changes.push(change_log::read(row, catalogue).ok_or_else(damaged)?);
            }
            Ok(changes)
        })
    }

    /// The rows of a statement about the store's own tables.
    pub(crate) fn own_rows<R>(
        &self,
        text: &str,
        parameters: &[Content],
        read: impl Fn(&dyn Cells) -> R,
    ) -> Result<Vec<R>, ReadError> {
        self.connections.with(|reader| {
            let failed = |error| failure(reader, &error);
            let mut prepared = reader.connection.prepare_cached(text).map_err(failed)?;
            let mut rows = prepared
                .query(rusqlite::params_from_iter(parameters))
                .map_err(failed)?;
            let mut all = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                all.push(read(row));
            }
            Ok(all)
        })
    }

    /// Runs a read within its time, on a connection of the pool.
    fn bounded<R>(
        &self,
        time: Duration,
        cancelled: Option<Arc<AtomicBool>>,
        run: impl FnOnce(&Reader) -> Result<R, ReadError>,
    ) -> Result<R, ReadError> {
        self.connections.with(|reader| {
            reader.begin(time, cancelled);
            let answer = run(reader);
            reader.end();
            answer
        })
    }
}

/// Passes the rows of what is planned on: how many, and the key of the last one when there are more.
fn given(
    reader: &Reader,
    planned: &Planned,
    sink: &mut impl RowSink,
) -> Result<(u64, Option<KeyValues>), ReadError> {
    let Planned {
        wanted,
        plan,
        parameters,
    } = planned;
    execute(reader, &plan.text, parameters, |prepared| {
        read(prepared, reader, plan, wanted, sink)
    })
}

/// How many rows a query has.
fn counted(reader: &Reader, query: &Query) -> Result<u64, ReadError> {
    let statement = Dialect::Sqlite.build(&plan::count(query, Dialect::Sqlite));
    execute(reader, &statement.text, &statement.parameters, |prepared| {
        let mut rows = prepared.raw_query();
        let row = rows.next().map_err(|error| failure(reader, &error))?;
        let count = row.map_or(Ok(0), |row| row.get::<_, i64>(0));
        let count = count.map_err(|error| failure(reader, &error))?;
        Ok(u64::try_from(count).unwrap_or_default())
    })
}

/// Passes the rows on; the key of the last one, when there are more.
fn read(
    prepared: &mut rusqlite::Statement<'_>,
    reader: &Reader,
    plan: &Prepared,
    wanted: &Wanted,
    sink: &mut impl RowSink,
) -> Result<(u64, Option<KeyValues>), ReadError> {
    let failed = |error| failure(reader, &error);
    let mut rows = prepared.raw_query();
    let mut given = 0;
    let mut last = None;
    while let Some(row) = rows.next().map_err(failed)? {
        if given == wanted.rows {
            return match wanted.more {
                More::No => Ok((given, None)),
                More::Page => Ok((given, last)),
                More::TooMany => Err(ReadError::TooManyRows(wanted.rows)),
            };
        }
        given += 1;
        sink.row(&Row {
            cells: row,
            types: &plan.types,
        });
        if given == wanted.rows && !plan.key.is_empty() {
            last = plan.key_of(row);
        }
        if given.is_multiple_of(256) && reader.budget.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
    }
    Ok((given, None))
}

/// Runs a statement with its parameters bound. It stays prepared, unless it is so long that
/// keeping many of its like would take the memory of a small machine.
fn execute<R>(
    reader: &Reader,
    text: &str,
    parameters: &[Content],
    run: impl FnOnce(&mut rusqlite::Statement<'_>) -> Result<R, ReadError>,
) -> Result<R, ReadError> {
    let failed = |error| failure(reader, &error);
    let bind = |prepared: &mut rusqlite::Statement<'_>| {
        for (place, value) in parameters.iter().enumerate() {
            prepared.raw_bind_parameter(place + 1, value)?;
        }
        Ok(())
    };
    if text.len() > KEPT_TEXT_MAX {
        let mut prepared = reader.connection.prepare(text).map_err(failed)?;
        bind(&mut prepared).map_err(failed)?;
        return run(&mut prepared);
    }
    let mut prepared = reader.connection.prepare_cached(text).map_err(failed)?;
    bind(&mut prepared).map_err(failed)?;
    run(&mut prepared)
}

fn failure(reader: &Reader, error: &rusqlite::Error) -> ReadError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) if reader.budget.is_cancelled() => {
            ReadError::Cancelled
        }
        Some(rusqlite::ErrorCode::OperationInterrupted) => ReadError::TimedOut,
        _ => Database::read_error(error),
    }
}
