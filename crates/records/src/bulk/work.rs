//! Claiming a job, working it, and letting go of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use headwater_catalogue::{Id, Value};
use headwater_store::{Job as Claim, WriteError};
use jiff::{SignedDuration, Timestamp};

use super::door::BulkDoor;
use super::job::JobState;
use super::unit::{Stage, Unit, WORK, count};
use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// How long a claim holds: a node that is gone is replaced after that.
const LEASE: Duration = Duration::from_mins(1);

/// How often a claim is made longer.
const RENEWED_EVERY: Duration = Duration::from_secs(10);

/// How often a job is begun again before it is given up.
const ATTEMPTS_MAX: u32 = 10;

/// How long a job waits after the database was in trouble.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// How working a unit ended.
#[derive(Debug)]
pub(super) enum End {
    /// Every row was tried.
    Complete,
    /// None of it can be worked: this is why.
    Refused(String),
    /// Somebody has stopped it, or has taken it over.
    Stopped,
}

/// A claim, made longer as long as there is work.
pub(super) struct Keeper<'a> {
    org: &'a Org,
    claim: &'a Claim,
    renewed: Instant,
    pub(super) since: Timestamp,
}

impl Keeper<'_> {
    /// Whether the claim still holds.
    pub(super) async fn keep(&mut self) -> Result<bool, Error> {
        if self.renewed.elapsed() < RENEWED_EVERY {
            return Ok(true);
        }
        self.renewed = Instant::now();
        let until = self.org.now() + LEASE;
        Ok(self.org.store().keep_job(self.claim, until).await?)
    }
}

