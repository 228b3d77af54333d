//! The store's behaviour, on a small catalogue of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod children;
mod database;
mod files;
mod follows;
mod goldens;
mod groups;
mod merges;
mod naive;
mod naive_groups;
mod nodes;
mod org;
mod plans;
mod recycle;
mod search;
mod several;
mod sheets;
mod writes;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
