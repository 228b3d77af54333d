//! Runs the binary on a directory of the test's own, and talks to it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use headwater_testkit::Process;
use serde_json::Value;

/// The demo's password in these tests.
pub(crate) const PASSWORD: &str = "correct horse 1";

/// A data directory of its own, and the binary to run on it.
pub(crate) struct Headwater {
    directory: tempfile::TempDir,
}

/// What a command that ended said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Headwater {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// A place beside the data directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The binary with these arguments, on the data directory. Hashing passwords costs little, and
    /// nothing of the tester's environment gets in.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HEADWATER_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.directory.path())
            .env("HEADWATER_PASSWORDS__HASH_MEMORY_KIB", "8")
            .env("HEADWATER_PASSWORDS__HASH_PASSES", "1")
            .arg("--data")
            .arg(self.data())
            .args(arguments);
        command
    }

    /// Starts `serve` on a port of the system's choice.
    #[track_caller]
    pub(crate) fn serve(&self, arguments: &[&str]) -> Process {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        Process::start(self.command(&all).env("HEADWATER_DEMO_PASSWORD", PASSWORD))
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::from(
            self.command(arguments)
                .stdin(Stdio::null())
                .output()
                .unwrap(),
        )
    }

    /// Runs a command to its end, with this on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Said {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        Said::from(child.wait_with_output().unwrap())
    }

    /// Runs a command that must succeed; gives its JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let said = self.run(&all);
        assert_eq!(said.code, 0, "{}", said.err);
        serde_json::from_str(&said.out).unwrap()
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A client of a running server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Client {
    /// One that has not logged in.
    pub(crate) fn stranger(url: &str, certificate: Option<&Path>) -> Self {
        // Installed already by another test of this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder().no_proxy();
        if let Some(path) = certificate {
            let pem = std::fs::read(path).unwrap();
            let certificate = reqwest::Certificate::from_pem(&pem).unwrap();
            builder = builder.tls_certs_only([certificate]);
        }
        Self {
            http: builder.build().unwrap(),
            url: url.to_owned(),
            token: String::new(),
        }
    }

    /// One with a token.
    pub(crate) fn with(url: &str, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..Self::stranger(url, None)
        }
    }

    /// Logs in with a password; gives the answer's status and body.
    pub(crate) async fn log_in(&mut self, username: &str, password: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "password"),
            ("client_id", "PlatformCLI"),
            ("username", username),
            ("password", password),
        ];
        let url = format!("{}/services/oauth2/token", self.url);
        let answer = self.http.post(url).form(&form).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        let token = body["access_token"].as_str().unwrap_or_default();
        token.clone_into(&mut self.token);
        (status, body)
    }

    /// A GET: status and text.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let mut request = self.http.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A POST of JSON; none when the server went away before it answered.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.url);
        let request = self.http.post(url).bearer_auth(&self.token).json(body);
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }

    /// A request of any method: status and body, null when there is none.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.url);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, url).bearer_auth(&self.token);
        let answer = request.json(body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// A query, whatever comes of it: status and body.
    pub(crate) async fn try_query(&self, soql: &str) -> (u16, Value) {
        let url = format!("{}/services/data/v67.0/query", self.url);
        let request = self.http.get(url).bearer_auth(&self.token);
        let answer = request.query(&[("q", soql)]).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    /// A query's records.
    pub(crate) async fn query(&self, soql: &str) -> Value {
        let (status, body) = self.try_query(soql).await;
        assert_eq!(status, 200, "{soql}: {body}");
        body
    }

    /// How many records a query finds.
    pub(crate) async fn count(&self, what: &str) -> u64 {
        let answer = self.query(&format!("SELECT COUNT() FROM {what}")).await;
        answer["totalSize"].as_u64().unwrap()
    }
}
