//! SQLite: the connections, the one writer, the reads.

mod command;
pub(crate) mod connections;
pub(crate) mod functions;
mod plans;
mod read;
pub(crate) mod session;
mod upkeep;
mod writer;

pub(crate) use upkeep::copy;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use headwater_catalogue::Catalogue;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::{ReadError, StoreError};
use crate::options::Options;
use crate::write_set::{Committed, WriteError, WriteSet};
use command::Command;
use connections::Connections;
use writer::Writer;

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) path: PathBuf,
    pub(crate) connections: Connections,
    plans: plans::Plans,
    pub(crate) catalogue: Arc<ArcSwap<Catalogue>>,
    pub(crate) changed: watch::Sender<i64>,
    commands: mpsc::Sender<Command>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    ids: Ids,
    /// Held as long as we are open, so that no second process takes the same numbers.
    lock: Mutex<Option<File>>,
}

/// Numbers for record ids.
#[derive(Debug)]
struct Ids {
    next: AtomicU64,
    /// Numbers from here on are not reserved yet.
    end: AtomicU64,
    /// Whether more are on their way.
    asked: AtomicBool,
    more: Arc<(Mutex<()>, Condvar)>,
    block: u64,
}

impl Database {
    pub(crate) fn open(
        path: &Path,
        catalogue: Arc<Catalogue>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let lock = connections::lock(path)?;
        let connection = connections::open_writer(path, &options)?;
        let catalogue = Arc::new(ArcSwap::new(catalogue));
        let changed = watch::Sender::new(0);
        let (commands, queue) = mpsc::channel(options.queue_max.max(1));
        let mut writer = Writer::new(
            connection,
            Arc::clone(&catalogue),
            changed.clone(),
            &options,
        )?;
        let first_id = writer.start(options.ids_reserved)?;
        let thread = std::thread::Builder::new()
            .name("headwater-writer".to_owned())
            .spawn(move || writer.run(queue))
            .map_err(|source| StoreError::Files {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self {
            path: path.to_owned(),
            ids: Ids {
                next: AtomicU64::new(first_id),
                end: AtomicU64::new(first_id + options.ids_reserved),
                asked: AtomicBool::new(false),
                more: Arc::default(),
                block: options.ids_reserved,
            },
            connections: Connections::new(path, options),
            plans: plans::Plans::default(),
            catalogue,
            changed,
            commands,
            thread: Mutex::new(Some(thread)),
            lock: Mutex::new(Some(lock)),
        })
    }

    /// The next number for an id.
    pub(crate) fn next_number(self: &Arc<Self>) -> u64 {
        let number = self.ids.next.fetch_add(1, Ordering::Relaxed);
        let mut end = self.ids.end.load(Ordering::Acquire);
        // Asking early hides the time it takes to reserve.
        if number + self.ids.block / 2 >= end {
            self.ask_for_ids();
        }
        while number >= end && !self.connections.is_closed() {
            self.ask_for_ids();
            let (lock, more) = &*self.ids.more;
            let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
            // The timeout covers a queue too full to ask, and a writer that has gone.
            drop(more.wait_timeout(guard, Duration::from_millis(10)));
            end = self.ids.end.load(Ordering::Acquire);
        }
        number
    }

    fn ask_for_ids(self: &Arc<Self>) {
        if self.ids.asked.swap(true, Ordering::AcqRel) {
            return;
        }
        let database = Arc::downgrade(self);
        let block = self.ids.block;
        let reserve = Command::task(move |connection| writer::reserve_ids(connection, block), {
            move |reserved: Result<u64, WriteError>| {
                let Some(database) = database.upgrade() else {
                    return;
                };
                if let Ok(first) = reserved {
                    // Blocks follow one another, for nobody else takes any.
                    database.ids.end.store(first + block, Ordering::Release);
                }
                database.ids.asked.store(false, Ordering::Release);
                database.ids.more.1.notify_all();
            }
        });
        if self.commands.try_send(reserve).is_err() {
            self.ids.asked.store(false, Ordering::Release);
        }
    }

    pub(crate) async fn write(&self, set: WriteSet) -> Result<Committed, WriteError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Write(Box::new(set), reply);
        self.commands
            .send(command)
            .await
            .map_err(|_| WriteError::Closed)?;
        answer.await.map_err(|_| WriteError::Closed)?
    }

    pub(crate) fn write_blocking(&self, set: WriteSet) -> Result<Committed, WriteError> {
        let (reply, answer) = std::sync::mpsc::channel();
        let command = Command::WriteBlocking(Box::new(set), reply);
        self.send_blocking(command)?;
        answer.recv().map_err(|_| WriteError::Closed)?
    }

    /// Runs something small on the writer, in the transaction of its neighbours.
    pub(crate) async fn task<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, WriteError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::task(run, move |result| drop(reply.send(result)));
        self.commands
            .send(command)
            .await
            .map_err(|_| WriteError::Closed)?;
        answer.await.map_err(|_| WriteError::Closed)?
    }

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

    pub(crate) fn close(&self) {
        self.connections.close();
        // A writer that is gone already needs no telling.
        drop(self.send_blocking(Command::Close));
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the database ended in a panic");
        }
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    pub(crate) fn read_error(error: &rusqlite::Error) -> ReadError {
        ReadError::Database(error.to_string())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}
