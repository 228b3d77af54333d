//! The one value that every verb of this crate is a method of.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, OnceLock};

use headwater_catalogue::Id;
use headwater_records::Org;
use tokio::sync::mpsc;

use crate::carrier::Carrier;
use crate::health::Noted;

/// How many addresses are worked off at once. What one address has brought is worked off by one worker, so that
/// it happens in order. Workers share the processor with those who bring more: the fewer they are, the more of one
/// address is worked off together, and the more is taken in.
const WORKERS: usize = 4;

/// The same on a database of several nodes, where workers mostly wait for the way there and back.
const WORKERS_OF_NODE: usize = 8;

/// An address of a channel that something waits of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Waiting {
    pub(crate) channel: Id,
    pub(crate) address: String,
}

/// Conversations of an org. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Messaging {
    inner: Arc<Inner>,
}

struct Inner {
    org: Org,
    carriers: OnceLock<Box<dyn Carrier>>,
    /// One queue for each worker.
    queues: Vec<mpsc::UnboundedSender<Waiting>>,
    receivers: std::sync::Mutex<Vec<mpsc::UnboundedReceiver<Waiting>>>,
    sending: tokio::sync::Notify,
    fetching: tokio::sync::Notify,
    /// Which signs of channels were written down, and when.
    noted: std::sync::Mutex<Noted>,
    routing: tokio::sync::Notify,
}

impl std::fmt::Debug for Messaging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messaging").finish_non_exhaustive()
    }
}

impl Messaging {
    /// The conversations of an org. Nothing is worked off before [`Messaging::follow`] runs.
    pub fn new(org: Org) -> Self {
        let is_shared = org.store().is_shared();
        let workers = if is_shared { WORKERS_OF_NODE } else { WORKERS };
        let (queues, receivers) = (0..workers).map(|_| mpsc::unbounded_channel()).unzip();
        Self {
            inner: Arc::new(Inner {
                org,
                carriers: OnceLock::new(),
                queues,
                receivers: std::sync::Mutex::new(receivers),
                sending: tokio::sync::Notify::new(),
                fetching: tokio::sync::Notify::new(),
                noted: std::sync::Mutex::default(),
                routing: tokio::sync::Notify::new(),
            }),
        }
    }

    /// The org.
    pub fn org(&self) -> &Org {
        &self.inner.org
    }

    /// A name for a conversation or a message: a random UUID.
    pub(crate) fn identifier(&self) -> String {
        let mut bytes = [0; 16];
        self.org().randomness().fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }

    /// A name for a message that is about to be written, so that it is sent once.
    pub fn new_message(&self) -> String {
        self.identifier()
    }

    /// Says who takes messages out. Only the first call counts.
    pub fn connect(&self, carrier: Box<dyn Carrier>) {
        let _ = self.inner.carriers.set(carrier);
    }

    pub(crate) fn carrier(&self) -> Option<&dyn Carrier> {
        self.inner.carriers.get().map(|carrier| &**carrier)
    }

    /// Has an address worked off soon.
    pub(crate) fn wake(&self, channel: Id, address: &str) {
        let waiting = Waiting {
            channel,
            address: address.to_owned(),
        };
        let mut hasher = DefaultHasher::new();
        waiting.hash(&mut hasher);
        let workers = self.inner.queues.len() as u64;
        let worker = usize::try_from(hasher.finish() % workers).unwrap_or_default();
        // Without workers it waits in the database.
        let _ = self.inner.queues[worker].send(waiting);
    }

    /// Has what waits to be sent looked at soon.
    pub(crate) fn wake_sending(&self) {
        self.inner.sending.notify_one();
    }

    /// Has what waits to be fetched looked at soon.
    pub(crate) fn wake_fetching(&self) {
        self.inner.fetching.notify_one();
    }

    pub(crate) async fn fetching_woken(&self) {
        self.inner.fetching.notified().await;
    }

    pub(crate) async fn sending_woken(&self) {
        self.inner.sending.notified().await;
    }

    pub(crate) fn noted(&self) -> std::sync::MutexGuard<'_, Noted> {
        let noted = self.inner.noted.lock();
        noted.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Has the line of waiting sessions looked at soon.
    pub(crate) fn wake_routing(&self) {
        self.inner.routing.notify_one();
    }

    pub(crate) async fn routing_woken(&self) {
        self.inner.routing.notified().await;
    }

    /// The workers' ends of the queues; there once.
    pub(crate) fn take_queues(&self) -> Vec<mpsc::UnboundedReceiver<Waiting>> {
        let mut receivers = self
            .inner
            .receivers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *receivers)
    }
}
