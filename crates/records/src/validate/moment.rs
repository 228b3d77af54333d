//! Days, instants and times of day in the forms Salesforce takes.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// The first year a date may have.
const YEAR_MIN: i16 = 1700;
/// The last year a date may have.
const YEAR_MAX: i16 = 4000;

/// `2026-01-31`, or the day of an instant in UTC.
pub(super) fn date(text: &str) -> Option<Date> {
    if text.len() == 10 {
        return plain(text, false).then(|| text.parse().ok())?;
    }
    Some(instant(text)?.to_zoned(TimeZone::UTC).date())
}

/// `2026-01-31T12:34:56.000+0000` with `Z`, `+00:00`, `+0000`, `+00` or nothing for UTC, with or
/// without seconds and a fraction; or a day, which begins at midnight. The years of dates hold
/// here too.
pub(super) fn datetime(text: &str) -> Option<Timestamp> {
    let at = instant(text)?;
    let date = at.to_zoned(TimeZone::UTC).date();
    in_range(date).then(|| whole(at))
}

/// `13:30`, `13:30:00`, `13:30:00.000Z`.
pub(super) fn time(text: &str) -> Option<Time> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let shaped = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
    let time: Time = shaped.then(|| text.parse().ok())??;
    let nanosecond = i32::from(time.millisecond()) * 1_000_000;
    Time::new(time.hour(), time.minute(), time.second(), nanosecond).ok()
}

/// Whether a date lies in the years that Salesforce knows.
pub(super) fn in_range(date: Date) -> bool {
    (YEAR_MIN..=YEAR_MAX).contains(&date.year())
}

/// The instant in whole milliseconds: all that answers show, so all that is kept. A value read
/// back and put into a filter then finds its record.
pub(super) fn whole(at: Timestamp) -> Timestamp {
    let milliseconds = at.as_microsecond().div_euclid(1000);
    Timestamp::from_millisecond(milliseconds).unwrap_or(at)
}

fn instant(text: &str) -> Option<Timestamp> {
    if !plain(text, true) {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local: DateTime = if text.len() == 10 {
        text.parse::<Date>().ok()?.at(0, 0, 0, 0)
    } else {
        text.parse().ok()?
    };
    Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Only the characters of the ISO forms, so that no zone name or week date gets through the
/// parser below, which takes more than Salesforce does.
fn plain(text: &str, with_time: bool) -> bool {
    let bytes = text.as_bytes();
    let begins = bytes.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && (bytes[4], bytes[7]) == (b'-', b'-');
    let allowed = |b: u8| b.is_ascii_digit() || b == b'-' || (with_time && b"T:.+Z".contains(&b));
    begins && bytes.iter().copied().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_iso_forms_of_an_instant_are_the_same() {
        let expected: Timestamp = "2026-01-31T12:34:56Z".parse().unwrap();
        for text in [
            "2026-01-31T12:34:56Z",
            "2026-01-31T12:34:56.000Z",
            "2026-01-31T12:34:56.000+0000",
            "2026-01-31T12:34:56+00:00",
            "2026-01-31T13:34:56.0009+01:00",
            "2026-01-31T07:34:56-0500",
            "2026-01-31T12:34:56",
        ] {
            assert_eq!(datetime(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_day_is_an_instant_at_midnight() {
        let expected: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        assert_eq!(datetime("2026-01-31"), Some(expected));
    }

    #[test]
    fn other_texts_are_no_instants() {
        for text in [
            "",
            "yesterday",
            "31.01.2026",
            "2026-13-01T00:00:00Z",
            "2026-01-31T12:34:56[Europe/Berlin]",
            "2026-W05-6",
            "1500-01-01T00:00:00Z",
            "2026-01-31 12:34:56Z",
            "20260131T123456Z",
        ] {
            assert_eq!(datetime(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_of_day_has_milliseconds() {
        assert_eq!(time("13:30"), Some(jiff::civil::time(13, 30, 0, 0)));
        assert_eq!(
            time("13:30:01.2509Z"),
            Some(jiff::civil::time(13, 30, 1, 250_000_000))
        );
        assert_eq!(time("25:00"), None);
    }
}
