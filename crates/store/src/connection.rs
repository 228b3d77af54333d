//! What a writer asks of its connection: the one thing each engine brings for writing.

use std::time::Duration;

use crate::change_log::Numbered;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::rows::{Cells, Content, ContentRef};
use crate::write_set::WriteError;

/// A connection that writes, in one transaction after the other.
pub(crate) trait Connection: Send {
    /// How its statements are printed.
    fn dialect(&self) -> Dialect;

    /// Begins a transaction that waits so long at most for each lock of somebody else's. Whether its
    /// commit waits for the disk is known from the beginning.
    fn begin(&mut self, patience: Duration, ends: Ends) -> Result<(), Failure>;

    /// Makes everything since [`Connection::begin`] stay; these are the changes it logged.
    fn commit(&mut self, changes: Option<&Numbered>) -> Result<(), Failure>;

    /// Undoes everything since [`Connection::begin`], if it is not undone already.
    fn rollback(&mut self);

    /// Marks a point to go back to.
    fn save(&mut self) -> Result<(), Failure>;

    /// Goes back to the point marked last.
    fn undo_to_saved(&mut self) -> Result<(), Failure>;

    /// Forgets the point marked last.
    fn release(&mut self) -> Result<(), Failure>;

    /// Why the transaction cannot go on, if it cannot.
    fn trouble(&self) -> Option<Failure>;

    /// Makes the transaction go on after a statement has failed, if it can; what was written since
    /// the point marked last may be undone by that.
    fn recover(&self) -> bool;

    /// Runs a statement, whose text stays prepared: how many rows it changed.
    fn run(&self, text: &str, parameters: &[ContentRef<'_>]) -> Result<u64, Failure>;

    /// As [`Connection::run`], whenever the engine likes until the next read or the commit; that
    /// one then fails with the statement's failure.
    fn run_later(&self, text: &str, parameters: &[ContentRef<'_>]) -> Result<(), Failure>;

    /// Runs a statement, whose text stays prepared, and passes its rows on.
    fn read(
        &self,
        text: &str,
        parameters: &[ContentRef<'_>],
        row: &mut dyn FnMut(&dyn Cells),
    ) -> Result<(), Failure>;

    /// As [`Connection::read`], for what somebody asked for: within this time, and finding nothing
    /// where it looks for what the engine cannot hold.
    fn read_within(
        &mut self,
        text: &str,
        parameters: &[Content],
        time: Duration,
        row: &mut dyn FnMut(&dyn Cells),
    ) -> Result<(), Failure>;

    /// Runs a statement that changes the tables.
    fn define(&self, text: &str) -> Result<(), Failure>;

    /// Rows are about to be loaded, some before those they refer to. Not in a transaction.
    fn expect_load(&self) -> Result<(), Failure>;

    /// Adds rows in great numbers, whose contents are in the order of the columns.
    fn load(&self, table: &str, columns: &[&str], rows: Vec<Vec<Content>>) -> Result<(), Failure>;

    /// All rows are loaded, and the indexes made: what else this engine wants then.
    fn loaded(&self) -> Result<(), Failure>;

    /// The tables are there: what else this engine wants of them.
    fn migrated(&self) -> Result<(), StoreError>;

    /// The first of so many numbers of a counter that nobody else gets. Those of a transaction
    /// that is undone may be given out again only where nobody else can have them.
    fn take_numbers(&self, counter: &str, count: i64) -> Result<i64, Failure>;

    /// The store is closed: leaves the database tidy.
    fn finish(&mut self);
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// On the disk, before anybody is told.
    Durable,
    /// For all to see; on the disk soon.
    Fleeting,
}

/// Why a statement did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Another row holds these values.
    #[error("duplicate value")]
    Duplicate {
        /// Whether it is the id.
        primary: bool,
    },
    /// A reference points to no row, or a row that is referred to would go.
    #[error("dangling reference")]
    Dangling,
    /// Another transaction is in the way; the same again may work.
    #[error("{0}")]
    Again(String),
    /// The database cannot be reached or is in use. Nothing was written.
    #[error("{0}")]
    Busy(String),
    /// The connection was lost during the commit, and whether it happened cannot be told.
    #[error("{0}")]
    InDoubt(String),
    /// The statement took longer than it may.
    #[error("the statement took too long")]
    TooLong,
    /// The database failed otherwise.
    #[error("{0}")]
    Other(String),
}

impl From<Failure> for WriteError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Again(text) | Failure::Busy(text) => Self::Busy(text),
            Failure::InDoubt(text) => Self::InDoubt(text),
            Failure::Duplicate { .. }
            | Failure::Dangling
            | Failure::TooLong
            | Failure::Other(_) => Self::Database(failure.to_string()),
        }
    }
}

/// Takes numbers of a counter: its name and how many; gives the last one.
pub(crate) const TAKE_NUMBERS: &str = "INSERT INTO \"_headwater_counter\" (\"name\", \"value\") \
     VALUES ($1, $2) ON CONFLICT (\"name\") DO UPDATE \
     SET \"value\" = \"_headwater_counter\".\"value\" + $2 RETURNING \"value\"";
