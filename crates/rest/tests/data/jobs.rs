//! `/jobs` and `/services/async`: rows in great numbers.

mod archive;
mod classic;
mod ingest;
mod query;

use headwater_testkit::{ADMIN, TestServer};
use serde_json::{Value, json};

use crate::data;

/// A new ingest job's id.
async fn job(server: &TestServer, body: &Value) -> String {
    let made = server
        .post(&data("/jobs/ingest"))
        .as_(ADMIN)
        .json(body)
        .send()
        .await
        .expect(200);
    made["id"].as_str().expect("an id").to_owned()
}

async fn upload(server: &TestServer, id: &str, csv: impl Into<String>) {
    let path = data(&format!("/jobs/ingest/{id}/batches"));
    let uploaded = server.put(&path).as_(ADMIN).body("text/csv", csv.into());
    let uploaded = uploaded.send().await;
    assert_eq!((uploaded.status, &*uploaded.text), (201, ""));
}

/// Puts a job into a state.
async fn turn(server: &TestServer, id: &str, state: &str) -> Value {
    let path = data(&format!("/jobs/ingest/{id}"));
    let turned = server.patch(&path).as_(ADMIN);
    turned
        .json(&json!({ "state": state }))
        .send()
        .await
        .expect(200)
}

async fn shown(server: &TestServer, id: &str) -> Value {
    let path = data(&format!("/jobs/ingest/{id}"));
    server.get(&path).as_(ADMIN).send().await.expect(200)
}

/// A job when it has ended. A large one is not waited for when it is closed.
async fn ended(server: &TestServer, id: &str) -> Value {
    loop {
        let job = shown(server, id).await;
        if !matches!(job["state"].as_str(), Some("UploadComplete" | "InProgress")) {
            return job;
        }
    }
}

/// A job from its making to its end.
async fn loaded(server: &TestServer, wish: Value, csv: &str) -> Value {
    let id = job(server, &wish).await;
    upload(server, &id, csv.to_owned()).await;
    let closed = turn(server, &id, "UploadComplete").await;
    assert_eq!(closed["state"], "UploadComplete");
    ended(server, &id).await
}

/// One of the three results of a job, as text.
async fn result(server: &TestServer, job: &Value, which: &str) -> String {
    let id = job["id"].as_str().expect("an id");
    let path = data(&format!("/jobs/ingest/{id}/{which}/"));
    let answer = server.get(&path).as_(ADMIN).send().await;
    answer.expect(200);
    assert!(answer.header("content-type").starts_with("text/csv"));
    answer.text
}

/// The values of a query's one column.
async fn column(server: &TestServer, soql: &str, field: &str) -> Vec<Value> {
    let records = server.query(soql).as_(ADMIN).send().await.records();
    let value = |record: &Value| record[field].clone();
    records.iter().map(value).collect()
}
