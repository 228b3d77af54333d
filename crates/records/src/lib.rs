//! What may happen to a record, and the only way to the data.
//!
//! Every verb is a method of [`Org`] that takes a [`Caller`]; there is no way to read or write a
//! record without one. [`Org::system`] makes the server's own.

mod org;

pub mod caller;
pub mod clock;
pub mod draft;
pub mod error;

mod callers;
mod permissions;
mod sight;
mod visibility;
mod week;

pub mod browse;
pub mod change_event;
pub mod content;
pub mod describe;
pub mod feed;
mod find;
pub mod query;
pub mod recents;
pub mod recycle;
mod replication;
pub mod retrieve;
pub mod search;
pub mod views;

mod audit;
mod change;
mod following;
mod gone;
mod metadata;
mod own;
pub mod rate;
mod refusal;
mod rules;
mod validate;
mod work;
pub mod write;

pub mod bulk;
pub mod explain;
pub mod identity;
pub mod layout;
pub mod relink;

pub mod login;

mod failure;
mod seed;
mod selection;

pub use browse::{Cells, Table, literal};
pub use caller::{Caller, ObjectRights, RecordType, Rights};
pub use change_event::{ChangeEvent, ChangedField, Following, LoggedChange};
pub use clock::{Clock, Randomness, SystemClock, SystemRandomness};
pub use content::{
    ContentReader, FilePlace, FilePlaces, FileScanner, NotScanned, Scanned, Scanning,
};
pub use describe::{FieldView, ObjectView};
pub use draft::{Draft, Input};
pub use error::{Error, Problem, Verb};
pub use feed::Notice;
pub use headwater_store::{ChangeKind, Row, RowSink, ValueRef};
pub use layout::{Layout, LayoutField, LayoutSection};
pub use login::{LoginError, LoginSettings};
pub use metadata::{CustomFieldSpec, CustomObjectSpec, SharingModel};
pub use org::Org;
pub use query::{
    LeadingOperation, PlanNote, QueryAnswer, QueryOptions, QueryPlan, RecordSink, Related,
    RelatedRows,
};
pub use recents::{RecentRecord, Seen};
pub use recycle::{BinPage, BinRecord, BinRequest};
pub use replication::{DeletedRecords, UpdatedRecords};
pub use retrieve::Retrieved;
pub use work::Work;
pub use write::several::{RECORDS_TOGETHER_MAX, RecordWrite, Sapling};
pub use write::together::{Attempt, Together};
pub use write::{Precondition, Version, Written};
pub use write::{convert, merge};
