//! Nothing acknowledged is lost, whenever the process is killed.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::headwater::{Client, Headwater};

const WRITERS: usize = 64;
const ROUNDS: usize = 20;
/// Acknowledged writes after which a round's server is killed, in the middle of the others.
const ACKNOWLEDGED: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_write_is_there_after_kill_9() {
    let headwater = Headwater::new();
    headwater.serve(&["--demo"]).stop();
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        let server = headwater.serve(&[]);
        let client = admin(&headwater, server.url());
        let done = Arc::new(AtomicUsize::new(0));
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (client, done) = (client.clone(), Arc::clone(&done));
            writers.spawn(async move { write(&client, &done, round, writer).await });
        }
        // More and fewer each round, so that the kill falls on different moments of a group.
        let enough = ACKNOWLEDGED + round * 7;
        while done.load(Ordering::Relaxed) < enough {
            tokio::task::yield_now().await;
        }
        server.kill();
        while let Some(names) = writers.join_next().await {
            acknowledged.extend(names.unwrap());
        }
    }
    let server = headwater.serve(&[]);
    let client = admin(&headwater, server.url());
    let found = names(&client).await;
    let lost: Vec<_> = acknowledged.difference(&found).take(5).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    assert!(acknowledged.len() >= ROUNDS * ACKNOWLEDGED);
    // Integrity, dangling references, gaps in the change log, rollups.
    let said = headwater.run(&["doctor"]);
    assert_eq!(said.code, 0, "{}", said.out);
}

/// Writes accounts until the server goes away; gives the names it was told are written.
async fn write(client: &Client, done: &AtomicUsize, round: usize, writer: usize) -> Vec<String> {
    let mut written = Vec::new();
    for place in 0.. {
        let name = format!("{round}/{writer}/{place}");
        // Two fields that must be found together, or the write was torn.
        let body = json!({ "Name": name, "Site": name });
        let path = "/services/data/v67.0/sobjects/Account";
        match client.post(path, &body).await {
            Some((201, _)) => written.push(name),
            Some((status, body)) => panic!("{status}: {body}"),
            None => break,
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    written
}

/// All that was written, page by page, each whole.
async fn names(client: &Client) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut page = client
        .query("SELECT Name, Site FROM Account WHERE Site != null")
        .await;
    loop {
        for record in page["records"].as_array().unwrap() {
            assert_eq!(record["Name"], record["Site"]);
            names.insert(record["Name"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["nextRecordsUrl"].as_str() else {
            return names;
        };
        let (status, text) = client.get(next, &[]).await;
        assert_eq!(status, 200, "{text}");
        page = serde_json::from_str::<Value>(&text).unwrap();
    }
}

fn admin(headwater: &Headwater, url: &str) -> Client {
    let said = headwater.run(&["token", "--user", "admin@headwater.example"]);
    assert_eq!(said.code, 0, "{}", said.err);
    Client::with(url, said.out.trim())
}
