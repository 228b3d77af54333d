//! The store's behaviour, on a small catalogue of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod files;
mod follows;
mod goldens;
mod merges;
mod naive;
mod org;
mod plans;
mod writes;
