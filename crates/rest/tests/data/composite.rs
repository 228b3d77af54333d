//! `/composite`; the modules mirror the URL tree.

mod batch;
mod collections;
mod graph;
mod requests;
mod tree;

use headwater_testkit::{ADMIN, TestServer};
use serde_json::Value;

use crate::data;

/// Sends a body to a resource of this area.
async fn post(server: &TestServer, path: &str, body: &Value) -> Value {
    let path = data(&format!("/composite{path}"));
    let answer = server.post(&path).as_(ADMIN).json(body).send().await;
    answer.expect(200)
}

/// How many records a query has.
async fn count(server: &TestServer, soql: &str) -> u64 {
    let answer = server.query(soql).as_(ADMIN).send().await.expect(200);
    answer["totalSize"].as_u64().expect("a query says how many")
}

#[tokio::test]
async fn the_area_lists_its_resources() {
    let server = TestServer::start().await;
    let answer = server.get(&data("/composite")).as_(ADMIN).send().await;
    let resources = answer.expect(200);
    assert_eq!(resources["sobjects"], data("/composite/sobjects"));
    assert_eq!(resources["graph"], data("/composite/graph"));
}
