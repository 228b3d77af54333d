//! The server that the databases of this process are made on.

use std::sync::OnceLock;

use tokio_postgres::{NoTls, SimpleQueryMessage};
use url::Url;

#[cfg(unix)]
use crate::cluster::{self, Cluster};

/// The variable that names a server to use instead of one made for the occasion.
pub(crate) const GIVEN: &str = "HEADWATER_TEST_POSTGRES";

/// A server on which databases may be made.
#[derive(Debug)]
pub(crate) struct Server {
    url: Url,
    /// None when the server was given.
    #[cfg(unix)]
    cluster: Option<Cluster>,
}

/// Whether there is a server, or what makes one.
pub(crate) fn is_to_be_had() -> bool {
    #[cfg(unix)]
    let installed = cluster::installed().is_some();
    #[cfg(not(unix))]
    let installed = false;
    given().is_some() || installed
}

/// The server of this process; the first who asks waits until it is there.
///
/// # Panics
/// When there is none to be had, or it does not start; each time.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    match SERVER.get_or_init(Server::new) {
        Ok(server) => server,
        Err(problem) => panic!("no PostgreSQL for the tests: {problem}"),
    }
}

impl Server {
    fn new() -> Result<Self, String> {
        match given() {
            Some(text) => {
                let url = Url::parse(&text).map_err(|error| format!("{GIVEN}: {error}"))?;
                Ok(Self {
                    url,
                    #[cfg(unix)]
                    cluster: None,
                })
            }
            None => Self::made(),
        }
    }

    #[cfg(unix)]
    fn made() -> Result<Self, String> {
        let programs = cluster::installed().ok_or_else(nothing_found)?;
        let cluster = Cluster::start(&programs)?;
        // A host that begins with a slash is the directory of a socket.
        let host = cluster
            .socket_directory
            .replace('%', "%25")
            .replace('/', "%2F");
        let url = Url::parse(&format!("postgres://postgres@{host}/postgres"))
            .map_err(|error| format!("{}: {error}", cluster.socket_directory))?;
        Ok(Self {
            url,
            cluster: Some(cluster),
        })
    }

    #[cfg(not(unix))]
    fn made() -> Result<Self, String> {
        Err(nothing_found())
    }

    /// Whether it ends with this process, and everything on it.
    pub(crate) fn is_ours(&self) -> bool {
        #[cfg(unix)]
        let is_ours = self.cluster.is_some();
        #[cfg(not(unix))]
        let is_ours = false;
        is_ours
    }

    /// Where a database on it is reached.
    pub(crate) fn url_of(&self, database: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(database);
        url.into()
    }

    /// Runs one statement outside of all test databases.
    ///
    /// # Panics
    /// When it fails.
    pub(crate) fn execute(&self, statement: &str) {
        Self::ask(self.url.as_str(), statement);
    }

    /// Runs statements on a database; gives the first column of what comes back.
    ///
    /// # Panics
    /// When one fails.
    pub(crate) fn ask(url: &str, statement: &str) -> Vec<String> {
        // On a thread of its own: who asks may stand inside a runtime, where nothing may block on
        // another one.
        let done = std::thread::scope(|scope| {
            let work = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime");
                runtime.block_on(run(url, statement))
            });
            work.join()
        });
        match done {
            Ok(Ok(rows)) => rows,
            Ok(Err(error)) => panic!("{statement}: {error:?}"),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

async fn run(url: &str, statement: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let answers = client.simple_query(statement).await?;
    drop(client);
    connection.await.expect("the connection does not panic")?;
    let rows = answers.iter().filter_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
        _ => None,
    });
    Ok(rows.collect())
}

fn given() -> Option<String> {
    std::env::var(GIVEN).ok().filter(|text| !text.is_empty())
}

pub(crate) fn nothing_found() -> String {
    format!(
        "neither initdb on PATH nor in /usr/lib/postgresql, and {GIVEN} names no server. Install \
         PostgreSQL (Debian: apt-get install postgresql) or set {GIVEN}=postgres://user@host/db \
         of a server on which databases may be made"
    )
}
