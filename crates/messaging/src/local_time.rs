//! What time it is where a customer is, as far as that can be known, and by what it is known.
//!
//! What is asked, in the order of how far it can be trusted: the time zone that the customer's browser has
//! told for this session; the mailing address of the contact; the country of their number. A country or a
//! state that has several times gives the earliest and the latest of them. Nothing is guessed: which of
//! them it is, is left to whoever reads it.

mod places;

use headwater_catalogue::Id;
use headwater_records::{Caller, Cells, literal};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::linking::phone::{has_numbers, number_of_address};
use crate::messaging::Messaging;

/// The parameter by which a customer's side hands over its time zone, on every channel: a routing attribute
/// like those that a channel has of its own.
pub const TIME_ZONE_PARAMETER: &str = "EndUserTimeZone";

/// The field of the session that it goes into.
pub(crate) const TIME_ZONE_FIELD: &str = "EndUserTimeZone";

/// The hours of the night: from the first of them until before the other, on the customer's clock.
pub const NIGHT_HOURS: (i8, i8) = (22, 7);

/// What a customer's clock shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTime {
    /// A zone of the earliest time that it may be for them.
    pub earliest: TimeZone,
    /// One of the latest. The same zone where the time is known.
    pub latest: TimeZone,
    /// By what it is known.
    pub known_by: KnownBy,
}

/// By what the time of a customer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownBy {
    /// Their browser has told its time zone when the session began: the zone's name.
    Browser(String),
    /// The contact's mailing address is in this country or state.
    Address(String),
    /// Their number is of this country.
    Number(String),
}

/// Whether it is night for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Night {
    /// It is not.
    No,
    /// It is in some places where they may be.
    Perhaps,
    /// It is.
    Yes,
}

impl LocalTime {
    /// Whether it is night for them, at the earliest time, the latest, and each hour between.
    pub fn night(&self, now: Timestamp) -> Night {
        let (first, end) = NIGHT_HOURS;
        let is_night = |at: DateTime| at.hour() >= first || at.hour() < end;
        let (mut at, latest) = (self.earliest.to_datetime(now), self.latest.to_datetime(now));
        let (mut any, mut all) = (is_night(latest), is_night(latest));
        while at < latest {
            any |= is_night(at);
            all &= is_night(at);
            at = at.saturating_add(SignedDuration::from_hours(1));
        }
        match (any, all) {
            (true, true) => Night::Yes,
            (true, false) => Night::Perhaps,
            (false, _) => Night::No,
        }
    }

    /// The earliest and the latest time of some zones; none without a zone.
    fn of(zones: &[TimeZone], now: Timestamp, known_by: KnownBy) -> Option<Self> {
        let offset = |zone: &&TimeZone| zone.to_offset(now);
        let earliest = zones.iter().min_by_key(offset)?.clone();
        let latest = zones.iter().max_by_key(offset)?;
        let is_known = latest.to_offset(now) == earliest.to_offset(now);
        let latest = if is_known { &earliest } else { latest }.clone();
        Some(Self {
            earliest,
            latest,
            known_by,
        })
    }
}

/// Whether this is the name of a time zone that is known here.
pub fn is_time_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

