//! Values that functions give, one for each row.

use rust_decimal::Decimal;

use super::Column;

/// SOQL's date functions. Weeks are blocks of seven days from the first of the month or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "SOQL's own names say it")]
pub enum DateFunction {
    CalendarMonth,
    CalendarQuarter,
    CalendarYear,
    DayInMonth,
    DayInWeek,
    DayInYear,
    DayOnly,
    FiscalMonth,
    FiscalQuarter,
    FiscalYear,
    HourInDay,
    WeekInMonth,
    WeekInYear,
}

/// `DISTANCE(BillingAddress, GEOLOCATION(52.5, 13.4), 'km')`
#[derive(Debug, Clone, PartialEq)]
pub struct Distance {
    /// The place's latitude in degrees.
    pub latitude: Column,
    /// Its longitude.
    pub longitude: Column,
    /// Latitude and longitude of the other place, in degrees.
    pub from: (Decimal, Decimal),
    /// In which unit.
    pub unit: DistanceUnit,
}

/// The units of distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DistanceUnit {
    /// Miles.
    Miles,
    /// Kilometres.
    Kilometres,
}

/// Digits of a distance after its point.
pub const DISTANCE_SCALE: u8 = 6;
