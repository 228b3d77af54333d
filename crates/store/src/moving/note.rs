//! How far a move is, as it is noted in the target.

use serde_json::{Value as Json, json};

use super::MoveError;
use crate::connection::Failure;
use crate::rows::Content;
use crate::session::Session;

/// Only as long as it holds this value, which locks it until the end of the transaction.
const CLAIM: &str = "UPDATE \"_headwater_setting\" SET \"value\" = \"value\" \
     WHERE \"name\" = 'moving' AND \"value\" = $1";

const REPLACE: &str = "UPDATE \"_headwater_setting\" SET \"value\" = $1 \
     WHERE \"name\" = 'moving' AND \"value\" = $2";

/// How far a move is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    /// What the source is.
    pub(super) source: String,
    /// The table it is at, by its place.
    pub(super) table: usize,
    /// The key of the last row that is there.
    pub(super) after: Content,
    /// Rows that are there, of all tables.
    pub(super) rows: u64,
    /// Whether the indexes are there.
    pub(super) indexed: bool,
}

impl Note {
    /// Nothing is moved yet.
    pub(super) fn of(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            table: 0,
            after: Content::Null,
            rows: 0,
            indexed: false,
        }
    }

    /// So many rows further in the same table.
    pub(super) fn at(&self, after: Content, rows: u64) -> Self {
        Self {
            after,
            rows: self.rows + rows,
            ..self.clone()
        }
    }

    /// So many rows further, and at the end of the table.
    pub(super) fn at_next_table(&self, rows: u64) -> Self {
        Self {
            table: self.table + 1,
            ..self.at(Content::Null, rows)
        }
    }

    /// The note of a database that is being moved to.
    pub(super) fn read(target: &Session) -> Result<Option<Self>, MoveError> {
        let Some(text) = target.moving()? else {
            return Ok(None);
        };
        let bad = || MoveError::BadNote(text.clone());
        let json: Json = serde_json::from_str(&text).map_err(|_| bad())?;
        let number = |name: &str| json[name].as_u64().ok_or_else(bad);
        Ok(Some(Self {
            source: json["source"].as_str().ok_or_else(bad)?.to_owned(),
            table: usize::try_from(number("table")?).map_err(|_| bad())?,
            after: match &json["after"] {
                Json::Null => Content::Null,
                Json::Number(n) => Content::Number(n.as_i64().ok_or_else(bad)?),
                Json::String(text) => Content::Text(text.clone()),
                Json::Bool(_) | Json::Array(_) | Json::Object(_) => return Err(bad()),
            },
            rows: number("rows")?,
            indexed: json["indexed"].as_bool().ok_or_else(bad)?,
        }))
    }

    /// The first note.
    pub(super) fn write(&self, target: &Session) -> Result<(), MoveError> {
        let text = "INSERT INTO \"_headwater_setting\" (\"name\", \"value\") VALUES ('moving', $1)";
        target.run(text, &[self.text().as_str().into()])?;
        Ok(())
    }

    /// Keeps others from going on from this note.
    pub(super) fn claim(&self, target: &Session) -> Result<(), MoveError> {
        match target.run(CLAIM, &[self.text().as_str().into()]) {
            Ok(1) => Ok(()),
            Ok(_) | Err(Failure::Again(_)) => Err(MoveError::Another),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Another note in the place of this one.
    pub(super) fn replace(&self, target: &Session, next: &Self) -> Result<(), MoveError> {
        let (before, after) = (self.text(), next.text());
        match target.run(REPLACE, &[after.as_str().into(), before.as_str().into()])? {
            1 => Ok(()),
            _ => Err(MoveError::Another),
        }
    }

    /// The move is complete.
    pub(super) fn remove(&self, target: &Session) -> Result<(), MoveError> {
        self.claim(target)?;
        target.run(
            "DELETE FROM \"_headwater_setting\" WHERE \"name\" = 'moving'",
            &[],
        )?;
        Ok(())
    }

    fn text(&self) -> String {
        let after = match &self.after {
            Content::Null => Json::Null,
            Content::Number(n) => (*n).into(),
            Content::Text(text) => text.as_str().into(),
        };
        json!({
            "source": self.source,
            "table": self.table,
            "after": after,
            "rows": self.rows,
            "indexed": self.indexed,
        })
        .to_string()
    }
}
