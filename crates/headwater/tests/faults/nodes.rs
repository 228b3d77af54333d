//! The two nodes, and how they are asked.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use headwater_testkit::Process;
use headwater_testpostgres::Durable;
use serde_json::Value;
use tempfile::TempDir;
use tokio_postgres::NoTls;

pub(crate) const DATABASE: &str = "headwater";
const USER: &str = "writer@headwater.example";
const PROFILE: &str = "System Administrator";

/// Two servers on one database.
pub(crate) struct Nodes {
    processes: Vec<Process>,
    pub(crate) doors: Vec<Arc<Door>>,
    _directory: TempDir,
}

impl Nodes {
    pub(crate) async fn start(cluster: &Durable, port: u16) -> Self {
        let admin = Durable::url(cluster.port(), "postgres");
        run(
            &admin,
            &format!("CREATE DATABASE {DATABASE} TEMPLATE template0"),
        )
        .await;
        let url = Durable::url(port, DATABASE);
        tokio::task::spawn_blocking(move || Self::start_on(&url))
            .await
            .unwrap()
    }

    fn start_on(url: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path();
        let user = ["user", "add", USER, "--profile", PROFILE, "--generate"];
        command(&data.join("0"), url, &user);
        let token = command(&data.join("0"), url, &["token", "--user", USER]);
        let start = |number: usize| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
            command.args(["serve", "--listen", "127.0.0.1:0", "--database", url]);
            Process::start(command.arg("--data").arg(data.join(number.to_string())))
        };
        let processes = vec![start(0), start(1)];
        let door = |process: &Process| Arc::new(Door::new(process.url(), token.trim()));
        Self {
            doors: processes.iter().map(door).collect(),
            processes,
            _directory: directory,
        }
    }

    /// Ends both in the middle, to see what they have to say.
    pub(crate) fn logs(self) -> String {
        let log = |process: Process| process.stop().1;
        self.processes.into_iter().map(log).collect()
    }

    /// Kills one (`kill -9`).
    pub(crate) fn kill_the_first(mut self) -> Self {
        self.processes.remove(0).kill();
        self
    }

    /// Ends all, in order and without a bad word in their logs.
    pub(crate) fn end(self) {
        for process in self.processes {
            let (status, log) = process.stop();
            assert!(status.success(), "a node ends in order:\n{log}");
            let bad = |line: &&str| line.contains("ERROR") || line.contains("panicked");
            let bad: Vec<&str> = log.lines().filter(bad).collect();
            assert!(
                bad.is_empty(),
                "{} bad lines:\n{}",
                bad.len(),
                bad.join("\n")
            );
            println!("a node's log has {} lines", log.lines().count());
        }
    }
}

/// Runs a subcommand to its end and gives what it prints.
fn command(data: &Path, url: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_headwater"))
        .args(arguments)
        .args(["--database", url, "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "headwater {arguments:?}:\n{log}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a statement as the database's administrator.
pub(crate) async fn run(url: &str, text: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(text).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

/// The way to one node.
pub(crate) struct Door {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// What a node has answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    pub(crate) body: Value,
}

impl Door {
    fn new(url: &str, token: &str) -> Self {
        // Installed already from the second one on.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    pub(crate) async fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> Answer {
        let url = format!("{}/services/data/v67.0/sobjects/{path}", self.url);
        let request = self.http.request(method, url).bearer_auth(&self.token);
        let response = request.json(body).send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            retry_after: response.headers().contains_key("retry-after"),
            body: serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default(),
        }
    }

    pub(crate) async fn create(&self, object: &str, body: &Value) -> String {
        let answer = self.send(reqwest::Method::POST, object, body).await;
        assert_eq!(answer.status, 201, "{object}: {}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }
}
