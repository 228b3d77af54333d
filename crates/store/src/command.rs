//! What the writer is asked to do, and how whoever asked is told.

use std::sync::Arc;
use std::time::Duration;

use headwater_catalogue::ValueType;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::connection::{Ends, Failure};
use crate::ids::Ids;
use crate::jobs::{self, Job};
use crate::rows::{Content, KeptRows};
use crate::search;
use crate::session::Session;
use crate::sheet;
use crate::write_set::{Committed, NewJob, WriteError, WriteSet};
use crate::writer::Answers;

/// Something the writer is asked to do.
pub(crate) enum Command {
    /// A write set.
    Write(Box<WriteSet>, Reply<Committed>),
    /// Several write sets.
    Batch(Box<Batch>, Reply<Answers>),
    /// Reading what some writes would make of the database.
    Look(Box<Look>, Reply<Looked>),
    /// Something of the store's own.
    Task(Task, Reply<Done>),
    /// More numbers for record ids.
    Ids(Arc<Ids>),
    /// Finish what waits, and end.
    Close,
}

impl Command {
    /// What its transaction has to end with.
    pub(crate) fn ends(&self) -> Ends {
        let is_fleeting = match self {
            Self::Write(set, _) => set.is_fleeting,
            Self::Batch(batch, _) => batch.is_trial || batch.sets.iter().all(|it| it.is_fleeting),
            // It is undone.
            Self::Look(..) => true,
            Self::Task(..) | Self::Ids(_) | Self::Close => false,
        };
        if is_fleeting {
            Ends::Fleeting
        } else {
            Ends::Durable
        }
    }
}

/// Several write sets in one transaction, each in a savepoint of its own. None of them changes the
/// catalogue.
pub(crate) struct Batch {
    /// Writes that come before them, in a trial.
    pub(crate) before: Vec<Arc<WriteSet>>,
    pub(crate) sets: Vec<Arc<WriteSet>>,
    /// Whether all are undone when one is refused.
    pub(crate) all_or_none: bool,
    /// Whether this only asks how it would go, and leaves nothing behind.
    pub(crate) is_trial: bool,
}

/// A statement to run after some writes, which are undone then.
pub(crate) struct Look {
    pub(crate) before: Vec<Arc<WriteSet>>,
    pub(crate) text: Arc<str>,
    pub(crate) parameters: Vec<Content>,
    /// What its columns hold.
    pub(crate) types: Arc<[ValueType]>,
}

/// What such a statement found.
pub(crate) enum Looked {
    Rows(KeptRows),
    /// It was stopped.
    TooLong,
}

/// Something small of the store's own, in the transaction of its neighbours.
#[derive(Debug)]
pub(crate) enum Task {
    /// Forgets changes of before, of so many that are oldest.
    PurgeChanges(Timestamp, usize),
    /// Empty what the change log says of an object's records that are gone: its name, after which and up to
    /// which entry.
    BlankChanges(String, i64, i64),
    /// Puts some more records into a search index that is not whole.
    FillSearch,
    /// Empties the search indexes.
    EmptySearch,
    /// Takes a job that is due.
    ClaimJob {
        kind: String,
        now: Timestamp,
        lease: Duration,
    },
    /// Takes the next number of a counter, for good.
    TakeNumber(String),
    /// Leaves work for later, apart from any change.
    LeaveJob(NewJob),
    /// The job is done.
    FinishJob(i64),
    /// The job did not succeed.
    FailJob {
        id: i64,
        error: String,
        retry: Option<Timestamp>,
    },
    /// The job could not be begun, and is due again then.
    PutOffJob { id: i64, due: Timestamp },
    /// Whoever has the job keeps it until then.
    KeepJob {
        id: i64,
        attempts: u32,
        until: Timestamp,
    },
    /// Takes numbers of sheets.
    TakeSheets(u32),
    /// Removes lines of a sheet.
    RemoveLines { sheet: i64, limit: usize },
}

/// What a task did.
#[derive(Debug)]
pub(crate) enum Done {
    /// So many rows changed.
    Changed(u64),
    /// The first of the numbers taken.
    Numbered(i64),
    /// The job taken, if one was due.
    Claimed(Option<Job>),
}

/// Whom to tell.
pub(crate) enum Reply<T> {
    /// An async caller.
    Waker(oneshot::Sender<Result<T, WriteError>>),
    /// A caller that waits on its thread.
    Thread(std::sync::mpsc::Sender<Result<T, WriteError>>),
}

