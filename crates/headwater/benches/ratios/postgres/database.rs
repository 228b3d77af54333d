//! A database of the cluster, and what its server's log says about statements.

use std::path::PathBuf;

use anyhow::{Context, Result};
use headwater_testpostgres::Durable;
use serde::{Deserialize, Serialize};
use tokio_postgres::{Client, NoTls};

/// A database for both sides.
pub struct Database {
    pub url: String,
    pub port: u16,
    pub name: String,
    log: PathBuf,
}

/// A statement with its parameters, as the server has logged it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Statement {
    pub text: String,
    pub parameters: Vec<Parameter>,
}

/// A parameter as text; none: NULL.
#[derive(Debug, Serialize, Deserialize)]
pub struct Parameter(pub Option<String>);

impl Database {
    /// An empty one.
    pub fn make(cluster: &Durable, name: &str) -> Result<Self> {
        let made = Self {
            url: Durable::url(cluster.port(), name),
            port: cluster.port(),
            name: name.to_owned(),
            log: cluster.log(),
        };
        let admin = Durable::url(cluster.port(), "postgres");
        run(
            &admin,
            &format!("CREATE DATABASE {name} TEMPLATE template0"),
        )?;
        Ok(made)
    }

    /// Runs statements.
    pub fn run(&self, text: &str) -> Result<()> {
        run(&self.url, text)
    }

    /// The first column of the first row, as text.
    pub fn text(&self, text: &str) -> Result<String> {
        with(&self.url, async |client| {
            Ok(client.query_one(text, &[]).await?.try_get(0)?)
        })
    }

    /// The statement on a table that something makes Headwater send.
    pub fn statement_of<R>(&self, table: &str, cause: impl Fn() -> Result<R>) -> Result<Statement> {
        self.run("ALTER SYSTEM SET log_statement = 'all'")?;
        self.run("SELECT pg_reload_conf()")?;
        let from = format!("FROM \"{table}\"");
        // Until the server has heard of it.
        let found = (0..100).find_map(|_| {
            cause().ok()?;
            let log = std::fs::read_to_string(&self.log).ok()?;
            let mut lines = log
                .lines()
                .skip_while(|line| !(line.contains("execute ") && line.contains(&from)));
            let (head, detail) = (lines.next()?, lines.next()?);
            let (_, text) = head.split_once("execute ")?.1.split_once(": ")?;
            let parameters = detail
                .split_once("parameters: ")
                .map_or("", |(_, list)| list);
            Some(Statement {
                text: text.to_owned(),
                parameters: parameters.split(", ").filter_map(parameter).collect(),
            })
        });
        self.run("ALTER SYSTEM RESET log_statement")?;
        self.run("SELECT pg_reload_conf()")?;
        found.with_context(|| format!("no statement on {table} in the server's log"))
    }
}

/// `$1 = 'text'` or `$2 = NULL`. Texts here hold no comma.
fn parameter(said: &str) -> Option<Parameter> {
    let (_, value) = said.split_once(" = ")?;
    let text = value
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    Some(Parameter(text.map(str::to_owned)))
}

fn run(url: &str, text: &str) -> Result<()> {
    with(url, async |client| Ok(client.batch_execute(text).await?))
}

/// Does something on a connection of its own.
pub fn with<R>(url: &str, act: impl AsyncFnOnce(&Client) -> Result<R>) -> Result<R> {
    super::runtime()?.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        act(&client).await
    })
}
