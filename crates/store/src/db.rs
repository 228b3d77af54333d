//! The store: one handle, whatever the engine behind it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use headwater_catalogue::{Catalogue, Id, Object, Value};
use headwater_soql::resolved::Query;
use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::answer::{Page, PlanById, Selected, Statistics};
use crate::change_log::Change;
use crate::command::{Command, Done, Reply, Task};
use crate::engine::Engine;
use crate::error::{ReadError, StoreError};
use crate::explain::{self, Explanation};
use crate::ids::Ids;
use crate::options::{Location, Options};
use crate::plan;
use crate::rows::{Row, RowSink, Rows};
use crate::session::Session;
use crate::sqlite;
use crate::staged::Staged;
use crate::write_set::{Committed, WriteError, WriteSet};
use crate::writer::{Shared, Writer};

/// The data of one org. Cheap to clone; all clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// Writes of this handle that wait to be committed together; none for all other handles.
    pub(crate) staged: Option<Arc<Staged>>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    shared: Shared,
    ids: Arc<Ids>,
    commands: mpsc::Sender<Command>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    closed: AtomicBool,
}

impl Store {
    /// Opens the database, making or migrating it to the catalogue.
    ///
    /// # Errors
    /// A file that is not ours or newer than us, or is in use; see [`StoreError`].
    pub fn open(
        location: &Location,
        catalogue: Arc<Catalogue>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let (queue_max, group_max) = (options.queue_max.max(1), options.group_max);
        let ids = Arc::new(Ids::new(options.ids_reserved));
        let (engine, connections) = Engine::open(location, options)?;
        let mut session = Session::new(connections.group, Arc::clone(&catalogue));
        let last = session.begin()?;
        let shared = Shared {
            catalogue: Arc::new(ArcSwap::new(Arc::clone(&catalogue))),
            changed: watch::Sender::new(last),
            signals: broadcast::Sender::new(crate::signals::WAITING_MAX),
        };
        let (commands, queue) = mpsc::channel(queue_max);
        let mut writers = Vec::new();
        let alone = match connections.alone {
            Some(connection) => {
                let (send, queue) = mpsc::unbounded_channel();
                let session = Session::new(connection, catalogue);
                let writer = Writer::new(session, shared.clone(), 1, None);
                writers.push(thread("headwater-alone", || writer.run_alone(queue))?);
                Some(send)
            }
            None => None,
        };
        let writer = Writer::new(session, shared.clone(), group_max, alone);
        // The one that helps ends after the one it helps.
        writers.insert(0, thread("headwater-writer", || writer.run(queue))?);
        engine.listen(&shared.changed, &shared.signals);
        Ok(Self {
            inner: Arc::new(Inner {
                engine,
                shared,
                ids,
                commands,
                writers: Mutex::new(writers),
                closed: AtomicBool::new(false),
            }),
            staged: None,
        })
    }

    /// Another handle of the same store.
    pub(crate) fn with_staged(&self, staged: Staged) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            staged: Some(Arc::new(staged)),
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn signal_sender(&self) -> &broadcast::Sender<Arc<str>> {
        &self.inner.shared.signals
    }

