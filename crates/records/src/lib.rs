//! What may happen to a record, and the only way to the data.
//!
//! Every verb is a method of [`Org`] that takes a [`Caller`]; there is no way to read or write a
//! record without one. [`Org::system`] makes the server's own.

pub mod caller;
pub mod clock;
pub mod draft;
pub mod error;
pub mod explain;

pub use caller::{Caller, ObjectRights, Rights};
pub use clock::{Clock, Randomness, SystemClock, SystemRandomness};
pub use draft::{Draft, Input};
pub use error::{Error, Problem, Verb};
