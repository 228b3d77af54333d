//! A load generator: many connections, one request at a time on each, as fast as answers come.
//!
//! It runs as a process of its own (this same executable with `load FILE`), so that the server it
//! drives has its own memory and threads, whichever server that is.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What to send, where, for how long.
#[derive(Debug, Serialize, Deserialize)]
pub struct Load {
    pub address: SocketAddr,
    pub connections: usize,
    pub seconds: f64,
    /// Whole requests; each connection goes round them from a place of its own.
    pub requests: Vec<String>,
    /// The status every answer must have.
    pub status: u16,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub answers: u64,
    pub per_second: f64,
    pub median_micros: u64,
    pub p99_micros: u64,
}

/// Runs a load in a child process.
pub fn run(load: &Load) -> Result<Outcome> {
    let file = tempfile::NamedTempFile::new()?;
    serde_json::to_writer(&file, load)?;
    let output = Command::new(std::env::current_exe()?)
        .arg("load")
        .arg(file.path())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the load generator failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The child's side: sends the load that the file describes and prints what came of it.
pub fn child(file: &Path) -> Result<()> {
    let load: Load = serde_json::from_slice(&std::fs::read(file)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(send(load))?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

async fn send(load: Load) -> Result<Outcome> {
    let load = std::sync::Arc::new(load);
    let began = Instant::now();
    let until = began + Duration::from_secs_f64(load.seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for place in 0..load.connections {
        let load = std::sync::Arc::clone(&load);
        tasks.spawn(async move { converse(&load, place, until).await });
    }
    let mut micros = Vec::new();
    while let Some(done) = tasks.join_next().await {
        micros.extend(done??);
    }
    let seconds = began.elapsed().as_secs_f64();
    micros.sort_unstable();
    ensure!(!micros.is_empty(), "no answer came");
    let at = |share: f64| u64::from(micros[((micros.len() - 1) as f64 * share) as usize]);
    Ok(Outcome {
        answers: micros.len() as u64,
        per_second: micros.len() as f64 / seconds,
        median_micros: at(0.5),
        p99_micros: at(0.99),
    })
}

/// One connection: the time of each answer in microseconds.
async fn converse(load: &Load, place: usize, until: Instant) -> Result<Vec<u32>> {
    let mut stream = TcpStream::connect(load.address).await?;
    stream.set_nodelay(true)?;
    let stride = load.requests.len() / load.connections.max(1);
    let mut next = place * stride.max(1);
    let mut buffer = Vec::with_capacity(16 * 1024);
    let mut micros = Vec::new();
    while Instant::now() < until {
        let request = &load.requests[next % load.requests.len()];
        next += 1;
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let status = answer(&mut stream, &mut buffer).await?;
        if status != load.status {
            bail!("answered {status}: {}", String::from_utf8_lossy(&buffer));
        }
        buffer.clear();
        micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(micros)
}

/// Reads one answer with a `Content-Length`, or without a body.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<u16> {
    loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end])?;
            let status: u16 = head.get(9..12).context("no status")?.parse()?;
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(Ok(0), |(_, value)| value.trim().parse::<usize>())?;
            while buffer.len() < end + 4 + length {
                ensure!(stream.read_buf(buffer).await? > 0, "the server hung up");
            }
            return Ok(status);
        }
        ensure!(stream.read_buf(buffer).await? > 0, "the server hung up");
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
