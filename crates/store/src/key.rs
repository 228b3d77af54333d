//! Where a page of a query ended, so that the next one continues there.
//!
//! A key holds the values that the last row had in the order's terms, and its id. Rows that come
//! or go meanwhile do not shift it, as they would shift an offset.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use headwater_catalogue::{Id, Value};
use jiff::Timestamp;
use jiff::civil::{Date, Time};

/// The place between two rows of an ordered query.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// How many rows of the query lie before it, so that its LIMIT holds over all pages.
    pub taken: u64,
    /// The last row's values of the order's terms; a group's keys are among them.
    pub values: Vec<Value>,
    /// The last row's id; a group has none.
    pub id: Option<Id>,
}

/// Stands where the id of a row would, in the key of a group.
const NO_ID: &str = "-";

/// The text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the key of a page")]
pub struct KeyError;

impl fmt::Display for Key {
    /// Letters, digits, dots and hyphens only, so that it can stand in a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "{}.{id}", self.taken)?,
            None => write!(f, "{}.{NO_ID}", self.taken)?,
        }
        for value in &self.values {
            f.write_char('.')?;
            write_value(f, value)?;
        }
        Ok(())
    }
}

fn write_value(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Null => f.write_char('n'),
        Value::Boolean(on) => write!(f, "b{}", u8::from(*on)),
        Value::Integer(n) => write!(f, "i{n}"),
        // The point would end the part.
        Value::Decimal(n) => write!(f, "d{}", n.to_string().replace('.', "p")),
        Value::Text(text) => {
            f.write_char('t')?;
            text.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
        Value::Id(id) => write!(f, "r{id}"),
        Value::Date(date) => write!(f, "a{date}"),
        Value::DateTime(at) => write!(f, "s{}", at.as_microsecond()),
        Value::Time(time) => write!(f, "m{}", crate::rows::milliseconds(*time)),
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.split('.');
        let taken = parts.next().and_then(|part| part.parse().ok());
        let id = match parts.next() {
            Some(NO_ID) => Some(None),
            part => part.and_then(|part| part.parse().ok()).map(Some),
        };
        let values: Option<Vec<_>> = parts.map(read_value).collect();
        match (taken, id, values) {
            (Some(taken), Some(id), Some(values)) => Ok(Self { taken, values, id }),
            _ => Err(KeyError),
        }
    }
}

fn read_value(part: &str) -> Option<Value> {
    let (kind, rest) = part.split_at_checked(1)?;
    Some(match kind {
        "n" if rest.is_empty() => Value::Null,
        "b" => Value::Boolean(rest == "1"),
        "i" => Value::Integer(rest.parse().ok()?),
        "d" => Value::Decimal(rest.replace('p', ".").parse().ok()?),
        "t" => Value::Text(read_text(rest)?),
        "r" => Value::Id(rest.parse().ok()?),
        "a" => Value::Date(rest.parse::<Date>().ok()?),
        "s" => Value::DateTime(Timestamp::from_microsecond(rest.parse().ok()?).ok()?),
        "m" => Value::Time(read_time(rest)?),
        _ => return None,
    })
}

fn read_text(hexadecimal: &str) -> Option<String> {
    let digits = hexadecimal.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

fn read_time(milliseconds: &str) -> Option<Time> {
    crate::rows::time(milliseconds.parse().ok()?)
}
