//! The time zones of countries and states.
//!
//! Of countries they are those of the time zone database, by the two letters that CLDR's ids of zones begin
//! with. No library has those of states; here they are for the three countries of several times in which
//! people write a state into every address. Facts of the time zone database (`zone.tab` and its comments).

use celes::Country;
use icu_time::zone::iana::IanaParserExtended;
use jiff::tz::TimeZone;
use phonenumber::PhoneNumber;
use phonenumber::metadata::DATABASE;

/// Ids of zones in CLDR that begin with their country are as long as the place's code in UN/LOCODE. Those of
/// other lengths begin with anything.
const PLACE_LENGTH: usize = 5;

/// Zones whose ids do not begin with their country.
const OTHERS: [(&str, &str); 3] = [("il", "jeruslm"), ("ps", "gazastrp"), ("ps", "hebron")];

/// A zone that no law knows: by law all of China has Beijing's time, and carriers, shops and offices go by it.
const NOT_OFFICIAL: &str = "cnurc";

/// The name and the zones of a country, by its two letters.
pub(super) fn of_region(region: &str) -> Option<(String, Vec<TimeZone>)> {
    if region.len() != 2 {
        return None;
    }
    let zones = zones_in(region);
    let country = Country::from_alpha2(region).ok();
    let name = country.map_or(region, |country| country.long_name);
    let name = name.strip_prefix("The ").unwrap_or(name);
    let name = name.replace(" Of ", " of ").replace(" And ", " and ");
    (!zones.is_empty()).then_some((name, zones))
}

/// The name and the zones of a number's country. Where several countries share a calling code, and the number
/// is in nobody's range, they are those of all of them, and the name is the code (`+44`).
pub(super) fn of_number(number: &PhoneNumber) -> Option<(String, Vec<TimeZone>)> {
    let country = number.country();
    if let Some(region) = country.id() {
        return of_region(region.as_ref());
    }
    let code = country.code();
    let regions = DATABASE.region(&code)?;
    let zones: Vec<_> = regions.into_iter().flat_map(zones_in).collect();
    (!zones.is_empty()).then(|| (format!("+{code}"), zones))
}

/// What people call the place of an address, and its zones: those of the state, if there is more than one
/// time in the country and the state is known; else of the country. None if the country is not known.
pub(super) fn of_address(country: &str, state: &str) -> Option<(String, Vec<TimeZone>)> {
    let written: String = country
        .chars()
        .filter(|one| one.is_alphanumeric())
        .collect();
    let region = written.parse::<Country>().ok()?.alpha2;
    let is_it = |known: &&State| {
        known.country == region
            && [known.code, known.name]
                .iter()
                .any(|one| is_same(one, state))
    };
    if let Some(known) = STATES.iter().find(is_it) {
        let zones = known
            .zones
            .iter()
            .filter_map(|name| TimeZone::get(name).ok());
        return Some((known.name.to_owned(), zones.collect()));
    }
    of_region(region)
}

fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other.trim())
}

fn zones_in(region: &str) -> Vec<TimeZone> {
    let region = region.to_ascii_lowercase();
    let parser = IanaParserExtended::new();
    let of_region = parser.iter().filter(|zone| {
        let id = zone.time_zone.as_str();
        let begins = id.len() == PLACE_LENGTH && id.starts_with(&region) && id != NOT_OFFICIAL;
        begins || OTHERS.contains(&(&region, id))
    });
    let zones = of_region.filter_map(|zone| TimeZone::get(zone.canonical).ok());
    zones.collect()
}

/// A state, province or territory, with all of its zones.
struct State {
    country: &'static str,
    code: &'static str,
    name: &'static str,
    zones: &'static [&'static str],
}

const fn state(
    country: &'static str,
    code: &'static str,
    name: &'static str,
    zones: &'static [&'static str],
) -> State {
    State {
        country,
        code,
        name,
        zones,
    }
}

const EASTERN: &str = "America/New_York";
const CENTRAL: &str = "America/Chicago";
const MOUNTAIN: &str = "America/Denver";
const PACIFIC: &str = "America/Los_Angeles";
const TORONTO: &str = "America/Toronto";
const WINNIPEG: &str = "America/Winnipeg";
const EDMONTON: &str = "America/Edmonton";
const HALIFAX: &str = "America/Halifax";

