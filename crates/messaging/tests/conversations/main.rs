//! What customers write and agents answer, through the verbs and on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreeing;
mod anything;
mod arrivals;
mod closed;
mod desk;
mod erasure;
mod export;
mod files;
mod floor;
mod handing;
mod keeping;
mod local_time;
mod media;
mod outgoing;
mod outside;
mod overflow;
mod presence;
mod routing;
mod silence;
mod skills;
mod stage;
mod who;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