impl<T> Reply<T> {
    fn send(self, answer: Result<T, WriteError>) {
        // Whoever does not wait any more does not want to know.
        match self {
            Self::Waker(reply) => drop(reply.send(answer)),
            Self::Thread(reply) => drop(reply.send(answer)),
        }
    }
}

impl Task {
    pub(crate) fn run(&self, session: &mut Session) -> Result<Done, Failure> {
        match self {
            Self::PurgeChanges(before, limit) => {
                let before = before.as_microsecond();
                let limit = i64::try_from(*limit).unwrap_or(i64::MAX);
                let purged =
                    session.run(crate::change_log::PURGE, &[before.into(), limit.into()])?;
                Ok(Done::Changed(purged))
            }
            Self::BlankChanges(object, after, until) => {
                let text = crate::change_log::blank(object);
                let blanked = session.run(&text, &[(*after).into(), (*until).into()])?;
                Ok(Done::Changed(blanked))
            }
            Self::FillSearch => search::fill_some(session).map(|more| Done::Changed(more.into())),
            Self::EmptySearch => search::empty(session).map(Done::Changed),
            Self::ClaimJob { kind, now, lease } => {
                jobs::claim(session, kind, *now, *lease).map(Done::Claimed)
            }
            Self::TakeNumber(counter) => session.next_number(counter, 1).map(Done::Numbered),
            Self::LeaveJob(job) => jobs::add(session, job).map(|()| Done::Changed(1)),
            Self::FinishJob(id) => jobs::finish(session, *id).map(Done::Changed),
            Self::FailJob { id, error, retry } => {
                jobs::fail(session, *id, error, *retry).map(Done::Changed)
            }
            Self::PutOffJob { id, due } => jobs::put_off(session, *id, *due).map(Done::Changed),
            Self::KeepJob {
                id,
                attempts,
                until,
            } => jobs::keep(session, *id, *attempts, *until).map(Done::Changed),
            Self::TakeSheets(count) => {
                let connection = &session.connection;
                let first = connection.take_numbers(sheet::COUNTER, i64::from(*count));
                first.map(Done::Numbered)
            }
            Self::RemoveLines { sheet, limit } => {
                sheet::remove(session, *sheet, *limit).map(Done::Changed)
            }
        }
    }
}

/// How a command went, to be told once that is certain.
pub(crate) enum Performed {
    Write(Result<Committed, WriteError>),
    Batch(Result<Answers, WriteError>),
    Look(Result<Looked, WriteError>),
    Task(Result<Done, Failure>),
    Ids(Result<i64, Failure>),
    Closed,
}

impl Performed {
    /// Changes are numbered at the end of their transaction, after the number `before`.
    pub(crate) fn number(&mut self, before: i64) {
        match self {
            Self::Write(Ok(committed)) => committed.number(before),
            Self::Batch(Ok(answers)) => {
                answers
                    .iter_mut()
                    .flatten()
                    .for_each(|committed| committed.number(before));
            }
            Self::Write(Err(_))
            | Self::Batch(Err(_))
            | Self::Look(_)
            | Self::Task(_)
            | Self::Ids(_)
            | Self::Closed => {}
        }
    }
}

impl Command {
    /// Tells how it went; the error is that of the whole transaction.
    pub(crate) fn tell(self, performed: Result<Performed, WriteError>) {
        match (self, performed) {
            (Self::Write(_, reply), Ok(Performed::Write(answer))) => reply.send(answer),
            (Self::Write(_, reply), Err(error)) => reply.send(Err(error)),
            (Self::Batch(_, reply), Ok(Performed::Batch(answer))) => reply.send(answer),
            (Self::Batch(_, reply), Err(error)) => reply.send(Err(error)),
            (Self::Look(_, reply), Ok(Performed::Look(answer))) => reply.send(answer),
            (Self::Look(_, reply), Err(error)) => reply.send(Err(error)),
            (Self::Task(_, reply), Ok(Performed::Task(answer))) => {
                reply.send(answer.map_err(WriteError::from));
            }
            (Self::Task(_, reply), Err(error)) => reply.send(Err(error)),
            (Self::Ids(ids), Ok(Performed::Ids(Ok(first)))) => ids.add(first),
            (Self::Ids(ids), _) => ids.refused(),
            (
                Self::Write(..) | Self::Batch(..) | Self::Look(..) | Self::Task(..) | Self::Close,
                _,
            ) => {}
        }
    }
}
