//! The values a field can hold, in the form all layers pass around.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;

use crate::Id;

/// One field's value. `Null` is "no value": Salesforce has no empty text, so neither have we.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// A checkbox.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with decimals, exact.
    Decimal(Decimal),
    /// Any text: names, picklist values, addresses, multi-select values joined by `;`.
    Text(String),
    /// A record's own id or a reference to one.
    Id(Id),
    /// A day.
    Date(Date),
    /// An instant, in whole microseconds.
    DateTime(Timestamp),
    /// A time of day, in whole milliseconds.
    Time(Time),
}

impl Value {
    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The id, if this is one.
    pub fn as_id(&self) -> Option<Id> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// The instant, if this is one.
    pub fn as_datetime(&self) -> Option<Timestamp> {
        match self {
            Self::DateTime(at) => Some(*at),
            _ => None,
        }
    }

    /// Whether this is a ticked checkbox; anything else, no value included, is not.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Boolean(on)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}

impl From<Id> for Value {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::DateTime(at)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
