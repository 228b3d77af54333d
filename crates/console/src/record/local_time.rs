//! What the customer's clock shows, by what that is known, and a word where it is night for them. Script keeps
//! both going.

use headwater_messaging::{KnownBy, LocalTime, NIGHT_HOURS, Night};
use jiff::Timestamp;
use maud::{Markup, html};

use super::Record;
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::visitor::Visitor;

/// What is known of the customer's clock at a moment.
pub(super) struct Clock {
    time: LocalTime,
    now: Timestamp,
}

impl Clock {
    /// That of a session's customer; none where nothing is known that the visitor sees.
    pub(super) async fn of(
        console: &Console,
        visitor: &Visitor,
        record: &Record,
    ) -> Result<Option<Self>, Fault> {
        let known = console.messaging.local_time(&visitor.caller, record.id);
        let now = console.org.now();
        Ok(known.await?.map(|time| Self { time, now }))
    }

    /// Beside who the customer is.
    pub(super) fn in_card(&self) -> Markup {
        let Self { time, now } = self;
        let why = why(time, *now);
        html! {
            p .local-time title=(why) {
                (icons::CLOCK)
                span {
                    (clock(time, *now)) " for them " span .soft { "(" (place(time)) ")" }
                    (night(time, *now, (" · night there", " · perhaps night there"), &html! {}))
                    span .unseen { " " (why) "." }
                }
            }
        }
    }

    /// Where an agent writes, only while it is night.
    pub(super) fn at_composer(&self) -> Markup {
        let Self { time, now } = self;
        let words = ("It is night for them", "It may be night for them");
        let which = html! { ": " (clock(time, *now)) " (" (place(time)) ")" };
        html! {
            div #night-hint .night-hint title=(why(time, *now)) { (night(time, *now, words, &which)) }
        }
    }
}

fn clock(time: &LocalTime, now: Timestamp) -> Markup {
    let (earliest, latest) = zones(time);
    let at = |zone: &jiff::tz::TimeZone| now.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    let (first, last) = (at(&time.earliest), at(&time.latest));
    html! {
        time datetime=(now) data-clock data-earliest=[earliest] data-latest=[latest] {
            (first) @if last != first { "–" (last) }
        }
    }
}

/// What is said while it is night, surely or perhaps; hidden while it is not.
fn night(
    time: &LocalTime,
    now: Timestamp,
    (surely, perhaps): (&str, &str),
    more: &Markup,
) -> Markup {
    let night = time.night(now);
    let (earliest, latest) = zones(time);
    let hours = format!("{} {}", NIGHT_HOURS.0, NIGHT_HOURS.1);
    html! {
        span .night data-night=(hours) data-earliest=[earliest] data-latest=[latest] hidden[night == Night::No] {
            span data-surely=(surely) data-perhaps=(perhaps) {
                @match night { Night::Yes => (surely), Night::Perhaps | Night::No => (perhaps) }
            }
            (more)
        }
    }
}

fn zones(time: &LocalTime) -> (Option<&str>, Option<&str>) {
    (time.earliest.iana_name(), time.latest.iana_name())
}

fn place(time: &LocalTime) -> &str {
    match &time.known_by {
        KnownBy::Browser(place) | KnownBy::Address(place) | KnownBy::Number(place) => place,
    }
}

/// By what it is known.
fn why(time: &LocalTime, now: Timestamp) -> String {
    let has_several = time.earliest.to_offset(now) != time.latest.to_offset(now);
    let several = |place: &str| {
        let said = format!(", and {place} has several times");
        if has_several { said } else { String::new() }
    };
    match &time.known_by {
        KnownBy::Browser(_) => {
            "Their browser told its time zone when this session began".to_owned()
        }
        KnownBy::Address(place) => {
            format!("By the contact's mailing address{}", several(place))
        }
        KnownBy::Number(place) => format!("By the country of their number{}", several(place)),
    }
}
