//! Cursors that are written a little later, and together.
//!
//! On SQLite every commit empties what readers keep of the database in memory, and takes the time of
//! its one writer. So where one process alone has the database, a cursor is here first. Pages that
//! follow one another quickly cost a few commits a second, however many they are, and a cursor in
//! whose place a newer one has come before it was written costs none.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_catalogue::Id;
use jiff::Timestamp;

use super::{Cursor, cursors, deletion, fleeting, insertion, surplus, update};
use crate::error::Error;
use crate::org::Org;

/// How long a cursor waits at most before it is written.
const WRITTEN_EVERY: Duration = Duration::from_millis(500);

/// The cursors of one org that wait to be written.
#[derive(Debug, Default)]
pub(crate) struct WaitingCursors(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    cursors: HashMap<Id, Entry>,
    /// What a newer one has taken the place of, and is or may be in the database.
    spent: HashSet<Id>,
    /// Whether somebody is about to write what waits.
    is_awaited: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    user: Id,
    cursor: Cursor,
    /// Whether it is in the database.
    is_kept: bool,
    /// Whether it is being written as it is here.
    is_going: bool,
}

/// Where a cursor is.
pub(super) enum Found {
    Here(Cursor),
    /// Nowhere, whatever the database says.
    Spent,
    /// In the database, if anywhere.
    Elsewhere,
}

impl WaitingCursors {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cursor, if it waits and is this user's.
    pub(super) fn find(&self, id: Id, user: Id) -> Found {
        let waiting = self.lock();
        match waiting.cursors.get(&id) {
            Some(entry) if entry.user == user => Found::Here(entry.cursor.clone()),
            Some(_) => Found::Spent,
            None if waiting.spent.contains(&id) => Found::Spent,
            None => Found::Elsewhere,
        }
    }

    /// Takes a new cursor in the place of the user's oldest; `kept` are theirs in the database.
    /// Whether nobody is about to write it yet.
    fn open(&self, id: Id, user: Id, cursor: Cursor, mut kept: Vec<(Id, Timestamp)>) -> bool {
        let mut waiting = self.lock();
        kept.retain(|(id, _)| !waiting.spent.contains(id) && !waiting.cursors.contains_key(id));
        let own = waiting
            .cursors
            .iter()
            .filter(|(_, entry)| entry.user == user);
        kept.extend(own.map(|(id, entry)| (*id, entry.cursor.used)));
        for id in surplus(kept) {
            let entry = waiting.cursors.remove(&id);
            if entry.is_none_or(|entry| entry.is_kept || entry.is_going) {
                waiting.spent.insert(id);
            }
        }
        let entry = Entry {
            user,
            cursor,
            is_kept: false,
            is_going: false,
        };
        waiting.cursors.insert(id, entry);
        !std::mem::replace(&mut waiting.is_awaited, true)
    }

    /// Takes what has become of a cursor. Whether nobody is about to write it yet.
    fn note(&self, id: Id, user: Id, cursor: &Cursor) -> bool {
        let mut waiting = self.lock();
        if waiting.spent.contains(&id) {
            return false;
        }
        // What is not here was read from the database.
        let known = waiting.cursors.get(&id);
        let is_kept = known.is_none_or(|entry| entry.is_kept || entry.is_going);
        let entry = Entry {
            user,
            cursor: cursor.clone(),
            is_kept,
            is_going: false,
        };
        waiting.cursors.insert(id, entry);
        !std::mem::replace(&mut waiting.is_awaited, true)
    }

    /// What is to be written now.
    fn begin(&self) -> (Vec<(Id, Entry)>, Vec<Id>) {
        let mut waiting = self.lock();
        let entries = waiting.cursors.iter_mut().map(|(id, entry)| {
            entry.is_going = true;
            (*id, entry.clone())
        });
        let entries = entries.collect();
        (entries, waiting.spent.iter().copied().collect())
    }

    /// What was to be written is, or is not. Whether anything waits.
    fn end(&self, spent: &[Id], is_written: bool) -> bool {
        let mut waiting = self.lock();
        if is_written {
            waiting.cursors.retain(|_, entry| !entry.is_going);
            waiting.spent.retain(|id| !spent.contains(id));
        } else {
            for entry in waiting.cursors.values_mut() {
                entry.is_going = false;
            }
        }
        waiting.is_awaited = !waiting.cursors.is_empty() || !waiting.spent.is_empty();
        waiting.is_awaited
    }
}

impl Org {
    /// Keeps a new cursor, to be written soon.
    pub(super) fn open_cursor_soon(
        &self,
        id: Id,
        user: Id,
        cursor: Cursor,
        kept: Vec<(Id, Timestamp)>,
    ) {
        if self.waiting_cursors().open(id, user, cursor, kept) {
            self.write_cursors_soon();
        }
    }

    /// Keeps what has become of a cursor, to be written soon.
    pub(super) fn note_cursor_soon(&self, id: Id, user: Id, cursor: &Cursor) {
        if self.waiting_cursors().note(id, user, cursor) {
            self.write_cursors_soon();
        }
    }

    fn write_cursors_soon(&self) {
        let org = self.weak();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(WRITTEN_EVERY).await;
                let Some(org) = org.upgrade() else {
                    return;
                };
                match org.write_cursors().await {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => {
                        tracing::warn!(%error, "locators of queries are lost with this process");
                    }
                }
            }
        });
    }

    /// Writes the cursors of queries that wait to be written, so that their locators outlive this
    /// process. Whether others have come meanwhile.
    ///
    /// # Errors
    /// The database's; what waits is tried again.
    pub async fn write_cursors(&self) -> Result<bool, Error> {
        let catalogue = self.catalogue();
        let object = cursors(&catalogue)?;
        let now = self.now();
        let idle = self.idle_cursors(object).await?;
        let (entries, spent) = self.waiting_cursors().begin();
        let mut sets = Vec::with_capacity(entries.len() + spent.len() + idle.len());
        for (id, entry) in &entries {
            let (user, cursor) = (entry.user, &entry.cursor);
            sets.push(if entry.is_kept {
                fleeting(user, cursor.used, update(object, *id, cursor))
            } else {
                fleeting(user, cursor.begun, insertion(object, *id, user, cursor))
            });
        }
        // What is used again is idle no more.
        let idle = idle
            .iter()
            .filter(|id| entries.iter().all(|(known, _)| known != *id));
        for id in spent.iter().chain(idle) {
            sets.push(fleeting(self.system().user, now, deletion(object, *id)));
        }
        let written = if sets.is_empty() {
            Ok(Vec::new())
        } else {
            // Each by itself: one that is gone already is no reason to lose the others.
            self.apply_each(sets, false).await
        };
        let more = self.waiting_cursors().end(&spent, written.is_ok());
        written?;
        Ok(more)
    }
}
