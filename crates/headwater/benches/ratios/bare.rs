//! The physical limit for a read: an axum handler that answers the same bytes and does nothing.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

/// A bare server in a child process; killed when dropped.
pub struct Bare {
    child: Child,
    pub address: SocketAddr,
}

impl Bare {
    /// Starts one that answers every request with this body.
    pub fn start(body: &[u8]) -> Result<Self> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), body)?;
        Self::of("bare", file.path())
    }

    /// Starts one of another kind: this executable with its name and a file, which prints its address.
    pub fn of(kind: &str, file: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(kind)
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self {
            address: line.trim().parse()?,
            child,
        })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child's side: serves the file's bytes on a free port and prints its address.
pub fn child(file: &Path) -> Result<()> {
    let body = axum::body::Bytes::from(std::fs::read(file)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let answer =
            move || async move { ([(CONTENT_TYPE, "application/json;charset=UTF-8")], body) };
        let router = Router::new().route("/{*path}", get(answer));
        axum::serve(listener, router).await?;
        Ok(())
    })
}
