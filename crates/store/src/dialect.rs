//! All that differs between the engines' SQL. Everything else is built once and printed per
//! dialect.

use headwater_catalogue::{Value, ValueType};
use sea_query::extension::postgres::PgExpr as _;
use sea_query::{
    BinOper, Expr, ExprTrait as _, LikeExpr, PostgresQueryBuilder, QueryStatementWriter,
    SqliteQueryBuilder,
};

use crate::rows::Content;

/// The collation of text that compares without case. Registered on each SQLite connection; made
/// by [`Dialect::prelude`] on PostgreSQL.
pub(crate) const TEXT_COLLATION: &str = "headwater_text";

/// The function that takes a part of an instant; see [`crate::sqlite::functions`].
pub(crate) const DATE_PART: &str = "headwater_date_part";

/// The function that gives the day of an instant.
pub(crate) const DAY: &str = "headwater_day";

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
            (Self::Sqlite, _) => "INTEGER",
            (Self::Postgres, ValueType::Text | ValueType::Id) => "text",
            (Self::Postgres, ValueType::Boolean) => "boolean",
            (Self::Postgres, ValueType::Date) => "integer",
            (
                Self::Postgres,
                ValueType::Integer
                | ValueType::Decimal { .. }
                | ValueType::DateTime
                | ValueType::Time,
            ) => "bigint",
        }
    }

    /// The collation of text compared byte by byte: ids, and fields that say so.
    pub(crate) fn binary_collation(self) -> &'static str {
        match self {
            Self::Sqlite => "BINARY",
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

    /// What a new database needs before its tables.
    pub(crate) fn prelude(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => &[
                r#"CREATE COLLATION IF NOT EXISTS "headwater_text" (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"#,
            ],
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

    /// Whether texts without case are ordered character by character, so that those with the same
    /// beginning stand together. Languages have finer rules, which PostgreSQL knows.
    pub(crate) fn orders_text_by_character(self) -> bool {
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

    /// Text worked out from others, compared without case. Columns carry their collation with
    /// them; results of functions do not.
    pub(crate) fn without_case(text: Expr) -> Expr {
        collated(text, TEXT_COLLATION)
    }

    /// A text matches a SOQL pattern, ignoring case. On SQLite `LIKE` is our own function.
    pub(crate) fn like(self, text: Expr, pattern: &str) -> Expr {
        match self {
            Self::Sqlite => text.like(LikeExpr::new(pattern).escape('\\')),
            // The backslash is the escape already. Patterns do not work with the collation of our
            // columns, which is not deterministic.
            Self::Postgres => collated(text, "und-x-icu").ilike(pattern),
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
