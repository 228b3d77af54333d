//! The rows of an answer, borrowed from the database while they pass, or kept.

use headwater_catalogue::{Id, Value, ValueType};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;

/// Takes the rows of an answer, one after the other.
pub trait RowSink {
    /// The next row.
    fn row(&mut self, row: &Row<'_>);
}

/// One row as the database gives it: its columns are [`headwater_soql::resolved::Query::columns`].
#[derive(Debug)]
pub struct Row<'a> {
    pub(crate) cells: Cells<'a>,
    pub(crate) types: &'a [ValueType],
}

/// Where a row's content is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cells<'a> {
    /// In the database, which is at this row.
    There(&'a rusqlite::Row<'a>),
    /// In an answer kept whole, from this cell on.
    Kept(&'a KeptRows, usize),
}

/// One value of a row, borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// No value.
    Null,
    /// A checkbox.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with decimals.
    Decimal(Decimal),
    /// Any text.
    Text(&'a str),
    /// A record's id, 18 characters.
    Id(&'a str),
    /// A day.
    Date(Date),
    /// An instant.
    DateTime(Timestamp),
    /// A time of day.
    Time(Time),
}

impl Row<'_> {
    /// The value of a column; null for one that is not there.
    pub fn get(&self, column: usize) -> ValueRef<'_> {
        let Some(value_type) = self.types.get(column) else {
            return ValueRef::Null;
        };
        decode(self.content(column), *value_type)
    }

    fn content(&self, column: usize) -> rusqlite::types::ValueRef<'_> {
        match self.cells {
            Cells::There(row) => row
                .get_ref(column)
                .unwrap_or(rusqlite::types::ValueRef::Null),
            Cells::Kept(kept, first) => kept.content(first + column),
        }
    }

    /// How many columns it has.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether it has no columns.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}

/// What a column's content means. The tables are STRICT, so a content that does not fit is
/// corruption; it reads as null rather than stopping the whole answer.
pub(crate) fn decode(content: rusqlite::types::ValueRef<'_>, as_a: ValueType) -> ValueRef<'_> {
    use rusqlite::types::ValueRef as Content;
    match (content, as_a) {
        (Content::Integer(n), ValueType::Boolean) => ValueRef::Boolean(n != 0),
        (Content::Integer(n), ValueType::Integer) => ValueRef::Integer(n),
        (Content::Integer(n), ValueType::Decimal { scale }) => {
            Decimal::try_new(n, u32::from(scale)).map_or(ValueRef::Null, ValueRef::Decimal)
        }
        (Content::Integer(n), ValueType::Date) => date(n).map_or(ValueRef::Null, ValueRef::Date),
        (Content::Integer(n), ValueType::DateTime) => {
            Timestamp::from_microsecond(n).map_or(ValueRef::Null, ValueRef::DateTime)
        }
        (Content::Integer(n), ValueType::Time) => time(n).map_or(ValueRef::Null, ValueRef::Time),
        (Content::Text(text), ValueType::Text) => {
            std::str::from_utf8(text).map_or(ValueRef::Null, ValueRef::Text)
        }
        (Content::Text(text), ValueType::Id) => {
            std::str::from_utf8(text).map_or(ValueRef::Null, ValueRef::Id)
        }
        _ => ValueRef::Null,
    }
}

impl ValueRef<'_> {
    /// The value, to keep.
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(on) => Value::Boolean(on),
            Self::Integer(n) => Value::Integer(n),
            Self::Decimal(n) => Value::Decimal(n),
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Id(id) => id.parse::<Id>().map_or(Value::Null, Value::Id),
            Self::Date(date) => Value::Date(date),
            Self::DateTime(at) => Value::DateTime(at),
            Self::Time(time) => Value::Time(time),
        }
    }

    /// Whether there is no value.
    pub fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A sink that keeps every row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The rows, each with a value for each column.
    pub rows: Vec<Vec<Value>>,
}

impl RowSink for Rows {
    fn row(&mut self, row: &Row<'_>) {
        let values = (0..row.len()).map(|column| row.get(column).to_value());
        self.rows.push(values.collect());
    }
}

/// A value in the form its column holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    Null,
    Number(i64),
    Text(String),
}

