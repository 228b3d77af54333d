//! What was uploaded and what came of it is kept for seven days.

use headwater_catalogue::Value;
use headwater_soql::resolved::Comparison;
use jiff::{SignedDuration, Timestamp};

use super::job::{JOB_FIELDS, Job};
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

/// How long a job is kept after it last moved on.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Most jobs that are removed at a time.
const JOBS_TOGETHER: u64 = 20;

impl Org {
    /// Removes jobs that have not moved for longer than they are kept, a few at a time: how many.
    ///
    /// # Errors
    /// When the database is in trouble.
    pub async fn tidy_bulk(&self) -> Result<u64, Error> {
        let before: Timestamp = self.now() - KEPT;
        let rows = Selection::of(&self.catalogue(), "BulkJob")?
            .fields(&JOB_FIELDS)?
            .compared("SystemModstamp", Comparison::Less, Value::from(before))?
            .limit(JOBS_TOGETHER)
            .rows(self.store())
            .await?;
        let mut removed = 0;
        for job in rows.iter().filter_map(|row| Job::of(row)) {
            self.remove_job(&job).await?;
            removed += 1;
        }
        Ok(removed)
    }
}
