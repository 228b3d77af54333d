//! Moving a whole org from one database to another, whichever engines they are.
//!
//! The tables are made, loaded in batches, and only then given their indexes and foreign keys: that
//! is fastest, and rows that refer to one another in a circle find each other. How far it is stands
//! in the target, written in the transaction of the rows; so a move that was cut off goes on where
//! it was, with no row missed or doubled, and nobody uses the target before it is whole.

mod error;
mod note;
mod pages;

use std::sync::Arc;
use std::time::Duration;

use headwater_catalogue::Catalogue;

use crate::change_log;
use crate::connection::Ends;
use crate::ddl::{self, TableFacts};
use crate::engine::Engine;
use crate::error::StoreError;
use crate::migrate::Migration;
use crate::options::{Location, Options};
use crate::rows::Content;
use crate::search;
use crate::session::Session;
pub use error::MoveError;
use note::Note;
use pages::{Digest, Pages};

/// Most rows of one transaction of the target: what is done again, at most, after a move was cut
/// off.
const ROWS_TOGETHER: u64 = 10_000;

/// Longest wait for another process that fills the same target.
const PATIENCE: Duration = Duration::from_secs(5);

/// What each database says about itself.
const OF_THE_DATABASE: [&str; 2] = ["_headwater_schema", "_headwater_setting"];

/// What a move is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Rows go over.
    Moving,
    /// Indexes and foreign keys are made.
    Indexing,
    /// Both sides are read and compared.
    Comparing,
}

/// How far a move is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// What it is doing.
    pub stage: Stage,
    /// The table it is at.
    pub table: &'a str,
    /// Rows that are done in this stage.
    pub done: u64,
    /// Rows in all.
    pub all: u64,
}

/// A table that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub name: String,
    /// Its rows, the same on both sides.
    pub rows: u64,
    /// SHA-256 of its rows in the order of their keys, the same on both sides.
    pub digest: String,
}

/// A move that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Every table.
    pub tables: Vec<MovedTable>,
    /// How many rows an earlier attempt had moved already.
    pub rows_before: u64,
}

