//! Constants converted to the type of the field they are compared with.

use headwater_catalogue::{Kind, Value, ValueType};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::date_range::range_of;
use super::{Context, condition::Left};
use crate::ast::{Literal, LiteralValue};
use crate::error::{SoqlError, SoqlErrorKind};

/// Digits a stored decimal can have, before and after the point together.
const DECIMAL_DIGITS_MAX: u32 = 18;

/// A constant as a field's values see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Null,
    Value(Value),
    /// A number with more decimals than the field's have: this much and a little more.
    JustAbove(Value),
    /// From the first value on and before the second.
    Range(Value, Value),
}

impl Context<'_> {
    pub(super) fn constant(
        &self,
        left: &Left<'_>,
        literal: &Literal<'_>,
    ) -> Result<Constant, SoqlError> {
        if literal.value == LiteralValue::Null {
            return Ok(Constant::Null);
        }
        let constant = match left.value_type {
            ValueType::Boolean => boolean(&literal.value),
            ValueType::Integer => number(left, &literal.value).map(integer),
            ValueType::Decimal { scale } => {
                number(left, &literal.value).map(|number| decimal(number, scale.into()))
            }
            ValueType::Double => {
                number(left, &literal.value).map(|number| Constant::Value(Value::Decimal(number)))
            }
            ValueType::Text => text(&literal.value),
            ValueType::Id => return id(left, &literal.value),
            ValueType::Date => self.date(left, &literal.value),
            ValueType::DateTime => self.datetime(&literal.value),
            ValueType::Time => None,
        };
        constant.ok_or_else(|| mismatch(left))
    }

    fn date(&self, left: &Left<'_>, value: &LiteralValue<'_>) -> Option<Constant> {
        match value {
            LiteralValue::Date(date) => Some(Constant::Value(Value::Date(*date))),
            LiteralValue::DateLiteral(literal) if left.takes_date_literals => {
                let days = range_of(*literal, self.today(), self.first_weekday);
                Some(Constant::Range(
                    Value::Date(days.start),
                    Value::Date(days.end),
                ))
            }
            _ => None,
        }
    }

    fn datetime(&self, value: &LiteralValue<'_>) -> Option<Constant> {
        match value {
            LiteralValue::DateTime(at) => Some(Constant::Value(Value::DateTime(*at))),
            LiteralValue::DateLiteral(literal) => {
                let days = range_of(*literal, self.today(), self.first_weekday);
                let (start, end) = (self.midnight(days.start)?, self.midnight(days.end)?);
                Some(Constant::Range(
                    Value::DateTime(start),
                    Value::DateTime(end),
                ))
            }
            _ => None,
        }
    }

    fn today(&self) -> Date {
        self.zone.to_datetime(self.now).date()
    }

    fn midnight(&self, day: Date) -> Option<Timestamp> {
        self.zone
            .to_timestamp(day.to_datetime(Time::midnight()))
            .ok()
    }
}

fn boolean(value: &LiteralValue<'_>) -> Option<Constant> {
    match value {
        LiteralValue::Boolean(on) => Some(Constant::Value(Value::Boolean(*on))),
        _ => None,
    }
}

/// An empty text is no text: Salesforce stores none.
fn text(value: &LiteralValue<'_>) -> Option<Constant> {
    match value {
        LiteralValue::Text(text) if text.is_empty() => Some(Constant::Null),
        LiteralValue::Text(text) => Some(Constant::Value(Value::Text(text.to_string()))),
        _ => None,
    }
}

fn id(left: &Left<'_>, value: &LiteralValue<'_>) -> Result<Constant, SoqlError> {
    match value {
        LiteralValue::Text(text) if text.is_empty() => Ok(Constant::Null),
        LiteralValue::Text(text) => {
            let id = text.parse().map_err(|_| {
                SoqlError::new(
                    SoqlErrorKind::InvalidQueryFilterOperator,
                    left.at,
                    format!("invalid ID field: {text}"),
                )
            })?;
            Ok(Constant::Value(Value::Id(id)))
        }
        _ => Err(mismatch(left)),
    }
}

fn number(left: &Left<'_>, value: &LiteralValue<'_>) -> Option<Decimal> {
    match value {
        LiteralValue::Number(digits) => Some(decimal_of(digits)),
        // There is one currency only, so its code makes no difference.
        LiteralValue::Currency { amount, .. } if matches!(left.kind, Kind::Currency(_)) => {
            Some(decimal_of(amount))
        }
        _ => None,
    }
}

/// The number of digits the parser has let through; those too great for a decimal, as the greatest
/// there is, which no stored number reaches.
pub(super) fn decimal_of(digits: &str) -> Decimal {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let exact = if digits.contains(['e', 'E']) {
        Decimal::from_scientific(digits)
    } else {
        digits.parse()
    };
    exact.unwrap_or_else(|_| match digits.parse::<f64>() {
        Ok(tiny) if tiny.abs() < 1.0 => Decimal::ZERO,
        Ok(huge) if huge < 0.0 => Decimal::MIN,
        _ => Decimal::MAX,
    })
}

fn integer(number: Decimal) -> Constant {
    let below = number.floor();
    let edge = if below.is_sign_negative() {
        i64::MIN
    } else {
        i64::MAX
    };
    let value = Value::Integer(below.to_i64().unwrap_or(edge));
    if below == number {
        Constant::Value(value)
    } else {
        Constant::JustAbove(value)
    }
}

/// The number with `scale` digits after the point, so that it compares exactly with what is
/// stored.
fn decimal(number: Decimal, scale: u32) -> Constant {
    let places = DECIMAL_DIGITS_MAX.saturating_sub(scale);
    // Everything stored is less, and it still fits where a stored number would.
    let bound = Decimal::from(10_i64.pow(places));
    let number = number.clamp(-bound, bound);
    let mut below = number.round_dp_with_strategy(scale, RoundingStrategy::ToNegativeInfinity);
    let is_exact = below == number;
    below.rescale(scale);
    if is_exact {
        Constant::Value(Value::Decimal(below))
    } else {
        Constant::JustAbove(Value::Decimal(below))
    }
}

pub(super) fn mismatch(left: &Left<'_>) -> SoqlError {
    let quotes = match left.kind.value_type() {
        ValueType::Text | ValueType::Id => "should be",
        ValueType::Boolean
        | ValueType::Integer
        | ValueType::Decimal { .. }
        | ValueType::Date
        | ValueType::DateTime
        | ValueType::Time
        | ValueType::Double => "should not be",
    };
    SoqlError::new(
        SoqlErrorKind::InvalidField,
        left.at,
        format!(
            "value of filter criterion for field '{}' must be of type {} and {quotes} enclosed in \
             quotes",
            left.name,
            type_name(left.kind)
        ),
    )
}

/// What messages call a kind.
pub(super) fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference(_) => "id",
        Kind::Boolean => "boolean",
        Kind::Integer { .. } => "int",
        Kind::Double(_) => "double",
        Kind::Currency(_) => "currency",
        Kind::Percent(_) => "percent",
        Kind::Date => "date",
        Kind::DateTime => "dateTime",
        Kind::Time => "time",
        Kind::MultiPicklist(_) => "multipicklist",
        Kind::Address { .. } => "address",
        Kind::Base64(_) => "base64",
        Kind::Text { .. }
        | Kind::TextArea { .. }
        | Kind::Email
        | Kind::Phone
        | Kind::Url { .. }
        | Kind::Picklist(_)
        | Kind::Combobox(_)
        | Kind::AutoNumber { .. }
        | Kind::Any => "string",
    }
}
