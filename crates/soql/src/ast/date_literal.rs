//! Date literals: days and instants named by their distance from now.

/// A stretch of days seen from today. `LAST_90_DAYS` is the same as `LAST_N_DAYS:90`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateLiteral {
    /// The unit before the current one: `YESTERDAY`, `LAST_MONTH`.
    Last(DateUnit),
    /// The current unit: `TODAY`, `THIS_MONTH`.
    This(DateUnit),
    /// The unit after the current one: `TOMORROW`, `NEXT_MONTH`.
    Next(DateUnit),
    /// Several units up to the current one: `LAST_N_DAYS:7`.
    LastN(DateUnit, u32),
    /// Several units after the current one: `NEXT_N_DAYS:7`.
    NextN(DateUnit, u32),
    /// The single unit so many before the current one: `N_DAYS_AGO:7`.
    Ago(DateUnit, u32),
}

/// The units date literals count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateUnit {
    /// A day.
    Day,
    /// Seven days from the locale's first.
    Week,
    /// A month.
    Month,
    /// Three months from January, April, July or October.
    Quarter,
    /// A year.
    Year,
    /// Three months of the organisation's year.
    FiscalQuarter,
    /// The organisation's year.
    FiscalYear,
}

/// Each unit in the singular and the plural, as literals spell them.
const UNITS: [(DateUnit, &str, &str); 7] = [
    (DateUnit::Day, "DAY", "DAYS"),
    (DateUnit::Week, "WEEK", "WEEKS"),
    (DateUnit::Month, "MONTH", "MONTHS"),
    (DateUnit::Quarter, "QUARTER", "QUARTERS"),
    (DateUnit::Year, "YEAR", "YEARS"),
    (DateUnit::FiscalQuarter, "FISCAL_QUARTER", "FISCAL_QUARTERS"),
    (DateUnit::FiscalYear, "FISCAL_YEAR", "FISCAL_YEARS"),
];

/// How a literal is made of a unit and a number.
type Counted = fn(DateUnit, u32) -> DateLiteral;

impl DateUnit {
    /// `MONTH`
    pub(crate) fn singular(self) -> &'static str {
        self.spellings().0
    }

    /// `MONTHS`
    pub(crate) fn plural(self) -> &'static str {
        self.spellings().1
    }

    fn spellings(self) -> (&'static str, &'static str) {
        UNITS
            .iter()
            .find(|(unit, ..)| *unit == self)
            .map_or(("", ""), |(_, singular, plural)| (singular, plural))
    }
}

impl DateLiteral {
    /// The literal of this name, ignoring case, if it takes no number.
    pub(crate) fn plain(name: &str) -> Option<Self> {
        for (word, literal) in [
            ("YESTERDAY", Self::Last(DateUnit::Day)),
            ("TODAY", Self::This(DateUnit::Day)),
            ("TOMORROW", Self::Next(DateUnit::Day)),
            ("LAST_90_DAYS", Self::LastN(DateUnit::Day, 90)),
            ("NEXT_90_DAYS", Self::NextN(DateUnit::Day, 90)),
        ] {
            if name.eq_ignore_ascii_case(word) {
                return Some(literal);
            }
        }
        let (prefix, rest) = name.split_at_checked(5)?;
        let make: fn(DateUnit) -> Self = match prefix.to_ascii_uppercase().as_str() {
            "LAST_" => Self::Last,
            "THIS_" => Self::This,
            "NEXT_" => Self::Next,
            _ => return None,
        };
        // Single days have names of their own: there is no THIS_DAY.
        unit_of_singular(rest)
            .filter(|unit| *unit != DateUnit::Day)
            .map(make)
    }

    /// The literal of this name, ignoring case, if it takes a number: how to make it from one.
    pub(crate) fn counted(name: &str) -> Option<impl Fn(u32) -> Self> {
        let (make, unit) = Self::counted_unit(name)?;
        Some(move |count| make(unit, count))
    }

    fn counted_unit(name: &str) -> Option<(Counted, DateUnit)> {
        let upper = name.to_ascii_uppercase();
        if let Some(rest) = upper.strip_prefix("LAST_N_") {
            return Some((Self::LastN, unit_of_plural(rest)?));
        }
        if let Some(rest) = upper.strip_prefix("NEXT_N_") {
            return Some((Self::NextN, unit_of_plural(rest)?));
        }
        let rest = upper.strip_prefix("N_")?.strip_suffix("_AGO")?;
        Some((Self::Ago, unit_of_plural(rest)?))
    }
}

fn unit_of_singular(text: &str) -> Option<DateUnit> {
    UNITS
        .iter()
        .find(|(_, singular, _)| singular.eq_ignore_ascii_case(text))
        .map(|(unit, ..)| *unit)
}

fn unit_of_plural(text: &str) -> Option<DateUnit> {
    UNITS
        .iter()
        .find(|(.., plural)| plural.eq_ignore_ascii_case(text))
        .map(|(unit, ..)| *unit)
}
