//! What has become of a commit whose answer was lost.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error};

use super::writing::Writing;
use crate::change_log::{self, Numbered};
use crate::connection::Failure;

/// Longest time to find out whether a commit happened whose answer was lost.
const DOUBT_MAX: Duration = Duration::from_secs(10);

/// How long to wait before the next look.
const PAUSE: Duration = Duration::from_millis(100);

/// What has become of a transaction. After a crash, a number that no commit had brought to disk is
/// given out again, so that "committed" may speak of another transaction.
const STATUS: &str = "SELECT pg_xact_status($1::text::xid8)";

impl Writing {
    /// Whether a commit happened whose answer was lost.
    pub(super) fn find_out(&self, number: &str, changes: Option<&Numbered>) -> Result<(), Failure> {
        let begun = Instant::now();
        tracing::info!(
            number,
            "a commit's answer was lost; asking what has become of it"
        );
        while begun.elapsed() < DOUBT_MAX {
            if let Ok(line) = self.connect(&self.first) {
                let committed = self.runtime.block_on(fate(&line.client, number, changes));
                self.state.borrow_mut().line = Some(line);
                match committed {
                    Ok(Some(true)) => return Ok(()),
                    Ok(Some(false)) => {
                        let text = "the connection was lost before the commit";
                        return Err(Failure::Busy(text.to_owned()));
                    }
                    // The server has not noticed yet that we are gone, or is not up again.
                    Ok(None) | Err(_) => {}
                }
            }
            self.runtime
                .block_on(async { tokio::time::sleep(PAUSE).await });
        }
        let text = "the connection was lost during the commit, and the server cannot be asked";
        Err(Failure::InDoubt(text.to_owned()))
    }
}

/// What the server says of a transaction: whether it was committed, none while it may be running.
async fn fate(
    client: &Client,
    number: &str,
    changes: Option<&Numbered>,
) -> Result<Option<bool>, Error> {
    let status = client.query_one(STATUS, &[&number]).await;
    let status = match status {
        Ok(row) => row.try_get::<_, Option<String>>(0)?,
        // The number has not been given out: the crash has taken all that went with it.
        Err(error) if error.code() == Some(&SqlState::INVALID_PARAMETER_VALUE) => {
            return Ok(Some(false));
        }
        Err(error) => return Err(error),
    };
    match (status.as_deref(), changes) {
        (Some("committed"), None) => Ok(Some(true)),
        (Some("aborted"), _) => Ok(Some(false)),
        // Asked after the status, so that a commit in between is seen.
        (Some("committed") | None, Some(changes)) => {
            let record = changes.record.as_str();
            let parameters: [&(dyn ToSql + Sync); 3] = [&changes.last, &changes.at, &record];
            let row = client.query_one(change_log::IS_THERE, &parameters).await?;
            row.try_get(0).map(Some)
        }
        (_, _) => Ok(None),
    }
}
