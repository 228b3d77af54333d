//! What the server's errors mean.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::connection::Failure;
use crate::error::ReadError;

/// How codes begin of errors that pass: lost connections, a full disk or memory, no connection
/// left, and whatever ends the server or one of its processes.
const BUSY_CODES: [&str; 3] = ["08", "53", "57P"];

/// What an error means, wherever it happened.
pub(super) fn meaning(error: &Error) -> Failure {
    let Some(said) = error.as_db_error() else {
        return if error.is_closed() || has_io(error) {
            Failure::Busy(error.to_string())
        } else {
            Failure::Other(error.to_string())
        };
    };
    let text = format!("{} ({})", said.message(), said.code().code());
    let begins = |beginning: &&str| said.code().code().starts_with(beginning);
    match *said.code() {
        SqlState::UNIQUE_VIOLATION => Failure::Duplicate {
            primary: said
                .constraint()
                .is_some_and(|name| name.ends_with("_pkey")),
        },
        SqlState::FOREIGN_KEY_VIOLATION => Failure::Dangling,
        SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::LOCK_NOT_AVAILABLE => Failure::Again(text),
        SqlState::QUERY_CANCELED => Failure::TooLong,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT | SqlState::READ_ONLY_SQL_TRANSACTION => {
            Failure::Busy(text)
        }
        _ if BUSY_CODES.iter().any(begins) => Failure::Busy(text),
        _ => Failure::Other(text),
    }
}

/// Whether the way to the server broke.
fn has_io(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if next.is::<std::io::Error>() {
            return true;
        }
        cause = next.source();
    }
    false
}

/// No connection could be made.
pub(super) fn unreachable(error: &Error) -> Failure {
    Failure::Busy(format!("the database cannot be reached: {error}"))
}

/// There is no connection any more.
pub(super) fn lost() -> Failure {
    Failure::Busy("the connection to the database is lost".to_owned())
}

/// What an error means to a read.
pub(super) fn of_read(error: &Error) -> ReadError {
    match meaning(error) {
        Failure::TooLong => ReadError::TimedOut,
        Failure::Busy(text) => ReadError::Unavailable(text),
        failure => ReadError::Database(failure.to_string()),
    }
}
