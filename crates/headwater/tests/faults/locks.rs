//! A record that somebody else has locked, and a node that is killed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use headwater_catalogue::{Catalogue, Id, KeyPrefix};
use headwater_store::{Location, NewJob, Options, Store, WriteSet};
use headwater_testpostgres::Durable;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

use crate::nodes::{DATABASE, Door, Nodes};
use crate::writer::World;

/// Longest time that writes to other records take, on a machine that has much else to do: less than a
/// write waits for a lock. Where it has nothing else to do they take a tenth of it.
const OTHERS_MAX: Duration = Duration::from_secs(3);

/// Longest time that a write waits for a lock, and some for a slow machine.
const WAIT_MAX: Duration = Duration::from_secs(8);

/// How many write to the locked record at once, and how many to others.
const STUCK: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_record_holds_up_no_other_and_a_killed_node_nobody() {
    let Some(cluster) = crate::cluster() else {
        return;
    };
    let nodes = Nodes::start(&cluster, cluster.port()).await;
    let world = World::make(&nodes).await;
    let somebody = connect(&cluster).await;
    for door in &nodes.doors {
        let first = write_all(door, &world.users, "warm").await;
        println!("nobody in the way: all written within {first:?}");
        wait_for_a_lock(door, &world, &somebody).await;
    }
    give_up_on_a_lock(&nodes.doors[0], &world, &somebody).await;

    let doors = nodes.doors.clone();
    let nodes = nodes.kill_the_first();
    let begun = write_all(&doors[1], &world.users, "after the kill").await;
    println!("with the other node killed: all written within {begun:?}");
    assert!(begun < WAIT_MAX);
    jobs_of_a_dead_node(&cluster).await;
    nodes.end();
}

/// Writes to other records do not wait; those to the locked one do, until the lock goes.
async fn wait_for_a_lock(door: &Arc<Door>, world: &World, somebody: &Client) {
    lock(somebody, &world.users[0]).await;
    let mut stuck = JoinSet::new();
    for number in 0..STUCK {
        stuck.spawn(write(
            Arc::clone(door),
            world.users[0].clone(),
            format!("stuck {number}"),
        ));
    }
    let longest = write_all(door, &world.users[1..], "beside").await;
    println!("beside a locked record: all written within {longest:?}");
    assert!(longest < OTHERS_MAX, "others waited {longest:?}");
    assert!(
        stuck.try_join_next().is_none(),
        "a locked record was written"
    );
    somebody.batch_execute("ROLLBACK").await.unwrap();
    for (status, took) in stuck.join_all().await {
        assert_eq!(status, 204, "after {took:?}");
        assert!(took < WAIT_MAX, "{took:?}");
    }
}

/// A lock that stays ends in a refusal that says to try again.
async fn give_up_on_a_lock(door: &Arc<Door>, world: &World, somebody: &Client) {
    lock(somebody, &world.users[0]).await;
    let (status, took) = write(Arc::clone(door), world.users[0].clone(), "never".to_owned()).await;
    println!("a lock that stays: {status} after {took:?}");
    assert_eq!(status, 503);
    assert!(
        (Duration::from_secs(4)..WAIT_MAX).contains(&took),
        "{took:?}"
    );
    somebody.batch_execute("ROLLBACK").await.unwrap();
}

/// A job that a node took and did not finish is another's when the lease ends.
async fn jobs_of_a_dead_node(cluster: &Durable) {
    let open = |url: String| {
        tokio::task::spawn_blocking(move || {
            let catalogue = Arc::new(Catalogue::built_in().unwrap());
            Store::open(&Location::Postgres(url), catalogue, Options::default()).unwrap()
        })
    };
    let url = Durable::url(cluster.port(), DATABASE);
    let (dead, other) = (open(url.clone()).await.unwrap(), open(url).await.unwrap());
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let lease = Duration::from_secs(30);
    let job = NewJob {
        kind: "test".to_owned(),
        payload: "to do".to_owned(),
        due: now,
        lane: None,
    };
    let set = WriteSet {
        jobs: vec![job],
        ..WriteSet::new(Id::new(KeyPrefix::new("005"), 1), now, Vec::new())
    };
    dead.write(set).await.unwrap();
    let taken = dead.claim_job("test", now, lease).await.unwrap().unwrap();
    assert_eq!(other.claim_job("test", now, lease).await.unwrap(), None);
    let later = now + lease;
    let again = other
        .claim_job("test", later, lease)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((again.id, again.attempts), (taken.id, 2));
    other.finish_job(again.id).await.unwrap();
}

/// Writes to each of these at once: the longest time one took.
async fn write_all(door: &Arc<Door>, users: &[String], mark: &str) -> Duration {
    let mut writing = JoinSet::new();
    for user in users {
        writing.spawn(write(
            Arc::clone(door),
            user.clone(),
            format!("{mark} {user}"),
        ));
    }
    let done = writing.join_all().await;
    assert!(done.iter().all(|(status, _)| *status == 204), "{done:?}");
    done.into_iter().map(|(_, took)| took).max().unwrap()
}

async fn write(door: Arc<Door>, user: String, name: String) -> (u16, Duration) {
    let begun = Instant::now();
    let path = format!("MessagingEndUser/{user}");
    let answer = door
        .send(Method::PATCH, &path, &json!({ "Name": name }))
        .await;
    (answer.status, begun.elapsed())
}

async fn lock(somebody: &Client, user: &str) {
    let text =
        format!("BEGIN; SELECT 1 FROM \"MessagingEndUser\" WHERE \"Id\" = '{user}' FOR UPDATE");
    somebody.batch_execute(&text).await.unwrap();
}

async fn connect(cluster: &Durable) -> Client {
    let url = Durable::url(cluster.port(), DATABASE);
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
