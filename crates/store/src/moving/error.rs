//! Why an org was not moved.

use crate::connection::Failure;
use crate::error::StoreError;

/// Why an org was not moved, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The source has no tables of ours.
    #[error("the source holds no org: name the database that does")]
    NoOrg,
    /// The target is in use already.
    #[error(
        "the target holds an org already, and nothing was changed: name an empty database (createdb makes one; of a file, a name that is not there)"
    )]
    NotEmpty,
    /// The target was begun from something else.
    #[error(
        "the target was begun from another source, or this source has been written to since: to go on, name the source as it was; to begin anew, drop the target and make an empty one"
    )]
    OtherSource,
    /// Two processes fill the same target.
    #[error(
        "another process is moving an org to this target: let it end, or end it, and run this again"
    )]
    Another,
    /// Somebody has written to the source meanwhile.
    #[error(
        "the source was written to while it was moved, so the target lacks something: stop every node that uses the source, drop the target, make an empty one and run this again"
    )]
    SourceChanged,
    /// A table came out otherwise than it went in.
    #[error(
        "table {table} is not the same on both sides ({source_rows} rows in the source, {target_rows} in the target); the target will not be served: see that nobody uses the source, drop the target, make an empty one and run this again"
    )]
    Differs {
        /// The table.
        table: String,
        /// Its rows in the source.
        source_rows: u64,
        /// Its rows in the target.
        target_rows: u64,
    },
    /// The note of how far it was cannot be read.
    #[error(
        "the target's note of how far it is cannot be read ({0}): drop the target, make an empty one and run this again"
    )]
    BadNote(String),
    /// One of the databases failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for MoveError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}
