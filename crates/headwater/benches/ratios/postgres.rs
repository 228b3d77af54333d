//! The same on PostgreSQL, against what PostgreSQL does without us: one cluster of its own, with
//! durability on, for both sides.

mod bare;
mod database;
mod pgbench;
mod relinks;

use anyhow::{Context, Result};
use headwater_testpostgres::Durable;

use crate::load::{self, Load};
use crate::server::{Server, get_request};
use crate::table::{Table, Target};
use crate::traffic::{self, ADMIN, CONNECTIONS, SECONDS};
use crate::{median, scratch};

use database::Database;

pub use bare::child;

/// Reads, writes, and two nodes against one.
pub fn postgres(table: &mut Table) -> Result<()> {
    let cluster = Durable::start().context("PostgreSQL is not installed")?;
    let database = Database::make(&cluster, "traffic")?;
    let (data, other) = (
        tempfile::tempdir_in(scratch())?,
        tempfile::tempdir_in(scratch())?,
    );
    let server = Server::start_on(data.path(), Some(&database.url))?;
    let token = server.token(ADMIN)?;
    reads(table, &server, &token, &database)?;
    let updates = traffic::updates(&server, &token)?;
    writes(table, &server, &updates, &database)?;
    let second = Server::start_on(other.path(), Some(&database.url))?;
    nodes(table, &server, &second, &updates)
}

/// Relinks of users with few and many sessions.
pub fn relinks(table: &mut Table) -> Result<()> {
    let cluster = Durable::start().context("PostgreSQL is not installed")?;
    relinks::relinks(table, &Database::make(&cluster, "relinks")?)
}

/// One record over REST against a handler that runs the same prepared statement.
fn reads(table: &mut Table, server: &Server, token: &str, database: &Database) -> Result<()> {
    let path = traffic::session_paths(server, token)?.remove(0);
    let body = server.get(token, &path)?;
    let statement = database.statement_of("MessagingSession", || server.get(token, &path))?;
    let bare = bare::start(&database.url, &statement, &body)?;
    let request = get_request(&path, token);
    let (ours, other) = traffic::rounds(
        || traffic::get(server.address, std::slice::from_ref(&request)),
        || traffic::get(bare.address, std::slice::from_ref(&request)),
    )?;
    table.line(
        "PostgreSQL: record read over REST, 64 connections, against the same statement alone",
        traffic::per_second(ours),
        traffic::per_second(other),
        ours / other,
        Target::AtLeast(0.7),
    );
    Ok(())
}

/// Durable updates over REST from 64 clients against pgbench writing the same rows.
fn writes(
    table: &mut Table,
    server: &Server,
    updates: &[String],
    database: &Database,
) -> Result<()> {
    let script = pgbench::Script::of(database)?;
    let (ours, other) = traffic::rounds(
        || traffic::patch(server, updates),
        || script.per_second(database, SECONDS),
    )?;
    table.line(
        "PostgreSQL: durable update over REST, 64 clients, against pgbench with the same rows",
        traffic::per_second(ours),
        traffic::per_second(other),
        ours / other,
        Target::AtLeast(0.5),
    );
    Ok(())
}

/// Updates through two nodes against the same updates through one.
fn nodes(table: &mut Table, one: &Server, two: &Server, updates: &[String]) -> Result<()> {
    let (first, second) = updates.split_at(updates.len() / 2);
    let (both, alone) = traffic::rounds(
        || {
            let half = |server: &Server, requests: &[String]| {
                let load = Load {
                    address: server.address,
                    connections: CONNECTIONS / 2,
                    seconds: SECONDS,
                    requests: requests.to_vec(),
                    status: 204,
                };
                Ok::<_, anyhow::Error>(load::run(&load)?.per_second)
            };
            std::thread::scope(|scope| {
                let other = scope.spawn(|| half(two, second));
                let here = half(one, first)?;
                let there = other.join().map_err(|_| anyhow::anyhow!("a panic"))??;
                Ok(here + there)
            })
        },
        || traffic::patch(one, updates),
    )?;
    table.line(
        "PostgreSQL: durable updates through two nodes, 32 clients each, against one with 64",
        traffic::per_second(both),
        traffic::per_second(alone),
        both / alone,
        Target::AtLeast(1.0),
    );
    Ok(())
}

/// A runtime for setting things up.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

fn middle(times: Vec<Vec<f64>>) -> Vec<f64> {
    times.into_iter().map(median).collect()
}
