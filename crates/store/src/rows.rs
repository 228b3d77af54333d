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
pub struct Row<'a> {
    pub(crate) cells: &'a dyn Cells,
    pub(crate) types: &'a [ValueType],
}

/// Where a row's content is: in an engine that is at this row, or in an answer kept whole.
pub(crate) trait Cells {
    /// The content of a column; null for one that is not there.
    fn content(&self, column: usize) -> ContentRef<'_>;
}

/// What a column holds, borrowed from wherever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentRef<'a> {
    Null,
    Number(i64),
    Text(&'a str),
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
        decode(self.cells.content(column), *value_type)
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

/// What a column's content means. The columns are typed, so a content that does not fit is
/// corruption; it reads as null rather than stopping the whole answer.
pub(crate) fn decode(content: ContentRef<'_>, as_a: ValueType) -> ValueRef<'_> {
    use ContentRef as Held;
    match (content, as_a) {
        (Held::Number(n), ValueType::Boolean) => ValueRef::Boolean(n != 0),
        (Held::Number(n), ValueType::Integer) => ValueRef::Integer(n),
        (Held::Number(n), ValueType::Decimal { scale }) => {
            Decimal::try_new(n, u32::from(scale)).map_or(ValueRef::Null, ValueRef::Decimal)
        }
        (Held::Number(n), ValueType::Date) => date(n).map_or(ValueRef::Null, ValueRef::Date),
        (Held::Number(n), ValueType::DateTime) => {
            Timestamp::from_microsecond(n).map_or(ValueRef::Null, ValueRef::DateTime)
        }
        (Held::Number(n), ValueType::Time) => time(n).map_or(ValueRef::Null, ValueRef::Time),
        (Held::Text(digits), ValueType::Double) => {
            double(digits).map_or(ValueRef::Null, ValueRef::Decimal)
        }
        (Held::Text(text), ValueType::Text) => ValueRef::Text(text),
        (Held::Text(text), ValueType::Id) => ValueRef::Id(text),
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
            (Value::Integer(n), ValueType::Double) => Self::Text(n.to_string()),
            (Value::Decimal(n), ValueType::Double) => Self::Text(n.to_string()),
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
    pub(crate) fn as_ref(&self) -> ContentRef<'_> {
        match self {
            Self::Null => ContentRef::Null,
            Self::Number(n) => ContentRef::Number(*n),
            Self::Text(text) => ContentRef::Text(text),
        }
    }
}

impl<'a> ContentRef<'a> {
    /// The text, if it is one.
    pub(crate) fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Number(_) => None,
        }
    }

    /// The number, if it is one.
    pub(crate) fn as_number(self) -> Option<i64> {
        match self {
            Self::Number(n) => Some(n),
            Self::Null | Self::Text(_) => None,
        }
    }
}

impl<'a> From<&'a str> for ContentRef<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for ContentRef<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<Option<&'a str>> for ContentRef<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
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
    text: String,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Null,
    Number(i64),
    Text { start: usize, end: usize },
}

/// The row of a kept answer that begins at a cell.
pub(crate) struct KeptRow<'a> {
    kept: &'a KeptRows,
    first: usize,
}

impl Cells for KeptRow<'_> {
    fn content(&self, column: usize) -> ContentRef<'_> {
        match self.kept.cells.get(self.first + column) {
            Some(Cell::Number(n)) => ContentRef::Number(*n),
            Some(Cell::Text { start, end }) => ContentRef::Text(&self.kept.text[*start..*end]),
            Some(Cell::Null) | None => ContentRef::Null,
        }
    }
}

impl KeptRows {
    /// How much memory the texts take.
    pub(crate) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// The row that begins at a cell.
    pub(crate) fn row_at(&self, first: usize) -> KeptRow<'_> {
        KeptRow { kept: self, first }
    }

    /// Gives the rows to a sink.
    pub(crate) fn give(&self, types: &[ValueType], sink: &mut impl RowSink) {
        for cells in self.rows(types.len()) {
            sink.row(&Row {
                cells: &cells,
                types,
            });
        }
    }

    /// The rows, each with so many columns.
    pub(crate) fn rows(&self, columns: usize) -> impl Iterator<Item = KeptRow<'_>> {
        let first_cells = (0..self.cells.len()).step_by(columns.max(1));
        first_cells.map(|first| self.row_at(first))
    }
}

impl RowSink for KeptRows {
    fn row(&mut self, row: &Row<'_>) {
        for column in 0..row.len() {
            self.cells.push(match row.cells.content(column) {
                ContentRef::Number(n) => Cell::Number(n),
                ContentRef::Text(text) => {
                    let start = self.text.len();
                    self.text.push_str(text);
                    let end = self.text.len();
                    Cell::Text { start, end }
                }
                ContentRef::Null => Cell::Null,
            });
        }
    }
}

/// A double out of its digits, which may have an exponent.
fn double(digits: &str) -> Option<Decimal> {
    let number: f64 = digits.parse().ok()?;
    // Written again, for a decimal is not read from every form.
    number.to_string().parse().ok()
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
