//! Where a connection that writes stands.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use tokio_postgres::{Client, Error, Statement};

use crate::connection::Failure;

/// A statement that was sent and is not answered yet.
pub(super) type Later = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>>;

/// The transaction, and the connections it has.
#[derive(Default)]
pub(super) struct State {
    /// None when it is lost.
    pub(super) line: Option<Line>,
    /// For numbers that stay given out whatever becomes of the transaction.
    pub(super) numbers: Option<Line>,
    /// Statements sent and not answered yet.
    pub(super) later: Vec<Later>,
    /// Whether a statement has failed since the last point to go back to.
    pub(super) failed: bool,
    /// Whether there is a point to go back to.
    pub(super) saved: bool,
    /// Why this transaction cannot succeed.
    pub(super) trouble: Option<Failure>,
    /// The server's number of this transaction.
    pub(super) number: Option<String>,
}

impl State {
    /// Forgets the transaction; what has become of it is known.
    pub(super) fn forget(&mut self) {
        self.later.clear();
        (self.failed, self.saved) = (false, false);
        (self.trouble, self.number) = (None, None);
    }
}

/// A connection with the statements prepared on it.
pub(super) struct Line {
    pub(super) client: Arc<Client>,
    pub(super) prepared: HashMap<Box<str>, Statement>,
}
