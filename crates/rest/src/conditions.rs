//! Conditional requests: `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`.
//!
//! A record's version is its `SystemModstamp`. Its entity tag is that instant in microseconds and a
//! fingerprint of the answer: a session's own version stays when its Messaging User is relinked,
//! and a client must not be told that nothing has changed then. A write that carries the tag is
//! held to the version alone. Dates compare by whole seconds, as the headers have no more.

use axum::http::{HeaderMap, StatusCode, header};
use headwater_records::Precondition;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::error::Failure;

/// A record that was read, as conditions see it.
#[derive(Debug)]
pub(crate) struct Representation {
    /// Its entity tag, with the quotes.
    pub(crate) tag: String,
    /// When its own values last changed.
    pub(crate) last_modified: Timestamp,
    /// Whether it shows only values of its own, so that the date tells whether it has changed.
    pub(crate) is_own: bool,
}

/// The entity tag of an answer.
pub(crate) fn tag_of(version: Timestamp, body: &[u8]) -> String {
    format!("\"{}-{:x}\"", version.as_microsecond(), fingerprint(body))
}

/// The entity tag of a version whose answer nobody has made yet: good for a write.
pub(crate) fn tag_of_version(version: Timestamp) -> String {
    format!("\"{}\"", version.as_microsecond())
}

/// A number that differs when the bytes do, near enough: it stands beside the version, and nobody
/// gains by making two answers of one record alike. Eight bytes at a time, as every read makes one.
fn fingerprint(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = ODD ^ bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(ODD);
        hash ^= hash >> 29;
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    hash = (hash ^ u64::from_le_bytes(last)).wrapping_mul(ODD);
    hash ^ (hash >> 32)
}

/// An instant as HTTP writes it. By hand, as every read of a record writes one.
pub(crate) fn http_date(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let civil = Offset::UTC.to_datetime(at);
    let place = |number: i8| usize::from(number.unsigned_abs());
    let year = civil.year().unsigned_abs();
    let mut text = String::with_capacity(29);
    text.push_str(DAYS[place(civil.weekday().to_monday_zero_offset())]);
    text.push_str(", ");
    push_two(&mut text, civil.day().unsigned_abs().into());
    text.push(' ');
    text.push_str(MONTHS[place(civil.month() - 1)]);
    text.push(' ');
    push_two(&mut text, year / 100);
    push_two(&mut text, year % 100);
    for (before, part) in [
        (' ', civil.hour()),
        (':', civil.minute()),
        (':', civil.second()),
    ] {
        text.push(before);
        push_two(&mut text, part.unsigned_abs().into());
    }
    text.push_str(" GMT");
    text
}

/// The last two digits of a number.
fn push_two(text: &mut String, number: u16) {
    for digit in [number / 10 % 10, number % 10] {
        text.push(char::from(b'0' + u8::try_from(digit).unwrap_or_default()));
    }
}

/// Whether `If-None-Match` names this tag: the client has it already.
pub(crate) fn is_none_match(headers: &HeaderMap, tag: &str) -> bool {
    names_tag(headers, &header::IF_NONE_MATCH, tag)
}

/// Whether something that last changed then is newer than `If-Modified-Since` says. Without the
/// header, or with one that is no date, everything is.
pub(crate) fn modified_since(headers: &HeaderMap, last_modified: Timestamp) -> bool {
    match date(headers, header::IF_MODIFIED_SINCE) {
        Some(Ok(since)) => last_modified.as_second() > since.as_second(),
        Some(Err(())) | None => true,
    }
}

/// What a read answers when its conditions do not hold: 304, or 412.
pub(crate) fn check_read(headers: &HeaderMap, read: &Representation) -> Result<(), Failure> {
    if headers.contains_key(header::IF_MATCH) {
        if !names_tag(headers, &header::IF_MATCH, &read.tag) {
            return Err(Failure::empty(StatusCode::PRECONDITION_FAILED));
        }
    } else if let Some(Ok(since)) = date(headers, header::IF_UNMODIFIED_SINCE)
        && read.last_modified.as_second() > since.as_second()
    {
        return Err(Failure::empty(StatusCode::PRECONDITION_FAILED));
    }
    let is_known = if headers.contains_key(header::IF_NONE_MATCH) {
        is_none_match(headers, &read.tag)
    } else {
        read.is_own && !modified_since(headers, read.last_modified)
    };
    if is_known {
        return Err(Failure::empty(StatusCode::NOT_MODIFIED));
    }
    Ok(())
}

/// What an update answers when the conditions for not writing hold.
pub(crate) fn check_write(
    headers: &HeaderMap,
    version: Timestamp,
    last_modified: Timestamp,
) -> Result<(), Failure> {
    let version = version.as_microsecond().to_string();
    let is_it = |tag: &str| tag == "*" || version_part(tag) == version;
    if tags(headers, &header::IF_NONE_MATCH).any(is_it) {
        return Err(Failure::empty(StatusCode::PRECONDITION_FAILED));
    }
    if !modified_since(headers, last_modified) {
        return Err(Failure::empty(StatusCode::NOT_MODIFIED));
    }
    Ok(())
}

/// What an update's headers demand.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WriteConditions {
    /// What must be checked while writing.
    pub(crate) precondition: Precondition,
    /// What must be checked by reading first: conditions that only say when not to write.
    pub(crate) needs_read: bool,
}

