//! Reads and writes over REST from 64 connections, as administrator and as a restricted agent; and
//! how the server starts.

use std::cell::Cell;

use anyhow::{Context, Result};
use serde_json::json;

use crate::bare::Bare;
use crate::load::{self, Load};
use crate::server::{Server, get_request, patch_request};
use crate::table::{Table, Target};
use crate::{median, raw, scratch};

pub const CONNECTIONS: usize = 64;
const ROUNDS: usize = 3;
pub const SECONDS: f64 = 4.0;
pub const ADMIN: &str = "admin@headwater.example";
const AGENT: &str = "agent@headwater.example";

/// (a) One record over REST against a handler that answers the same bytes.
pub fn reads(table: &mut Table) -> Result<()> {
    let data = tempfile::tempdir_in(scratch())?;
    let server = Server::start(data.path())?;
    let token = server.token(ADMIN)?;
    let path = session_paths(&server, &token)?.remove(0);
    let bare = Bare::start(&server.get(&token, &path)?)?;
    let request = get_request(&path, &token);
    let (ours, other) = rounds(
        || get(server.address, std::slice::from_ref(&request)),
        || get(bare.address, std::slice::from_ref(&request)),
    )?;
    let texts = (per_second(ours), per_second(other));
    table.line(
        "record read over REST, 64 connections",
        texts.0,
        texts.1,
        ours / other,
        Target::AtLeast(0.5),
    );
    Ok(())
}

/// Writes in groups of a mean size for some seconds; how many a second.
type Raw = fn(f64, f64) -> Result<f64>;

/// (c) Durable updates over REST from 64 clients, against raw inserts, and against raw writes of all
/// that such an update leaves behind: both committed in groups as large as those in which Headwater
/// committed its updates a moment before.
pub fn writes(table: &mut Table) -> Result<()> {
    let data = tempfile::tempdir_in(scratch())?;
    let server = Server::start(data.path())?;
    let token = server.token(ADMIN)?;
    let requests = updates(&server, &token)?;
    let others: [(&str, Raw); 2] = [
        ("raw single inserts", raw::inserts_per_second),
        (
            "the same row, words, history and log raw",
            raw::updates_per_second,
        ),
    ];
    for (what, write) in others {
        let group = Cell::new(0.0);
        let ours = || {
            let before = server.commits()?;
            let rate = patch(&server, &requests)?;
            group.set(server.commits()?.since(&before).mean_group());
            Ok(rate)
        };
        let (ours, other) = rounds(ours, || write(group.get(), SECONDS))?;
        let group = group.get();
        table.line(
            &format!(
                "durable update over REST, 64 clients, against {what}, both in groups of {group:.0}"
            ),
            per_second(ours),
            per_second(other),
            ours / other,
            Target::AtLeast(0.5),
        );
    }
    Ok(())
}

/// (e) The same reads, lists and writes by an agent with restricted rights against an
/// administrator.
pub fn restricted(table: &mut Table) -> Result<()> {
    let data = tempfile::tempdir_in(scratch())?;
    let server = Server::start(data.path())?;
    let (admin, agent) = (server.token(ADMIN)?, server.token(AGENT)?);
    let paths = session_paths(&server, &admin)?;
    let reads = |token: &str| {
        paths
            .iter()
            .map(|path| get_request(path, token))
            .collect::<Vec<_>>()
    };
    let (ours, other) = rounds(
        || get(server.address, &reads(&agent)),
        || get(server.address, &reads(&admin)),
    )?;
    let texts = (per_second(ours), per_second(other));
    table.line(
        "record read by an agent / an administrator",
        texts.0,
        texts.1,
        ours / other,
        Target::AtLeast(0.8),
    );
    let list = "/services/data/v66.0/query?q=SELECT+Id,Name,Status,EndUserAccount.Name+FROM+MessagingSession+ORDER+BY+StartTime+DESC+LIMIT+20";
    let (ours, other) = rounds(
        || get(server.address, &[get_request(list, &agent)]),
        || get(server.address, &[get_request(list, &admin)]),
    )?;
    let texts = (per_second(ours), per_second(other));
    table.line(
        "list of 20 sessions by an agent / an administrator",
        texts.0,
        texts.1,
        ours / other,
        Target::AtLeast(0.8),
    );
    let (by_agent, by_admin) = (updates(&server, &agent)?, updates(&server, &admin)?);
    let (ours, other) = rounds(|| patch(&server, &by_agent), || patch(&server, &by_admin))?;
    let texts = (per_second(ours), per_second(other));
    table.line(
        "update by an agent / an administrator",
        texts.0,
        texts.1,
        ours / other,
        Target::AtLeast(0.8),
    );
    Ok(())
}