    /// What exists now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.inner.shared.catalogue.load_full()
    }

    /// An id that no record has had and none will get but the one it is for. It comes from a
    /// block that is durably reserved, so not even a crash gives it out twice.
    pub fn next_id(&self, object: &Object) -> Id {
        let ask = |ids| self.inner.commands.try_send(Command::Ids(ids)).is_ok();
        let closed = || self.inner.closed.load(Ordering::Relaxed);
        // Of a closed store no id is ever written.
        let number = self.inner.ids.next(ask, closed).unwrap_or_default();
        Id::new(object.prefix, number)
    }

    /// Applies a write: durable when this returns. Dropping the future does not take it back.
    ///
    /// # Errors
    /// Nothing was written, but for [`WriteError::InDoubt`]; see [`WriteError`].
    pub async fn write(&self, set: WriteSet) -> Result<Committed, WriteError> {
        if let Some(staged) = &self.staged {
            return Box::pin(self.stage(staged, set)).await;
        }
        let (reply, answer) = oneshot::channel();
        let command = Command::Write(Box::new(set), Reply::Waker(reply));
        self.send(command, answer).await
    }

    pub(crate) async fn task(&self, task: Task) -> Result<Done, WriteError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Task(task, Reply::Waker(reply)), answer)
            .await
    }

    pub(crate) async fn send<T>(
        &self,
        command: Command,
        answer: oneshot::Receiver<Result<T, WriteError>>,
    ) -> Result<T, WriteError> {
        let sent = self.inner.commands.send(command).await;
        sent.map_err(|_| WriteError::Closed)?;
        answer.await.map_err(|_| WriteError::Closed)?
    }

    /// As [`Store::write`], for start-up and tests: not to be called on an async worker.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking(&self, set: WriteSet) -> Result<Committed, WriteError> {
        let (reply, answer) = std::sync::mpsc::channel();
        let command = Command::Write(Box::new(set), Reply::Thread(reply));
        self.inner.send_blocking(command)?;
        answer.recv().map_err(|_| WriteError::Closed)?
    }

    /// Reads a query's rows into a sink. A small page is tried on the spot, for most are answered
    /// before another thread has woken up; what takes longer, or may, runs off the async workers.
    /// Dropping the future stops it.
    ///
    /// # Errors
    /// See [`ReadError`]. The sink is gone then.
    pub async fn select<S: RowSink + Send + 'static>(
        &self,
        query: Arc<Query>,
        page: Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        if let Some(staged) = self.waiting() {
            return Box::pin(self.select_staged(staged, &query, &page, sink)).await;
        }
        self.engine().select(query, page, sink).await
    }

    /// As [`Store::select`], on the calling thread.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn select_blocking<S: RowSink>(
        &self,
        query: &Query,
        page: &Page,
        sink: S,
    ) -> Result<Selected<S>, ReadError> {
        self.engine().select_blocking(query, page, sink)
    }

    /// All rows of a query, on the calling thread.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_rows_blocking(&self, query: &Query) -> Result<Vec<Vec<Value>>, ReadError> {
        Ok(self
            .select_blocking(query, &Page::default(), Rows::default())?
            .sink
            .rows)
    }

    /// How many rows a query has, its LIMIT and OFFSET respected as SOQL's `COUNT()` does.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn count(&self, query: Arc<Query>) -> Result<u64, ReadError> {
        if let Some(staged) = self.waiting() {
            return Box::pin(self.count_staged(staged, &query)).await;
        }
        self.engine().count(query).await
    }

    /// As [`Store::count`], on the calling thread.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn count_blocking(&self, query: &Query) -> Result<u64, ReadError> {
        self.engine().count_blocking(query)
    }

    /// Prepares "this query, for one record": joins, filter and visibility included, order and
    /// limit left out.
    pub fn plan_by_id(&self, query: &Query) -> PlanById {
        let (statement, id, types) = plan::by_id(query, self.engine().dialect());
        PlanById {
            text: statement.text.into(),
            parameters: statement.parameters.into(),
            id,
            types: types.into(),
        }
    }

    /// Reads one record. Of a file on the calling thread: fast enough to need no other.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn read_by_id<R>(
        &self,
        plan: &PlanById,
        id: Id,
        read: impl FnOnce(&Row<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        if let Some(staged) = self.waiting() {
            return Box::pin(self.read_staged(staged, plan, id, read)).await;
        }
        self.engine().read_by_id(plan, id, read).await
    }

    /// How a page of a query is run, for both dialects.
    ///
    /// # Errors
    /// [`ReadError::BadKey`] if the page continues another query.
    pub fn explain(&self, query: &Query, page: &Page) -> Result<Explanation, ReadError> {
        explain::explain(query, page)
    }

    /// Changes after a replay id, oldest first.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn changes(&self, after: i64, limit: usize) -> Result<Vec<Change>, ReadError> {
        let catalogue = self.catalogue();
        self.engine().changes(after, limit, &catalogue).await
    }

    /// The last replay id; wakes after each commit that logged a change.
    pub fn changed(&self) -> tokio::sync::watch::Receiver<i64> {
        self.inner.shared.changed.subscribe()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.inner.closed.load(Ordering::Relaxed)
    }

    /// Forgets changes older than this among the so many oldest, so that nobody waits long; the newest
    /// one always stays, so that numbers go on. How many it forgot.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn purge_changes(&self, before: Timestamp, limit: usize) -> Result<u64, WriteError> {
        match self.task(Task::PurgeChanges(before, limit)).await? {
            Done::Changed(purged) => Ok(purged),
            Done::Claimed(_) | Done::Numbered(_) => Ok(0),
        }
    }

    /// Empties what the change log says, after one entry and up to another, of an object's records that are
    /// gone for good; the entries stay. How many it emptied.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn blank_changes(
        &self,
        object: &Object,
        after: i64,
        until: i64,
    ) -> Result<u64, WriteError> {
        let task = Task::BlankChanges(object.name.to_string(), after, until);
        match self.task(task).await? {
            Done::Changed(blanked) => Ok(blanked),
            Done::Claimed(_) | Done::Numbered(_) => Ok(0),
        }
    }

    /// Copies the running database, as it is at one moment, to a new file. Progress is called
    /// with the pages done and the pages in all.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn backup(&self, to: &Path, progress: impl FnMut(u64, u64)) -> Result<(), StoreError> {
        self.engine().backup(to, progress)
    }

    /// Looks for damage: a line for each thing found wrong.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn check_integrity(&self) -> Result<Vec<String>, ReadError> {
        self.engine().check_integrity(&self.catalogue())
    }

    /// Numbers about the database.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn statistics(&self) -> Result<Statistics, ReadError> {
        self.engine().statistics(&self.catalogue())
    }

    /// Finishes the writes that wait, refuses new ones, and tidies the file.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Inner {
    /// Unlike the channel's own blocking send, this one may be called on an async worker at
    /// start-up, where there is nothing else to hold up.
    fn send_blocking(&self, mut command: Command) -> Result<(), WriteError> {
        loop {
            match self.commands.try_send(command) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Closed(_)) => return Err(WriteError::Closed),
                Err(mpsc::error::TrySendError::Full(back)) => {
                    command = back;
                    std::thread::yield_now();
                }
            }
        }
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.engine.close();
        // A writer that is gone already needs no telling.
        drop(self.send_blocking(Command::Close));
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        for writer in writers.drain(..) {
            if writer.thread().id() != std::thread::current().id() && writer.join().is_err() {
                tracing::error!("a writer of the database ended in a panic");
            }
        }
        self.engine.release();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    thread.map_err(|error| StoreError::Database(format!("no thread to write on: {error}")))
}

/// Copies a database that another process may have open and be writing to.
///
/// # Errors
/// See [`StoreError`].
pub fn backup_file(
    from: &Location,
    to: &Path,
    progress: impl FnMut(u64, u64),
) -> Result<(), StoreError> {
    match from {
        Location::Sqlite(path) => sqlite::copy(path, to, progress),
        Location::Postgres(_) => Err(StoreError::NoBackup),
    }
}