/// Reads an update's headers.
///
/// # Errors
/// 400 when one is malformed.
pub(crate) fn write_conditions(headers: &HeaderMap) -> Result<WriteConditions, Failure> {
    let mut conditions = WriteConditions::default();
    if let Some(value) = headers.get(header::IF_MATCH) {
        match value.to_str().unwrap_or_default().trim() {
            "*" => {}
            tags => conditions.precondition.match_version = Some(version_of(tags)?),
        }
    }
    if let Some(date) = date(headers, header::IF_UNMODIFIED_SINCE) {
        conditions.precondition.unmodified_since = Some(date.map_err(|()| malformed())?);
    }
    if let Some(date) = date(headers, header::IF_MODIFIED_SINCE) {
        date.map_err(|()| malformed())?;
        conditions.needs_read = true;
    }
    conditions.needs_read |= headers.contains_key(header::IF_NONE_MATCH);
    Ok(conditions)
}

/// The one version an `If-Match` names. Of several, only the first is looked at: a record has one.
fn version_of(tags: &str) -> Result<Timestamp, Failure> {
    let tag = tags.split(',').next().unwrap_or_default().trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let is_quoted = tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"');
    if !is_quoted {
        return Err(malformed());
    }
    // A tag that is none of ours names no version a record can have.
    let microseconds = version_part(tag).parse().unwrap_or(0);
    Ok(Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn names_tag(headers: &HeaderMap, name: &header::HeaderName, tag: &str) -> bool {
    tags(headers, name).any(|candidate| candidate == "*" || opaque(candidate) == opaque(tag))
}

fn tags<'h>(
    headers: &'h HeaderMap,
    name: &header::HeaderName,
) -> impl Iterator<Item = &'h str> + use<'h> {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// The version in a tag.
fn version_part(tag: &str) -> &str {
    let tag = opaque(tag);
    tag.split_once('-').map_or(tag, |(version, _)| version)
}

/// A tag without its quotes, its weakness, and the `-gzip` that compression may have put on it.
fn opaque(tag: &str) -> &str {
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    tag.strip_suffix("-gzip").unwrap_or(tag)
}

fn date(headers: &HeaderMap, name: header::HeaderName) -> Option<Result<Timestamp, ()>> {
    let text = headers.get(name)?.to_str().unwrap_or_default();
    Some(parse_http_date(text).ok_or(()))
}

/// The one form of date that HTTP writes, and ISO 8601, which some clients send.
fn parse_http_date(text: &str) -> Option<Timestamp> {
    let parsed = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", text);
    match parsed {
        Ok(civil) => Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp()),
        Err(_) => text.parse().ok(),
    }
}

fn malformed() -> Failure {
    Failure::bad_request("INVALID_HEADER", "A condition of the request is malformed")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-01-31T12:34:56.789Z";

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    fn at() -> Timestamp {
        AT.parse().unwrap()
    }

    #[test]
    fn dates_are_written_and_read_as_http_does() {
        let text = http_date(at());
        assert_eq!(text, "Sat, 31 Jan 2026 12:34:56 GMT");
        assert_eq!(
            parse_http_date(&text).unwrap().as_second(),
            at().as_second()
        );
    }

    proptest::proptest! {
        #[test]
        fn every_date_is_written_as_the_library_would(second in -60_000_000_000i64..250_000_000_000) {
            let at = Timestamp::from_second(second).unwrap();
            let expected = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            proptest::prop_assert_eq!(http_date(at), expected);
        }
    }

    fn representation(is_own: bool) -> Representation {
        Representation {
            tag: tag_of(at(), b"{}"),
            last_modified: at(),
            is_own,
        }
    }

    #[test]
    fn a_read_is_answered_304_when_the_client_has_the_version() {
        let tag = tag_of(at(), b"{}");
        for (name, value) in [
            (header::IF_NONE_MATCH, tag.clone()),
            (header::IF_NONE_MATCH, format!("\"x\", W/{tag}")),
            (header::IF_MODIFIED_SINCE, http_date(at())),
        ] {
            let failure = check_read(&headers(name, &value), &representation(true)).unwrap_err();
            assert_eq!(failure.status, StatusCode::NOT_MODIFIED);
        }
    }

    #[test]
    fn what_shows_values_of_others_is_not_known_by_its_date() {
        let since = headers(header::IF_MODIFIED_SINCE, &http_date(at()));
        assert!(check_read(&since, &representation(false)).is_ok());
        let other = headers(header::IF_NONE_MATCH, &tag_of(at(), b"[]"));
        assert!(check_read(&other, &representation(false)).is_ok());
    }

    #[test]
    fn a_read_is_answered_412_when_another_version_was_meant() {
        let other = headers(header::IF_MATCH, "\"1\"");
        let failure = check_read(&other, &representation(true)).unwrap_err();
        assert_eq!(failure.status, StatusCode::PRECONDITION_FAILED);
        let same = headers(header::IF_MATCH, &tag_of(at(), b"{}"));
        assert!(check_read(&same, &representation(true)).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn one_changed_byte_changes_the_fingerprint(
            mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 1..60),
            place in proptest::arbitrary::any::<proptest::sample::Index>(),
        ) {
            let before = fingerprint(&bytes);
            let place = place.index(bytes.len());
            bytes[place] ^= 1;
            proptest::prop_assert_ne!(fingerprint(&bytes), before);
        }
    }

    #[test]
    fn a_write_carries_the_version_it_saw() {
        for tag in [tag_of(at(), b"{}"), tag_of_version(at())] {
            let conditions = write_conditions(&headers(header::IF_MATCH, &tag)).unwrap();
            assert_eq!(conditions.precondition.match_version, Some(at()));
            assert!(!conditions.needs_read);
        }
        assert!(write_conditions(&headers(header::IF_MATCH, "nonsense")).is_err());
        assert!(write_conditions(&headers(header::IF_UNMODIFIED_SINCE, "soon")).is_err());
    }
}
