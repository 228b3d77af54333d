//! The store's behaviour, on a small catalogue of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod org;
mod writes;
