//! Contents of columns, to and from SQLite.

use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::rows::{Cells, Content, ContentRef};

impl Cells for rusqlite::Row<'_> {
    fn content(&self, column: usize) -> ContentRef<'_> {
        match self.get_ref(column) {
            Ok(ValueRef::Integer(n)) => ContentRef::Number(n),
            Ok(ValueRef::Text(text)) => {
                std::str::from_utf8(text).map_or(ContentRef::Null, ContentRef::Text)
            }
            _ => ContentRef::Null,
        }
    }
}

impl rusqlite::ToSql for ContentRef<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl rusqlite::ToSql for Content {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
