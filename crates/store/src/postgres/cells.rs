//! Contents of columns, to and from PostgreSQL.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::rows::{Cells, Content, ContentRef};

/// A parameter: what it becomes depends on the type the server takes it for.
#[derive(Debug)]
pub(super) struct Parameter(pub(super) Content);

/// Sorts next to the first of all characters, and is in no text that anybody writes.
const BESIDE_NUL: &str = "\u{1}\u{fffe}";

impl Parameter {
    /// A parameter of a read. The server refuses texts with a NUL, which it cannot hold; asked for
    /// such a text, it is to find nothing.
    pub(super) fn sought(content: &Content) -> Self {
        Self(match content {
            Content::Text(text) if text.contains('\0') => {
                Content::Text(text.replace('\0', BESIDE_NUL))
            }
            content => content.clone(),
        })
    }
}

impl From<&ContentRef<'_>> for Parameter {
    fn from(content: &ContentRef<'_>) -> Self {
        Self(match content {
            ContentRef::Null => Content::Null,
            ContentRef::Number(n) => Content::Number(*n),
            ContentRef::Text(text) => Content::Text((*text).to_owned()),
        })
    }
}

impl ToSql for Parameter {
    fn to_sql(
        &self,
        as_a: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (&self.0, as_a) {
            (Content::Null, _) => return Ok(IsNull::Yes),
            (Content::Number(n), &Type::BOOL) => out.put_u8(u8::from(*n != 0)),
            (Content::Number(n), &Type::INT4) => out.put_i32(i32::try_from(*n)?),
            (Content::Number(n), &Type::INT2) => out.put_i16(i16::try_from(*n)?),
            (Content::Number(n), &Type::INT8) => out.put_i64(*n),
            (Content::Text(digits), &Type::FLOAT8) => out.put_f64(digits.parse()?),
            (Content::Number(n), &Type::TEXT) => out.put_slice(n.to_string().as_bytes()),
            (Content::Number(_), other) => {
                return Err(format!("a number cannot become a {other}").into());
            }
            (Content::Text(text), _) => out.put_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column's content as it came.
struct Held<'a>(ContentRef<'a>);

impl<'a> FromSql<'a> for Held<'a> {
    fn from_sql(is_a: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *is_a {
            Type::BOOL => ContentRef::Number(i64::from(bool::from_sql(is_a, raw)?)),
            Type::INT2 => ContentRef::Number(i16::from_sql(is_a, raw)?.into()),
            Type::INT4 => ContentRef::Number(i32::from_sql(is_a, raw)?.into()),
            Type::INT8 => ContentRef::Number(i64::from_sql(is_a, raw)?),
            _ => ContentRef::Text(std::str::from_utf8(raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(ContentRef::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl Cells for tokio_postgres::Row {
    fn content(&self, column: usize) -> ContentRef<'_> {
        self.try_get(column)
            .map_or(ContentRef::Null, |held: Held<'_>| held.0)
    }
}
