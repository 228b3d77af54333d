//! What may happen to a record, on a real store with a clock that stands still.

mod inheritance;
mod metadata;
mod permissions;
mod queries;
mod rules;
mod validation;
mod world;
mod writes;
