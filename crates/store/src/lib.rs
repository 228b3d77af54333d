//! Tables, queries, transactions, change log, jobs.
//!
//! The catalogue says what exists; this crate keeps it. A [`Store`] runs resolved queries
//! ([`headwater_soql::resolved::Query`]) and applies writes that are data ([`WriteSet`]). It knows
//! nothing of permissions, messaging or HTTP: who may see or change a row comes in as a filter.

mod answer;
mod command;
mod connection;
mod counted;
mod db;
mod dialect;
mod engine;
mod explain;
mod ids;
mod nodes;
mod postgres;
mod session;
mod several;
mod signals;
mod sqlite;
mod staged;
mod writer;

mod ddl;
mod migrate;
mod moving;

mod children;
pub mod key;
mod plan;
mod plans;

mod given;
pub mod rows;

mod apply;
mod cascade;
mod change_log;
mod duplicate;
mod history;
mod insert;
mod jobs;
mod merge;
mod outside;
mod recycle;
mod rollup;
mod row_filter;
mod search;
mod sheet;
mod table;
pub mod write_set;

pub mod error;
pub mod options;

pub use answer::{Page, PlanById, Selected, Statistics};
pub use change_log::{Change, ChangeKind};
pub use children::{ChildRows, Family, Kept};
pub use db::{Store, backup_file};
pub use engine::Turn;
pub use error::{ReadError, StoreError};
pub use explain::{Explanation, schema};
pub use jobs::Job;
pub use key::Key;
pub use merge::moved_by_merge;
pub use moving::{MoveError, Moved, MovedTable, Progress, Stage, move_org};
pub use nodes::is_made;
pub use options::{Location, Options};
pub use outside::Outside;
pub use recycle::{Recycled, RecycledPage};
pub use rows::{Row, RowSink, Rows, ValueRef};
pub use sheet::{Line, Mark};
pub use signals::SIGNAL_BYTES_MAX;
pub use write_set::{Check, Committed, NewJob, Operation, Outcome, WriteError, WriteSet};
