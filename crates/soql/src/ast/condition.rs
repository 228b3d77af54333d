//! Conditions, and the constants they compare with.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{DateLiteral, Expression, Position, Query};

/// What WHERE or HAVING demands.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition<'q> {
    /// All of these; at least two.
    And(Vec<Condition<'q>>),
    /// Any of these; at least two.
    Or(Vec<Condition<'q>>),
    /// The opposite.
    Not(Box<Condition<'q>>),
    /// A single comparison.
    Comparison(Comparison<'q>),
}

/// `expression operator value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison<'q> {
    /// The field, or a function of it.
    pub left: Expression<'q>,
    /// How to compare.
    pub operator: Operator,
    /// Where the operator stands.
    pub operator_at: Position,
    /// What to compare with.
    pub right: Operand<'q>,
}

/// The comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `LIKE`
    Like,
    /// `IN`
    In,
    /// `NOT IN`
    NotIn,
    /// `INCLUDES`
    Includes,
    /// `EXCLUDES`
    Excludes,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand<'q> {
    /// One value.
    Literal(Literal<'q>),
    /// A list of values; never empty.
    List(Vec<Literal<'q>>),
    /// The ids another query finds.
    Subquery(Box<Query<'q>>),
}

/// A constant with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal<'q> {
    /// Where it begins.
    pub at: Position,
    /// What it says.
    pub value: LiteralValue<'q>,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum LiteralValue<'q> {
    /// `NULL`
    Null,
    /// `TRUE` or `FALSE`
    Boolean(bool),
    /// Digits as written, perhaps with sign, point and exponent.
    Number(&'q str),
    /// A quoted string, its escapes resolved.
    Text(Cow<'q, str>),
    /// The quoted string after LIKE. `%` and `_` are wildcards; a backslash stands before each
    /// `%`, `_` and `\` that is meant as itself, and nowhere else.
    Pattern(Cow<'q, str>),
    /// `2026-01-31`
    Date(Date),
    /// `2026-01-31T12:00:00Z`
    DateTime(Timestamp),
    /// `LAST_N_DAYS:7`
    DateLiteral(DateLiteral),
    /// `USD5000`
    Currency {
        /// The three letters.
        code: &'q str,
        /// Digits as written.
        amount: &'q str,
    },
}
