//! All that differs between the engines' SQL. Everything else is built once and printed per
//! dialect.

pub(crate) mod aggregates;
mod functions;
mod search;

use headwater_catalogue::{Value, ValueType};
use sea_query::{
    BinOper, Expr, ExprTrait as _, Func, LikeExpr, PostgresQueryBuilder, QueryStatementWriter,
    SqliteQueryBuilder,
};

use crate::rows::Content;
pub(crate) use search::ID;

/// The collation of text that compares without case on SQLite, registered on each connection.
pub(crate) const TEXT_COLLATION: &str = "headwater_text";

/// The function whose results compare on PostgreSQL as that collation compares texts. One of its
/// own collations would not do: those order and equate by the rules of languages, where ß is ss,
/// and know no patterns.
const FOLD: &str = "headwater_fold";

/// The function that takes a part of an instant; see [`crate::sqlite::functions`].
pub(crate) const DATE_PART: &str = "headwater_date_part";

/// The function that gives the day of an instant.
pub(crate) const DAY: &str = "headwater_day";

/// The function that gives how far a zone's clocks are ahead at an instant.
pub(crate) const OFFSET: &str = "headwater_offset";

/// The function that gives how far two places are apart.
pub(crate) const DISTANCE: &str = "headwater_distance";

/// Which engine a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A finished statement.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// The text, with a placeholder for each parameter.
    pub(crate) text: String,
    /// The parameters, in order.
    pub(crate) parameters: Vec<Content>,
}

