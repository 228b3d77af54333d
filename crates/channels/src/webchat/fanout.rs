//! Telling web clients what happens: the change log is read once for a node, each entry once, and told to
//! those whose conversation it is in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_messaging::{Entry, Messaging, Typist};
use headwater_records::{Notice, Org, literal};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::entries::{self, Told};
use crate::door::ChannelSettings;

/// Events that wait for one client. One that is further behind is let go, and comes back with what it
/// has seen.
const WAITING_MAX: usize = 256;

/// Most sessions of which it is remembered whose they are.
const SESSIONS_MAX: usize = 50_000;

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
struct Whose {
    channel: Id,
    subject: Arc<str>,
    deployment: Arc<str>,
    conversation: Arc<str>,
    /// Where it stood when it was last told.
    status: String,
}

#[derive(Debug)]
struct Client {
    number: u64,
    tell: mpsc::Sender<Event>,
}

#[derive(Debug, Default)]
struct Listening {
    next: u64,
    open: usize,
    clients: HashMap<(Id, String), Vec<Client>>,
    sessions: HashMap<Id, Whose>,
    newest: i64,
}

/// The web clients that listen on this node. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    messaging: Messaging,
    org: Org,
    listening: Arc<Mutex<Listening>>,
    most: usize,
    /// What the addresses of files begin with.
    base: Arc<str>,
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

    fn lock(&self) -> MutexGuard<'_, Listening> {
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
            for (whose, event) in self.events(notice, true).await {
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
        let mut typing = self.messaging.typing();
        loop {
            let sign = match typing.recv().await {
                Ok(sign) => sign,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            let Typist::Agent { id, name } = &sign.by else {
                continue;
            };
            if self.lock().open == 0 {
                continue;
            }
            if let Some((whose, _)) = self.whose(sign.session).await {
                let told = entries::typing(id.as_str(), name, sign.is_on, self.org.now());
                let event = event(&told, &whose, None);
                self.send(&whose, &event);
            }
        }
    }

    /// What a client has missed since an event, as far as the change log goes back.
    pub(super) async fn missed(
        &self,
        channel: Id,
        subject: &str,
        mut after: i64,
    ) -> Result<Vec<Event>, headwater_records::Error> {
        let mut missed = Vec::new();
        loop {
            let notices = self.org.notices(after).await?;
            let Some(last) = notices.last() else {
                return Ok(missed);
            };
            after = last.replay_id;
            for notice in notices
                .iter()
                .filter(|notice| notice.object == "ConversationEntry")
            {
                let events = self.events(notice, false).await;
                missed.extend(events.into_iter().filter_map(|(whose, event)| {
                    (whose.channel == channel && *whose.subject == *subject).then_some(event)
                }));
            }
        }
    }

    /// What a change means to web clients.
    async fn events(&self, notice: &Notice, is_live: bool) -> Vec<(Whose, Event)> {
        let told = match &*notice.object {
            "ConversationEntry" => self.entry(notice).await,
            "MessagingSession" if is_live => self.session(notice).await,
            _ => return Vec::new(),
        };
        let Some((whose, told)) = told else {
            return Vec::new();
        };
        told.iter()
            .map(|told| (whose.clone(), event(told, &whose, Some(notice.replay_id))))
            .collect()
    }

    /// A new entry. One that changes later, as when it is delivered, refers to nothing anew.
    async fn entry(&self, notice: &Notice) -> Option<(Whose, Vec<Told>)> {
        let session = notice.parents.iter().find(|id| is_session(**id))?;
        let (whose, _) = self.whose(*session).await?;
        let entry: Entry = self
            .messaging
            .entry(&self.org.system(), notice.record)
            .await
            .ok()??;
        let told = entries::message(&entry, (&whose.subject, &whose.conversation), &self.base)?;
        Some((whose, vec![told]))
    }

    async fn session(&self, notice: &Notice) -> Option<(Whose, Vec<Told>)> {
        let (whose, was) = self.whose(notice.record).await?;
        let soql = format!(
            "SELECT Status, OwnerId, Owner.Name FROM MessagingSession WHERE Id = {}",
            literal(notice.record.as_str())
        );
        let table = self
            .org
            .browse(&self.org.system(), &soql, None, 1)
            .await
            .ok()?;
        let row = table.first()?;
        let is = row.text("Status");
        if was.as_deref() == Some(is) {
            return None;
        }
        if let Some(known) = self.lock().sessions.get_mut(&notice.record) {
            is.clone_into(&mut known.status);
        }
        let (session, at) = (notice.record.as_str(), self.org.now());
        let mut told = vec![entries::status(session, is, was.as_deref(), at)];
        if is == "Active"
            && let Some(owner) = row.id("OwnerId")
        {
            let name = row.text("Owner.Name");
            told.push(entries::joined(session, owner.as_str(), name, at));
        }
        Some((whose, told))
    }

    /// Whose a session is, and where it stood when it was last told; none for those of other
    /// channels than the web.
    async fn whose(&self, session: Id) -> Option<(Whose, Option<String>)> {
        if let Some(known) = self.lock().sessions.get(&session) {
            return Some((known.clone(), Some(known.status.clone())));
        }
        let soql = format!(
            "SELECT Status, MessagingChannelId, MessagingChannel.DeveloperName, ChannelType, \
             MessagingEndUser.MessagingPlatformKey, Conversation.ConversationIdentifier \
             FROM MessagingSession WHERE Id = {}",
            literal(session.as_str())
        );
        let table = self
            .org
            .browse(&self.org.system(), &soql, None, 1)
            .await
            .ok()?;
        let row = table.first()?;
        if row.text("ChannelType") != "EmbeddedMessaging" {
            return None;
        }
        let whose = Whose {
            channel: row.id("MessagingChannelId")?,
            subject: row.text("MessagingEndUser.MessagingPlatformKey").into(),
            deployment: row.text("MessagingChannel.DeveloperName").into(),
            conversation: row.text("Conversation.ConversationIdentifier").into(),
            status: row.text("Status").to_owned(),
        };
        let mut listening = self.lock();
        if listening.sessions.len() >= SESSIONS_MAX {
            listening.sessions.clear();
        }
        listening.sessions.insert(session, whose.clone());
        Some((whose, None))
    }
}

fn event(told: &Told, whose: &Whose, id: Option<i64>) -> Event {
    let data = entries::framed(told, &whose.subject, &whose.deployment, &whose.conversation);
    Event {
        id,
        name: told.event,
        data: data.into(),
    }
}

fn is_session(id: Id) -> bool {
    id.as_str().starts_with("0Mw")
}
