//! The Streaming API as its clients use it, through HTTP and on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changes;
mod limits;
mod protocol;
mod replay;
mod rights;
mod stage;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