impl Messaging {
    /// What time it is for the customer of a session; none where nothing is known that the caller sees.
    ///
    /// # Errors
    /// The database's.
    pub async fn local_time(
        &self,
        caller: &Caller,
        session: Id,
    ) -> Result<Option<LocalTime>, Error> {
        let sources = [
            (SESSION, "", &[TIME_ZONE_FIELD][..]),
            (
                "Contact",
                "EndUserContact.",
                &["MailingCountry", "MailingState"],
            ),
            (
                "MessagingEndUser",
                "MessagingEndUser.",
                &["MessageType", "MessagingPlatformKey"],
            ),
        ];
        let seen = sources
            .into_iter()
            .filter(|(object, _, fields)| sees(caller, object, fields));
        let paths: Vec<_> = seen
            .flat_map(|(_, path, fields)| fields.iter().map(move |field| format!("{path}{field}")))
            .collect();
        if paths.is_empty() {
            return Ok(None);
        }
        let soql = format!(
            "SELECT {} FROM {SESSION} WHERE Id = {}",
            paths.join(", "),
            literal(session.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let now = self.org().now();
        Ok(table.first().and_then(|row| time_of(row, now)))
    }
}

/// Whether a caller sees all of these fields.
fn sees(caller: &Caller, object: &str, fields: &[&str]) -> bool {
    let rights = &caller.rights;
    rights.catalogue.object(object).is_some_and(|object| {
        let rights = rights.on(object);
        let mut places = fields.iter().map(|name| object.position(name));
        rights.read && places.all(|place| place.is_some_and(|place| rights.reads(place)))
    })
}

/// The time by what a session says that was read; what was not is empty.
fn time_of(session: Cells<'_>, now: Timestamp) -> Option<LocalTime> {
    let zone = session.text(TIME_ZONE_FIELD);
    if let Ok(known) = TimeZone::get(zone) {
        return LocalTime::of(&[known], now, KnownBy::Browser(zone.to_owned()));
    }
    let country = session.text("EndUserContact.MailingCountry");
    let state = session.text("EndUserContact.MailingState");
    if let Some((place, zones)) = places::of_address(country, state) {
        return LocalTime::of(&zones, now, KnownBy::Address(place));
    }
    if !has_numbers(session.text("MessagingEndUser.MessageType")) {
        return None;
    }
    let number = number_of_address(session.text("MessagingEndUser.MessagingPlatformKey"), None)?;
    let (country, zones) = places::of_number(&number)?;
    LocalTime::of(&zones, now, KnownBy::Number(country))
}

const SESSION: &str = "MessagingSession";

#[cfg(test)]
mod tests {
    use super::*;

    fn local(zones: &[&str], now: &str) -> (LocalTime, Timestamp) {
        let now: Timestamp = now.parse().unwrap();
        let zones: Vec<_> = zones
            .iter()
            .map(|name| TimeZone::get(name).unwrap())
            .collect();
        let known_by = KnownBy::Number(String::new());
        (LocalTime::of(&zones, now, known_by).unwrap(), now)
    }

    fn hours(zones: &[&str], now: &str) -> (i8, i8) {
        let (time, now) = local(zones, now);
        let hour = |zone: &TimeZone| zone.to_datetime(now).hour();
        (hour(&time.earliest), hour(&time.latest))
    }

    #[test]
    fn the_clock_is_that_of_the_season() {
        assert_eq!(hours(&["Europe/Berlin"], "2026-03-29T00:59:00Z"), (1, 1));
        assert_eq!(hours(&["Europe/Berlin"], "2026-03-29T01:00:00Z"), (3, 3));
        assert_eq!(hours(&["Europe/Berlin"], "2026-10-25T01:00:00Z"), (2, 2));
        // Two zones with one time in winter and two in summer.
        let arizona = ["America/Phoenix", "America/Denver"];
        assert_eq!(hours(&arizona, "2026-01-15T19:00:00Z"), (12, 12));
        assert_eq!(hours(&arizona, "2026-07-15T19:00:00Z"), (12, 13));
    }

    #[test]
    fn night_is_from_ten_to_seven_on_the_customer_s_clock() {
        let night = |zones: &[&str], now: &str| {
            let (time, now) = local(zones, now);
            time.night(now)
        };
        let berlin = ["Europe/Berlin"];
        assert_eq!(night(&berlin, "2026-01-15T20:59:00Z"), Night::No);
        assert_eq!(night(&berlin, "2026-01-15T21:00:00Z"), Night::Yes);
        assert_eq!(night(&berlin, "2026-01-15T05:59:00Z"), Night::Yes);
        assert_eq!(night(&berlin, "2026-01-15T06:00:00Z"), Night::No);
        let spain = ["Europe/Madrid", "Atlantic/Canary"];
        assert_eq!(night(&spain, "2026-01-15T06:30:00Z"), Night::Perhaps);
        assert_eq!(night(&spain, "2026-01-15T03:30:00Z"), Night::Yes);
        assert_eq!(night(&spain, "2026-01-15T12:00:00Z"), Night::No);
        // Evening in the west, morning in the east.
        let russia = ["Europe/Kaliningrad", "Asia/Kamchatka"];
        assert_eq!(night(&russia, "2026-01-15T19:30:00Z"), Night::Perhaps);
    }
}
