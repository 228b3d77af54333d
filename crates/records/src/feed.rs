//! What has changed, for pages that are open: the change log, told to whoever shows the records.
//!
//! A change is read from the log once for a whole node and carries no values, only which record of
//! which object it was. What the record holds now is read by each page with its own caller's rights.

use std::time::Duration;

use headwater_catalogue::{Id, Name};
use jiff::SignedDuration;

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::{self, Act};

/// Changes read from the log at a time.
const CHANGES_MAX: usize = 1_000;

/// Changes that are forgotten together when their time is over.
const FORGOTTEN_TOGETHER: usize = 5_000;

/// How long after one look for such changes comes the next.
const LOOK: Duration = Duration::from_mins(10);

/// The turn of the node that looks.
const TURN: &str = "change log";

/// That a record has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its place in the change log.
    pub replay_id: i64,
    /// The record.
    pub record: Id,
    /// Its object.
    pub object: Name,
    /// The records that its changed references point to now: whoever shows one of these and lists
    /// what refers to it shows something else from here on.
    pub parents: Vec<Id>,
}

impl Org {
    /// Tells the replay id of the newest change whenever there is a new one.
    pub fn newest_change(&self) -> tokio::sync::watch::Receiver<i64> {
        self.store().changed()
    }

    /// Tells a text to whoever listens just now, on every node. It is not durable, and may be lost.
    ///
    /// # Errors
    /// The database's, and beyond [`headwater_store::SIGNAL_BYTES_MAX`].
    pub async fn signal(&self, text: &str) -> Result<(), Error> {
        Ok(self.store().signal(text).await?)
    }

    /// What is told from now on, on whichever node. It is the server's own to hear, as notices are.
    pub fn signals(&self) -> tokio::sync::broadcast::Receiver<std::sync::Arc<str>> {
        self.store().signals()
    }

    /// The changes after a replay id, oldest first, at most a thousand. They are the server's own to
    /// read; what of them somebody is told is what [`Org::watchable`] let them watch.
    ///
    /// # Errors
    /// The database's.
    pub async fn notices(&self, after: i64) -> Result<Vec<Notice>, Error> {
        let changes = self.store().changes(after, CHANGES_MAX).await?;
        let notice = |change: headwater_store::Change| Notice {
            replay_id: change.replay_id,
            record: change.record,
            object: Name::Owned(change.object),
            parents: change
                .fields
                .iter()
                .filter_map(|(_, value)| value.as_id())
                .collect(),
        };
        Ok(changes.into_iter().map(notice).collect())
    }

    /// Forgets changes that happened this long ago: how many there were. Who has not followed them until
    /// now begins anew.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_changes(&self, kept: SignedDuration) -> Result<u64, Error> {
        let now = self.now();
        let before = now.checked_sub(kept).unwrap_or(now);
        let mut forgotten = 0;
        loop {
            let portion = self
                .store()
                .purge_changes(before, FORGOTTEN_TOGETHER)
                .await?;
            forgotten += portion;
            if portion == 0 {
                return Ok(forgotten);
            }
        }
    }

    /// As [`Org::forget_changes`], again and again: to be run beside the server as long as it serves.
    /// Ends when the store is closed. Of several nodes one does it at a time.
    pub async fn keep_change_log(&self, kept: SignedDuration) {
        loop {
            let forgotten = match self.store().turn(TURN).await {
                Ok(_turn) => self.forget_changes(kept).await,
                Err(error) => Err(error.into()),
            };
            match forgotten {
                Ok(0) => {}
                Ok(changes) => tracing::debug!(changes, "old changes were forgotten"),
                Err(_) if self.store().is_closed() => return,
                Err(error) => tracing::warn!(%error, "old changes cannot be forgotten now"),
            }
            tokio::time::sleep(LOOK).await;
            if self.store().is_closed() {
                return;
            }
        }
    }

    /// Those of the records that the caller may see, and so may be told of. All of one object are
    /// asked for together.
    ///
    /// # Errors
    /// The database's.
    pub async fn watchable(&self, caller: &Caller, records: &[Id]) -> Result<Vec<Id>, Error> {
        let catalogue = &caller.rights.catalogue;
        let mut seen = Vec::with_capacity(records.len());
        for object in catalogue.objects() {
            let own: Vec<_> = records
                .iter()
                .filter(|id| !object.prefix_is_shared && id.prefix() == object.prefix)
                .map(|id| (*id).into())
                .collect();
            if own.is_empty() || !caller.rights.on(object).read {
                continue;
            }
            let rows = Selection::of_object(object)
                .any_of("Id", own)?
                .only(visibility::filter(caller, object, Act::See, 0))
                .rows(self.store())
                .await?;
            seen.extend(rows.iter().filter_map(|row| row.first()?.as_id()));
        }
        Ok(seen)
    }

    /// Whether the caller sees every record of an object, so that being told that one of them has
    /// changed tells nothing new.
    pub fn sees_all(&self, caller: &Caller, object: &str) -> bool {
        let object = caller.rights.catalogue.object(object);
        object.is_some_and(|object| {
            visibility::filter(caller, object, Act::See, 0)
                == headwater_soql::resolved::Filter::Always
        })
    }
}
