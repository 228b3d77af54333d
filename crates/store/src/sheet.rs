//! Sheets: what is too much for a record, kept line by line under a number. What was uploaded to a
//! bulk job is one, what became of each of its rows another, and so are the rows of a long answer. The
//! bytes of a file are one too: the field they belong to holds its number, and the lines go when the
//! field gets other bytes or the record goes for good.
//!
//! A line is written once. A second line for the same place fails, and with it the whole write set it
//! stands in: so a write that notes in a line what it did can be tried again and is not done twice,
//! whoever tries.

use std::ops::Range;

use headwater_catalogue::Id;

use crate::command::{Done, Task};
use crate::connection::Failure;
use crate::db::Store;
use crate::error::ReadError;
use crate::rows::{Cells, Content, ContentRef};
use crate::session::Session;
use crate::write_set::WriteError;

/// The counter that numbers of sheets are taken from.
pub(crate) const COUNTER: &str = "sheet";

/// One line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The sheet.
    pub sheet: i64,
    /// Its place in the sheet, from 0.
    pub place: u32,
    /// The record it is about.
    pub record: Option<Id>,
    /// Whether that record was made then.
    pub is_new: bool,
    /// What it says.
    pub text: Option<String>,
}

/// Where a line will stand that says what became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The sheet.
    pub sheet: i64,
    /// Its place in the sheet.
    pub place: u32,
}

impl Mark {
    /// The line that says a record was written.
    pub fn of(self, record: Id, is_new: bool) -> Line {
        Line {
            sheet: self.sheet,
            place: self.place,
            record: Some(record),
            is_new,
            text: None,
        }
    }

    /// The line that says something.
    pub fn says(self, text: String) -> Line {
        Line {
            sheet: self.sheet,
            place: self.place,
            record: None,
            is_new: false,
            text: Some(text),
        }
    }
}

impl Store {
    /// The first of so many new sheets, whose numbers follow one another.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn new_sheets(&self, count: u32) -> Result<i64, WriteError> {
        match self.task(Task::TakeSheets(count)).await? {
            Done::Numbered(first) => Ok(first),
            Done::Changed(_) | Done::Claimed(_) => Err(WriteError::Closed),
        }
    }

    /// The lines of a sheet from a place on, so many at most.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn lines(&self, sheet: i64, from: u32, limit: usize) -> Result<Vec<Line>, ReadError> {
        let parameters = selected(sheet, from, limit);
        self.engine().own_rows(SELECT, &parameters, read).await
    }

    /// Removes lines of a sheet, so many at most, so that nobody waits long: how many there were.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn remove_lines(&self, sheet: i64, limit: usize) -> Result<u64, WriteError> {
        match self.task(Task::RemoveLines { sheet, limit }).await? {
            Done::Changed(removed) => Ok(removed),
            Done::Claimed(_) | Done::Numbered(_) => Ok(0),
        }
    }
}

/// A line's key: one number, which costs least to keep and to find.
fn key(sheet: i64, place: u32) -> i64 {
    (sheet << 32) | i64::from(place)
}

/// The keys of a sheet from a place on.
fn keys(sheet: i64, from: u32) -> Range<i64> {
    key(sheet, from)..key(sheet + 1, 0)
}

fn done_already() -> WriteError {
    WriteError::Busy("what this line tells of was done already".to_owned())
}

/// Writes a line, with everything else of its write set.
pub(crate) fn add(session: &mut Session, line: &Line) -> Result<(), WriteError> {
    let text = "INSERT INTO \"_headwater_line\" (\"key\", \"record\", \"is_new\", \"text\") \
                VALUES ($1, $2, $3, $4)";
    let parameters = [
        key(line.sheet, line.place).into(),
        line.record
            .as_ref()
            .map_or(ContentRef::Null, |id| id.as_str().into()),
        i64::from(line.is_new).into(),
        line.text
            .as_deref()
            .map_or(ContentRef::Null, ContentRef::Text),
    ];
    session
        .run_later(text, &parameters)
        .map_err(|failure| match failure {
            Failure::Duplicate { .. } => done_already(),
            other => other.into(),
        })
}

/// Lines of a sheet from a place on, so many at most.
pub(crate) const SELECT: &str = "SELECT \"key\", \"record\", \"is_new\", \"text\" \
     FROM \"_headwater_line\" WHERE \"key\" >= $1 AND \"key\" < $2 ORDER BY \"key\" LIMIT $3";

/// What [`SELECT`] takes.
pub(crate) fn selected(sheet: i64, from: u32, limit: usize) -> [Content; 3] {
    let keys = keys(sheet, from);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    [keys.start, keys.end, limit].map(Content::Number)
}

/// A row of [`SELECT`].
pub(crate) fn read(row: &dyn Cells) -> Line {
    let key = row.content(0).as_number().unwrap_or_default();
    let text = |column| row.content(column).as_text();
    Line {
        sheet: key >> 32,
        place: u32::try_from(key & i64::from(u32::MAX)).unwrap_or_default(),
        record: text(1).and_then(|id| id.parse().ok()),
        is_new: row.content(2).as_number().unwrap_or_default() != 0,
        text: text(3).map(str::to_owned),
    }
}

/// Removes lines of a sheet, so many at most: how many there were.
pub(crate) fn remove(session: &Session, sheet: i64, limit: usize) -> Result<u64, Failure> {
    let text = "DELETE FROM \"_headwater_line\" WHERE \"key\" IN (SELECT \"key\" FROM \
                \"_headwater_line\" WHERE \"key\" >= $1 AND \"key\" < $2 ORDER BY \"key\" LIMIT $3)";
    let [start, end, limit] = selected(sheet, 0, limit);
    session.run(text, &[start.as_ref(), end.as_ref(), limit.as_ref()])
}
