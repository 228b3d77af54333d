//! The change log as all subscribers of a node read it: the newest entries are read once and kept for a
//! while; whoever is further back reads the database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_records::{Error, LoggedChange, Org};
use tokio::sync::watch;

use crate::clients::Clients;

/// Entries read at a time.
const ENTRIES_MAX: usize = 1_000;

/// Newest entries that are kept.
const RECENT_MAX: usize = 4_096;

/// How long the reader of the log waits when the database does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// The log. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    org: Org,
    recent: Arc<Mutex<Recent>>,
    /// Up to where it was read.
    read: watch::Sender<i64>,
}

#[derive(Debug)]
struct Recent {
    /// The replay id before the first of these.
    after: i64,
    entries: VecDeque<Arc<LoggedChange>>,
}

impl Log {
    /// Begins to read, as long as there is anybody to read for. Ends with the store.
    pub(crate) fn start(org: Org, clients: Clients) -> Self {
        let newest = *org.newest_change().borrow();
        let recent = Recent {
            after: newest,
            entries: VecDeque::new(),
        };
        let log = Self {
            org,
            recent: Arc::new(Mutex::new(recent)),
            read: watch::Sender::new(newest),
        };
        tokio::spawn(log.clone().follow(clients));
        log
    }

    /// Up to where the log was read: tells whenever it is further.
    pub(crate) fn read(&self) -> watch::Receiver<i64> {
        self.read.subscribe()
    }

    /// Entries after a replay id, oldest first, at most a thousand.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn after(&self, after: i64) -> Result<Vec<Arc<LoggedChange>>, Error> {
        if let Some(recent) = self.recent().after(after) {
            return Ok(recent);
        }
        let entries = self.org.logged_changes(after, ENTRIES_MAX).await?;
        Ok(entries.into_iter().map(Arc::new).collect())
    }

    /// Whether somebody can go on after this replay id: it is one that was given, and what came after it
    /// is still kept.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn holds(&self, replay_id: i64) -> Result<bool, Error> {
        let newest = *self.org.newest_change().borrow();
        let oldest = self.org.logged_changes(0, 1).await?;
        let first = oldest.first().map_or(newest + 1, LoggedChange::replay_id);
        Ok((first - 1..=newest).contains(&replay_id))
    }

    async fn follow(self, clients: Clients) {
        let mut newest = self.org.newest_change();
        let mut after = *self.read.borrow();
        loop {
            let until = *newest.borrow_and_update();
            while after < until {
                if clients.sweep(self.org.now()) == 0 {
                    self.recent().begin(until);
                    after = until;
                    break;
                }
                match self.org.logged_changes(after, ENTRIES_MAX).await {
                    Ok(entries) => {
                        after = entries.last().map_or(until, LoggedChange::replay_id);
                        self.recent().keep(entries);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "subscribers cannot be told of changes now");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                self.read.send_replace(after);
            }
            self.read.send_replace(after);
            if newest.changed().await.is_err() {
                return;
            }
        }
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    /// Those after a replay id; none if not all of them are here.
    fn after(&self, after: i64) -> Option<Vec<Arc<LoggedChange>>> {
        if after < self.after {
            return None;
        }
        let from = self
            .entries
            .partition_point(|entry| entry.replay_id() <= after);
        let entries = self.entries.range(from..).take(ENTRIES_MAX);
        Some(entries.cloned().collect())
    }

    fn keep(&mut self, entries: Vec<LoggedChange>) {
        self.entries.extend(entries.into_iter().map(Arc::new));
        while self.entries.len() > RECENT_MAX {
            if let Some(oldest) = self.entries.pop_front() {
                self.after = oldest.replay_id();
            }
        }
    }

    /// Begins anew after a replay id, with nothing.
    fn begin(&mut self, after: i64) {
        self.entries.clear();
        self.after = after;
    }
}
