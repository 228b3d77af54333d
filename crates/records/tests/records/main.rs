//! What may happen to a record, on a real store with a clock that stands still.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test says what it wants in one line, and ends at the first surprise"
)]

mod audit;
mod bulk;
mod conversions;
mod feed;
mod inheritance;
mod layouts;
mod merges;
mod metadata;
mod nodes;
mod permissions;
mod queries;
mod record_types;
mod recycle;
mod relinks;
mod rules;
mod search;
mod validation;
mod world;
mod writes;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
