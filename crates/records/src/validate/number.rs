//! Numbers: exact, with at most as many digits as the field has.

use headwater_catalogue::{Digits, Field, Kind, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{out_of_range, wrong_type};
use crate::error::Problem;

/// The number that these digits mean for a field.
pub(super) fn value(field: &Field, written: &str) -> Result<Value, Problem> {
    let written = written.trim();
    let number = parse(written).map_err(|why| match why {
        NotRead::NoNumber => wrong_type(field, written),
        NotRead::TooGreat => out_of_range(field, written),
    })?;
    match field.kind.digits() {
        Some(digits) => decimal(field, digits, number, written),
        None => integer(field, number, written),
    }
}

enum NotRead {
    NoNumber,
    TooGreat,
}

fn parse(written: &str) -> Result<Decimal, NotRead> {
    let shaped = written
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'))
        && written.bytes().any(|b| b.is_ascii_digit());
    if !shaped {
        return Err(NotRead::NoNumber);
    }
    if written.contains(['e', 'E']) {
        return scientific(written);
    }
    match written.parse::<Decimal>() {
        Ok(number) => Ok(number),
        Err(rust_decimal::Error::ErrorString(_)) => Err(NotRead::NoNumber),
        Err(_) => Err(NotRead::TooGreat),
    }
}

/// A number with an exponent. A tiny one rounds to nothing; a huge one fits no field.
fn scientific(written: &str) -> Result<Decimal, NotRead> {
    let number: f64 = written.parse().map_err(|_| NotRead::NoNumber)?;
    match Decimal::from_scientific(written) {
        Ok(number) => Ok(number),
        Err(_) if number.abs() < 1e-28 => Ok(Decimal::ZERO),
        Err(_) => Err(NotRead::TooGreat),
    }
}

/// Rounds to the field's digits after the point, half away from zero, as Salesforce does.
fn decimal(
    field: &Field,
    digits: Digits,
    number: Decimal,
    written: &str,
) -> Result<Value, Problem> {
    let scale = u32::from(digits.scale);
    let mut rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    let whole_digits = u32::from(digits.precision.saturating_sub(digits.scale));
    let limit = 10_i128
        .checked_pow(whole_digits)
        .and_then(|n| Decimal::try_from_i128_with_scale(n, 0).ok());
    if limit.is_some_and(|limit| rounded.abs() >= limit) {
        return Err(out_of_range(field, written));
    }
    rounded.rescale(scale);
    Ok(Value::Decimal(rounded))
}

fn integer(field: &Field, number: Decimal, written: &str) -> Result<Value, Problem> {
    if !number.fract().is_zero() {
        return Err(wrong_type(field, written));
    }
    let digits = match field.kind {
        Kind::Integer { digits } => u32::from(digits),
        _ => 18,
    };
    let limit = 10_i64.checked_pow(digits).unwrap_or(i64::MAX);
    match i64::try_from(number) {
        Ok(n) if n.abs() < limit => Ok(Value::Integer(n)),
        _ => Err(out_of_range(field, written)),
    }
}
