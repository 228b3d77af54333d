//! `kill -9` while 64 clients write, twenty times over on one data directory. After each kill the
//! database opens and is whole, everything that was acknowledged is there, no write is torn, and
//! the change log has no gap.
//!
//! Each client has a Messaging User of its own, whose name and account it changes together: the
//! number in the name says which account goes with it, so that half a write shows. In between it
//! makes sessions. What it was told is written down, and compared with three things that the server
//! writes in one transaction: the row, its history, and the change log.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod client;
mod door;
mod inbound;
mod record;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use headwater_testkit::Process;

use client::{Client, Moment, World};
use door::Door;
use inbound::Visitor;
use record::Record;

const ROUNDS: u32 = 20;
const INBOUND_ROUNDS: u32 = 6;
const CLIENTS: u32 = 64;
const ACCOUNTS: u32 = 5;
const USER: &str = "writer@headwater.example";
const PROFILE: &str = "System Administrator";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_torn_by_twenty_kills() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    command(
        &data,
        &["user", "add", USER, "--profile", PROFILE, "--generate"],
    );
    let token = command(&data, &["token", "--user", USER]);
    let mut process = start(&data);
    let mut door = Door::new(process.url(), token.trim());
    let world = World::make(&door).await;
    let mut clients = world.clients();
    let mut record = Record::default();

    for round in 0..ROUNDS {
        clients = write_until_killed(&door, &world, clients, round, process).await;
        let crash = copy(&data, &directory.path().join(format!("crash-{round}")));
        let news = record.read(&crash, round);
        std::fs::remove_dir_all(&crash).unwrap();

        process = start(&data);
        door = Door::new(process.url(), token.trim());
        record.compare_rows(&door, &world, &mut clients).await;
        record.compare_history(&door, &world, &news).await;
        record.compare_sessions(&door, &clients, &news).await;
    }
    record.compare_everything(&door, &clients).await;
    let (status, log) = process.stop();
    assert!(status.success(), "the server ends in order:\n{log}");
}

/// What customers write is kept before they are told so: after each kill every message that was
/// answered is one entry, in order, in the one open session of its customer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_that_was_taken_in_is_lost_or_doubled_by_kills() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    command(
        &data,
        &["user", "add", USER, "--profile", PROFILE, "--generate"],
    );
    let token = command(&data, &["token", "--user", USER]);
    let mut process = start(&data);
    let mut door = Door::new(process.url(), token.trim());
    let mut visitors = inbound::arrive(&door).await;
    for round in 0..INBOUND_ROUNDS {
        visitors = speak_until_killed(&door, visitors, round, process).await;
        process = start(&data);
        door = Door::new(process.url(), token.trim());
        inbound::worked_off(&door).await;
        for visitor in &mut visitors {
            visitor.compare(&door).await;
        }
    }
    let (status, log) = process.stop();
    assert!(status.success(), "the server ends in order:\n{log}");
}

/// As [`write_until_killed`], for customers.
async fn speak_until_killed(
    door: &Door,
    visitors: Vec<Visitor>,
    round: u32,
    process: Process,
) -> Vec<Visitor> {
    let moment = Arc::new(Moment::of(round));
    let mut speaking = tokio::task::JoinSet::new();
    for visitor in visitors {
        let (door, moment) = (door.clone(), Arc::clone(&moment));
        speaking.spawn(async move { visitor.speak(&door, &moment).await });
    }
    moment.reached.notified().await;
    process.kill();
    speaking.join_all().await
}

/// Lets all clients write, and kills the server when enough has been sent (in even rounds) or
/// acknowledged (in odd ones). Counted, not timed: the kill comes in the middle of the writing on
/// any machine.
async fn write_until_killed(
    door: &Door,
    world: &World,
    clients: Vec<Client>,
    round: u32,
    process: Process,
) -> Vec<Client> {
    let moment = Arc::new(Moment::of(round));
    let mut writing = tokio::task::JoinSet::new();
    for client in clients {
        let (door, world, moment) = (door.clone(), world.clone(), Arc::clone(&moment));
        writing.spawn(async move { client.write(&door, &world, &moment).await });
    }
    moment.reached.notified().await;
    process.kill();
    let mut clients = writing.join_all().await;
    clients.sort_by_key(|client| client.number);
    clients
}

fn start(data: &Path) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    // All customers write from one address.
    for limit in ["VISITOR", "ADDRESS"] {
        let name = format!("HEADWATER_WEB_CHAT__REQUESTS_PER_MINUTE_PER_{limit}_MAX");
        command.env(name, "1000000000");
    }
    Process::start(command.arg(data))
}

/// Runs a subcommand to its end and gives what it prints.
fn command(data: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_headwater"))
        .args(arguments)
        .args([Path::new("--data"), data])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (printed, log) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "headwater {arguments:?}:\n{log}");
    String::from_utf8(printed.clone()).unwrap()
}

/// Copies the database as the kill left it. Not the shared memory beside it: that is made anew
/// from the log, as after a loss of power.
fn copy(data: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir(to).unwrap();
    for name in ["headwater.db", "headwater.db-wal"] {
        if data.join(name).exists() {
            std::fs::copy(data.join(name), to.join(name)).unwrap();
        }
    }
    to.to_owned()
}
