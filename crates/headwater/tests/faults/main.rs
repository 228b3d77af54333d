//! Two nodes on one PostgreSQL, which goes away under them again and again: stopped, killed, and cut
//! off in the middle of transactions. Nothing acknowledged is lost, nothing is written twice or in
//! half, the change log has no gap; and both nodes go on by themselves as soon as they can.
//!
//! Each writer has a Messaging User of its own, whose name and account it changes together, and makes
//! sessions; every write carries a mark that no other has. What it was told is compared with the
//! change log and the rows.
//!
//! `HEADWATER_FAULT_ROUNDS` says how often each fault happens.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod found;
mod locks;
mod nodes;
mod proxy;
mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use headwater_testpostgres::{Durable, Stop};

use nodes::Nodes;
use proxy::Proxy;
use writer::{Progress, World};

/// How often each fault happens, unless somebody asks for more.
const ROUNDS: usize = 2;

/// Writes that must be acknowledged by each node before the next fault, and after it.
const BETWEEN: u64 = 40;

/// Longest time in which they do so.
const WRITING_MAX: Duration = Duration::from_mins(1);

/// Longest time until a node writes again after the database is back.
const RETURN_MAX: Duration = Duration::from_secs(8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Stopped(Stop),
    /// Every connection ends in the middle of what it does, by a reset.
    Reset,
    /// The server ends every connection.
    Terminated,
}

const FAULTS: [Fault; 5] = [
    Fault::Stopped(Stop::Fast),
    Fault::Stopped(Stop::Immediate),
    Fault::Stopped(Stop::Killed),
    Fault::Reset,
    Fault::Terminated,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_when_the_database_goes_away() {
    let Some(cluster) = cluster() else {
        return;
    };
    let rounds = std::env::var("HEADWATER_FAULT_ROUNDS").ok();
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let cluster = Arc::new(cluster);
    let proxy = Proxy::start(cluster.port()).await;
    let nodes = Nodes::start(&cluster, proxy.port()).await;
    let world = World::make(&nodes).await;
    let progress = Arc::new(Progress::default());
    let writers = world.writers(&nodes, &progress);

    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        for fault in FAULTS {
            let ready = progress.more(BETWEEN, WRITING_MAX).await;
            happen(fault, &cluster, &proxy).await;
            let back = Instant::now();
            let returned = progress.more(1, RETURN_MAX).await;
            if let Err(problem) = ready.and(returned) {
                panic!("round {round}, {fault:?}: {problem}\n{}", nodes.logs());
            }
            longest = longest.max(back.elapsed());
        }
    }
    progress.more(BETWEEN, WRITING_MAX).await.unwrap();
    progress.end();
    let told = writers.join_all().await;
    found::compare(&cluster, &told).await;
    println!("{rounds} rounds; a node was back after {longest:?} at most");
    println!("{}", writer::summary(&told));
    nodes.end();
}

/// A cluster of its own, if PostgreSQL is installed.
fn cluster() -> Option<Durable> {
    let cluster = Durable::start();
    if cluster.is_none() {
        let demanded = std::env::var("HEADWATER_DEMAND_POSTGRES").is_ok_and(|value| value == "1");
        assert!(!demanded, "there is no PostgreSQL for the test");
        eprintln!("SKIPPED: there is no PostgreSQL for the test");
    }
    cluster
}

async fn happen(fault: Fault, cluster: &Arc<Durable>, proxy: &Proxy) {
    match fault {
        Fault::Stopped(how) => {
            let cluster = Arc::clone(cluster);
            let again = tokio::task::spawn_blocking(move || {
                cluster.stop(how);
                cluster.start_again();
            });
            again.await.unwrap();
        }
        Fault::Reset => proxy.reset(),
        Fault::Terminated => {
            let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                        WHERE application_name = 'headwater'";
            nodes::run(&Durable::url(cluster.port(), "postgres"), text).await;
        }
    }
}
