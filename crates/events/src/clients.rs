//! The subscribers of this node: who shook hands, what each is subscribed to, and where in the change
//! log each of its subscriptions stands.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use headwater_catalogue::Id;
use headwater_records::Org;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::channel::Carries;
use crate::door::EventSettings;

/// All of them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    known: Arc<Mutex<HashMap<String, Arc<Client>>>>,
    settings: Arc<EventSettings>,
    absence_max: SignedDuration,
}

/// Why there is no place for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The node has as many as it takes.
    Node,
    /// The user has as many as one may have.
    User,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Client {
    /// What it is called, which nobody else can guess.
    pub(crate) id: String,
    /// Whose it is.
    user: Id,
    state: Mutex<State>,
    /// What a hanging connect must hear of.
    signal: watch::Sender<Signal>,
}

#[derive(Debug)]
struct State {
    subscriptions: Vec<Subscription>,
    /// Connects that hang now.
    hanging: usize,
    /// When it was last heard of.
    heard_at: Timestamp,
    /// Whether its first connect was answered.
    is_connected: bool,
}

/// A channel that a client is subscribed to.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    /// As the client calls it.
    pub(crate) channel: Arc<str>,
    pub(crate) carries: Carries,
    /// The replay id of the last change that was told on it or passed over.
    pub(crate) after: i64,
}

/// What happens to a client while its connect hangs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Signal {
    /// Connects so far: the newest one is told events, an older one that hangs still is let go.
    pub(crate) turn: u64,
    /// How often its subscriptions have changed.
    pub(crate) revision: u64,
    /// Whether it has left.
    pub(crate) has_left: bool,
}

/// A connect that hangs: while it does, its client is not absent.
#[derive(Debug)]
pub(crate) struct Hanging<'c> {
    client: &'c Client,
    org: &'c Org,
}

impl Clients {
    pub(crate) fn new(settings: Arc<EventSettings>) -> Self {
        Self {
            known: Arc::default(),
            absence_max: SignedDuration::try_from(settings.absence_time_max)
                .unwrap_or(SignedDuration::MAX),
            settings,
        }
    }

    /// Takes a new one in.
    pub(crate) fn add(&self, id: String, user: Id, now: Timestamp) -> Result<Arc<Client>, Full> {
        let mut known = self.lock();
        if known.len() >= self.settings.clients_max {
            known.retain(|_, client| !client.is_absent(now, self.absence_max));
        }
        if known.len() >= self.settings.clients_max {
            return Err(Full::Node);
        }
        let is_theirs =
            |client: &&Arc<Client>| client.user == user && !client.is_absent(now, self.absence_max);
        if known.values().filter(is_theirs).count() >= self.settings.clients_per_user_max {
            return Err(Full::User);
        }
        let client = Arc::new(Client {
            id: id.clone(),
            user,
            state: Mutex::new(State {
                subscriptions: Vec::new(),
                hanging: 0,
                heard_at: now,
                is_connected: false,
            }),
            signal: watch::Sender::default(),
        });
        known.insert(id, Arc::clone(&client));
        Ok(client)
    }

    /// A user's own, which is heard of with this; none if it is not known, or was away for too long.
    pub(crate) fn get(&self, id: &str, user: Id, now: Timestamp) -> Option<Arc<Client>> {
        let client = Arc::clone(self.lock().get(id).filter(|client| client.user == user)?);
        if client.is_absent(now, self.absence_max) {
            self.remove(&client);
            return None;
        }
        client.state().heard_at = now;
        Some(client)
    }

    /// Lets one go; a connect of it that hangs is answered.
    pub(crate) fn remove(&self, client: &Client) {
        self.lock().remove(&client.id);
        client.signal.send_modify(|signal| signal.has_left = true);
    }

    /// Forgets those that were away for too long. How many are left.
    pub(crate) fn sweep(&self, now: Timestamp) -> usize {
        let mut known = self.lock();
        known.retain(|_, client| !client.is_absent(now, self.absence_max));
        known.len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Client>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Takes the turn: a connect that hangs already is let go.
    pub(crate) fn connect<'c>(&'c self, org: &'c Org) -> (Hanging<'c>, watch::Receiver<Signal>) {
        self.state().hanging += 1;
        self.signal.send_modify(|signal| signal.turn += 1);
        (Hanging { client: self, org }, self.signal.subscribe())
    }

    /// Whether this is the first time that it is asked.
    pub(crate) fn is_new(&self) -> bool {
        !std::mem::replace(&mut self.state().is_connected, true)
    }

    /// What it is subscribed to now.
    pub(crate) fn subscriptions(&self) -> Vec<Subscription> {
        self.state().subscriptions.clone()
    }

    /// Subscribes it to a channel, or has its subscription begin elsewhere. None of the channels it
    /// already has is counted twice.
    pub(crate) fn subscribe(&self, subscription: Subscription, max: usize) -> bool {
        let mut state = self.state();
        state
            .subscriptions
            .retain(|known| known.channel != subscription.channel);
        if state.subscriptions.len() >= max {
            return false;
        }
        state.subscriptions.push(subscription);
        self.signal.send_modify(|signal| signal.revision += 1);
        true
    }

    /// Ends a subscription, if there is one.
    pub(crate) fn unsubscribe(&self, channel: &str) {
        let mut state = self.state();
        state
            .subscriptions
            .retain(|known| &*known.channel != channel);
        self.signal.send_modify(|signal| signal.revision += 1);
    }

    /// Notes that it was told everything up to a replay id, unless something has happened to it since
    /// the signal was seen: then what was gathered for it is not to be told.
    pub(crate) fn advance(&self, seen: Signal, until: i64) -> bool {
        let mut state = self.state();
        if *self.signal.borrow() != seen {
            return false;
        }
        for subscription in &mut state.subscriptions {
            subscription.after = subscription.after.max(until);
        }
        true
    }

    fn is_absent(&self, now: Timestamp, absence_max: SignedDuration) -> bool {
        let state = self.state();
        state.hanging == 0 && now.duration_since(state.heard_at) > absence_max
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hanging<'_> {
    fn drop(&mut self) {
        let mut state = self.client.state();
        state.hanging -= 1;
        state.heard_at = self.org.now();
    }
}
