//! Telling web clients what happens: the change log is read once for a node, each entry once, and told to
//! those whose conversation it is in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_messaging::{Doing, Messaging, Signer};
use headwater_records::{Notice, Org};
use tokio::sync::mpsc;

use super::entries::{self, Told};
use crate::door::ChannelSettings;

/// Events that wait for one client. One that is further behind is let go, and comes back with what it
/// has seen.
const WAITING_MAX: usize = 256;

/// Most sessions of which it is remembered whose they are.
pub(super) const SESSIONS_MAX: usize = 50_000;

/// How long the reader of the log waits when the database does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// An event on its way to a client.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// The change that it tells of; none for what is told once and kept nowhere.
    pub(super) id: Option<i64>,
    pub(super) name: &'static str,
    pub(super) data: Arc<str>,
}

/// Whose a session is.
#[derive(Debug, Clone)]
pub(super) struct Whose {
    pub(super) channel: Id,
    pub(super) subject: Arc<str>,
    pub(super) deployment: Arc<str>,
    pub(super) conversation: Arc<str>,
}

#[derive(Debug)]
struct Client {
    number: u64,
    tell: mpsc::Sender<Event>,
}

/// What clients are told of a session, beside what is said in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stand {
    /// Its status.
    pub(super) status: String,
    /// Whoever works here and is on it, with their name.
    pub(super) agent: Option<(Id, String)>,
    /// Whoever was on it when it ended.
    pub(super) last_agent: Option<(Id, String)>,
}

#[derive(Debug, Default)]
pub(super) struct Listening {
    next: u64,
    open: usize,
    clients: HashMap<(Id, String), Vec<Client>>,
    pub(super) sessions: HashMap<Id, Whose>,
    /// How sessions stood when it was last told.
    pub(super) told: HashMap<Id, Stand>,
    newest: i64,
}

/// The web clients that listen on this node. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    pub(super) messaging: Messaging,
    pub(super) org: Org,
    listening: Arc<Mutex<Listening>>,
    most: usize,
    /// What the addresses of files begin with.
    pub(super) base: Arc<str>,
}

/// A client's place, left when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    streams: Streams,
    key: (Id, String),
    number: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut listening = self.streams.lock();
        listening.open -= 1;
        if let Some(clients) = listening.clients.get_mut(&self.key) {
            clients.retain(|client| client.number != self.number);
            if clients.is_empty() {
                listening.clients.remove(&self.key);
            }
        }
    }
}

impl Streams {
    /// Begins to read the change log. Ends with the store.
    pub(crate) fn start(messaging: Messaging, settings: &ChannelSettings) -> Self {
        let org = messaging.org().clone();
        let newest = *org.newest_change().borrow();
        let streams = Self {
            messaging,
            org,
            listening: Arc::new(Mutex::new(Listening {
                newest,
                ..Listening::default()
            })),
            most: settings.streams_max,
            base: settings.public_url.as_deref().unwrap_or_default().into(),
        };
        tokio::spawn(streams.clone().read(newest));
        tokio::spawn(streams.clone().tell_typing());
        streams
    }

    /// The last change that was told.
    pub(super) fn newest(&self) -> i64 {
        self.lock().newest
    }

    /// Takes a place; none when all are taken.
    pub(super) fn listen(
        &self,
        channel: Id,
        subject: &str,
    ) -> Option<(Seat, mpsc::Receiver<Event>)> {
        let (tell, told) = mpsc::channel(WAITING_MAX);
        let mut listening = self.lock();
        if listening.open >= self.most {
            return None;
        }
        listening.open += 1;
        listening.next += 1;
        let number = listening.next;
        let key = (channel, subject.to_owned());
        let clients = listening.clients.entry(key.clone()).or_default();
        clients.push(Client { number, tell });
        drop(listening);
        let seat = Seat {
            streams: self.clone(),
            key,
            number,
        };
        Some((seat, told))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Listening> {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(self, mut after: i64) {
        let mut newest = self.org.newest_change();
        while newest.changed().await.is_ok() {
            let until = *newest.borrow_and_update();
            while after < until {
                if self.lock().open == 0 {
                    after = until;
                    break;
                }
                match self.org.notices(after).await {
                    Ok(notices) => {
                        self.tell(&notices).await;
                        after = notices.last().map_or(until, |last| last.replay_id);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "web clients cannot be told what happens now");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
            self.lock().newest = after;
        }
    }

    async fn tell(&self, notices: &[Notice]) {
        for notice in notices {
            for (whose, event) in self.events(notice).await {
                self.send(&whose, &event);
            }
        }
    }

    fn send(&self, whose: &Whose, event: &Event) {
        let mut listening = self.lock();
        let key = (whose.channel, whose.subject.to_string());
        if let Some(clients) = listening.clients.get_mut(&key) {
            // Whoever is full or gone is let go.
            clients.retain(|client| client.tell.try_send(event.clone()).is_ok());
        }
    }

    /// Tells customers that an agent writes to them.
    async fn tell_typing(self) {
        let mut signs = self.messaging.signs();
        while let Some(sign) = signs.next().await {
            let Signer::Agent { id, name } = &sign.by else {
                continue;
            };
            let is_on = match sign.does {
                Doing::Writes => true,
                Doing::Stops => false,
                // Who looks on is nothing to the customer.
                Doing::Comes | Doing::Looks | Doing::Leaves => continue,
            };
            if self.lock().open == 0 {
                continue;
            }
            if let Some(whose) = self.whose(sign.session).await {
                let told = entries::typing(id.as_str(), name, is_on, self.org.now());
                let event = event(&told, &whose, None);
                self.send(&whose, &event);
            }
        }
    }
}

pub(super) fn event(told: &Told, whose: &Whose, id: Option<i64>) -> Event {
    let data = entries::framed(told, &whose.subject, &whose.deployment, &whose.conversation);
    Event {
        id,
        name: told.event,
        data: data.into(),
    }
}
