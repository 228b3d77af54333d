//! What the writer is asked to do, and how whoever asked is told.

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::apply;
use crate::write_set::{Committed, WriteError, WriteSet};

pub(super) type Answer = Result<Committed, WriteError>;

/// Tells somebody how their part went, once that is certain.
pub(super) type Deliver = Box<dyn FnOnce(Result<(), WriteError>)>;

/// Runs a part of the transaction; an error undoes it. Either way somebody is told.
pub(super) type Task = Box<dyn FnOnce(&Connection) -> Result<Deliver, Deliver> + Send>;

/// Something the writer is asked to do.
pub(crate) enum Command {
    /// A write set of an async caller.
    Write(Box<WriteSet>, oneshot::Sender<Answer>),
    /// A write set of a caller that waits on its thread.
    WriteBlocking(Box<WriteSet>, std::sync::mpsc::Sender<Answer>),
    /// Something of the store's own.
    Task(Task),
    /// Finish what waits, and end.
    Close,
}

impl Command {
    /// Something of the store's own: what to run, and whom to tell.
    pub(crate) fn task<T: Send + 'static>(
        run: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        tell: impl FnOnce(Result<T, WriteError>) + Send + 'static,
    ) -> Self {
        Self::Task(Box::new(move |connection| match run(connection) {
            Ok(value) => Ok(Box::new(move |commit| tell(commit.map(|()| value)))),
            Err(error) => {
                let error = apply::database(&error);
                Err(Box::new(move |_| tell(Err(error))))
            }
        }))
    }
}

/// What waits for the commit.
pub(super) enum Waiting {
    Write(oneshot::Sender<Answer>, Answer),
    WriteBlocking(std::sync::mpsc::Sender<Answer>, Answer),
    Task(Deliver),
}

impl Command {
    /// What is told to somebody whose command was never begun.
    pub(super) fn given_up(self) -> Option<Waiting> {
        Some(match self {
            Self::Write(_, reply) => Waiting::Write(reply, Err(WriteError::Closed)),
            Self::WriteBlocking(_, reply) => Waiting::WriteBlocking(reply, Err(WriteError::Closed)),
            // A task that is dropped drops the one to tell, who takes that for a closed store.
            Self::Task(_) | Self::Close => return None,
        })
    }
}

impl Waiting {
    /// Tells how it went; the error is that of the whole group.
    pub(super) fn tell(self, error: Option<&WriteError>) {
        // Whoever does not wait any more does not want to know.
        match self {
            Self::Write(reply, answer) => {
                drop(reply.send(error.map_or(answer, |error| Err(error.clone()))));
            }
            Self::WriteBlocking(reply, answer) => {
                drop(reply.send(error.map_or(answer, |error| Err(error.clone()))));
            }
            Self::Task(deliver) => deliver(error.map_or(Ok(()), |error| Err(error.clone()))),
        }
    }
}
