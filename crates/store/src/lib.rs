//! Tables, queries, transactions, change log, jobs.
//!
//! The catalogue says what exists; this crate keeps it. A [`Store`] runs resolved queries
//! ([`headwater_soql::resolved::Query`]) and applies writes that are data ([`WriteSet`]). It knows
//! nothing of permissions, messaging or HTTP: who may see or change a row comes in as a filter.

mod db;
pub mod error;
pub mod key;
pub mod options;
pub mod rows;
pub mod write_set;

pub use db::{
    Change, ChangeKind, Explanation, Job, Page, PlanById, Selected, Statistics, Store, backup_file,
};
pub use error::{ReadError, StoreError};
pub use key::Key;
pub use options::{Location, Options};
pub use rows::{Row, RowSink, Rows, ValueRef};
pub use write_set::{Check, Committed, NewJob, Operation, Outcome, WriteError, WriteSet};
