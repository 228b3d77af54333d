//! What is told to everybody who has the database open just now, and kept nowhere.
//!
//! A signal is for what is over in a moment, such as that somebody is writing: it is not durable, whoever is
//! not there misses it, and one may be lost. What has to be known goes into the change log.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::db::Store;
use crate::error::ReadError;

/// Bytes of a signal. Servers carry less than 8,000.
pub const SIGNAL_BYTES_MAX: usize = 2_000;

/// Signals that wait for one listener. One that is further behind misses the oldest.
pub(crate) const WAITING_MAX: usize = 1_024;

impl Store {
    /// Tells a text to whoever listens, in this process and in the others on this database. It comes back to
    /// those who listen here as well.
    ///
    /// # Errors
    /// Beyond [`SIGNAL_BYTES_MAX`]; else the database's. Nothing is lost that was kept.
    pub async fn signal(&self, text: &str) -> Result<(), ReadError> {
        if text.len() > SIGNAL_BYTES_MAX {
            let text = format!("a signal has at most {SIGNAL_BYTES_MAX} bytes");
            return Err(ReadError::Database(text));
        }
        self.engine().signal(text, self.signal_sender()).await
    }

    /// What is told from now on, by whichever process. It ends with the store.
    pub fn signals(&self) -> broadcast::Receiver<Arc<str>> {
        self.signal_sender().subscribe()
    }
}