/// Moves the org of one database, whose tables follow this catalogue, to another that is empty or
/// was left by a move that was cut off. Blocks, so not to be called on an async worker.
///
/// # Errors
/// See [`MoveError`]. The source is as it was; the target is refused by all but another move.
pub fn move_org(
    from: &Location,
    to: &Location,
    catalogue: &Arc<Catalogue>,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Moved, MoveError> {
    let mut moving = Moving::open(from, to, catalogue)?;
    let rows_before = moving.note.rows;
    moving.load(&mut progress)?;
    moving.index(catalogue, &mut progress)?;
    let tables = moving.compare(&mut progress)?;
    moving.finish()?;
    Ok(Moved {
        tables,
        rows_before,
    })
}

struct Moving {
    source: Session,
    target: Session,
    tables: Vec<TableFacts>,
    /// What the source is, and that it stays so.
    fingerprint: String,
    note: Note,
    /// Rows in all.
    all: u64,
    /// They keep others out of the files.
    _held: [Engine; 2],
}

impl Moving {
    fn open(from: &Location, to: &Location, catalogue: &Arc<Catalogue>) -> Result<Self, MoveError> {
        let (held_source, source) = open(from, Arc::clone(catalogue))?;
        if source.applied()?.is_empty() {
            return Err(MoveError::NoOrg);
        }
        let tables = tables(catalogue);
        let fingerprint = fingerprint(&source, &tables)?;
        let mut all = 0;
        for table in &tables {
            all += pages::count(&source, table)?;
        }
        let (held_target, mut target) = open(to, Arc::clone(catalogue))?;
        let note = match Note::read(&target)? {
            Some(note) if note.source == fingerprint => note,
            Some(_) => return Err(MoveError::OtherSource),
            None if target.applied()?.is_empty() => begin(&mut target, catalogue, &fingerprint)?,
            None => return Err(MoveError::NotEmpty),
        };
        Ok(Self {
            source,
            target,
            tables,
            fingerprint,
            note,
            all,
            _held: [held_source, held_target],
        })
    }

    /// Loads what is not loaded yet.
    fn load(&mut self, progress: &mut impl FnMut(Progress<'_>)) -> Result<(), MoveError> {
        self.target.connection.expect_load()?;
        while let Some(table) = self.tables.get(self.note.table) {
            progress(Progress {
                stage: Stage::Moving,
                table: &table.name,
                done: self.note.rows,
                all: self.all,
            });
            let (source, before) = (&self.source, &self.note);
            let next = transaction(&mut self.target, |target| {
                before.claim(target)?;
                let next = load_some(source, target, table, before)?;
                before.replace(target, &next)?;
                Ok(next)
            })?;
            self.note = next;
        }
        Ok(())
    }

    /// Makes what all rows must be there for.
    fn index(
        &mut self,
        catalogue: &Catalogue,
        progress: &mut impl FnMut(Progress<'_>),
    ) -> Result<(), MoveError> {
        if self.note.indexed {
            return Ok(());
        }
        progress(Progress {
            stage: Stage::Indexing,
            table: "",
            done: self.all,
            all: self.all,
        });
        let (_, after) = Migration::around_load(catalogue, self.target.dialect())?;
        let before = &self.note;
        let next = Note {
            indexed: true,
            ..before.clone()
        };
        transaction(&mut self.target, |target| {
            before.claim(target)?;
            target.carry_out(&after)?;
            target.connection.loaded()?;
            before.replace(target, &next)
        })?;
        self.note = next;
        // Words go over as the records they are the words of.
        while transaction(&mut self.target, |target| Ok(search::fill_some(target)?))? {}
        Ok(())
    }

    /// Reads both sides, each in the order of its keys.
    fn compare(
        &self,
        progress: &mut impl FnMut(Progress<'_>),
    ) -> Result<Vec<MovedTable>, MoveError> {
        let mut compared = Vec::with_capacity(self.tables.len());
        let mut done = 0;
        for table in &self.tables {
            progress(Progress {
                stage: Stage::Comparing,
                table: &table.name,
                done,
                all: self.all,
            });
            let source = Digest::of(&self.source, table)?;
            let target = Digest::of(&self.target, table)?;
            if source != target {
                return Err(MoveError::Differs {
                    table: table.name.clone(),
                    source_rows: source.rows,
                    target_rows: target.rows,
                });
            }
            done += source.rows;
            compared.push(MovedTable {
                name: table.name.clone(),
                rows: source.rows,
                digest: source.digest,
            });
        }
        Ok(compared)
    }

    /// From here on the target may be used.
    fn finish(&mut self) -> Result<(), MoveError> {
        if fingerprint(&self.source, &self.tables)? != self.fingerprint {
            return Err(MoveError::SourceChanged);
        }
        let note = &self.note;
        transaction(&mut self.target, |target| {
            target.connection.migrated()?;
            note.remove(target)
        })?;
        self.source.connection.finish();
        self.target.connection.finish();
        Ok(())
    }
}

fn open(location: &Location, catalogue: Arc<Catalogue>) -> Result<(Engine, Session), StoreError> {
    let (engine, connections) = Engine::open(location, Options::default())?;
    Ok((engine, Session::new(connections.group, catalogue)))
}

fn tables(catalogue: &Catalogue) -> Vec<TableFacts> {
    let own = ddl::own_tables().into_iter();
    own.filter(|table| !OF_THE_DATABASE.contains(&table.name.as_str()))
        .chain(catalogue.objects().iter().map(|object| ddl::table(object)))
        .collect()
}

/// Makes the tables of an empty database, and notes in it that they are about to be loaded.
fn begin(
    target: &mut Session,
    catalogue: &Catalogue,
    fingerprint: &str,
) -> Result<Note, MoveError> {
    let (before, _) = Migration::around_load(catalogue, target.dialect())?;
    let note = Note::of(fingerprint);
    transaction(target, |target| {
        target.carry_out(&before)?;
        note.write(target)
    })?;
    Ok(note)
}

/// Loads the next rows of a table: how far it is then.
fn load_some(
    source: &Session,
    target: &Session,
    table: &TableFacts,
    before: &Note,
) -> Result<Note, MoveError> {
    let columns: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    let mut pages = Pages::after(table, before.after.clone());
    let mut moved = 0;
    while moved < ROWS_TOGETHER {
        let rows = pages.next(source)?;
        if rows.is_empty() {
            return Ok(before.at_next_table(moved));
        }
        moved += u64::try_from(rows.len()).unwrap_or_default();
        target
            .connection
            .load(&table.name, &columns, rows)
            .map_err(|error| StoreError::Database(format!("{error}, loading {}", table.name)))?;
    }
    Ok(before.at(pages.place, moved))
}

/// What a source is: its tables, the numbers it has given out and its last change. It is another
/// one as soon as it is written to.
fn fingerprint(source: &Session, tables: &[TableFacts]) -> Result<String, MoveError> {
    let mut digest = pages::Hash::default();
    for table in tables {
        for column in &table.columns {
            let column = format!("{}.{} {}", table.name, column.name, column.definition());
            digest.row(&[Content::Text(column)]);
        }
    }
    if let Some(counters) = tables
        .iter()
        .find(|table| table.name == "_headwater_counter")
    {
        digest.row(&[Content::Text(Digest::of(source, counters)?.digest)]);
    }
    let last = source.all(change_log::NEWEST, &[], |row| pages::contents(row, 5))?;
    for row in &last {
        digest.row(row);
    }
    Ok(digest.hexadecimal())
}

fn transaction<R>(
    session: &mut Session,
    work: impl FnOnce(&Session) -> Result<R, MoveError>,
) -> Result<R, MoveError> {
    session.connection.begin(PATIENCE, Ends::Durable)?;
    match work(session) {
        Ok(done) => {
            session.connection.commit(None)?;
            Ok(done)
        }
        Err(error) => {
            session.connection.rollback();
            Err(error)
        }
    }
}
