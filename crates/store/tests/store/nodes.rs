//! Several stores on one PostgreSQL database.

use std::collections::HashSet;
use std::time::Duration;

use headwater_catalogue::{Id, KeyPrefix};
use headwater_store::{Location, NewJob, Options, Store, WriteSet};
use headwater_testpostgres::{Database, has_postgres};
use jiff::Timestamp;

use crate::org::catalogue;

async fn open(database: &Database) -> Store {
    let location = Location::Postgres(database.url().to_owned());
    let options = Options {
        durable: false,
        ids_reserved: 10,
        ..Options::default()
    };
    let opening = move || Store::open(&location, catalogue(), options).unwrap();
    tokio::task::spawn_blocking(opening).await.unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn jobs(count: usize) -> WriteSet {
    let job = |place| NewJob {
        kind: "send".to_owned(),
        payload: format!("{place}"),
        due: at(0),
        lane: None,
    };
    WriteSet {
        jobs: (0..count).map(job).collect(),
        ..WriteSet::new(Id::new(KeyPrefix::new("005"), 1), at(0), Vec::new())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_job_is_claimed_once_and_that_of_a_node_that_died_again() {
    if !has_postgres("jobs between two nodes") {
        return;
    }
    let database = Database::new();
    let (one, other) = (open(&database).await, open(&database).await);
    one.write(jobs(60)).await.unwrap();
    let lease = Duration::from_mins(1);
    let claim_all = async |store: &Store| {
        let mut claimed = Vec::new();
        while let Some(job) = store.claim_job("send", at(1), lease).await.unwrap() {
            claimed.push(job.payload);
        }
        claimed
    };
    let (here, there) = tokio::join!(claim_all(&one), claim_all(&other));
    assert_eq!(here.len() + there.len(), 60);
    let distinct: HashSet<_> = here.iter().chain(&there).collect();
    assert_eq!(distinct.len(), 60, "a job was claimed twice");
    assert!(!here.is_empty() && !there.is_empty(), "both had some");

    // Neither is done with any, and one of them goes.
    drop(one);
    let before = other.claim_job("send", at(59), lease).await.unwrap();
    assert_eq!(before, None, "the leases last");
    let mut taken = 0;
    while let Some(job) = other.claim_job("send", at(62), lease).await.unwrap() {
        assert_eq!(job.attempts, 2);
        other.finish_job(job.id).await.unwrap();
        taken += 1;
    }
    assert_eq!(taken, 60);
    assert_eq!(other.statistics().unwrap().jobs_waiting, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_is_one_nodes_at_a_time_and_ends_with_its_node() {
    if !has_postgres("turns between two nodes") {
        return;
    }
    let database = Database::new();
    let (one, other) = (open(&database).await, open(&database).await);
    let held = one.turn("something").await.unwrap();
    // Another turn keeps nobody waiting.
    drop(other.turn("something else").await.unwrap());
    let waiting = {
        let other = other.clone();
        tokio::spawn(async move { other.turn("something").await.map(drop) })
    };
    let waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    // Until the other waits for it in the server.
    while database.ask(waits).is_empty() {
        assert!(!waiting.is_finished(), "the turn was given to two");
    }
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_of_two_nodes_never_meet() {
    if !has_postgres("ids of two nodes") {
        return;
    }
    let database = Database::new();
    let (one, other) = (open(&database).await, open(&database).await);
    let account = catalogue().object("Account").unwrap().clone();
    let many = |store: Store| {
        let account = account.clone();
        move || {
            (0..5_000)
                .map(|_| store.next_id(&account))
                .collect::<Vec<_>>()
        }
    };
    let here = tokio::task::spawn_blocking(many(one));
    let there = tokio::task::spawn_blocking(many(other));
    let ids = [here.await.unwrap(), there.await.unwrap()].concat();
    let distinct: HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), 10_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_is_heard_on_every_node_and_kept_nowhere() {
    if !has_postgres("signals between two nodes") {
        return;
    }
    let database = Database::new();
    let (one, other) = (open(&database).await, open(&database).await);
    let (mut here, mut there) = (one.signals(), other.signals());
    // Whoever has only begun to listen may miss what is told at the same moment.
    let heard = async {
        let mut heard = (false, false);
        while heard != (true, true) {
            tokio::select! {
                text = here.recv() => heard.0 |= &*text.unwrap() == "Sasha writes",
                text = there.recv() => heard.1 |= &*text.unwrap() == "Sasha writes",
            }
        }
    };
    let tell = async {
        loop {
            one.signal("Sasha writes").await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let most = Duration::from_secs(10);
    let told = async {
        tokio::select! { () = heard => {} () = tell => {} }
    };
    tokio::time::timeout(most, told).await.unwrap();
    let newest = *one.changed().borrow();
    assert_eq!(newest, *other.changed().borrow());
    let much = "x".repeat(headwater_store::SIGNAL_BYTES_MAX + 1);
    assert!(one.signal(&much).await.is_err());
}
