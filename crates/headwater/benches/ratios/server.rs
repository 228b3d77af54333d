//! The real binary as a child process, with its demo org, and a small client for setting things up.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const PASSWORD: &str = "correct horse battery";

/// How often the database has committed, and how many writes with that.
pub struct Commits {
    commits: f64,
    writes: f64,
}

impl Commits {
    /// What has come since.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            commits: self.commits - earlier.commits,
            writes: self.writes - earlier.writes,
        }
    }

    /// How many writes shared a commit.
    pub fn mean_group(&self) -> f64 {
        self.writes / self.commits
    }
}

/// A running server; stopped when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From spawning the process to its ready line.
    pub ready_after: Duration,
    client: reqwest::blocking::Client,
}

/// Limits of what one visitor and one address may ask for.
const UNBOUNDED: [&str; 3] = [
    "HEADWATER_WEB_CHAT__REQUESTS_PER_MINUTE_PER_VISITOR_MAX",
    "HEADWATER_WEB_CHAT__REQUESTS_PER_MINUTE_PER_ADDRESS_MAX",
    "HEADWATER_WEB_CHAT__TOKENS_PER_MINUTE_PER_ADDRESS_MAX",
];

impl Server {
    /// Starts the release binary on a data directory, with the demo org.
    pub fn start(data: &Path) -> Result<Self> {
        Self::start_on(data, None)
    }

    /// The same on a PostgreSQL database, if one is named.
    pub fn start_on(data: &Path, database: Option<&str>) -> Result<Self> {
        let address = free_address()?;
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .args([
                "serve",
                "--demo",
                "--listen",
                &address.to_string(),
                "--data",
            ])
            .arg(data)
            .args(database.map(|url| format!("--database={url}")))
            .env("HEADWATER_DEMO_PASSWORD", PASSWORD)
            .env("HEADWATER_LOG__FILTER", "warn")
            // All of the load comes from one address.
            .envs(UNBOUNDED.map(|limit| (limit, "1000000000")))
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no output")?;
        let client = reqwest::blocking::Client::builder()
            .timeout(Duration::from_mins(1))
            .build()?;
        let mut server = Self {
            child,
            address,
            ready_after: Duration::ZERO,
            client,
        };
        let mut lines = BufReader::new(stdout).lines();
        lines
            .by_ref()
            .map_while(Result::ok)
            .find(|line| line.contains("headwater is ready"))
            .context("the server did not get ready")?;
        server.ready_after = began.elapsed();
        // What it prints later is read to the end, so that a full pipe never stops it.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// An access token of a demo user.
    pub fn token(&self, user: &str) -> Result<String> {
        let form = [
            ("grant_type", "password"),
            ("client_id", "PlatformCLI"),
            ("username", user),
            ("password", PASSWORD),
        ];
        let answer = self
            .client
            .post(self.url("/services/oauth2/token"))
            .form(&form)
            .send()?;
        let body: Value = answer.json()?;
        Ok(body["access_token"]
            .as_str()
            .with_context(|| format!("no token: {body}"))?
            .to_owned())
    }

    /// The records of a query, first page.
    pub fn query(&self, token: &str, soql: &str) -> Result<Vec<Value>> {
        let answer = self
            .client
            .get(self.url("/services/data/v66.0/query"))
            .query(&[("q", soql)])
            .bearer_auth(token)
            .send()?;
        let body: Value = answer.json()?;
        Ok(body["records"]
            .as_array()
            .with_context(|| format!("no records: {body}"))?
            .clone())
    }

    /// The id of the org.
    pub fn organization(&self, token: &str) -> Result<String> {
        let org = self.query(token, "SELECT Id FROM Organization")?;
        let id = org.first().and_then(|org| org["Id"].as_str());
        Ok(id.context("no org")?.to_owned())
    }

    /// What a browser says at the console for the user of a token: a cookie.
    pub fn console_cookie(&self, token: &str) -> Result<String> {
        let path = "/services/oauth2/singleaccess";
        let request = self.client.post(self.url(path)).bearer_auth(token);
        let link: Value = request.form(&[("", ""); 0]).send()?.json()?;
        let link = link["frontdoor_uri"].as_str().context("no link")?;
        let client = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let answer = client.get(link).send()?;
        let cookies = answer.headers().get_all("set-cookie").iter();
        let cookies: Vec<&str> = cookies
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect();
        ensure!(!cookies.is_empty(), "{link} set no cookie");
        Ok(cookies.join("; "))
    }

    /// The body of a GET.
    pub fn get(&self, token: &str, path: &str) -> Result<Vec<u8>> {
        let answer = self
            .client
            .get(self.url(path))
            .bearer_auth(token)
            .send()?
            .error_for_status()?;
        Ok(answer.bytes()?.to_vec())
    }

    /// The JSON answer of a POST.
    pub fn post(&self, token: &str, path: &str, body: &Value) -> Result<Value> {
        let answer = self
            .client
            .post(self.url(path))
            .bearer_auth(token)
            .json(body)
            .send()?;
        let status = answer.status();
        let body: Value = answer.json()?;
        ensure!(status.is_success(), "{path} answered {status}: {body}");
        Ok(body)
    }

    /// Sends CSV.
    pub fn put(&self, token: &str, path: &str, csv: String) -> Result<()> {
        let request = self.client.put(self.url(path)).bearer_auth(token);
        let request = request.header("content-type", "text/csv").body(csv);
        request.send()?.error_for_status()?;
        Ok(())
    }

    /// Sends a change as JSON.
    pub fn patch(&self, token: &str, path: &str, body: &Value) -> Result<()> {
        let request = self.client.patch(self.url(path)).bearer_auth(token);
        request.json(body).send()?.error_for_status()?;
        Ok(())
    }

    /// What it has committed so far, by its own metrics.
    pub fn commits(&self) -> Result<Commits> {
        let text = self.client.get(self.url("/metrics")).send()?.text()?;
        let count = |name: &str| -> Result<f64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let count = line.with_context(|| format!("no metric {name}"))?;
            Ok(count.trim().parse()?)
        };
        Ok(Commits {
            commits: count("headwater_commits_total ")?,
            writes: count("headwater_committed_writes_total ")?,
        })
    }

    /// Resident memory in MB.
    pub fn memory_megabytes(&self) -> Result<f64> {
        self.megabytes("VmRSS")
    }

    /// How much of it is the server's own: without what is mapped of files, which the kernel takes back
    /// when it likes.
    pub fn own_memory_megabytes(&self) -> Result<f64> {
        self.megabytes("RssAnon")
    }

    fn megabytes(&self, what: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with(what))
            .with_context(|| format!("no {what}"))?;
        let kilobytes: f64 = line
            .split_whitespace()
            .nth(1)
            .context("no number")?
            .parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A whole GET request, for the load generator.
pub fn get_request(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
}

/// A whole PATCH request, for the load generator.
pub fn patch_request(path: &str, token: &str, body: &str) -> String {
    request("PATCH", path, token, body)
}

/// A whole POST request, for the load generator.
pub fn post_request(path: &str, token: &str, body: &str) -> String {
    request("POST", path, token, body)
}

fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
