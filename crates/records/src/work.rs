//! Work that a verb has left for later, in the transaction that asked for it: done at least once, by
//! whichever node takes it first.

use std::time::Duration;

use headwater_store::Job;
use jiff::Timestamp;

use crate::error::Error;
use crate::org::Org;

/// A piece of work that was taken.
pub type Work = Job;

impl Org {
    /// Takes the piece of work of this kind that has waited longest, if one is due, for as long as
    /// the lease lasts. If it is neither [done](Org::work_done) nor [put off](Org::work_later) by
    /// then, another node takes it.
    ///
    /// # Errors
    /// When the database is in trouble.
    pub async fn claim_work(&self, kind: &str, lease: Duration) -> Result<Option<Work>, Error> {
        // Most looks find nothing, and a look does not write.
        if !self.store().has_due_job(kind, self.now()).await? {
            return Ok(None);
        }
        Ok(self.store().claim_job(kind, self.now(), lease).await?)
    }

    /// It is done.
    ///
    /// # Errors
    /// When the database is in trouble.
    pub async fn work_done(&self, work: &Work) -> Result<(), Error> {
        Ok(self.store().finish_job(work.id).await?)
    }

    /// It could not be begun, and is due again then: this was no try.
    ///
    /// # Errors
    /// When the database is in trouble.
    pub async fn work_put_off(&self, work: &Work, due: Timestamp) -> Result<(), Error> {
        Ok(self.store().put_off_job(work.id, due).await?)
    }

    /// It did not succeed, and is to be tried again then.
    ///
    /// # Errors
    /// When the database is in trouble.
    pub async fn work_later(&self, work: &Work, why: &str, due: Timestamp) -> Result<(), Error> {
        Ok(self.store().fail_job(work.id, why, Some(due)).await?)
    }
}
