//! `/services/data` through a real server; the modules mirror the URL tree.

mod aggregates;
mod authorization;
mod bad_input;
mod composite;
mod definitions;
mod discovery;
mod errors;
mod files;
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

use headwater_records::CustomFieldSpec;
use headwater_testkit::TestServer;

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}

/// A resource of the newest version.
fn data(path: &str) -> String {
    format!("/services/data/v68.0{path}")
}

/// A server whose accounts have an external id that need not be unique, and that only
/// administrators see yet.
async fn with_external_id() -> TestServer {
    let server = TestServer::start().await;
    let field = CustomFieldSpec {
        object: "Account".to_owned(),
        name: "Ext__c".to_owned(),
        label: "External".to_owned(),
        kind: "Text".to_owned(),
        length: Some(40),
        external_id: true,
        ..CustomFieldSpec::default()
    };
    let system = server.org().system();
    let made = server.org().create_custom_field(&system, field).await;
    made.expect("the field is made");
    server
}
