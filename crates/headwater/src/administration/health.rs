//! How the database is: for `headwater doctor`.

use headwater_records::Org;
use headwater_store::ReadError;
use serde::{Deserialize, Serialize};

use crate::failure::{Context as _, Outcome};

/// How the database is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DatabaseHealth {
    /// A line for each thing found wrong.
    pub damage: Vec<String>,
    /// Size of the file.
    pub file_bytes: u64,
    /// Size of the write-ahead log.
    pub log_bytes: u64,
    /// Changes in the log, oldest and newest.
    pub changes: (i64, i64),
    /// Jobs waiting.
    pub jobs_waiting: u64,
    /// Rows in all tables, deleted ones included.
    pub rows: u64,
    /// The server's time.
    pub now: String,
    /// When the newest change was written, by the clock of then.
    pub newest_change: Option<String>,
}

pub(super) async fn check(org: &Org, renew_search: bool) -> Outcome<DatabaseHealth> {
    if renew_search {
        make_search_anew(org).await?;
    }
    let silent = "the database does not answer";
    let store = org.store().clone();
    let checked = tokio::task::spawn_blocking(move || {
        let damage = store.check_integrity()?;
        Ok::<_, ReadError>((damage, store.statistics()?))
    });
    let (damage, statistics) = checked.await.doing("the check broke off")?.doing(silent)?;
    let before = statistics.last_change.saturating_sub(1);
    let newest = org.store().changes(before, 1).await.doing(silent)?;
    Ok(DatabaseHealth {
        damage,
        file_bytes: statistics.file_bytes,
        log_bytes: statistics.log_bytes,
        changes: (statistics.first_change, statistics.last_change),
        jobs_waiting: statistics.jobs_waiting,
        rows: statistics.rows.iter().map(|table| table.1).sum(),
        now: org.now().to_string(),
        newest_change: newest.first().map(|change| change.at.to_string()),
    })
}

async fn make_search_anew(org: &Org) -> Outcome {
    let store = org.store().clone();
    let renewing = tokio::task::spawn_blocking(move || store.renew_search_blocking());
    let renewed = renewing
        .await
        .doing("making the search indexes broke off")?;
    renewed.doing("cannot make the search indexes")
}
