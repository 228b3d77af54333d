//! Turns: what only one node does at a time.

use std::sync::Arc;

use tokio_postgres::Client;

use super::failure::{of_read, unreachable};
use super::{Database, link};
use crate::error::ReadError;

/// Waits for a lock that ends with the connection; "HWTR" as a number keeps other programs' apart. A
/// node whose machine is gone holds it until the server has noticed, which it does within a minute.
const TAKE: &str = "SELECT pg_advisory_lock(1213682770, hashtext($1))";

/// What the connection is told first.
const FIRST: &str = "SET lock_timeout = '60s'; SET statement_timeout = '61s'; \
     SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;";

/// A turn, over when this is dropped or its node ends.
#[derive(Debug)]
pub(crate) struct Turn {
    _held: Client,
}

impl Database {
    /// Waits until no other node has this turn.
    pub(crate) async fn turn(&self, name: &str) -> Result<Turn, ReadError> {
        let (address, tasks) = (Arc::clone(&self.address), self.tasks.handle.clone());
        let name = name.to_owned();
        let take = async move {
            let link = link::Link::open(&address, &tasks, FIRST, 0).await;
            let link =
                link.map_err(|error| ReadError::Unavailable(unreachable(&error).to_string()))?;
            let taken = link.client.query_one(TAKE, &[&name]).await;
            taken.map_err(|error| of_read(&error))?;
            Ok(Turn { _held: link.client })
        };
        // Whoever waits may be on a thread without a runtime.
        let taken = self.tasks.handle.spawn(take).await;
        taken.map_err(|error| ReadError::Database(format!("waiting for a turn: {error}")))?
    }
}
