//! Our own endpoints, through HTTP, as the URL tree has them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod explain;
mod identity;
mod inspect;
mod leaving;
mod merges;
mod recycle_bin;
mod relinks;
mod rights;
mod undo;
mod work;
mod world;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