impl Content {
    /// The content of a column of this type. A value of another type does not get past the layers
    /// above; it is stored as null.
    pub(crate) fn of(value: &Value, value_type: ValueType) -> Self {
        match (value, value_type) {
            (Value::Boolean(on), ValueType::Boolean) => Self::Number(i64::from(*on)),
            (Value::Integer(n), ValueType::Integer) => Self::Number(*n),
            (Value::Integer(n), ValueType::Decimal { scale }) => scaled(Decimal::from(*n), scale),
            (Value::Decimal(n), ValueType::Decimal { scale }) => scaled(*n, scale),
            (Value::Text(text), ValueType::Text) => Self::Text(text.clone()),
            (Value::Id(id), ValueType::Id | ValueType::Text) => Self::Text(id.as_str().to_owned()),
            (Value::Date(date), ValueType::Date) => Self::Number(days(*date)),
            (Value::DateTime(at), ValueType::DateTime) => Self::Number(at.as_microsecond()),
            (Value::Time(time), ValueType::Time) => Self::Number(milliseconds(*time)),
            _ => Self::Null,
        }
    }
}

impl Content {
    /// As the database would give it back.
    pub(crate) fn as_ref(&self) -> rusqlite::types::ValueRef<'_> {
        use rusqlite::types::ValueRef as Held;
        match self {
            Self::Null => Held::Null,
            Self::Number(n) => Held::Integer(*n),
            Self::Text(text) => Held::Text(text.as_bytes()),
        }
    }
}

impl rusqlite::ToSql for Content {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(self.as_ref()))
    }
}

/// The number times ten to the scale; rounded, should it have more digits than its field.
fn scaled(mut number: Decimal, scale: u8) -> Content {
    number.rescale(u32::from(scale));
    i64::try_from(number.mantissa()).map_or(Content::Null, Content::Number)
}

/// A small answer, kept as the database gave it until it is certain that it is whole.
#[derive(Debug, Default)]
pub(crate) struct KeptRows {
    cells: Vec<Cell>,
    /// All texts, one after the other: one allocation for all of them.
    text: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Null,
    Number(i64),
    Text { start: usize, end: usize },
}

impl KeptRows {
    fn content(&self, cell: usize) -> rusqlite::types::ValueRef<'_> {
        use rusqlite::types::ValueRef as Held;
        match self.cells.get(cell) {
            Some(Cell::Number(n)) => Held::Integer(*n),
            Some(Cell::Text { start, end }) => Held::Text(&self.text[*start..*end]),
            Some(Cell::Null) | None => Held::Null,
        }
    }

    /// Gives the rows to a sink.
    pub(crate) fn give(&self, types: &[ValueType], sink: &mut impl RowSink) {
        for first in (0..self.cells.len()).step_by(types.len().max(1)) {
            let cells = Cells::Kept(self, first);
            sink.row(&Row { cells, types });
        }
    }
}

impl RowSink for KeptRows {
    fn row(&mut self, row: &Row<'_>) {
        use rusqlite::types::ValueRef as Held;
        for column in 0..row.len() {
            self.cells.push(match row.content(column) {
                Held::Integer(n) => Cell::Number(n),
                Held::Text(text) => {
                    let start = self.text.len();
                    self.text.extend_from_slice(text);
                    let end = self.text.len();
                    Cell::Text { start, end }
                }
                Held::Null | Held::Real(_) | Held::Blob(_) => Cell::Null,
            });
        }
    }
}

/// Days since 1970-01-01, as dates are held in columns.
pub(crate) fn days(date: Date) -> i64 {
    i64::from((date - EPOCH).get_days())
}

/// The date so many days after 1970-01-01.
pub(crate) fn date(days: i64) -> Option<Date> {
    EPOCH
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

/// Milliseconds since midnight, as times of day are held in columns.
pub(crate) fn milliseconds(time: Time) -> i64 {
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60;
    (seconds + i64::from(time.second())) * 1000 + i64::from(time.millisecond())
}

/// The time so many milliseconds after midnight.
pub(crate) fn time(milliseconds: i64) -> Option<Time> {
    Time::midnight()
        .checked_add(jiff::SignedDuration::from_millis(milliseconds))
        .ok()
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);
