//! `/services/data` through a real server; the modules mirror the URL tree.

mod aggregates;
mod authorization;
mod bad_input;
mod composite;
mod definitions;
mod discovery;
mod errors;
mod jobs;
mod limits;
mod query;
mod requests;
mod search;
mod soap;
mod sobjects;
mod story;
mod subqueries;
mod tooling;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}

/// A resource of the newest version.
fn data(path: &str) -> String {
    format!("/services/data/v68.0{path}")
}
