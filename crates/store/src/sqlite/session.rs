//! What the writer knows between write sets, and how it talks to its connection.

use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Object};
use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::migrate::{Applied, Migration};
use crate::table::Table;

/// The writer's connection with what it keeps in mind.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    pub(crate) catalogue: Arc<Catalogue>,
    /// The last replay id given out.
    pub(crate) replay: i64,
    /// Auto-numbers given out, by object and field; those marked are not written yet.
    pub(crate) counters: HashMap<String, (i64, bool)>,
    /// What is known about tables. By the object's address: the entry keeps the object alive, so
    /// no other can get that address.
    tables: HashMap<usize, Arc<Table>>,
    /// Texts of updates, by table and columns.
    updates: HashMap<(usize, Vec<usize>), Arc<str>>,
    /// Whether the write set being applied has changed a row already.
    pub(crate) has_written: bool,
    /// Texts that find the name of an object's record.
    pub(crate) names: HashMap<String, Option<Arc<str>>>,
}

/// Most remembered texts: far more than an application has, and a bound for one gone wild.
const TEXTS_MAX: usize = 10_000;

impl Session {
    pub(crate) fn new(connection: Connection, catalogue: Arc<Catalogue>) -> Self {
        Self {
            connection,
            catalogue,
            replay: 0,
            counters: HashMap::new(),
            tables: HashMap::new(),
            updates: HashMap::new(),
            has_written: false,
            names: HashMap::new(),
        }
    }

    /// What there is to know about an object's table.
    pub(crate) fn table(&mut self, object: &Arc<Object>) -> Arc<Table> {
        let address = Arc::as_ptr(object).addr();
        if let Some(table) = self.tables.get(&address) {
            return Arc::clone(table);
        }
        let table = Arc::new(Table::of(object, &self.catalogue, Dialect::Sqlite));
        self.tables.insert(address, Arc::clone(&table));
        table
    }

    /// The text that updates these columns of a table.
    pub(crate) fn update_text(&mut self, table: &Table, places: &[usize]) -> Arc<str> {
        let address = Arc::as_ptr(&table.object).addr();
        let key = (address, places.to_vec());
        if let Some(text) = self.updates.get(&key) {
            return Arc::clone(text);
        }
        if self.updates.len() >= TEXTS_MAX {
            self.updates.clear();
        }
        let text: Arc<str> = table.update(places, Dialect::Sqlite).into();
        self.updates.insert(key, Arc::clone(&text));
        text
    }

    /// Moves on to another catalogue; the database must follow, or have followed, it.
    pub(crate) fn set_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        self.catalogue = catalogue;
        self.tables.clear();
        self.updates.clear();
        self.names.clear();
    }

    /// Brings the tables up to a catalogue.
    pub(crate) fn migrate(&self, catalogue: &Catalogue) -> Result<(), StoreError> {
        let migration = Migration::between(&self.applied()?, catalogue, Dialect::Sqlite)?;
        for statement in &migration.statements {
            self.connection
                .execute_batch(statement)
                .map_err(|error| StoreError::Database(format!("{error} in: {statement}")))?;
        }
        for (element, definition) in &migration.elements {
            self.run(
                "INSERT INTO \"_headwater_schema\" (\"element\", \"definition\") VALUES (?1, ?2) \
                 ON CONFLICT (\"element\") DO UPDATE SET \"definition\" = ?2",
                (element, definition),
            )?;
        }
        Ok(())
    }

    fn applied(&self) -> rusqlite::Result<Applied> {
        if !self.connection.table_exists(None, "_headwater_schema")? {
            return Ok(Applied::new());
        }
        let text = "SELECT \"element\", \"definition\" FROM \"_headwater_schema\"";
        let rows = self.all(text, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.into_iter().collect())
    }

    /// Runs a statement, prepared once.
    pub(crate) fn run(&self, text: &str, parameters: impl Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(text)?.execute(parameters)
    }

    /// The first row of a statement, prepared once.
    pub(crate) fn one<R>(
        &self,
        text: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<R>,
    ) -> rusqlite::Result<Option<R>> {
        self.connection
            .prepare_cached(text)?
            .query_row(parameters, read)
            .optional()
    }

    /// All rows of a statement, prepared once.
    pub(crate) fn all<R>(
        &self,
        text: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<R>,
    ) -> rusqlite::Result<Vec<R>> {
        self.connection
            .prepare_cached(text)?
            .query_map(parameters, read)?
            .collect()
    }
}
