//! Tables, queries, transactions, change log, jobs.

pub mod write_set;

pub use write_set::{Check, Committed, NewJob, Operation, Outcome, WriteError, WriteSet};
