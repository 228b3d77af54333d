//! What is made of many rows. Both engines work with the same whole numbers and the same doubles,
//! so that they give the same to the last digit.

use headwater_catalogue::{Value, ValueType};
use sea_query::{BinOper, Expr, ExprTrait as _, Func};

use super::{Dialect, collated};

/// The sum of whole numbers, or the greatest or least there is if it is beyond that.
pub(crate) const SUM: &str = "headwater_sum";
/// The sum of decimals, as a double.
pub(crate) const TOTAL: &str = "headwater_total";
/// Their average, as a double.
pub(crate) const AVERAGE: &str = "headwater_average";
/// The least text without case; of those that differ in case only, the least byte by byte.
pub(crate) const LEAST: &str = "headwater_least";
/// The greatest text likewise.
pub(crate) const GREATEST: &str = "headwater_greatest";
/// The shortest digits that mean a double.
pub(crate) const DIGITS: &str = "headwater_digits";
/// The double that digits mean.
pub(crate) const DOUBLE: &str = "headwater_double";

impl Dialect {
    /// The sum of whole numbers.
    pub(crate) fn sum(self, value: Expr) -> Expr {
        match self {
            Self::Sqlite => Func::cust(SUM).arg(value).into(),
            Self::Postgres => Func::cust(SUM).arg(Func::sum(value)).into(),
        }
    }

    /// The sum of numbers that are held times a power of ten.
    pub(crate) fn total(self, value: Expr, divisor: i64) -> Expr {
        let divisor = Self::number(divisor);
        match self {
            Self::Sqlite => Func::cust(TOTAL).arg(value).arg(divisor).into(),
            Self::Postgres => Func::cust(TOTAL).arg(Func::sum(value)).arg(divisor).into(),
        }
    }

    /// The average of numbers that are held times a power of ten.
    pub(crate) fn average(self, value: Expr, divisor: i64) -> Expr {
        let divisor = Self::number(divisor);
        match self {
            Self::Sqlite => Func::cust(AVERAGE).arg(value).arg(divisor).into(),
            Self::Postgres => Func::cust(AVERAGE)
                .arg(Func::sum(value.clone()))
                .arg(Func::count(value))
                .arg(divisor)
                .into(),
        }
    }

    /// The least or the greatest text without case.
    pub(crate) fn extreme_text(value: Expr, is_least: bool) -> Expr {
        let function = if is_least { LEAST } else { GREATEST };
        Func::cust(function).arg(value).into()
    }

    /// A text that compares byte by byte.
    pub(crate) fn byte_by_byte(self, text: Expr) -> Expr {
        match self {
            Self::Sqlite => collated(text, "BINARY"),
            Self::Postgres => collated(text, "C"),
        }
    }

    /// Two texts as one; null if either is.
    pub(crate) fn joined(first: Expr, second: Expr) -> Expr {
        first.binary(BinOper::Custom("||"), second)
    }

    /// A null of a type. PostgreSQL wants to know it where statements are united.
    pub(crate) fn null(self, value_type: ValueType) -> Expr {
        let null = Expr::Keyword(sea_query::Keyword::Null);
        match self {
            Self::Sqlite => null,
            Self::Postgres => null.cast_as(self.column_type(value_type)),
        }
    }

    /// A value as it is read from the database. Doubles come as their digits.
    pub(crate) fn selected(self, value: Expr, value_type: ValueType) -> Expr {
        match (self, value_type) {
            (Self::Sqlite, ValueType::Double) => Func::cust(DIGITS).arg(value).into(),
            (Self::Postgres, ValueType::Double) => value.cast_as("text"),
            (Self::Sqlite | Self::Postgres, _) => value,
        }
    }

    /// A value as a parameter that compares with others of its type.
    pub(crate) fn bound(self, value: &Value, value_type: ValueType) -> Expr {
        let bound = Expr::val(self.value(value, value_type));
        match (self, value_type) {
            (Self::Sqlite, ValueType::Double) => Func::cust(DOUBLE).arg(bound).into(),
            (Self::Postgres, ValueType::Double) => bound.cast_as("double precision"),
            (Self::Sqlite | Self::Postgres, _) => bound,
        }
    }
}
