//! What can be wrong with a bulk job, beyond what can be wrong with any record.

/// Why a bulk job or batch was refused, or one of its rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// No such job, or none the caller may see.
    #[error("there is no bulk job '{0}'")]
    UnknownJob(String),
    /// No such batch.
    #[error("there is no batch '{0}'")]
    UnknownBatch(String),
    /// The request asks for a job that cannot be.
    #[error("{0}")]
    BadJob(String),
    /// The job or batch is in a state in which this is not possible.
    #[error("{0}")]
    WrongState(String),
    /// The object is not there, or takes no bulk jobs.
    #[error("{0}")]
    WrongObject(String),
    /// What was uploaded cannot be read.
    #[error("{0}")]
    BadInput(String),
    /// Something that is not to be had, or not by this caller.
    #[error("{0}")]
    NotEnabled(String),
    /// A limit.
    #[error("{0}")]
    TooMuch(String),
    /// The answer is not there yet.
    #[error("the job is not complete")]
    NotComplete,
    /// A row does not name the record it is about.
    #[error("{0} not specified")]
    NoKey(String),
}
