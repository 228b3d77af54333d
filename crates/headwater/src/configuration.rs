//! Configuration: layers, checks, and the typed result.
//!
//! `default.toml` names every key. That file is the lowest layer, the list of what may be set, and
//! the documentation, so there is no second list that could differ.

mod check;
mod files;
mod shown;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Deserialize;

use crate::arguments::{Common, Serve};
use crate::failure::{Failure, Kind, Outcome};

pub use files::{FileStore, Files, Scanner, ScannerAddress};

/// The commented default file.
pub const DEFAULT: &str = include_str!("default.toml");

/// Everything that can be set, checked.
#[derive(Debug, Clone, Deserialize)]
pub struct Configuration {
    /// Listening.
    pub server: Server,
    /// Certificates.
    pub tls: Tls,
    /// Where things are kept.
    pub data: Data,
    /// A database on a server.
    pub database: Database,
    /// Where files are kept.
    pub files: Files,
    /// Logging.
    pub log: Log,
    /// Metrics.
    pub metrics: Metrics,
    /// Limits.
    pub limits: Limits,
    /// Limits of web chat.
    pub web_chat: WebChat,
    /// Limits of change events.
    pub events: Events,
    /// Services of one's own.
    pub interaction_api: InteractionApi,
    /// Logging in.
    pub logins: Logins,
    /// Passwords.
    pub passwords: Passwords,
    /// The database.
    pub store: Store,
    /// The demo org.
    pub demo: Demo,
    /// Every key with its value, in the order of the default file, secrets masked.
    #[serde(skip)]
    pub shown: Vec<(String, String)>,
}

/// `[server]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Server {
    /// HTTP.
    #[serde(deserialize_with = "check::optional")]
    pub listen: Option<SocketAddr>,
    /// HTTPS.
    #[serde(deserialize_with = "check::optional")]
    pub listen_tls: Option<SocketAddr>,
    /// The address clients use.
    #[serde(deserialize_with = "check::optional")]
    pub public_url: Option<String>,
    /// Behind a proxy.
    pub forwarded_headers_trusted: bool,
    /// CORS.
    pub cors_origins: Vec<String>,
    /// 0: one for each core.
    pub worker_threads: usize,
    /// Seconds.
    pub shutdown_grace_seconds: u64,
}

/// `[tls]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Tls {
    /// PEM.
    #[serde(deserialize_with = "check::optional")]
    pub certificate: Option<PathBuf>,
    /// PEM.
    #[serde(deserialize_with = "check::optional")]
    pub key: Option<PathBuf>,
    /// Make one.
    pub self_signed: bool,
    /// For the one made.
    pub names: Vec<String>,
}

/// `[data]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Data {
    /// The data directory.
    pub directory: PathBuf,
}

/// `[database]`.
#[derive(Clone, Deserialize)]
pub struct Database {
    /// The address of a PostgreSQL database. None: a SQLite file in the data directory.
    #[serde(deserialize_with = "check::optional")]
    pub url: Option<String>,
}

/// Without the address, which may hold a password.
impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.url.as_ref().map_or("SQLite", |_| "PostgreSQL");
        write!(f, "Database({kind})")
    }
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// Which lines there are.
    pub filter: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Human,
    /// For machines, one object a line.
    Json,
}

/// `[metrics]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Metrics {
    /// An address of its own.
    #[serde(deserialize_with = "check::optional")]
    pub listen: Option<SocketAddr>,
}

/// `[limits]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Limits {
    /// API requests a day.
    pub api_requests_daily_max: u64,
    /// The largest body.
    pub body_bytes_max: usize,
    /// The largest body of a login.
    pub login_body_bytes_max: usize,
    /// Path and query.
    pub uri_bytes_max: usize,
    /// Headers.
    pub header_bytes_max: usize,
    /// Seconds.
    pub handler_seconds_max: u64,
}

/// `[web_chat]`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct WebChat {
    /// Requests of one visitor.
    pub requests_per_minute_per_visitor_max: u32,
    /// Requests from one address.
    pub requests_per_minute_per_address_max: u32,
    /// Tokens asked for from one address.
    pub tokens_per_minute_per_address_max: u32,
    /// A visitor's file.
    pub file_bytes_max: usize,
    /// Visitors who listen.
    pub streams_max: usize,
}

/// `[events]`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Events {
    /// How long changes are kept.
    pub change_log_hours: u32,
    /// Subscribers at once.
    pub subscribers_max: usize,
    /// Subscribers at once of one user.
    pub subscribers_per_user_max: usize,
}

/// `[interaction_api]`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct InteractionApi {
    /// Requests of one user of partners' services.
    pub requests_per_minute_per_user_max: u32,
}

