//! A table's rows in the order of their keys, a page at a time, and a digest of them.
//!
//! Keys are numbers or text that compares byte by byte, so the order is the same on every engine.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::connection::Failure;
use crate::ddl::TableFacts;
use crate::rows::{Cells, Content, ContentRef};
use crate::session::Session;

/// Rows read at once.
const ROWS_AT_ONCE: u32 = 1_000;

/// A table's rows after a place.
pub(super) struct Pages {
    first: String,
    next: String,
    columns: usize,
    key: usize,
    /// The key of the last row that was read.
    pub(super) place: Content,
}

impl Pages {
    pub(super) fn after(table: &TableFacts, place: Content) -> Self {
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        let key = table.columns.iter().position(|column| column.primary);
        let key = key.unwrap_or_default();
        let (name, by) = (quoted(&table.name), &names[key]);
        let select = format!("SELECT {} FROM {name}", names.join(", "));
        let end = format!("ORDER BY {by} LIMIT {ROWS_AT_ONCE}");
        Self {
            first: format!("{select} {end}"),
            next: format!("{select} WHERE {by} > $1 {end}"),
            columns: names.len(),
            key,
            place,
        }
    }

    /// The next rows; none at the end.
    pub(super) fn next(&mut self, session: &Session) -> Result<Vec<Vec<Content>>, Failure> {
        let read = |row: &dyn Cells| contents(row, self.columns);
        let rows = match &self.place {
            Content::Null => session.all(&self.first, &[], read)?,
            place => session.all(&self.next, &[place.as_ref()], read)?,
        };
        if let Some(last) = rows.last() {
            self.place = last[self.key].clone();
        }
        Ok(rows)
    }
}

/// The first columns of a row.
pub(super) fn contents(row: &dyn Cells, columns: usize) -> Vec<Content> {
    let content = |column| match row.content(column) {
        ContentRef::Null => Content::Null,
        ContentRef::Number(n) => Content::Number(n),
        ContentRef::Text(text) => Content::Text(text.to_owned()),
    };
    (0..columns).map(content).collect()
}

/// How many rows a table has.
pub(super) fn count(session: &Session, table: &TableFacts) -> Result<u64, Failure> {
    let text = format!("SELECT COUNT(*) FROM {}", quoted(&table.name));
    let count = session.one(&text, &[], |row| row.content(0).as_number())?;
    Ok(u64::try_from(count.flatten().unwrap_or_default()).unwrap_or_default())
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// What a table holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) rows: u64,
    pub(super) digest: String,
}

impl Digest {
    pub(super) fn of(session: &Session, table: &TableFacts) -> Result<Self, Failure> {
        let mut pages = Pages::after(table, Content::Null);
        let (mut hash, mut count) = (Hash::default(), 0);
        loop {
            let rows = pages.next(session)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                hash.row(row);
                count += 1;
            }
        }
        Ok(Self {
            rows: count,
            digest: hash.hexadecimal(),
        })
    }
}

/// Takes rows in. Each content says what it is and how long, so no two rows look alike.
#[derive(Default)]
pub(super) struct Hash(Sha256);

impl Hash {
    pub(super) fn row(&mut self, row: &[Content]) {
        let mut bytes = Vec::new();
        for content in row {
            match content {
                Content::Null => bytes.push(0),
                Content::Number(n) => {
                    bytes.push(1);
                    bytes.extend(n.to_le_bytes());
                }
                Content::Text(text) => {
                    bytes.push(2);
                    bytes.extend(text.len().to_le_bytes());
                    bytes.extend(text.as_bytes());
                }
            }
        }
        self.0.update(&bytes);
    }

    pub(super) fn hexadecimal(self) -> String {
        self.0
            .finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a String does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}