impl Org {
    /// Whether a bulk job waits for somebody to work it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_bulk_work(&self) -> Result<bool, Error> {
        Ok(self.store().has_due_job(WORK, self.now()).await?)
    }

    /// Works the bulk job that has waited longest, if one waits: whether there was one.
    ///
    /// # Errors
    /// When the database is in trouble. The job is tried again later.
    pub async fn work_bulk<D: BulkDoor>(&self, door: &D) -> Result<bool, Error> {
        let claimed = self.store().claim_job(WORK, self.now(), LEASE).await?;
        let Some(claim) = claimed else {
            return Ok(false);
        };
        match self.work_claim(door, &claim).await {
            Ok(End::Stopped) => {}
            Ok(End::Complete | End::Refused(_)) => self.store().finish_job(claim.id).await?,
            Err(error) => {
                self.put_back(door, &claim, error).await?;
            }
        }
        Ok(true)
    }

    async fn work_claim<D: BulkDoor>(&self, door: &D, claim: &Claim) -> Result<End, Error> {
        let Some(unit) = self.claimed(claim).await? else {
            return Ok(End::Complete);
        };
        let caller = match self.caller(unit.job.created_by).await {
            Ok(caller) => caller,
            Err(error @ Error::NotFound(_)) => {
                return self.refuse(&unit, door.sentence(error)).await;
            }
            Err(error) => return Err(error),
        };
        if unit.job.state == JobState::Aborted {
            return self.refuse(&unit, "The job was aborted".to_owned()).await;
        }
        if !self.begin(&unit, claim).await? {
            return Ok(End::Complete);
        }
        let keeper = Keeper {
            org: self,
            claim,
            renewed: Instant::now(),
            since: self.now(),
        };
        let end = if unit.job.operation.is_query() {
            self.answer(door, &caller, &unit, keeper).await?
        } else {
            self.ingest(door, &caller, &unit, keeper).await?
        };
        match end {
            End::Refused(why) => self.refuse(&unit, why).await,
            End::Complete | End::Stopped => Ok(end),
        }
    }

    /// The unit that a claim is about, if there is still something to do.
    async fn claimed(&self, claim: &Claim) -> Result<Option<Unit>, Error> {
        let Ok(id) = claim.payload.parse::<Id>() else {
            return Ok(None);
        };
        let unit = self.unit(id).await?;
        Ok(unit.filter(|unit| unit.stage().is_some()))
    }

    /// Says that somebody works on it; false when somebody else has moved it meanwhile.
    async fn begin(&self, unit: &Unit, claim: &Claim) -> Result<bool, Error> {
        let Some(stage) = unit.stage() else {
            return Ok(false);
        };
        let catalogue = self.catalogue();
        let values = vec![
            ("State", Value::from(unit.word(Stage::Running))),
            ("Retries", Value::Integer(i64::from(claim.attempts) - 1)),
        ];
        let update = unit.update(&catalogue, stage, values)?;
        let begun = self
            .apply(self.bulk_set(unit.job.created_by, vec![update]))
            .await;
        moved(begun.map(|_| ()))
    }

    /// Ends a unit of which nothing, or nothing more, can be worked.
    async fn refuse(&self, unit: &Unit, why: String) -> Result<End, Error> {
        // Where it stands now is not known: what has begun is running, the rest waits.
        for stage in [Stage::Running, Stage::Waiting] {
            let catalogue = self.catalogue();
            let values = vec![
                ("State", Value::from(unit.word(Stage::Failed))),
                ("ErrorMessage", Value::from(why.as_str())),
                ("FinishedDate", self.now().into()),
            ];
            let update = unit.update(&catalogue, stage, values)?;
            let ended = self
                .apply(self.bulk_set(unit.job.created_by, vec![update]))
                .await;
            if moved(ended.map(|_| ()))? {
                break;
            }
        }
        Ok(End::Refused(why))
    }

    /// Lets somebody try again later, unless that was done often enough.
    async fn put_back<D: BulkDoor>(
        &self,
        door: &D,
        claim: &Claim,
        error: Error,
    ) -> Result<(), Error> {
        if claim.attempts < ATTEMPTS_MAX {
            let retry = Some(self.now() + RETRY_AFTER);
            self.store()
                .fail_job(claim.id, &error.to_string(), retry)
                .await?;
            return Err(error);
        }
        tracing::error!(%error, job = claim.payload, "a bulk job is given up");
        if let Some(unit) = self.claimed(claim).await? {
            self.refuse(&unit, door.sentence(error)).await?;
        }
        Ok(self.store().finish_job(claim.id).await?)
    }

    /// Writes down how far a unit is, with what it has to keep: whether it was still being worked.
    pub(super) async fn note_progress(
        &self,
        unit: &Unit,
        caller: &Caller,
        note: Note,
    ) -> Result<bool, Error> {
        let catalogue = self.catalogue();
        let mut values = vec![
            ("NumberRecordsProcessed", count(note.processed)),
            ("NumberRecordsFailed", count(note.failed)),
            ("TotalProcessingTime", count(note.milliseconds)),
        ];
        if let Some(next) = note.next {
            values.push(("NextKey", Value::from(next)));
        }
        if note.is_last {
            values.push(("State", Value::from(unit.word(Stage::Done))));
            values.push(("FinishedDate", self.now().into()));
        }
        let update = unit.update(&catalogue, Stage::Running, values)?;
        let mut set = self.bulk_set(caller.user, vec![update]);
        set.lines = note.lines;
        moved(self.apply(set).await.map(|_| ()))
    }
}

/// How far a unit is.
#[derive(Debug, Default)]
pub(super) struct Note {
    pub(super) processed: u64,
    pub(super) failed: u64,
    pub(super) milliseconds: u64,
    pub(super) next: Option<String>,
    pub(super) is_last: bool,
    pub(super) lines: Vec<headwater_store::Line>,
}

/// Whether a change found the unit as it expected it.
fn moved(written: Result<(), WriteError>) -> Result<bool, Error> {
    match written {
        Ok(()) => Ok(true),
        Err(WriteError::Unexpected { .. } | WriteError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Milliseconds since a moment, by the server's clock.
pub(super) fn milliseconds(org: &Org, since: Timestamp) -> u64 {
    let passed = org.now().duration_since(since).as_millis();
    u64::try_from(passed).unwrap_or_default()
}

/// An object as the caller knows it.
pub(super) fn object_of<'c>(
    caller: &'c Caller,
    unit: &Unit,
) -> Option<&'c Arc<headwater_catalogue::Object>> {
    let name = unit.job.object.as_deref()?;
    let object = caller.rights.catalogue.object(name)?;
    caller.rights.on(object).read.then_some(object)
}
