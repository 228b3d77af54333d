//! `/composite/graph`.

use headwater_testkit::{ADMIN, TestServer};
use serde_json::{Value, json};

use super::{count, post};
use crate::data;

fn node(reference: &str, object: &str, body: &Value) -> Value {
    let url = data(&format!("/sobjects/{object}"));
    json!({ "method": "POST", "url": url, "referenceId": reference, "body": body })
}

fn graph(id: &str, last_name: &Value) -> Value {
    json!({ "graphId": id, "compositeRequest": [
        node("a", "Account", &json!({ "Name": id })),
        node("c", "Contact", &json!({ "LastName": last_name, "AccountId": "@{a.id}" })),
    ] })
}

#[tokio::test]
async fn each_graph_is_done_as_a_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let body = json!({ "graphs": [graph("good", &json!("x")), graph("bad", &json!(null))] });
    let answer = post(&server, "/graph", &body).await;
    let graphs = &answer["graphs"];
    assert_eq!(
        (&graphs[0]["graphId"], &graphs[0]["isSuccessful"]),
        (&json!("good"), &json!(true))
    );
    assert_eq!(graphs[1]["isSuccessful"], false);
    let bad = &graphs[1]["graphResponse"]["compositeResponse"];
    assert_eq!(bad[0]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(bad[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 1);
    let soql = "SELECT Id FROM Contact WHERE Account.Name = 'good'";
    assert_eq!(count(&server, soql).await, 1);
}

#[tokio::test]
async fn a_query_is_no_node() {
    let server = TestServer::start().await;
    let query =
        json!({ "method": "GET", "url": data("/query?q=SELECT+Id+FROM+User"), "referenceId": "q" });
    let body = json!({ "graphs": [{ "graphId": "1", "compositeRequest": [query] }] });
    let answer = post(&server, "/graph", &body).await;
    let part = &answer["graphs"][0]["graphResponse"]["compositeResponse"][0];
    assert_eq!(part["httpStatusCode"], 404);
    assert_eq!(part["body"][0]["errorCode"], "OPERATION_NOT_ALLOWED");
}

#[tokio::test]
async fn after_fourteen_failed_graphs_the_rest_is_not_begun() {
    let server = TestServer::start().await;
    let mut graphs: Vec<Value> = (0..14)
        .map(|n| graph(&n.to_string(), &json!(null)))
        .collect();
    graphs.push(graph("late", &json!("x")));
    let answer = post(&server, "/graph", &json!({ "graphs": graphs })).await;
    assert_eq!(answer["graphs"][14]["isSuccessful"], false);
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 0);
}

#[tokio::test]
async fn a_large_graph_is_done_and_one_beyond_the_limits_is_refused() {
    let server = TestServer::start().await;
    let nodes = |many: u32| -> Value {
        let nodes = (0..many).map(|n| node(&format!("n{n}"), "Account", &json!({ "Name": "x" })));
        json!({ "graphs": [{ "graphId": "1", "compositeRequest": nodes.collect::<Vec<_>>() }] })
    };
    let answer = post(&server, "/graph", &nodes(500)).await;
    assert_eq!(answer["graphs"][0]["isSuccessful"], true);
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 500);
    let refused = async |body: Value| {
        let request = server
            .post(&data("/composite/graph"))
            .as_(ADMIN)
            .json(&body);
        request.send().await.expect_error(400, "LIMIT_EXCEEDED")
    };
    refused(nodes(501)).await;
    let chain = (0..16).map(|n: u32| {
        let above = n.checked_sub(1).map(|above| format!("@{{n{above}.id}}"));
        node(
            &format!("n{n}"),
            "Account",
            &json!({ "Name": "x", "ParentId": above }),
        )
    });
    let chain: Vec<Value> = chain.collect();
    refused(json!({ "graphs": [{ "graphId": "1", "compositeRequest": chain }] })).await;
}