/// (f) Start to ready on an existing database, and memory at rest.
pub fn start(table: &mut Table) -> Result<()> {
    let data = tempfile::tempdir_in(scratch())?;
    drop(Server::start(data.path())?);
    let mut seconds = Vec::new();
    let mut megabytes = Vec::new();
    for _ in 0..5 {
        let server = Server::start(data.path())?;
        seconds.push(server.ready_after.as_secs_f64());
        std::thread::sleep(std::time::Duration::from_secs(1));
        megabytes.push(server.memory_megabytes()?);
    }
    let (seconds, megabytes) = (median(seconds), median(megabytes));
    table.line(
        "start to ready",
        format!("{:.0} ms", seconds * 1000.0),
        "–".into(),
        seconds,
        Target::AtMost(0.3),
    );
    table.line(
        "idle memory",
        format!("{megabytes:.1} MB"),
        "–".into(),
        megabytes,
        Target::AtMost(40.0),
    );
    Ok(())
}

/// Both sides in alternating rounds; the medians.
pub fn rounds(
    ours: impl Fn() -> Result<f64>,
    other: impl Fn() -> Result<f64>,
) -> Result<(f64, f64)> {
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        mine.push(ours()?);
        theirs.push(other()?);
    }
    Ok((median(mine), median(theirs)))
}

pub fn get(address: std::net::SocketAddr, requests: &[String]) -> Result<f64> {
    send(address, requests.to_vec(), 200)
}

pub fn patch(server: &Server, requests: &[String]) -> Result<f64> {
    send(server.address, requests.to_vec(), 204)
}

fn send(address: std::net::SocketAddr, requests: Vec<String>, status: u16) -> Result<f64> {
    let load = Load {
        address,
        connections: CONNECTIONS,
        seconds: SECONDS,
        requests,
        status,
    };
    Ok(load::run(&load)?.per_second)
}

pub fn session_paths(server: &Server, token: &str) -> Result<Vec<String>> {
    let records = server.query(token, "SELECT Id FROM MessagingSession LIMIT 50")?;
    records
        .iter()
        .map(|record| {
            record["attributes"]["url"]
                .as_str()
                .map(str::to_owned)
                .context("no url")
        })
        .collect()
}

/// Updates of 64 cases, each with a tracked field among them, so that the history is written too.
pub fn updates(server: &Server, token: &str) -> Result<Vec<String>> {
    let mut requests = Vec::new();
    for place in 0..CONNECTIONS {
        let body = json!({"Subject": format!("Case {place} of the benchmark"), "Status": "New"});
        let made = server.post(token, "/services/data/v66.0/sobjects/Case", &body)?;
        let id = made["id"].as_str().context("no id")?.to_owned();
        for status in ["Working", "New"] {
            let body = json!({"Status": status, "Subject": format!("Turned to {status}")});
            let path = format!("/services/data/v66.0/sobjects/Case/{id}");
            requests.push(patch_request(&path, token, &body.to_string()));
        }
    }
    Ok(requests)
}

pub fn per_second(rate: f64) -> String {
    format!("{rate:.0}/s")
}
