//! A database for one test.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::server::{Server, server};

/// A database of its own on this process's server. Dropped with it, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
}

impl Database {
    /// An empty one.
    ///
    /// # Panics
    /// When there is no server, or it makes no database.
    pub fn new() -> Self {
        Self::with("")
    }

    /// An empty one that is made with these options, as `CREATE DATABASE` takes them.
    ///
    /// # Panics
    /// As [`Database::new`].
    pub fn with(options: &str) -> Self {
        let database = Self::named();
        server().execute(&format!(
            "CREATE DATABASE {} TEMPLATE template0 {options}",
            database.name
        ));
        database
    }

    /// Runs SQL on it; gives the first column of what comes back.
    ///
    /// # Panics
    /// When it fails.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        Server::ask(&self.url, sql)
    }

    /// One that begins as `fill` left another, which is given its URL and closes every connection
    /// to it before it returns. It runs once for each `kind`: copying a database with the tables
    /// of the whole catalogue takes a quarter of the time that making them does.
    ///
    /// On a server that was given, which must be left as it was found, nothing is kept to copy,
    /// and `fill` runs each time.
    ///
    /// # Panics
    /// As [`Database::new`]; or when `fill` does.
    pub fn like(kind: &'static str, fill: impl FnOnce(&str)) -> Self {
        static ORIGINALS: Mutex<Option<HashMap<&'static str, Database>>> = Mutex::new(None);
        if !server().is_ours() {
            let database = Self::new();
            fill(database.url());
            return database;
        }
        // Those who want the same wait until it is there.
        let mut originals = ORIGINALS.lock().unwrap_or_else(PoisonError::into_inner);
        let original = originals
            .get_or_insert_default()
            .entry(kind)
            .or_insert_with(|| {
                let original = Self::new();
                fill(original.url());
                original
            })
            .name
            .clone();
        drop(originals);
        let database = Self::named();
        server().execute(&format!(
            "CREATE DATABASE {} TEMPLATE {original}",
            database.name
        ));
        database
    }

    /// A name that no other has, on this server or by this process.
    fn named() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("headwater_test_{}_{number}", std::process::id());
        let url = server().url_of(&name);
        Self { name, url }
    }

    /// Where it is reached, as `postgres://…`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        server().execute(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ));
    }
}
