//! Whether anybody is there: business hours as they are set up.

use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, literal};
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::error::Error;
use crate::messaging::Messaging;

/// Days as the fields of business hours begin, from Monday on.
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// The hours of a week.
#[derive(Debug, Clone)]
struct Hours {
    zone: TimeZone,
    /// From when until when, from Monday on; none on a day that is closed.
    days: [Option<(Time, Time)>; 7],
}

impl Hours {
    fn of(row: Cells<'_>) -> Self {
        let time = |day: &str, end: &str| match row.get(&format!("{day}{end}Time")) {
            Value::Time(time) => Some(*time),
            _ => None,
        };
        Self {
            zone: TimeZone::get(row.text("TimeZoneSidKey")).unwrap_or(TimeZone::UTC),
            days: DAYS.map(|day| time(day, "Start").zip(time(day, "End"))),
        }
    }

    /// Whether one is open at that moment. Hours that end before they begin go on past midnight, and
    /// those that end when they begin go round the clock.
    fn are_open(&self, at: Timestamp) -> bool {
        let now: Zoned = at.to_zoned(self.zone.clone());
        let time = now.time();
        let hours =
            |day: Weekday| self.days[usize::from(day.to_monday_zero_offset().unsigned_abs())];
        let today = hours(now.weekday())
            .is_some_and(|(start, end)| start <= time && (time < end || end <= start));
        let since_yesterday =
            hours(now.weekday().previous()).is_some_and(|(start, end)| end < start && time < end);
        today || since_yesterday
    }
}

impl Messaging {
    /// Whether business hours are open now: these, or the org's own. One that sets up none is always
    /// there.
    pub(crate) async fn is_open(&self, hours: Option<Id>) -> Result<bool, Error> {
        let which = match hours {
            Some(id) => format!("Id = {}", literal(id.as_str())),
            None => "IsDefault = true AND IsActive = true".to_owned(),
        };
        let times: Vec<String> = DAYS
            .iter()
            .flat_map(|day| [format!("{day}StartTime"), format!("{day}EndTime")])
            .collect();
        let soql = format!(
            "SELECT Id, TimeZoneSidKey, {} FROM BusinessHours WHERE {which}",
            times.join(", ")
        );
        let table = self.one(&soql).await?;
        let now = self.org().now();
        Ok(table.first().is_none_or(|row| Hours::of(row).are_open(now)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use jiff::tz::TimeZone;

    use super::Hours;

    fn open_at(days: [Option<(i8, i8)>; 7], at: &str) -> bool {
        let hours = Hours {
            zone: TimeZone::get("Europe/Oslo").unwrap(),
            days: days
                .map(|day| day.map(|(start, end)| (time(start, 0, 0, 0), time(end, 0, 0, 0)))),
        };
        hours.are_open(at.parse().unwrap())
    }

    #[test]
    fn the_clock_is_that_of_the_hours_own_place() {
        let mut days = [None; 7];
        days[0] = Some((9, 17));
        // A Monday, an hour behind Oslo in winter.
        assert!(!open_at(days, "2026-11-30T07:59:59Z"));
        assert!(open_at(days, "2026-11-30T08:00:00Z"));
        assert!(open_at(days, "2026-11-30T15:59:59Z"));
        assert!(!open_at(days, "2026-11-30T16:00:00Z"));
        assert!(!open_at(days, "2026-12-01T10:00:00Z"), "closed on Tuesday");
    }

    #[test]
    fn hours_go_on_past_midnight_and_round_the_clock() {
        let mut days = [None; 7];
        days[4] = Some((22, 2));
        assert!(open_at(days, "2026-12-04T22:30:00Z"), "Friday, 23:30");
        assert!(open_at(days, "2026-12-05T00:30:00Z"), "Saturday, 1:30");
        assert!(!open_at(days, "2026-12-05T01:30:00Z"), "Saturday, 2:30");
        assert!(!open_at(days, "2026-12-04T00:30:00Z"), "Friday, 1:30");
        days[5] = Some((0, 0));
        assert!(open_at(days, "2026-12-05T12:00:00Z"));
        assert!(!open_at(days, "2026-12-06T12:00:00Z"), "closed on Sunday");
    }
}
