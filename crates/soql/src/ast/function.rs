//! The functions of SOQL and what each takes.

/// A function that SOQL has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "SOQL's own names say it")]
pub enum Function {
    Avg,
    Count,
    CountDistinct,
    Max,
    Min,
    Sum,
    Grouping,
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
    ConvertTimezone,
    ConvertCurrency,
    Format,
    ToLabel,
    Distance,
    Geolocation,
}

/// The groups of functions that go into the same places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// One value of many rows.
    Aggregate,
    /// A part of a date or an instant.
    DatePart,
    /// All others.
    Other,
}

use Family::{Aggregate, DatePart, Other};

const FUNCTIONS: [(Function, &str, Family); 26] = [
    (Function::Avg, "AVG", Aggregate),
    (Function::Count, "COUNT", Aggregate),
    (Function::CountDistinct, "COUNT_DISTINCT", Aggregate),
    (Function::Max, "MAX", Aggregate),
    (Function::Min, "MIN", Aggregate),
    (Function::Sum, "SUM", Aggregate),
    (Function::Grouping, "GROUPING", Other),
    (Function::CalendarMonth, "CALENDAR_MONTH", DatePart),
    (Function::CalendarQuarter, "CALENDAR_QUARTER", DatePart),
    (Function::CalendarYear, "CALENDAR_YEAR", DatePart),
    (Function::DayInMonth, "DAY_IN_MONTH", DatePart),
    (Function::DayInWeek, "DAY_IN_WEEK", DatePart),
    (Function::DayInYear, "DAY_IN_YEAR", DatePart),
    (Function::DayOnly, "DAY_ONLY", DatePart),
    (Function::FiscalMonth, "FISCAL_MONTH", DatePart),
    (Function::FiscalQuarter, "FISCAL_QUARTER", DatePart),
    (Function::FiscalYear, "FISCAL_YEAR", DatePart),
    (Function::HourInDay, "HOUR_IN_DAY", DatePart),
    (Function::WeekInMonth, "WEEK_IN_MONTH", DatePart),
    (Function::WeekInYear, "WEEK_IN_YEAR", DatePart),
    (Function::ConvertTimezone, "convertTimezone", Other),
    (Function::ConvertCurrency, "convertCurrency", Other),
    (Function::Format, "FORMAT", Other),
    (Function::ToLabel, "toLabel", Other),
    (Function::Distance, "DISTANCE", Other),
    (Function::Geolocation, "GEOLOCATION", Other),
];

impl Function {
    /// Every function.
    pub fn all() -> impl Iterator<Item = Self> {
        FUNCTIONS.iter().map(|(function, ..)| *function)
    }

    /// The function of this name, ignoring case.
    pub fn named(name: &str) -> Option<Self> {
        FUNCTIONS
            .iter()
            .find(|(_, known, _)| known.eq_ignore_ascii_case(name))
            .map(|(function, ..)| *function)
    }

    /// The name as Salesforce spells it.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Whether it makes one value of many rows.
    pub fn is_aggregate(self) -> bool {
        self.family() == Aggregate
    }

    /// Whether it is a part of a date or an instant.
    pub fn is_date_part(self) -> bool {
        self.family() == DatePart
    }

    /// Whether a call of `inner` may stand where this function wants a field.
    pub(crate) fn takes_call_of(self, inner: Self) -> bool {
        match self.family() {
            DatePart => inner == Self::ConvertTimezone,
            Aggregate => inner == Self::ConvertCurrency,
            Other => {
                self == Self::Format && (inner == Self::ConvertCurrency || inner.is_aggregate())
            }
        }
    }

    fn family(self) -> Family {
        self.row().2
    }

    fn row(self) -> &'static (Self, &'static str, Family) {
        // The table is in the order of the declaration; a test holds it so.
        &FUNCTIONS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_declaration() {
        for (place, (function, name, _)) in FUNCTIONS.iter().enumerate() {
            assert_eq!(*function as usize, place);
            assert_eq!(function.name(), *name);
            assert_eq!(Function::named(&name.to_lowercase()), Some(*function));
        }
    }
}
