//! Who works bulk jobs on this node: a few at once, woken when a job comes in, and looking from time
//! to time for those that another node has left.

use std::sync::Arc;
use std::time::Duration;

use headwater_records::Caller;
use headwater_records::bulk::{Batch, BatchState, Job};
use tokio::sync::{Semaphore, watch};

use super::door::BulkForms;
use crate::error::Failure;
use crate::state::RestState;

/// Most jobs worked at once, so that a small one does not wait for a large one.
const JOBS_AT_ONCE_MAX: usize = 4;

/// How long a request waits for a job to be done before it is answered. Most are small, and clients
/// that ask for the first time a moment later find them complete.
const WAITED_FOR_MAX: Duration = Duration::from_secs(2);

/// How often it is looked for jobs that nobody on this node was woken for.
const LOOK: Duration = Duration::from_secs(2);

/// How often jobs are removed that were kept long enough.
const TIDIED_EVERY: Duration = Duration::from_mins(10);

/// The places to work at.
pub(crate) struct Workers {
    places: Arc<Semaphore>,
    /// Changes each time a job ends here.
    ended: watch::Sender<u64>,
}

impl Default for Workers {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(JOBS_AT_ONCE_MAX)),
            ended: watch::Sender::new(0),
        }
    }
}

/// Sees to it that somebody works what waits.
pub(super) fn wake(state: &RestState) {
    let state = state.clone();
    // Each who wakes comes along, for those who work already may have looked for the last time.
    tokio::spawn(async move {
        let places = Arc::clone(&state.workers.places);
        let Ok(_place) = places.acquire_owned().await else {
            return;
        };
        loop {
            let worked = state.org.work_bulk(&BulkForms).await;
            state.workers.ended.send_modify(|ended| *ended += 1);
            match worked {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) if state.org.store().is_closed() => return,
                Err(error) => {
                    tracing::warn!(%error, "a bulk job is to be tried again");
                    return;
                }
            }
        }
    });
}

/// Has a job worked, and waits for its end for a moment: the job as it is then.
pub(super) async fn wake_for(state: &RestState, caller: &Caller, job: Job) -> Result<Job, Failure> {
    let mut ended = state.workers.ended.subscribe();
    wake(state);
    let id = job.id;
    let waiting = async {
        loop {
            let job = state.org.job(caller, id.as_str()).await?;
            if job.state.is_final() || ended.changed().await.is_err() {
                return Ok::<_, Failure>(job);
            }
        }
    };
    let waited = tokio::time::timeout(WAITED_FOR_MAX, waiting).await;
    waited.unwrap_or(Ok(job))
}

/// The same for a batch.
pub(super) async fn wake_for_batch(
    state: &RestState,
    caller: &Caller,
    job: &Job,
    batch: &Batch,
) -> Result<(), Failure> {
    let mut ended = state.workers.ended.subscribe();
    wake(state);
    let id = batch.id.to_string();
    let waiting = async {
        loop {
            let batch = state.org.batch(caller, job, &id).await?;
            let is_underway = matches!(batch.state, BatchState::Queued | BatchState::InProgress);
            if !is_underway || ended.changed().await.is_err() {
                return Ok::<_, Failure>(());
            }
        }
    };
    let waited = tokio::time::timeout(WAITED_FOR_MAX, waiting).await;
    waited.unwrap_or(Ok(()))
}

/// Works jobs that other nodes have left, and removes those that were kept long enough: to be run
/// beside the server as long as it serves.
pub async fn follow(state: RestState) {
    let mut since_tidied = TIDIED_EVERY;
    loop {
        match state.org.has_bulk_work().await {
            Ok(true) => wake(&state),
            Err(_) if state.org.store().is_closed() => return,
            // Of a database in trouble others tell.
            Ok(false) | Err(_) => {}
        }
        if since_tidied >= TIDIED_EVERY {
            since_tidied = Duration::ZERO;
            if let Err(error) = state.org.tidy_bulk().await {
                tracing::warn!(%error, "old bulk jobs cannot be removed now");
            }
        }
        tokio::time::sleep(LOOK).await;
        since_tidied += LOOK;
    }
}
