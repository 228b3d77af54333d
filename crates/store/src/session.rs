//! What the writer knows between write sets, and how it talks to its connection.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use headwater_catalogue::{Catalogue, Object};

use crate::change_log::{self, Entry, Numbered};
use crate::connection::{Connection, Ends, Failure, TAKE_NUMBERS};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::migrate::{Applied, Migration};
use crate::rows::{Cells, Content, ContentRef};
use crate::search::Words;
use crate::table::Table;
use crate::write_set::Check;

/// The writer's connection with what it keeps in mind.
pub(crate) struct Session {
    pub(crate) connection: Box<dyn Connection>,
    pub(crate) catalogue: Arc<Catalogue>,
    /// The changes of the running transaction, which are numbered at its end.
    pub(crate) changes: Vec<Entry>,
    /// The words of records that the running transaction has written, which go in at its end.
    pub(crate) words: Vec<Words>,
    /// Numbers taken and not given out yet, by counter.
    counters: HashMap<String, Range<i64>>,
    /// What is known about tables. By the object's address: the entry keeps the object alive, so
    /// no other can get that address.
    tables: HashMap<usize, Arc<Table>>,
    /// Texts of updates, by table and columns.
    updates: HashMap<(usize, Vec<usize>), Arc<str>>,
    /// Whether the write set being applied has written something already.
    has_written: Cell<bool>,
    /// What the running transaction has found to be as it must be, and has not touched since.
    checked: Vec<Check>,
    /// Texts that find the name of an object's record.
    pub(crate) names: HashMap<String, Option<Arc<str>>>,
}

/// How much a transaction has to do at its end, at some point of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mark {
    changes: usize,
    pub(crate) words: usize,
}

/// Most remembered texts: far more than an application has, and a bound for one gone wild.
const TEXTS_MAX: usize = 10_000;

/// Most remembered checks of a transaction: what the rows of one job have in common is few records.
const CHECKED_MAX: usize = 32;

/// Longest wait for another process that is opening the database too.
const OPENING_PATIENCE: Duration = Duration::from_mins(1);