/// `[logins]`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Logins {
    /// Failed ones from one address.
    pub failures_per_minute_per_address_max: u32,
    /// Failed ones with one name.
    pub failures_per_minute_per_name_max: u32,
    /// All from one address.
    pub logins_per_minute_per_address_max: u32,
    /// Until a user is locked out.
    pub failures_in_a_row_max: i64,
    /// How long a user is locked out.
    pub lock_out_seconds: i64,
    /// Unused access tokens.
    pub access_token_idle_seconds_max: i64,
    /// Access tokens.
    pub access_token_seconds_max: i64,
    /// Unused refresh tokens.
    pub refresh_token_idle_days_max: i64,
}

/// `[passwords]`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Passwords {
    /// The shortest.
    pub characters_min: usize,
    /// Argon2id memory.
    pub hash_memory_kib: u32,
    /// Argon2id passes.
    pub hash_passes: u32,
}

/// `[store]`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Store {
    /// Long reads at once.
    pub read_connections: usize,
    /// Page cache of each connection.
    pub cache_bytes: u64,
    /// Memory map.
    pub mapped_bytes: u64,
    /// How long a query may run.
    pub query_seconds_max: u64,
    /// Rows without a page.
    pub query_rows_max: u64,
    /// Writes committed together.
    pub group_max: usize,
}

/// `[demo]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Demo {
    /// The three users' password.
    #[serde(deserialize_with = "check::optional")]
    pub password: Option<String>,
}

impl Configuration {
    /// Reads all layers.
    ///
    /// # Errors
    /// Every problem of every layer, one a line.
    pub fn load(common: &Common, serve: &Serve) -> Outcome<Self> {
        let wrong = |message: String| Failure::new(Kind::Configuration, message);
        let file = file(common).map_err(wrong)?;
        let layers = layers(file.as_deref(), common, serve);
        let (figment, problems) = check::against_default(&layers);
        if !problems.is_empty() {
            return Err(wrong(format!(
                "the configuration is wrong:\n  {}",
                problems.join("\n  ")
            )));
        }
        let configuration: Self = figment
            .extract()
            .map_err(|error| wrong(format!("the configuration is wrong: {error}")))?;
        Ok(Self {
            shown: shown::lines(&figment),
            ..configuration
        })
    }
}

/// The file to read: the one named, which must be there, or `headwater.toml` if there is one.
fn file(common: &Common) -> Result<Option<PathBuf>, String> {
    match &common.config {
        Some(path) if path.is_file() => Ok(Some(path.clone())),
        Some(path) => Err(format!("there is no file {}", path.display())),
        None => {
            let path = Path::new("headwater.toml");
            Ok(path.is_file().then(|| path.to_owned()))
        }
    }
}

/// The layers above the default, lowest first, each by itself so that a problem can name its
/// layer.
fn layers(file: Option<&Path>, common: &Common, serve: &Serve) -> Vec<check::Layer> {
    let mut layers = Vec::new();
    if let Some(path) = file {
        layers.push(check::Layer {
            name: path.display().to_string(),
            figment: Figment::from(Toml::file_exact(path)),
        });
    }
    // Only names with two underscores: HEADWATER_CONFIG and its like are not keys.
    let environment = Env::prefixed("HEADWATER_")
        .filter(|name| name.as_str().contains("__"))
        .split("__");
    layers.push(check::Layer {
        name: "the environment".to_owned(),
        figment: Figment::from(environment),
    });
    layers.push(check::Layer {
        name: "the command line".to_owned(),
        figment: flags(common, serve),
    });
    layers
}

fn flags(common: &Common, serve: &Serve) -> Figment {
    let mut figment = Figment::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            figment = std::mem::take(&mut figment).merge(Serialized::default(key, value));
        }
    };
    let path = |path: &Option<PathBuf>| path.as_ref().map(|p| p.display().to_string());
    set("data.directory", path(&common.data));
    set("database.url", common.database.clone());
    set("server.listen", serve.listen.map(|a| a.to_string()));
    set("server.listen_tls", serve.listen_tls.map(|a| a.to_string()));
    set("server.public_url", serve.public_url.clone());
    set("tls.certificate", path(&serve.tls_cert));
    set("tls.key", path(&serve.tls_key));
    if serve.tls_self_signed {
        figment = figment.merge(Serialized::default("tls.self_signed", true));
    }
    if let Some(password) = std::env::var_os("HEADWATER_DEMO_PASSWORD") {
        let password = password.to_string_lossy().into_owned();
        figment = figment.merge(Serialized::default("demo.password", password));
    }
    figment
}

#[cfg(test)]
mod tests;
