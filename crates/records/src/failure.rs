//! What the store's failures mean to a caller.

use headwater_store::{ReadError, StoreError, WriteError};

use crate::error::Error;

/// A read that has no answer.
pub(crate) fn of_read(error: ReadError) -> Error {
    match error {
        ReadError::TimedOut => Error::QueryTooLarge {
            limit: "the time a query may run".to_owned(),
        },
        ReadError::TooManyRows(rows) => Error::QueryTooLarge {
            limit: format!("{rows} rows"),
        },
        ReadError::BadKey => Error::UnknownLocator,
        ReadError::Cancelled | ReadError::Closed | ReadError::Unavailable(_) => Error::Busy,
        ReadError::Database(_) => Error::internal(error),
    }
}

/// A write of the server's own, whose operations and checks name nothing the caller gave.
pub(crate) fn of_write(error: WriteError) -> Error {
    match error {
        WriteError::Stale { .. }
        | WriteError::Unexpected { .. }
        | WriteError::Busy(_)
        | WriteError::Closed => Error::Busy,
        WriteError::InDoubt(_) => Error::InDoubt,
        WriteError::Undone | WriteError::Earlier { .. } => Error::RolledBack,
        WriteError::Missing { .. }
        | WriteError::NotFound { .. }
        | WriteError::Refused { .. }
        | WriteError::Duplicate { .. }
        | WriteError::Restricted { .. }
        | WriteError::NotDeleted { .. }
        | WriteError::Taken { .. }
        | WriteError::ParentDeleted { .. }
        | WriteError::Dangling { .. }
        | WriteError::Database(_) => Error::internal(error),
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}
