//! Who works off what waits on this node, as long as the server serves.

use std::future::Future;
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_records::Error as RecordsError;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tracing::warn;

use crate::error::Error;
use crate::messaging::{Messaging, Waiting};
use crate::retention;

/// How often it is looked for what nobody on this node was woken for.
const LOOK: Duration = Duration::from_secs(2);

/// How long an event may wait before it counts as left behind by whoever took it in.
const LEFT_BEHIND: SignedDuration = SignedDuration::from_secs(2);

/// How long events are kept that were worked off: carriers deliver again for seven days at most.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How often events are removed that were kept long enough, and most of them at a time.
const TIDIED_EVERY: Duration = Duration::from_mins(1);
const TIDIED_MAX: u64 = 1_000;

/// Most addresses of such events that are woken at a time.
const ADDRESSES_MAX: u64 = 500;

/// How many messages are on their way out at once.
const SENDERS: usize = 8;

/// How many files are fetched from carriers at once. Each is in memory as long as it is on its way.
const FETCHERS: usize = 4;

/// How long a worker rests after the database was in trouble.
const REST: Duration = Duration::from_secs(1);

impl Messaging {
    /// Works off what comes in and what goes out: to be run once, beside the server, as long as it
    /// serves.
    pub async fn follow(&self) {
        let mut tasks = tokio::task::JoinSet::new();
        for queue in self.take_queues() {
            tasks.spawn(self.clone().arrivals(queue));
        }
        for _ in 0..SENDERS {
            tasks.spawn(self.clone().departures());
        }
        for _ in 0..FETCHERS {
            tasks.spawn(self.clone().fetches());
        }
        tasks.spawn(self.clone().look());
        tasks.spawn(self.clone().route());
        while tasks.join_next().await.is_some() {}
    }

    async fn arrivals(self, mut queue: mpsc::UnboundedReceiver<Waiting>) {
        while let Some(waiting) = queue.recv().await {
            let worked = self.work_off(waiting.channel, &waiting.address).await;
            if self.is_over(&worked) {
                return;
            }
            if worked.is_err() {
                // It waits in the database, and is looked for again.
                tokio::time::sleep(REST).await;
            }
        }
    }

    async fn fetches(self) {
        loop {
            let fetched = self.work_all(Self::fetch_next).await;
            if self.is_over(&fetched) {
                return;
            }
            let woken = tokio::time::timeout(LOOK, self.fetching_woken());
            // Whoever is woken wakes the next, as long as there is something.
            if woken.await.is_ok() && matches!(fetched, Ok(true)) {
                self.wake_fetching();
            }
        }
    }

    async fn departures(self) {
        loop {
            let sent = self.work_all(Self::send_next).await;
            if self.is_over(&sent) {
                return;
            }
            let woken = tokio::time::timeout(LOOK, self.sending_woken());
            // Whoever is woken wakes the next, as long as there is something.
            if woken.await.is_ok() && matches!(sent, Ok(true)) {
                self.wake_sending();
            }
        }
    }

    /// Looks for what was left behind, by a node that is gone or a worker that failed, and for what
    /// is due by now.
    async fn look(self) {
        let mut since_tidied = TIDIED_EVERY;
        let mut retained: Option<Timestamp> = None;
        loop {
            let mut looked = self.wake_left_behind().await;
            if looked.is_ok() && since_tidied >= TIDIED_EVERY {
                since_tidied = Duration::ZERO;
                looked = self.tidy().await;
            }
            let now = self.org().now();
            let is_due = retained
                .is_none_or(|retained| now.duration_since(retained) >= retention::LOOKED_EVERY);
            if looked.is_ok() && is_due {
                looked = self.begin_runs().await;
                retained = looked.is_ok().then_some(now);
            }
            if looked.is_ok() {
                looked = self.work_due().await;
            }
            if self.is_over(&looked) {
                return;
            }
            tokio::time::sleep(LOOK).await;
            since_tidied += LOOK;
        }
    }

    /// Does what is due by now.
    async fn work_due(&self) -> Result<(), Error> {
        self.work_all(Self::link_next).await?;
        self.work_all(Self::rest_next).await?;
        self.work_all(Self::expire_next).await?;
        self.work_all(Self::erase_next).await?;
        self.work_all(Self::retain_next).await?;
        self.work_all(Self::forget_next).await?;
        self.work_all(Self::take_over_next).await?;
        Ok(())
    }

    /// Removes events that were worked off long enough ago. What they said stands in transcripts; by
    /// then no carrier delivers them again. Those that failed stay for somebody to look at.
    async fn tidy(&self) -> Result<(), Error> {
        self.tidy_logins().await?;
        self.end_unanswered().await?;
        let before = self.org().now() - KEPT;
        let system = self.org().system();
        let soql = format!(
            "SELECT Id FROM InboundEvent WHERE State = 'Done' AND ReceivedTime < {before} \
             ORDER BY ReceivedTime"
        );
        let browsed = self.org().browse(&system, &soql, None, TIDIED_MAX);
        for row in browsed.await?.rows() {
            let Some(id) = row.id("Id") else { continue };
            let removed = self.org().delete(&system, "InboundEvent", id.as_str());
            match removed.await {
                // Another node tidies as well.
                Ok(()) | Err(RecordsError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Works off all of one kind: whether there was any.
    async fn work_all<'m, F, Next>(&'m self, next: F) -> Result<bool, Error>
    where
        F: Fn(&'m Self) -> Next,
        Next: Future<Output = Result<bool, Error>>,
    {
        let mut any = false;
        while next(self).await? {
            any = true;
        }
        Ok(any)
    }

    async fn wake_left_behind(&self) -> Result<(), Error> {
        let before = self.org().now() - LEFT_BEHIND;
        let soql = format!(
            "SELECT Id, MessagingChannelId, Address FROM InboundEvent WHERE State = 'Received' AND \
             ReceivedTime < {before} ORDER BY ReceivedTime"
        );
        let system = self.org().system();
        let table = self
            .org()
            .browse(&system, &soql, None, ADDRESSES_MAX)
            .await?;
        let mut woken: Vec<(Id, &str)> = Vec::new();
        for row in table.rows() {
            let Some(channel) = row.id("MessagingChannelId") else {
                continue;
            };
            let waiting = (channel, row.text("Address"));
            if !woken.contains(&waiting) {
                woken.push(waiting);
                self.wake(waiting.0, waiting.1);
            }
        }
        Ok(())
    }

    /// Whether the store is closed, so that there is nothing to work on any more.
    pub(crate) fn is_over<T>(&self, worked: &Result<T, Error>) -> bool {
        if let Err(error) = worked
            && !self.org().store().is_closed()
        {
            warn!(%error, "conversations are to be worked on again");
        }
        worked.is_err() && self.org().store().is_closed()
    }
}
