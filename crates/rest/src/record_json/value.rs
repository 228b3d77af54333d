//! Values in Salesforce's JSON forms.

use std::io::Write as _;

use headwater_records::ValueRef;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use rust_decimal::Decimal;

use super::write_text;

/// Writes one value.
pub(crate) fn write_value(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Boolean(true) => out.extend_from_slice(b"true"),
        ValueRef::Boolean(false) => out.extend_from_slice(b"false"),
        ValueRef::Integer(n) => {
            // Writing to a Vec cannot fail; so below.
            let _ = write!(out, "{n}");
        }
        ValueRef::Decimal(n) => write_decimal(out, n),
        ValueRef::Text(text) => write_text(out, text),
        ValueRef::Id(id) => {
            out.push(b'"');
            out.extend_from_slice(id.as_bytes());
            out.push(b'"');
        }
        ValueRef::Date(date) => {
            out.push(b'"');
            write_date(out, date);
            out.push(b'"');
        }
        ValueRef::DateTime(at) => {
            out.push(b'"');
            write_instant(out, at);
            out.push(b'"');
        }
        ValueRef::Time(time) => {
            out.push(b'"');
            write_time(out, time);
            out.extend_from_slice(b"Z\"");
        }
    }
}

/// Writes one value, days and instants as milliseconds since 1970.
pub(super) fn write_in_milliseconds(out: &mut Vec<u8>, value: ValueRef<'_>) {
    const DAY_MILLISECONDS: i64 = 86_400_000;
    match value {
        ValueRef::DateTime(at) => {
            let _ = write!(out, "{}", at.as_millisecond());
        }
        ValueRef::Date(date) => {
            let days = date
                .duration_since(jiff::civil::date(1970, 1, 1))
                .as_hours()
                / 24;
            let _ = write!(out, "{}", days * DAY_MILLISECONDS);
        }
        value => write_value(out, value),
    }
}

/// An instant as Salesforce writes it: UTC, three decimals, an offset without a colon.
pub(crate) fn instant_text(at: Timestamp) -> String {
    let mut out = Vec::with_capacity(28);
    write_instant(&mut out, at);
    String::from_utf8(out).unwrap_or_default()
}

fn write_instant(out: &mut Vec<u8>, at: Timestamp) {
    let civil: DateTime = Offset::UTC.to_datetime(at);
    write_date(out, civil.date());
    out.push(b'T');
    write_time(out, civil.time());
    out.extend_from_slice(b"+0000");
}

fn write_date(out: &mut Vec<u8>, date: Date) {
    let year = date.year().unsigned_abs();
    write_two(out, year / 100);
    write_two(out, year % 100);
    out.push(b'-');
    write_two(out, date.month().unsigned_abs().into());
    out.push(b'-');
    write_two(out, date.day().unsigned_abs().into());
}

fn write_time(out: &mut Vec<u8>, time: Time) {
    write_two(out, time.hour().unsigned_abs().into());
    out.push(b':');
    write_two(out, time.minute().unsigned_abs().into());
    out.push(b':');
    write_two(out, time.second().unsigned_abs().into());
    out.push(b'.');
    let milliseconds = time.millisecond().unsigned_abs();
    out.push(digit(milliseconds / 100));
    write_two(out, milliseconds % 100);
}

fn write_two(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&[digit(number / 10 % 10), digit(number % 10)]);
}

fn digit(number: u16) -> u8 {
    b'0' + u8::try_from(number).unwrap_or_default()
}

/// A number that is not whole by kind has at least one decimal, as Salesforce's have: `300.0`.
fn write_decimal(out: &mut Vec<u8>, number: Decimal) {
    let number = number.normalize();
    let point = if number.scale() == 0 { ".0" } else { "" };
    let _ = write!(out, "{number}{point}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: ValueRef<'_>) -> String {
        let mut out = Vec::new();
        write_value(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn instants_are_utc_with_three_decimals_and_an_offset_without_colon() {
        let at = "2026-01-31T13:34:56.0019+01:00".parse().unwrap();
        assert_eq!(
            written(ValueRef::DateTime(at)),
            "\"2026-01-31T12:34:56.001+0000\""
        );
        let early = "1700-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(instant_text(early), "1700-01-01T00:00:00.000+0000");
    }

    #[test]
    fn dates_and_times_have_all_their_digits() {
        assert_eq!(
            written(ValueRef::Date(jiff::civil::date(987, 6, 5))),
            "\"0987-06-05\""
        );
        let time = jiff::civil::time(13, 5, 0, 70_000_000);
        assert_eq!(written(ValueRef::Time(time)), "\"13:05:00.070Z\"");
    }

    #[test]
    fn decimals_keep_their_value_and_one_place() {
        for (text, expected) in [
            ("300.00", "300.0"),
            ("12.50", "12.5"),
            ("-0.001", "-0.001"),
            ("0", "0.0"),
            ("123456789012345.678", "123456789012345.678"),
        ] {
            assert_eq!(written(ValueRef::Decimal(text.parse().unwrap())), expected);
        }
    }

    #[test]
    fn ids_whole_numbers_checkboxes_and_nothing() {
        assert_eq!(
            written(ValueRef::Id("0015000000Gv7qJAAR")),
            "\"0015000000Gv7qJAAR\""
        );
        assert_eq!(written(ValueRef::Integer(-7)), "-7");
        assert_eq!(written(ValueRef::Boolean(true)), "true");
        assert_eq!(written(ValueRef::Null), "null");
    }
}
