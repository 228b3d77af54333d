//! What exists: objects, fields, kinds, picklists, references, and where every value comes from.
//!
//! Plain constants and structs; no I/O, no SQL, no JSON. Everything above loops over it: tables,
//! queries, describe, validation, permissions and the docs' tables have no list of their own.

#![expect(
    clippy::return_self_not_must_use,
    reason = "builders of constants: one that is dropped is a constant that lacks something at once"
)]

pub mod field;
pub mod id;
pub mod kind;
pub mod object;
pub mod objects;
pub mod picklist;
pub mod search;
pub mod value;

mod catalogue;
mod checks;

use std::borrow::Cow;

pub use catalogue::Catalogue;
pub use checks::CatalogueError;
pub use field::{DefaultValue, Field, Formula, Keeps, Rollup, Source};
pub use id::{Id, IdError, KeyPrefix};
pub use kind::{ADDRESS_PARTS, Content, Digits, Kind, OnDelete, Reference, Targets, ValueType};
pub use object::{
    Access, Calls, Columns, Incoming, Index, Links, Object, Sharing, SystemFields, SystemPermission,
};
pub use picklist::{Choice, Picklist};
pub use search::{SearchClass, Searched};
pub use value::Value;

/// A name: borrowed from the built-in constants, owned when it was read from rows or files.
pub type Name = Cow<'static, str>;
