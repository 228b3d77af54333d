//! Date literals as stretches of days.

use std::ops::Range;

use jiff::Span;
use jiff::civil::{Date, Weekday};

use crate::ast::{DateLiteral, DateUnit};

/// Beyond these a literal's count makes no difference: no value lies there.
const FIRST_DAY: Date = Date::constant(1000, 1, 1);
const LAST_DAY: Date = Date::constant(9000, 1, 1);

/// The days a literal stands for, the last one excluded.
///
/// The organisation's fiscal year is the calendar's.
pub(super) fn range_of(literal: DateLiteral, today: Date, first_weekday: Weekday) -> Range<Date> {
    let start = |unit| start_of(unit, today, first_weekday);
    let span =
        |unit, from: i64, to: i64| moved(start(unit), unit, from)..moved(start(unit), unit, to);
    match literal {
        DateLiteral::Last(unit) => span(unit, -1, 0),
        DateLiteral::This(unit) => span(unit, 0, 1),
        DateLiteral::Next(unit) => span(unit, 1, 2),
        // Days are the only unit whose current one belongs to the last ones.
        DateLiteral::LastN(DateUnit::Day, n) => span(DateUnit::Day, -i64::from(n), 1),
        DateLiteral::LastN(unit, n) => span(unit, -i64::from(n), 0),
        DateLiteral::NextN(unit, n) => span(unit, 1, i64::from(n) + 1),
        DateLiteral::Ago(unit, n) => span(unit, -i64::from(n), 1 - i64::from(n)),
    }
}

fn start_of(unit: DateUnit, day: Date, first_weekday: Weekday) -> Date {
    let first_of_month = |month: i8| Date::new(day.year(), month, 1).unwrap_or(day);
    match unit {
        DateUnit::Day => day,
        DateUnit::Week => {
            let passed = day.weekday().since(first_weekday);
            moved(day, DateUnit::Day, -i64::from(passed))
        }
        DateUnit::Month => day.first_of_month(),
        DateUnit::Quarter | DateUnit::FiscalQuarter => {
            first_of_month((day.month() - 1) / 3 * 3 + 1)
        }
        DateUnit::Year | DateUnit::FiscalYear => day.first_of_year(),
    }
}

/// The day so many units later, kept between the first and the last day that matter.
fn moved(day: Date, unit: DateUnit, count: i64) -> Date {
    let span = match unit {
        DateUnit::Day => Span::new().try_days(count),
        DateUnit::Week => Span::new().try_weeks(count),
        DateUnit::Month => Span::new().try_months(count),
        DateUnit::Quarter | DateUnit::FiscalQuarter => Span::new().try_months(3 * count),
        DateUnit::Year | DateUnit::FiscalYear => Span::new().try_years(count),
    };
    let furthest = if count < 0 { FIRST_DAY } else { LAST_DAY };
    span.and_then(|span| day.checked_add(span))
        .map_or(furthest, |moved| moved.clamp(FIRST_DAY, LAST_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days of a literal on Wednesday, 2026-02-11.
    fn days(literal: DateLiteral) -> String {
        let today = Date::constant(2026, 2, 11);
        let range = range_of(literal, today, Weekday::Sunday);
        format!("{} to {}", range.start, range.end)
    }

    #[test]
    fn single_units_lie_around_today() {
        use DateLiteral::{Last, Next, This};
        for (literal, expected) in [
            (Last(DateUnit::Day), "2026-02-10 to 2026-02-11"),
            (This(DateUnit::Day), "2026-02-11 to 2026-02-12"),
            (Next(DateUnit::Day), "2026-02-12 to 2026-02-13"),
            (Last(DateUnit::Week), "2026-02-01 to 2026-02-08"),
            (This(DateUnit::Week), "2026-02-08 to 2026-02-15"),
            (Last(DateUnit::Month), "2026-01-01 to 2026-02-01"),
            (Next(DateUnit::Month), "2026-03-01 to 2026-04-01"),
            (Last(DateUnit::Quarter), "2025-10-01 to 2026-01-01"),
            (This(DateUnit::FiscalQuarter), "2026-01-01 to 2026-04-01"),
            (This(DateUnit::Year), "2026-01-01 to 2027-01-01"),
            (Last(DateUnit::FiscalYear), "2025-01-01 to 2026-01-01"),
        ] {
            assert_eq!(days(literal), expected, "{literal}");
        }
    }

    #[test]
    fn the_last_days_have_today_in_them_and_other_units_leave_the_current_one_out() {
        use DateLiteral::{LastN, NextN};
        for (literal, expected) in [
            (LastN(DateUnit::Day, 7), "2026-02-04 to 2026-02-12"),
            (NextN(DateUnit::Day, 7), "2026-02-12 to 2026-02-19"),
            (LastN(DateUnit::Week, 2), "2026-01-25 to 2026-02-08"),
            (NextN(DateUnit::Week, 1), "2026-02-15 to 2026-02-22"),
            (LastN(DateUnit::Month, 2), "2025-12-01 to 2026-02-01"),
            (NextN(DateUnit::Quarter, 2), "2026-04-01 to 2026-10-01"),
            (LastN(DateUnit::Year, 3), "2023-01-01 to 2026-01-01"),
        ] {
            assert_eq!(days(literal), expected, "{literal}");
        }
    }

    #[test]
    fn units_ago_are_single_units() {
        use DateLiteral::Ago;
        for (literal, expected) in [
            (Ago(DateUnit::Day, 3), "2026-02-08 to 2026-02-09"),
            (Ago(DateUnit::Week, 1), "2026-02-01 to 2026-02-08"),
            (Ago(DateUnit::Month, 12), "2025-02-01 to 2025-03-01"),
            (Ago(DateUnit::FiscalYear, 1), "2025-01-01 to 2026-01-01"),
        ] {
            assert_eq!(days(literal), expected, "{literal}");
        }
    }

    #[test]
    fn counts_beyond_any_calendar_end_at_its_edge() {
        for unit in [
            DateUnit::Day,
            DateUnit::Week,
            DateUnit::Quarter,
            DateUnit::Year,
        ] {
            let range = days(DateLiteral::LastN(unit, u32::MAX));
            assert!(range.starts_with("1000-01-01"), "{range}");
            let range = days(DateLiteral::NextN(unit, u32::MAX));
            assert!(range.ends_with("9000-01-01"), "{range}");
        }
    }
}