impl Session {
    pub(crate) fn new(connection: Box<dyn Connection>, catalogue: Arc<Catalogue>) -> Self {
        Self {
            connection,
            catalogue,
            changes: Vec::new(),
            words: Vec::new(),
            counters: HashMap::new(),
            tables: HashMap::new(),
            updates: HashMap::new(),
            has_written: Cell::new(false),
            checked: Vec::new(),
            names: HashMap::new(),
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// What there is to know about an object's table.
    pub(crate) fn table(&mut self, object: &Arc<Object>) -> Arc<Table> {
        let address = Arc::as_ptr(object).addr();
        if let Some(table) = self.tables.get(&address) {
            return Arc::clone(table);
        }
        let table = Arc::new(Table::of(object, &self.catalogue, self.dialect()));
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
        let text: Arc<str> = table.update(places, self.dialect()).into();
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

    /// A write set is about to be applied.
    pub(crate) fn begin_set(&self) {
        self.has_written.set(false);
    }

    /// Whether the write set being applied has written something, which is there still if it is refused
    /// now.
    pub(crate) fn has_written(&self) -> bool {
        self.has_written.get()
    }

    /// How far the transaction is in what it does at its end.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            changes: self.changes.len(),
            words: self.words.len(),
        }
    }

    /// Whether the running transaction has checked this, and no record that it is about may be
    /// another since.
    pub(crate) fn was_checked(&self, check: &Check) -> bool {
        self.checked.contains(check)
    }

    /// Remembers a check that the row alone has decided.
    pub(crate) fn remember_check(&mut self, check: &Check) {
        if self.checked.len() < CHECKED_MAX {
            self.checked.push(check.clone());
        }
    }

    /// A record was changed, or others may change them now.
    pub(crate) fn forget_checks(&mut self) {
        self.checked.clear();
    }

    /// Forgets what has come since, which was undone, with numbers that may have gone back to the
    /// database.
    pub(crate) fn forget_since(&mut self, mark: Mark) {
        self.changes.truncate(mark.changes);
        self.words.truncate(mark.words);
        self.counters.clear();
        self.forget_checks();
    }

    /// Numbers the changes of the transaction and writes them. From here to the commit no other
    /// node numbers any, so the numbers follow the order of the commits.
    pub(crate) fn write_changes(&mut self) -> Result<Option<Numbered>, Failure> {
        let changes = std::mem::take(&mut self.changes);
        let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        let Some(newest) = changes.last() else {
            return Ok(None);
        };
        if let Some(text) = self.dialect().wait_to_number() {
            self.run_later(text, &[])?;
        }
        let parameters = [change_log::COUNTER.into(), count.into()];
        let last = self.one(TAKE_NUMBERS, &parameters, |row| row.content(0).as_number())?;
        let last = last.flatten().unwrap_or(count);
        let before = last - count;
        for (number, change) in (before + 1..).zip(&changes) {
            change.insert(self, before, number)?;
        }
        if let Some(text) = self.dialect().notify() {
            self.run_later(text, &[last.to_string().as_str().into()])?;
        }
        Ok(Some(newest.numbered(before, last)))
    }

    /// The next number of a counter, which takes so many at a time. Numbers of writes that fail
    /// may be lost, as in Salesforce.
    pub(crate) fn next_number(&mut self, counter: &str, block: i64) -> Result<i64, Failure> {
        if let Some(number) = self.counters.get_mut(counter).and_then(Iterator::next) {
            return Ok(number);
        }
        let first = self.connection.take_numbers(counter, block)?;
        let rest = first + 1..first + block;
        self.counters.insert(counter.to_owned(), rest);
        Ok(first)
    }

    /// Makes or migrates the tables, in a transaction: the last replay id given out.
    pub(crate) fn begin(&mut self) -> Result<i64, StoreError> {
        self.connection.begin(OPENING_PATIENCE, Ends::Durable)?;
        let begun = self
            .check_whole()
            .and_then(|()| self.migrate(&self.catalogue))
            .and_then(|()| self.last_change());
        match begun {
            Ok(last) => {
                self.connection.commit(None)?;
                Ok(last)
            }
            Err(error) => {
                self.connection.rollback();
                Err(error)
            }
        }
    }

    /// Refuses a database that an org is being moved to.
    fn check_whole(&self) -> Result<(), StoreError> {
        match self.moving()? {
            Some(_) => Err(StoreError::BeingMoved),
            None => Ok(()),
        }
    }

    fn last_change(&self) -> Result<i64, StoreError> {
        let counter = [change_log::COUNTER.into()];
        self.run(change_log::BEGIN, &counter)?;
        let last = self.one(change_log::LAST, &counter, |row| row.content(0).as_number())?;
        Ok(last.flatten().unwrap_or_default())
    }

    /// Brings the tables up to a catalogue.
    pub(crate) fn migrate(&self, catalogue: &Catalogue) -> Result<(), StoreError> {
        if let Some(text) = self.dialect().lock_tables() {
            self.connection.define(text)?;
        }
        let migration = Migration::between(&self.applied()?, catalogue, self.dialect())?;
        self.carry_out(&migration)?;
        self.connection.migrated()
    }

    /// Changes the tables, and writes down what was applied.
    pub(crate) fn carry_out(&self, migration: &Migration) -> Result<(), StoreError> {
        for statement in &migration.statements {
            self.connection
                .define(statement)
                .map_err(|error| StoreError::Database(format!("{error} in: {statement}")))?;
        }
        for (element, definition) in &migration.elements {
            self.run(
                "INSERT INTO \"_headwater_schema\" (\"element\", \"definition\") VALUES ($1, $2) \
                 ON CONFLICT (\"element\") DO UPDATE SET \"definition\" = $2",
                &[element.as_str().into(), definition.as_str().into()],
            )?;
        }
        Ok(())
    }

    /// The note of a move to this database that has not ended; see [`crate::moving`].
    pub(crate) fn moving(&self) -> Result<Option<String>, Failure> {
        let table = ["_headwater_setting".into()];
        if self
            .one(self.dialect().has_table(), &table, |_| ())?
            .is_none()
        {
            return Ok(None);
        }
        let text = "SELECT \"value\" FROM \"_headwater_setting\" WHERE \"name\" = 'moving'";
        let read = |row: &dyn Cells| row.content(0).as_text().unwrap_or_default().to_owned();
        self.one(text, &[], read)
    }

    /// What was applied.
    pub(crate) fn applied(&self) -> Result<Applied, Failure> {
        let known = self.one(
            self.dialect().has_table(),
            &["_headwater_schema".into()],
            |_| (),
        )?;
        if known.is_none() {
            return Ok(Applied::new());
        }
        let text = "SELECT \"element\", \"definition\" FROM \"_headwater_schema\"";
        let rows = self.all(text, &[], |row| {
            let text = |column| row.content(column).as_text().unwrap_or_default().to_owned();
            (text(0), text(1))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Runs a statement, prepared once.
    pub(crate) fn run(&self, text: &str, parameters: &[ContentRef<'_>]) -> Result<u64, Failure> {
        let changed = self.connection.run(text, parameters)?;
        self.has_written.set(true);
        Ok(changed)
    }

    /// As [`Session::run`], when how many rows it changed does not matter.
    pub(crate) fn run_later(
        &self,
        text: &str,
        parameters: &[ContentRef<'_>],
    ) -> Result<(), Failure> {
        self.connection.run_later(text, parameters)?;
        self.has_written.set(true);
        Ok(())
    }

    /// The first row of a statement, prepared once.
    pub(crate) fn one<R>(
        &self,
        text: &str,
        parameters: &[ContentRef<'_>],
        read: impl FnOnce(&dyn Cells) -> R,
    ) -> Result<Option<R>, Failure> {
        let (mut read, mut first) = (Some(read), None);
        self.connection.read(text, parameters, &mut |row| {
            if let Some(read) = read.take() {
                first = Some(read(row));
            }
        })?;
        Ok(first)
    }

    /// All rows of a statement, prepared once.
    pub(crate) fn all<R>(
        &self,
        text: &str,
        parameters: &[ContentRef<'_>],
        mut read: impl FnMut(&dyn Cells) -> R,
    ) -> Result<Vec<R>, Failure> {
        let mut rows = Vec::new();
        self.connection
            .read(text, parameters, &mut |row| rows.push(read(row)))?;
        Ok(rows)
    }
}

/// Contents as parameters.
pub(crate) fn borrowed(contents: &[Content]) -> Vec<ContentRef<'_>> {
    contents.iter().map(Content::as_ref).collect()
}