#[rustfmt::skip]
const STATES: &[State] = &[
    state("US", "AL", "Alabama", &[CENTRAL]),
    state("US", "AK", "Alaska", &["America/Anchorage", "America/Adak"]),
    state("US", "AZ", "Arizona", &["America/Phoenix", MOUNTAIN]),
    state("US", "AR", "Arkansas", &[CENTRAL]),
    state("US", "CA", "California", &[PACIFIC]),
    state("US", "CO", "Colorado", &[MOUNTAIN]),
    state("US", "CT", "Connecticut", &[EASTERN]),
    state("US", "DE", "Delaware", &[EASTERN]),
    state("US", "DC", "District of Columbia", &[EASTERN]),
    state("US", "FL", "Florida", &[EASTERN, CENTRAL]),
    state("US", "GA", "Georgia", &[EASTERN]),
    state("US", "HI", "Hawaii", &["Pacific/Honolulu"]),
    state("US", "ID", "Idaho", &[MOUNTAIN, PACIFIC]),
    state("US", "IL", "Illinois", &[CENTRAL]),
    state("US", "IN", "Indiana", &[EASTERN, CENTRAL]),
    state("US", "IA", "Iowa", &[CENTRAL]),
    state("US", "KS", "Kansas", &[CENTRAL, MOUNTAIN]),
    state("US", "KY", "Kentucky", &[EASTERN, CENTRAL]),
    state("US", "LA", "Louisiana", &[CENTRAL]),
    state("US", "ME", "Maine", &[EASTERN]),
    state("US", "MD", "Maryland", &[EASTERN]),
    state("US", "MA", "Massachusetts", &[EASTERN]),
    state("US", "MI", "Michigan", &[EASTERN, CENTRAL]),
    state("US", "MN", "Minnesota", &[CENTRAL]),
    state("US", "MS", "Mississippi", &[CENTRAL]),
    state("US", "MO", "Missouri", &[CENTRAL]),
    state("US", "MT", "Montana", &[MOUNTAIN]),
    state("US", "NE", "Nebraska", &[CENTRAL, MOUNTAIN]),
    state("US", "NV", "Nevada", &[PACIFIC, MOUNTAIN]),
    state("US", "NH", "New Hampshire", &[EASTERN]),
    state("US", "NJ", "New Jersey", &[EASTERN]),
    state("US", "NM", "New Mexico", &[MOUNTAIN]),
    state("US", "NY", "New York", &[EASTERN]),
    state("US", "NC", "North Carolina", &[EASTERN]),
    state("US", "ND", "North Dakota", &[CENTRAL, MOUNTAIN]),
    state("US", "OH", "Ohio", &[EASTERN]),
    state("US", "OK", "Oklahoma", &[CENTRAL]),
    state("US", "OR", "Oregon", &[PACIFIC, MOUNTAIN]),
    state("US", "PA", "Pennsylvania", &[EASTERN]),
    state("US", "RI", "Rhode Island", &[EASTERN]),
    state("US", "SC", "South Carolina", &[EASTERN]),
    state("US", "SD", "South Dakota", &[CENTRAL, MOUNTAIN]),
    state("US", "TN", "Tennessee", &[EASTERN, CENTRAL]),
    state("US", "TX", "Texas", &[CENTRAL, MOUNTAIN]),
    state("US", "UT", "Utah", &[MOUNTAIN]),
    state("US", "VT", "Vermont", &[EASTERN]),
    state("US", "VA", "Virginia", &[EASTERN]),
    state("US", "WA", "Washington", &[PACIFIC]),
    state("US", "WV", "West Virginia", &[EASTERN]),
    state("US", "WI", "Wisconsin", &[CENTRAL]),
    state("US", "WY", "Wyoming", &[MOUNTAIN]),
    state("CA", "AB", "Alberta", &[EDMONTON]),
    state("CA", "BC", "British Columbia", &["America/Vancouver", "America/Fort_Nelson", EDMONTON]),
    state("CA", "MB", "Manitoba", &[WINNIPEG]),
    state("CA", "NB", "New Brunswick", &["America/Moncton"]),
    state("CA", "NL", "Newfoundland and Labrador", &["America/St_Johns", "America/Goose_Bay"]),
    state("CA", "NS", "Nova Scotia", &[HALIFAX]),
    state("CA", "NT", "Northwest Territories", &[EDMONTON]),
    state("CA", "NU", "Nunavut", &[TORONTO, WINNIPEG, EDMONTON]),
    state("CA", "ON", "Ontario", &[TORONTO, WINNIPEG]),
    state("CA", "PE", "Prince Edward Island", &[HALIFAX]),
    state("CA", "QC", "Quebec", &[TORONTO, HALIFAX]),
    state("CA", "SK", "Saskatchewan", &["America/Regina", EDMONTON]),
    state("CA", "YT", "Yukon", &["America/Whitehorse"]),
    state("AU", "ACT", "Australian Capital Territory", &["Australia/Sydney"]),
    state("AU", "NSW", "New South Wales", &["Australia/Sydney", "Australia/Broken_Hill"]),
    state("AU", "NT", "Northern Territory", &["Australia/Darwin"]),
    state("AU", "QLD", "Queensland", &["Australia/Brisbane"]),
    state("AU", "SA", "South Australia", &["Australia/Adelaide"]),
    state("AU", "TAS", "Tasmania", &["Australia/Hobart"]),
    state("AU", "VIC", "Victoria", &["Australia/Melbourne"]),
    state("AU", "WA", "Western Australia", &["Australia/Perth"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    /// The earliest and the latest hour of some zones in summer.
    fn hours(zones: &[TimeZone]) -> Option<(i8, i8)> {
        let now: Timestamp = "2026-07-15T12:00:00Z".parse().unwrap();
        let date = |zone: &TimeZone| zone.to_datetime(now);
        let first = zones.iter().map(date).min()?;
        let last = zones.iter().map(date).max()?;
        Some((first.hour(), last.hour()))
    }

    #[test]
    fn a_country_has_the_times_of_all_its_zones() {
        let hours = |region: &str| of_region(region).and_then(|(_, zones)| hours(&zones));
        for (region, expected) in [
            ("DE", (14, 14)),
            ("GB", (13, 13)),
            ("IN", (17, 17)),
            ("JP", (21, 21)),
            ("CN", (20, 20)),
            ("IL", (15, 15)),
            ("ES", (13, 14)),
            ("PT", (12, 13)),
            ("US", (2, 8)),
            ("BR", (7, 10)),
        ] {
            assert_eq!(hours(region), Some(expected), "{region}");
        }
        for region in ["XX", "001", ""] {
            assert_eq!(hours(region), None, "{region}");
        }
    }

    #[test]
    fn a_number_in_nobody_s_range_has_the_times_of_all_who_share_its_code() {
        let of = |number: &str| {
            let (name, zones) = of_number(&phonenumber::parse(None, number).unwrap())?;
            Some((name, hours(&zones)?))
        };
        assert_eq!(of("+447700900118"), Some(("+44".to_owned(), (13, 13))));
        assert_eq!(of("+4915112345678"), Some(("Germany".to_owned(), (14, 14))));
    }

    #[test]
    fn an_address_is_understood_as_people_write_it() {
        let hours = |country: &str, state: &str| {
            let (name, zones) = of_address(country, state)?;
            Some((name, hours(&zones)?))
        };
        let known = |name: &str, hours| Some((name.to_owned(), hours));
        for country in ["US", "USA", "United States", "united states of america"] {
            assert_eq!(
                hours(country, "CA"),
                known("California", (5, 5)),
                "{country}"
            );
        }
        assert_eq!(hours("USA", "texas "), known("Texas", (6, 7)));
        assert_eq!(
            hours("CA", "CA").unwrap().0,
            "Canada",
            "no state of Canada's"
        );
        assert_eq!(hours("Germany", "Bavaria"), known("Germany", (14, 14)));
        assert_eq!(hours("Spain", ""), known("Spain", (13, 14)));
        assert_eq!(hours("", "CA"), None);
        assert_eq!(hours("Atlantis", ""), None);
    }

    #[test]
    fn every_zone_of_a_state_is_known() {
        for state in STATES {
            for zone in state.zones {
                assert!(TimeZone::get(zone).is_ok(), "{}: {zone}", state.name);
            }
        }
    }
}
