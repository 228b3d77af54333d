//! Where the server is, and how a connection to it is made.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, NoTlsStream};
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::StoreError;

/// Longest time to make a connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);

/// How long a server may be silent, with something to say, until the connection counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Where a database is. Its `Debug` and [`Address::shown`] leave the password out.
#[derive(Debug)]
pub(super) struct Address {
    config: Config,
    /// For messages: without the password.
    shown: String,
}

/// What carries a connection: a task must run it.
pub(super) enum Carrier {
    Plain(Box<Connection<Socket, NoTlsStream>>),
    Encrypted(Box<Connection<Socket, Encrypted>>),
}

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

impl Address {
    /// An address as libpq takes it: `postgres://user:password@host:port/database?sslmode=…`, or
    /// `key=value` pairs.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let mut config: Config = text.parse().map_err(|error: tokio_postgres::Error| {
            // The library's own text may repeat parts of the address, and so of the password.
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            StoreError::BadAddress(cause)
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(StoreError::BadAddress("it names no host".to_owned()));
        }
        config.application_name("headwater");
        config.keepalives_idle(SILENCE_MAX);
        config.tcp_user_timeout(SILENCE_MAX);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIME_MAX);
        }
        let shown = shown(&config);
        Ok(Self { config, shown })
    }

    /// Host, port, database and user.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// A new connection, in the state every one of ours is in.
    pub(super) async fn connect(&self) -> Result<(Client, Carrier), tokio_postgres::Error> {
        if self.config.get_ssl_mode() == SslMode::Disable || self.is_local() {
            let (client, connection) = self.config.connect(NoTls).await?;
            return Ok((client, Carrier::Plain(Box::new(connection))));
        }
        let (client, connection) = self.config.connect(tls()).await?;
        Ok((client, Carrier::Encrypted(Box::new(connection))))
    }

    /// Asks the server to stop what a connection is doing.
    pub(super) async fn cancel(&self, token: tokio_postgres::CancelToken) {
        let cancelled = if self.config.get_ssl_mode() == SslMode::Disable || self.is_local() {
            token.cancel_query(NoTls).await
        } else {
            token.cancel_query(tls()).await
        };
        if let Err(error) = cancelled {
            tracing::debug!(%error, "stopping a query that nobody waits for");
        }
    }

    /// A socket of this machine's file system is not encrypted.
    fn is_local(&self) -> bool {
        let is_path = |host: &Host| matches!(host, Host::Unix(_));
        self.config.get_hosts().iter().all(is_path) && !self.config.get_hosts().is_empty()
    }

    /// What keeps us from using a database, for whoever starts the server.
    pub(super) fn unusable(&self, error: &tokio_postgres::Error) -> StoreError {
        let said = error
            .as_db_error()
            .map_or_else(|| causes(error), |said| said.message().to_owned());
        let remedy = match error.code() {
            Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                "check user and password, and pg_hba.conf on the server"
            }
            Some(&SqlState::INVALID_CATALOG_NAME) => {
                "make it with: createdb --encoding=UTF8 --template=template0 NAME"
            }
            Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                "grant the user CONNECT on the database, and USAGE and CREATE on its schema"
            }
            Some(&SqlState::TOO_MANY_CONNECTIONS) => {
                "raise max_connections on the server, or run fewer nodes"
            }
            Some(_) => "see the server's log",
            None => {
                "check that it runs, that host and port are right, and that it takes connections \
                 from here; where its certificate is not from a known authority, name the \
                 authority's file in SSL_CERT_FILE, or say sslmode=disable on a network you trust"
            }
        };
        StoreError::Unusable {
            address: self.shown.clone(),
            problem: format!("{said}; {remedy}"),
        }
    }
}

/// Checks the server's certificate by the authorities this machine knows.
fn tls() -> MakeRustlsConnect {
    let mut roots = rustls::RootCertStore::empty();
    let known = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(known.certs);
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match config {
        Ok(config) => {
            MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth())
        }
        Err(error) => unreachable!("the provider knows the default protocols: {error}"),
    }
}

/// An error with all that caused it.
fn causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            // Writing to a String does not fail.
            let _ = write!(text, ": {said}");
        }
        cause = next.source();
    }
    text
}

fn shown(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
    let mut text = hosts.join(",");
    // Writing to a String does not fail.
    if !ports.is_empty() {
        let _ = write!(text, ":{}", ports.join(","));
    }
    if let Some(database) = config.get_dbname() {
        let _ = write!(text, "/{database}");
    }
    if let Some(user) = config.get_user() {
        let _ = write!(text, " as {user}");
    }
    text
}
