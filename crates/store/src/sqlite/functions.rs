//! What SQLite does not bring along: comparing and matching text as SOQL does, parts of dates.
//! Each connection has these registered before it is used.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::sync::Arc;

use headwater_catalogue::{Id, KeyPrefix};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::FromSqlError;

use super::aggregates;
use crate::dialect::{DATE_PART, DAY, DISTANCE, ID, OFFSET, TEXT_COLLATION, fold};
use crate::rows::days;

/// Registers all of them.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_collation(TEXT_COLLATION, compare)?;
    connection.create_scalar_function("like", 2, pure, like)?;
    connection.create_scalar_function("like", 3, pure, like)?;
    connection.create_scalar_function(DATE_PART, 3, pure, date_part)?;
    connection.create_scalar_function(ID, 2, pure, id)?;
    connection.create_scalar_function(DAY, 2, pure, |call| {
        let (at, offset): (Option<i64>, Option<i32>) = (call.get(0)?, call.get(1)?);
        let local = at.zip(offset).and_then(|(at, offset)| local(at, offset));
        Ok(local.map(|local| days(local.date())))
    })?;
    connection.create_scalar_function(OFFSET, 2, pure, offset)?;
    connection.create_scalar_function(DISTANCE, 7, pure, distance)?;
    aggregates::register(connection)
}

/// Compares texts without case: by the lower-case forms of their characters. Part of the format of
/// every index on text, so a change here needs all of them made anew.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (left, right) = (a.as_bytes(), b.as_bytes());
    for place in 0..left.len().min(right.len()) {
        let (x, y) = (left[place], right[place]);
        if !(x.is_ascii() && y.is_ascii()) {
            // All before is ASCII, so this is a boundary between characters in both.
            return a[place..]
                .chars()
                .flat_map(fold)
                .cmp(b[place..].chars().flat_map(fold));
        }
        match x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase()) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    left.len().cmp(&right.len())
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// This character, folded.
    One(char),
    /// Any one character.
    Any,
    /// Any characters, or none.
    Run,
}

/// A SOQL pattern, taken apart once for all rows.
#[derive(Debug)]
struct Pattern(Vec<Part>);

impl Pattern {
    fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '%' => parts.push(Part::Run),
                '_' => parts.push(Part::Any),
                '\\' => parts.extend(fold(characters.next().unwrap_or('\\')).map(Part::One)),
                other => parts.extend(fold(other).map(Part::One)),
            }
        }
        Self(parts)
    }

    /// Whether a text matches. Goes back to the last run only, so the time is at most the product
    /// of the two lengths, whatever the pattern.
    fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars().flat_map(fold).peekable();
        let mut place = 0;
        let mut last_run: Option<(usize, Peekable<_>)> = None;
        loop {
            match self.0.get(place) {
                Some(Part::Run) => {
                    place += 1;
                    last_run = Some((place, rest.clone()));
                    continue;
                }
                Some(Part::Any) if rest.next().is_some() => {
                    place += 1;
                    continue;
                }
                Some(Part::One(wanted)) if rest.peek() == Some(wanted) => {
                    rest.next();
                    place += 1;
                    continue;
                }
                None if rest.peek().is_none() => return true,
                Some(_) | None => {}
            }
            // Let the last run take one more character and try again from there.
            let Some((after, from)) = &mut last_run else {
                return false;
            };
            if from.next().is_none() {
                return false;
            }
            place = *after;
            rest = from.clone();
        }
    }
}

/// `text LIKE pattern` calls `like(pattern, text)`, with the escape character as third argument,
/// which SOQL fixes to the backslash.
fn like(call: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let pattern: Arc<Pattern> = call.get_or_create_aux(0, |value| {
        Ok::<_, rusqlite::types::FromSqlError>(Pattern::parse(value.as_str()?))
    })?;
    Ok(match call.get_raw(1) {
        rusqlite::types::ValueRef::Text(_) => Some(pattern.matches(call.get_raw(1).as_str()?)),
        _ => None,
    })
}

/// `headwater_date_part(part, instant in microseconds, offset in seconds)`.
fn date_part(call: &Context<'_>) -> rusqlite::Result<Option<i64>> {
    let (at, offset): (Option<i64>, Option<i32>) = (call.get(1)?, call.get(2)?);
    let Some(local) = at.zip(offset).and_then(|(at, offset)| local(at, offset)) else {
        return Ok(None);
    };
    Ok(part(call.get_raw(0).as_str()?, local))
}

