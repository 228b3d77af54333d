//! `FORMAT()`: values as people read them.
//!
//! The forms are those of American English, which is what every user of this server has for a
//! locale; only the clock is the caller's own.

use std::fmt::Write as _;

use headwater_catalogue::Kind;
use headwater_records::ValueRef;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};

/// Writes nothing but numbers, checkboxes and texts as what they are.
pub(super) fn formatted(value: ValueRef<'_>, kind: &Kind, zone: &TimeZone) -> Option<String> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Boolean(on) => on.to_string(),
        ValueRef::Integer(n) => number(Decimal::from(n), kind),
        ValueRef::Decimal(n) => number(n, kind),
        ValueRef::Text(text) => text.to_owned(),
        ValueRef::Id(id) => id.to_owned(),
        ValueRef::Date(day) => date(day),
        ValueRef::DateTime(at) => {
            let local = zone.to_datetime(at);
            format!("{}, {}", date(local.date()), time(local.time()))
        }
        ValueRef::Time(at) => time(at),
    })
}

fn number(number: Decimal, kind: &Kind) -> String {
    let places = kind.digits().map_or(0, |digits| u32::from(digits.scale));
    let mut rounded = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() {
        "-"
    } else {
        ""
    };
    let (before, after) = match kind {
        Kind::Currency(_) => ("$", ""),
        Kind::Percent(_) => ("", "%"),
        _ => ("", ""),
    };
    format!(
        "{sign}{before}{}{after}",
        grouped(&rounded.abs().to_string())
    )
}

/// Digits with a comma before each group of three.
fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::with_capacity(digits.len() + whole.len() / 3);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push_str(rest);
    grouped
}

fn date(date: Date) -> String {
    format!("{}/{}/{}", date.month(), date.day(), date.year())
}

fn time(time: Time) -> String {
    let (hour, half) = match time.hour() {
        0 => (12, "AM"),
        hour @ 1..12 => (hour, "AM"),
        12 => (12, "PM"),
        hour => (hour - 12, "PM"),
    };
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "{hour}:{:02} {half}", time.minute());
    text
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::Digits;

    use super::*;

    fn digits(scale: u8) -> Digits {
        Digits {
            precision: 18,
            scale,
        }
    }

    fn shown(value: ValueRef<'_>, kind: &Kind) -> String {
        let zone = TimeZone::get("America/New_York").unwrap();
        formatted(value, kind, &zone).unwrap()
    }

    #[test]
    fn numbers_have_their_fields_decimals_and_commas() {
        let number = |text: &str| ValueRef::Decimal(text.parse().unwrap());
        for (value, kind, expected) in [
            (
                number("1234567.5"),
                Kind::Currency(digits(2)),
                "$1,234,567.50",
            ),
            (number("-0.005"), Kind::Currency(digits(2)), "-$0.01"),
            (number("-0.001"), Kind::Currency(digits(2)), "$0.00"),
            (number("12.5"), Kind::Percent(digits(1)), "12.5%"),
            (number("999"), Kind::Double(digits(0)), "999"),
            (number("1000.126"), Kind::Double(digits(2)), "1,000.13"),
            (
                ValueRef::Integer(-12_345),
                Kind::Integer { digits: 8 },
                "-12,345",
            ),
        ] {
            assert_eq!(shown(value, &kind), expected);
        }
    }

    #[test]
    fn instants_are_on_the_callers_clock() {
        let at = |text: &str| ValueRef::DateTime(text.parse().unwrap());
        for (instant, expected) in [
            ("2026-07-01T16:05:00Z", "7/1/2026, 12:05 PM"),
            ("2026-01-01T04:59:00Z", "12/31/2025, 11:59 PM"),
            ("2026-01-01T05:00:00Z", "1/1/2026, 12:00 AM"),
        ] {
            assert_eq!(shown(at(instant), &Kind::DateTime), expected);
        }
        let day = ValueRef::Date(jiff::civil::date(2026, 1, 31));
        assert_eq!(shown(day, &Kind::Date), "1/31/2026");
    }

    #[test]
    fn nothing_stays_nothing() {
        assert_eq!(formatted(ValueRef::Null, &Kind::Date, &TimeZone::UTC), None);
    }
}
