//! A cluster with durability on, for tests of what survives when it is stopped or killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::cluster;

/// How the supervisor begins the line that says where the data lies.
const READY: &str = "ready ";

/// A cluster of its own that keeps what it has acknowledged, on a port of this machine. Thrown away
/// when dropped, and with its process.
#[derive(Debug)]
pub struct Durable {
    programs: PathBuf,
    data: PathBuf,
    port: u16,
    supervisor: Child,
}

/// How a cluster is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Every session is ended, and all is written down.
    Fast,
    /// Every process is ended, and the next start recovers.
    Immediate,
    /// Every process is killed at once (SIGKILL).
    Killed,
}

impl Durable {
    /// Makes one, if PostgreSQL is installed.
    ///
    /// # Panics
    /// When none can be made.
    pub fn start() -> Option<Self> {
        let programs = cluster::installed()?;
        let port = free_port();
        let mut command = Command::new("sh");
        command
            .args(["-c", include_str!("durable.sh"), "durable"])
            .arg(&programs)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0);
        let mut supervisor = unprivileged(&mut command).spawn().expect("sh runs");
        let stdout = supervisor.stdout.take().expect("standard output is piped");
        let mut stdout = BufReader::new(stdout);
        let mut said = String::new();
        stdout
            .read_line(&mut said)
            .expect("the supervisor says something");
        let Some(data) = said.strip_prefix(READY) else {
            // What cannot be read is missing from the message, and no more.
            let _ = stdout.read_to_string(&mut said);
            panic!("no PostgreSQL for the test: {said}");
        };
        Some(Self {
            data: PathBuf::from(data.trim_end()),
            programs,
            port,
            supervisor,
        })
    }

    /// The port it listens at, on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file that it writes its log to.
    pub fn log(&self) -> PathBuf {
        self.data.with_file_name("log")
    }

    /// Where a database is reached through a port of this machine.
    pub fn url(port: u16, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// Stops it.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self, how: Stop) {
        match how {
            Stop::Fast => self.control(&["stop", "--wait", "--mode=fast"]),
            Stop::Immediate => self.control(&["stop", "--wait", "--mode=immediate"]),
            Stop::Killed => self.kill(),
        }
    }

    /// Starts it again after [`Durable::stop`], and waits until it takes connections.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        let log = format!("--log={}", self.log().display());
        self.control(&["start", "--wait", &log]);
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join("pg_ctl"));
        command
            .args(arguments)
            .arg("--pgdata")
            .arg(&self.data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let status = unprivileged(&mut command).status().expect("pg_ctl runs");
        assert!(status.success(), "pg_ctl {arguments:?}: {status}");
    }

    /// The postmaster first, so that it starts nothing any more, and then all that it has started.
    fn kill(&self) {
        let written = std::fs::read_to_string(self.data.join("postmaster.pid"))
            .expect("a running cluster has written down its process");
        let postmaster = written.lines().next().unwrap_or_default().trim().to_owned();
        let started = Command::new("ps")
            .args(["-o", "pid=", "--ppid", &postmaster])
            .output()
            .expect("ps runs");
        let started = String::from_utf8_lossy(&started.stdout).into_owned();
        let all = std::iter::once(&*postmaster).chain(started.split_whitespace());
        // One that has ended meanwhile is as good as killed.
        let _ = Command::new("kill")
            .arg("-KILL")
            .args(all)
            .stderr(Stdio::null())
            .status();
        while Path::new("/proc").join(&postmaster).exists() {
            std::thread::yield_now();
        }
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

/// A port that nobody listens at, and that no connection is given while the cluster is down: systems
/// take those from higher up.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id() % 10_000;
    loop {
        let place = first + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(20_000 + place % 10_000).expect("below 30,000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// PostgreSQL refuses to run as root, and its files belong to whoever it runs as.
fn unprivileged(command: &mut Command) -> &mut Command {
    command.current_dir("/");
    if rustix::process::geteuid().is_root() {
        let (user, group) = cluster::unprivileged().expect("somebody who is not root");
        command.uid(user).gid(group);
    }
    command
}