/// `headwater_id(prefix, number)`: the id of the record that an index of words knows by a number.
fn id(call: &Context<'_>) -> rusqlite::Result<Option<String>> {
    let prefix = call.get_raw(0).as_str()?;
    let number: i64 = call.get(1)?;
    let is_prefix = prefix.len() == 3 && prefix.bytes().all(|b| b.is_ascii_alphanumeric());
    let id = |number| Id::new(KeyPrefix::new(prefix), number).to_string();
    Ok(u64::try_from(number).ok().filter(|_| is_prefix).map(id))
}

/// `headwater_offset(zone, instant in microseconds)`, in seconds.
fn offset(call: &Context<'_>) -> rusqlite::Result<Option<i32>> {
    let zone: Arc<TimeZone> = call.get_or_create_aux(0, |value| {
        let name = value.as_str()?;
        TimeZone::get(name).map_err(FromSqlError::other)
    })?;
    let at: Option<i64> = call.get(1)?;
    let at = at.and_then(|at| Timestamp::from_microsecond(at).ok());
    Ok(at.map(|at| zone.to_offset(at).seconds()))
}

/// `headwater_distance(latitude, divisor, longitude, divisor, latitude, longitude, radius)`: the
/// haversine formula, as on PostgreSQL.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "degrees and millionths of a unit are well within a double's digits"
)]
fn distance(call: &Context<'_>) -> rusqlite::Result<Option<i64>> {
    let mut numbers = [0.0; 7];
    for (place, number) in numbers.iter_mut().enumerate() {
        match call.get::<Option<i64>>(place)? {
            Some(n) => *number = n as f64,
            None => return Ok(None),
        }
    }
    let [latitude, divisor, longitude, other, from, from_east, radius] = numbers;
    let here = (latitude / divisor).to_radians();
    let there = (from / DEGREES).to_radians();
    let north = ((here - there) / 2.0).sin();
    let east =
        (((longitude / other).to_radians() - (from_east / DEGREES).to_radians()) / 2.0).sin();
    let square = north * north + there.cos() * here.cos() * (east * east);
    let distance = 2.0 * radius * square.min(1.0).sqrt().asin();
    Ok(Some(distance.round_ties_even() as i64))
}

/// What the degrees of the place to measure from are times.
const DEGREES: f64 = 1e15;

fn local(microseconds: i64, offset_seconds: i32) -> Option<DateTime> {
    let at = Timestamp::from_microsecond(microseconds).ok()?;
    Some(Offset::from_seconds(offset_seconds).ok()?.to_datetime(at))
}

fn part(name: &str, at: DateTime) -> Option<i64> {
    let quarter = (at.month() - 1) / 3 + 1;
    Some(match name {
        "year" => i64::from(at.year()),
        "quarter" => i64::from(quarter),
        "month" => i64::from(at.month()),
        "day" => i64::from(at.day()),
        // Sunday is the first day, as in Salesforce.
        "weekday" => i64::from(at.weekday().to_sunday_one_offset()),
        "yearday" => i64::from(at.day_of_year()),
        "monthweek" => i64::from((at.day() - 1) / 7 + 1),
        "yearweek" => i64::from((at.day_of_year() - 1) / 7 + 1),
        "hour" => i64::from(at.hour()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).matches(text)
    }

    #[test]
    fn patterns_match_without_case_in_every_script() {
        assert!(matches("müller%", "MÜLLER Söhne"));
        assert!(matches("%ИВАН%", "г-н Иванов"));
        assert!(!matches("m_ller", "MLLER"));
    }

    #[test]
    fn a_run_takes_as_much_as_it_must() {
        assert!(matches("a%b%c", "aXbXbXc"));
        assert!(!matches("a%b%c", "aXbXbX"));
        assert!(matches("%", ""));
        assert!(!matches("_", ""));
        assert!(matches("%%x", "x"));
    }

    #[test]
    fn an_escaped_sign_stands_for_itself() {
        assert!(matches(r"100\%", "100%"));
        assert!(!matches(r"100\%", "1000"));
        assert!(matches(r"a\_b", "A_B"));
        assert!(matches(r"c:\\", r"C:\"));
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let text = "a".repeat(2000);
        assert!(!matches(&format!("{}b", "a%".repeat(50)), &text));
    }

    #[test]
    fn dates_survive_their_number() {
        let day = jiff::civil::date(1969, 2, 28);
        assert_eq!(crate::rows::date(days(day)), Some(day));
        assert_eq!(part("weekday", day.at(0, 0, 0, 0)), Some(6));
    }

    proptest::proptest! {
        #[test]
        fn the_order_of_texts_is_total_and_ignores_case(a: String, b: String, c: String) {
            proptest::prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            let folded = |text: &str| text.chars().flat_map(fold).collect::<String>();
            proptest::prop_assert_eq!(compare(&a, &b), folded(&a).chars().cmp(folded(&b).chars()));
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                proptest::prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