impl Dialect {
    /// The type of a column. SQLite's STRICT tables know few; see [`ValueType`] for the meaning.
    pub(crate) fn column_type(self, value_type: ValueType) -> &'static str {
        match (self, value_type) {
            (Self::Sqlite, ValueType::Text | ValueType::Id) => "TEXT",
            (Self::Sqlite, ValueType::Double) => "REAL",
            (Self::Sqlite, _) => "INTEGER",
            (Self::Postgres, ValueType::Text | ValueType::Id) => "text",
            (Self::Postgres, ValueType::Boolean) => "boolean",
            (Self::Postgres, ValueType::Date) => "integer",
            (Self::Postgres, ValueType::Double) => "double precision",
            (
                Self::Postgres,
                ValueType::Integer
                | ValueType::Decimal { .. }
                | ValueType::DateTime
                | ValueType::Time,
            ) => "bigint",
        }
    }

    /// The collation of a column: byte by byte for ids and fields that say so, else without case.
    /// On PostgreSQL it is [`Dialect::folded`] that ignores the case.
    pub(crate) fn collation(self, binary: bool) -> &'static str {
        match self {
            Self::Sqlite if binary => "BINARY",
            Self::Sqlite => TEXT_COLLATION,
            Self::Postgres => "C",
        }
    }

    /// What ends a CREATE TABLE.
    pub(crate) fn table_options(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("STRICT"),
            Self::Postgres => None,
        }
    }

    /// Whether a foreign key stands in the column's definition. PostgreSQL wants the other table
    /// to be there first and gets them afterwards; SQLite cannot add one later.
    pub(crate) fn inline_foreign_keys(self) -> bool {
        matches!(self, Self::Sqlite)
    }

    /// What a database needs before its tables: names of functions, and what makes each.
    pub(crate) fn prelude(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => functions::MAKE,
        }
    }

    /// Finds a table of ours by its name.
    pub(crate) fn has_table(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
            Self::Postgres => {
                "SELECT 1 FROM pg_catalog.pg_tables \
                 WHERE schemaname = current_schema() AND tablename = $1"
            }
        }
    }

    /// Keeps other nodes from changing the tables until the end of the transaction.
    pub(crate) fn lock_tables(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            // "HWTR" as a number.
            Self::Postgres => Some("SELECT pg_advisory_xact_lock(1213682770)"),
        }
    }

    /// Waits longer for the counter of the changes than for a row: another node holds it while its
    /// commit goes to disk, and never waits for anything of ours meanwhile.
    pub(crate) fn wait_to_number(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SET LOCAL lock_timeout = '5s'"),
        }
    }

    /// Wakes those on other nodes who wait for changes: the last replay id, as text. With one
    /// process there are none.
    pub(crate) fn notify(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT pg_notify('headwater', $1)"),
        }
    }

    /// Passes over rows that somebody else is changing, in a SELECT that locks what it finds.
    pub(crate) fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// What finds a row again within one statement, fastest.
    pub(crate) fn locator(self) -> &'static str {
        match self {
            Self::Sqlite => "rowid",
            Self::Postgres => "Id",
        }
    }

    /// Whether a cross join gives its rows in the order of its first table. SQLite runs it as
    /// nested loops, that table outermost, so what is sorted there needs no second sorting.
    pub(crate) fn joins_in_order(self) -> bool {
        matches!(self, Self::Sqlite)
    }

    /// A checkbox's state, written into the text: partial indexes are only used when the planner
    /// sees the constant.
    pub(crate) fn boolean(self, on: bool) -> Expr {
        match self {
            Self::Sqlite => Expr::Constant(i64::from(on).into()),
            Self::Postgres => Expr::Constant(on.into()),
        }
    }

    /// A number written into the text.
    pub(crate) fn number(n: i64) -> Expr {
        Expr::Constant(n.into())
    }

    /// A value in the form its column holds it.
    pub(crate) fn value(self, value: &Value, value_type: ValueType) -> sea_query::Value {
        match (self, value) {
            (Self::Postgres, Value::Boolean(on)) => (*on).into(),
            (Self::Postgres, Value::Null) => match value_type {
                ValueType::Boolean => sea_query::Value::Bool(None),
                ValueType::Text | ValueType::Id => sea_query::Value::String(None),
                _ => sea_query::Value::BigInt(None),
            },
            (_, value) => match Content::of(value, value_type) {
                Content::Null => sea_query::Value::BigInt(None),
                Content::Number(n) => n.into(),
                Content::Text(text) => text.into(),
            },
        }
    }

    /// A column, or a value that is compared with one, in the form that ignores case. On SQLite the
    /// column's collation does.
    pub(crate) fn folded(self, text: Expr) -> Expr {
        match self {
            Self::Sqlite => text,
            Self::Postgres => Func::cust(FOLD).arg(text).into(),
        }
    }

    /// Text worked out from others, compared without case. Columns carry their collation with
    /// them; results of functions do not.
    pub(crate) fn without_case(self, text: Expr) -> Expr {
        match self {
            Self::Sqlite => collated(text, TEXT_COLLATION),
            Self::Postgres => collated(self.folded(text), "C"),
        }
    }

    /// What [`Dialect::folded`] or [`Dialect::without_case`] has given, out of a subquery.
    pub(crate) fn still_without_case(self, text: Expr) -> Expr {
        match self {
            Self::Sqlite => collated(text, TEXT_COLLATION),
            Self::Postgres => text,
        }
    }

    /// A text matches a SOQL pattern, ignoring case. On SQLite `LIKE` is our own function.
    pub(crate) fn like(self, text: Expr, pattern: &str) -> Expr {
        match self {
            Self::Sqlite => text.like(LikeExpr::new(pattern).escape('\\')),
            // The backslash is the escape already.
            Self::Postgres => self.folded(text).like(folded_pattern(pattern)),
        }
    }

    /// A statement's text and parameters.
    pub(crate) fn build(self, statement: &impl QueryStatementWriter) -> Statement {
        let (text, values) = match self {
            Self::Sqlite => statement.build(SqliteQueryBuilder),
            Self::Postgres => statement.build(PostgresQueryBuilder),
        };
        Statement {
            text,
            parameters: values.0.into_iter().map(parameter).collect(),
        }
    }

    /// A statement with its parameters written into the text, for people.
    pub(crate) fn show(self, statement: &impl QueryStatementWriter) -> String {
        match self {
            Self::Sqlite => statement.to_string(SqliteQueryBuilder),
            Self::Postgres => statement.to_string(PostgresQueryBuilder),
        }
    }
}

fn collated(text: Expr, collation: &'static str) -> Expr {
    text.binary(BinOper::Custom("COLLATE"), Expr::col(collation))
}

/// A pattern for folded text. At its end a backslash stands for itself, as elsewhere it does not.
fn folded_pattern(pattern: &str) -> String {
    let mut folded: String = pattern.chars().flat_map(fold).collect();
    let backslashes = folded.chars().rev().take_while(|c| *c == '\\').count();
    if backslashes % 2 == 1 {
        folded.push('\\');
    }
    folded
}

/// The characters that stand for one when case does not matter.
pub(crate) fn fold(character: char) -> std::char::ToLowercase {
    character.to_lowercase()
}

/// A parameter of a built statement. Only these kinds are ever built.
fn parameter(value: sea_query::Value) -> Content {
    use sea_query::Value as Built;
    match value {
        Built::BigInt(Some(n)) => Content::Number(n),
        // LIMIT and OFFSET.
        Built::BigUnsigned(Some(n)) => Content::Number(i64::try_from(n).unwrap_or(i64::MAX)),
        Built::String(Some(text)) => Content::Text(text),
        Built::Bool(Some(on)) => Content::Number(i64::from(on)),
        _ => Content::Null,
    }
}
