//! PostgreSQL: the connections that write, the connections that read, and the one that listens.

mod address;
mod cells;
mod check;
mod doubt;
mod failure;
mod link;
mod listening;
mod loading;
mod numbers;
mod reading;
mod state;
mod turn;
mod upkeep;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::runtime::{Handle, Runtime, RuntimeFlavor};
use tokio::sync::{broadcast, watch};

use crate::dialect::Dialect;
use crate::error::{ReadError, StoreError};
use crate::options::Options;
use crate::plans::Plans;
use crate::rows::Content;
use address::Address;
use link::{Idle, Slot};
pub(crate) use turn::Turn;
pub(crate) use writing::Writing;

/// Connections that all small reads share, each answering one after the other. Few, for requests
/// that travel together cost less than connections do.
const SHARED: usize = 2;

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    address: Arc<Address>,
    tasks: Tasks,
    shared: [Slot; SHARED],
    next: AtomicUsize,
    /// For reads that take long: one connection each.
    idle: Idle,
    plans: Plans,
    options: Options,
    closed: AtomicBool,
}

/// Connections that write.
pub(crate) struct Writers {
    pub(crate) group: Writing,
    pub(crate) alone: Writing,
}

/// Whether a database that we can use has our tables.
pub(crate) fn is_made(url: &str) -> Result<bool, StoreError> {
    let address = Arc::new(Address::parse(url)?);
    Writing::open(address, &Options::default(), false).map(|(_, is_made)| is_made)
}

impl Database {
    /// Connects to a database that is ours or empty.
    pub(crate) fn open(url: &str, options: Options) -> Result<(Self, Writers), StoreError> {
        let address = Arc::new(Address::parse(url)?);
        let writers = Writers {
            group: Writing::open(Arc::clone(&address), &options, false)?.0,
            alone: Writing::open(Arc::clone(&address), &options, true)?.0,
        };
        let database = Self {
            tasks: Tasks::new()?,
            shared: std::array::from_fn(|_| Slot::default()),
            next: AtomicUsize::new(0),
            idle: Idle::new(options.read_connections),
            plans: Plans::new(Dialect::Postgres),
            options,
            closed: AtomicBool::new(false),
            address,
        };
        Ok((database, writers))
    }

    /// Keeps `changed` at the last replay id, whichever node gave it out, and tells what nodes signal.
    pub(crate) fn listen(&self, changed: watch::Sender<i64>, signals: broadcast::Sender<Arc<str>>) {
        let listening = listening::listen(Arc::clone(&self.address), changed, signals);
        self.tasks.spawn(listening);
    }

    /// Tells a signal to all nodes, this one among them.
    pub(crate) async fn signal(&self, text: &str) -> Result<(), ReadError> {
        let parameters = [Content::Text(text.to_owned())];
        self.own_rows(listening::SIGNAL, &parameters, |_| ())
            .await
            .map(drop)
    }

    /// Waits for an answer on a thread that may block, whether or not a runtime is around it.
    pub(crate) fn block_on<T>(&self, answer: impl Future<Output = T>) -> T {
        let _entered = self.tasks.handle.enter();
        futures_executor::block_on(answer)
    }

    fn check_open(&self) -> Result<(), ReadError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(ReadError::Closed);
        }
        Ok(())
    }

    /// No more reads.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.shared.iter().for_each(Slot::clear);
        self.idle.clear();
    }
}

/// Where the connections are looked after: among the tasks of a server, or apart where there is
/// no server or only one thread, which a blocking call would keep from doing it.
#[derive(Debug)]
struct Tasks {
    handle: Handle,
    own: Option<Runtime>,
}

impl Tasks {
    fn new() -> Result<Self, StoreError> {
        if let Ok(handle) = Handle::try_current()
            && handle.runtime_flavor() == RuntimeFlavor::MultiThread
            && handle.metrics().num_workers() > 1
        {
            return Ok(Self { handle, own: None });
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("headwater-postgres")
            .enable_all()
            .build()
            .map_err(|error| StoreError::Database(format!("no thread to read on: {error}")))?;
        Ok(Self {
            handle: runtime.handle().clone(),
            own: Some(runtime),
        })
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        // Also where waiting for its tasks is not allowed.
        if let Some(runtime) = self.own.take() {
            runtime.shutdown_background();
        }
    }
}
