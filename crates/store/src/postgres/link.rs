//! Connections that read, and the statements that stay prepared on them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::runtime::Handle;
use tokio_postgres::{Client, Statement};

use super::address::{Address, Carrier};

/// What every connection of ours is told first. Answers must not depend on how the server or the
/// user is set up.
const MANNERS: &str = "SET TIME ZONE 'UTC'; SET standard_conforming_strings = on; \
     SET default_transaction_isolation = 'read committed'; SET jit = off;";

/// A connection that many may use at once.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) client: Client,
    prepared: Mutex<HashMap<Arc<str>, Statement>>,
    prepared_max: usize,
}

impl Link {
    /// Connects; `first` is what it is told beside the manners of all.
    pub(super) async fn open(
        address: &Address,
        tasks: &Handle,
        first: &str,
        prepared_max: usize,
    ) -> Result<Self, tokio_postgres::Error> {
        let (client, carrier) = address.connect().await?;
        tasks.spawn(carry(carrier));
        client.batch_execute(&format!("{MANNERS} {first}")).await?;
        Ok(Self {
            client,
            prepared: Mutex::default(),
            prepared_max,
        })
    }

    /// A statement, prepared once.
    pub(super) async fn statement(
        &self,
        text: &Arc<str>,
    ) -> Result<Statement, tokio_postgres::Error> {
        let known = self.prepared().get(text).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        let mut prepared = self.prepared();
        if prepared.len() >= self.prepared_max {
            // The server forgets each when the last one to use it is done.
            prepared.clear();
        }
        prepared.insert(Arc::clone(text), statement.clone());
        Ok(statement)
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a connection until it ends. Whoever uses it is told by their own statement.
pub(super) async fn carry(carrier: Carrier) {
    let ended = match carrier {
        Carrier::Plain(connection) => connection.await,
        Carrier::Encrypted(connection) => connection.await,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the database has ended");
    }
}

/// How long a statement may take, as a setting, to which nothing means no end.
pub(super) fn time_max(time: Duration) -> String {
    format!("SET statement_timeout = {};", time.as_millis().max(1))
}

/// A place for a connection that is shared, and made anew when it is lost.
#[derive(Debug, Default)]
pub(super) struct Slot {
    link: ArcSwapOption<Link>,
    /// Held by whoever connects.
    connecting: tokio::sync::Mutex<()>,
}

impl Slot {
    /// The connection, if there is one.
    pub(super) fn now(&self) -> Option<Arc<Link>> {
        let link = self.link.load_full()?;
        (!link.client.is_closed()).then_some(link)
    }

    /// The connection, made by `open` if there is none.
    pub(super) async fn or_open<E>(
        &self,
        open: impl Future<Output = Result<Link, E>>,
    ) -> Result<Arc<Link>, E> {
        let _connecting = self.connecting.lock().await;
        if let Some(link) = self.now() {
            return Ok(link);
        }
        let link = Arc::new(open.await?);
        self.link.store(Some(Arc::clone(&link)));
        Ok(link)
    }

    pub(super) fn clear(&self) {
        self.link.store(None);
    }
}

/// Connections for reads that take long, as many at once as there are places.
#[derive(Debug)]
pub(super) struct Idle {
    links: Mutex<Vec<Link>>,
    pub(super) places: Arc<tokio::sync::Semaphore>,
}

impl Idle {
    pub(super) fn new(places: usize) -> Self {
        Self {
            links: Mutex::default(),
            places: Arc::new(tokio::sync::Semaphore::new(places.max(1))),
        }
    }

    pub(super) fn take(&self) -> Option<Link> {
        let mut links = self.links();
        while let Some(link) = links.pop() {
            if !link.client.is_closed() {
                return Some(link);
            }
        }
        None
    }

    pub(super) fn give_back(&self, link: Link) {
        self.links().push(link);
    }

    pub(super) fn clear(&self) {
        self.links().clear();
    }

    fn links(&self) -> std::sync::MutexGuard<'_, Vec<Link>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
