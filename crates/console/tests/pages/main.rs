//! The console's pages, through HTTP and without a browser: what is on them, what forms do, and what
//! is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod site;
mod work;

mod channels;
mod dashboard;
mod desk;
mod files;
mod forms;
mod leaving;
mod links;
mod lists;
mod live;
mod recycle_bin;
mod safety;
mod setup;
mod signing_in;
mod skills;
mod transcript;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
