//! Constants and operators, kind by kind.

use headwater_catalogue::{Catalogue, Choice, Field, Object};

use crate::{AllBut, filter, resolved_with, resolving::render};

const LANGUAGES: &[Choice] = &[Choice::plain("de"), Choice::plain("en")];

const FIELDS: &[Field] = &[
    Field::text("Text__c", 80),
    Field::integer("Integer__c", 9),
    Field::double("Double__c", 18, 2),
    Field::currency("Amount__c", 16, 2),
    Field::date("Day__c"),
    Field::datetime("At__c"),
    Field::boolean("Ticked__c"),
    Field::multi_picklist("Languages__c", LANGUAGES),
    Field::reference("Other__c", "Thing__c").relationship("Other__r"),
];

/// What a condition on an object with a field of every kind resolves to.
fn thing(condition: &str) -> String {
    let built_in = headwater_catalogue::objects::ALL.iter();
    let mut objects: Vec<Object> = built_in.map(|object| (*object).clone()).collect();
    objects.push(Object::new("Thing__c", "a00", FIELDS));
    let catalogue = Catalogue::new(objects).expect("a catalogue");
    let query = format!("SELECT Id FROM Thing__c WHERE {condition}");
    match resolved_with(&catalogue, &AllBut(&[]), &query) {
        Ok(resolved) => render::filter(&resolved, &resolved.filter),
        Err(error) => error.message,
    }
}

#[test]
fn ids_are_the_same_with_15_and_18_characters() {
    assert_eq!(
        thing("Id = '001HW000000000B'"),
        thing("Id = '001HW000000000BYAQ'")
    );
}

#[test]
fn not_equal_is_the_opposite_of_equal() {
    assert_eq!(thing("Text__c = 'a'"), "0.Text__c = \"a\"");
    assert_eq!(thing("Text__c != 'a'"), "not 0.Text__c = \"a\"");
    assert_eq!(thing("NOT Text__c != 'a'"), "0.Text__c = \"a\"");
}

#[test]
fn null_and_the_empty_text_are_no_value() {
    assert_eq!(thing("Text__c = NULL"), "0.Text__c is null");
    assert_eq!(thing("Text__c = ''"), "0.Text__c is null");
    assert_eq!(thing("Other__c != ''"), "not 0.Other__c is null");
    assert_eq!(thing("Integer__c > NULL"), "never");
    assert_eq!(thing("Text__c LIKE NULL"), "never");
}

#[test]
fn a_list_with_null_in_it_asks_for_both() {
    assert_eq!(
        thing("Text__c IN ('a', NULL, 'b')"),
        "(0.Text__c is null or 0.Text__c in [\"a\", \"b\"])"
    );
    assert_eq!(thing("Text__c NOT IN ('a')"), "not 0.Text__c in [\"a\"]");
}

#[test]
fn numbers_get_the_digits_of_their_field() {
    assert_eq!(thing("Double__c = 1"), "0.Double__c = 1.00d");
    assert_eq!(thing("Double__c < +.5"), "0.Double__c < 0.50d");
    assert_eq!(thing("Double__c >= -1.5e3"), "0.Double__c >= -1500.00d");
    assert_eq!(thing("Integer__c = 7"), "0.Integer__c = 7");
    assert_eq!(thing("Amount__c > USD5000"), "0.Amount__c > 5000.00d");
}

#[test]
fn a_number_between_two_that_can_be_stored_equals_none() {
    assert_eq!(thing("Double__c = 1.005"), "never");
    assert_eq!(thing("Double__c != 1.005"), "always");
    assert_eq!(thing("Double__c < 1.005"), "0.Double__c <= 1.00d");
    assert_eq!(thing("Double__c >= -1.005"), "0.Double__c > -1.01d");
    assert_eq!(thing("Double__c IN (1.005, 2)"), "0.Double__c in [2.00d]");
    assert_eq!(thing("Integer__c > 1.5"), "0.Integer__c > 1");
    assert_eq!(thing("Integer__c <= -1.5"), "0.Integer__c <= -2");
}

#[test]
fn a_number_too_great_to_store_is_greater_than_all() {
    let digits = "9".repeat(40);
    assert_eq!(
        thing(&format!("Double__c < {digits}")),
        "0.Double__c < 10000000000000000.00d"
    );
    assert_eq!(
        thing(&format!("Double__c > -{digits}")),
        "0.Double__c > -10000000000000000.00d"
    );
    assert_eq!(
        thing("Double__c = 1e400"),
        "0.Double__c = 10000000000000000.00d"
    );
    assert_eq!(thing("Double__c = 1e-400"), "0.Double__c = 0.00d");
    assert_eq!(
        thing(&format!("Integer__c < {digits}")),
        "0.Integer__c < 9223372036854775807"
    );
}

#[test]
fn a_ticked_box_is_ticked_or_not() {
    assert_eq!(thing("Ticked__c = TRUE"), "0.Ticked__c = true");
    assert_eq!(thing("Ticked__c != TRUE"), "0.Ticked__c = false");
    assert_eq!(thing("Ticked__c = NULL"), "0.Ticked__c = false");
    assert_eq!(
        thing("Other__r.Ticked__c = FALSE"),
        "not 1.Ticked__c = true"
    );
    assert_eq!(thing("Other__r.Ticked__c != FALSE"), "1.Ticked__c = true");
    assert_eq!(
        thing("Ticked__c IN (TRUE, FALSE)"),
        "(0.Ticked__c = true or 0.Ticked__c = false)"
    );
}

#[test]
fn date_literals_are_days_where_the_caller_is() {
    assert_eq!(
        thing("Day__c = TODAY"),
        "(0.Day__c >= 2026-03-11 and 0.Day__c < 2026-03-12)"
    );
    assert_eq!(
        thing("At__c = TODAY"),
        "(0.At__c >= 2026-03-10T23:00:00Z and 0.At__c < 2026-03-11T23:00:00Z)"
    );
    // The clocks change on 2026-03-29.
    assert_eq!(
        thing("At__c = THIS_MONTH"),
        "(0.At__c >= 2026-02-28T23:00:00Z and 0.At__c < 2026-03-31T22:00:00Z)"
    );
    assert_eq!(thing("At__c < TODAY"), "0.At__c < 2026-03-10T23:00:00Z");
    assert_eq!(thing("At__c <= TODAY"), "0.At__c < 2026-03-11T23:00:00Z");
    assert_eq!(thing("At__c > TODAY"), "0.At__c >= 2026-03-11T23:00:00Z");
    assert_eq!(thing("At__c >= TODAY"), "0.At__c >= 2026-03-10T23:00:00Z");
    assert_eq!(
        thing("Day__c NOT IN (TODAY, 2026-01-01)"),
        "not ((0.Day__c >= 2026-03-11 and 0.Day__c < 2026-03-12) or 0.Day__c in [2026-01-01])"
    );
}

#[test]
fn date_functions_give_numbers_and_days() {
    assert_eq!(
        thing("CALENDAR_YEAR(Day__c) = 2026"),
        "CalendarYear(0.Day__c) = 2026"
    );
    assert_eq!(
        thing("HOUR_IN_DAY(convertTimezone(At__c)) >= 8"),
        "HourInDay(0.At__c in Europe/Berlin) >= 8"
    );
    assert_eq!(
        thing("DAY_ONLY(At__c) = 2026-03-11"),
        "DayOnly(0.At__c) = 2026-03-11"
    );
}

#[test]
fn several_values_are_included_in_sets() {
    assert_eq!(
        thing("Languages__c INCLUDES ('de;en', 'fr')"),
        "0.Languages__c includes [[\"de\", \"en\"], [\"fr\"]]"
    );
    assert_eq!(
        thing("Languages__c EXCLUDES ('de')"),
        "not 0.Languages__c includes [[\"de\"]]"
    );
}

#[test]
fn a_pattern_goes_through_as_it_is() {
    assert_eq!(thing(r"Text__c LIKE '5\%%'"), r#"0.Text__c like "5\\%%""#);
}

#[test]
fn thousands_of_alternatives_stay_one_flat_list() {
    let alternatives: Vec<_> = (0..3_000).map(|n| format!("Text__c = '{n}'")).collect();
    let shown = filter(
        "MessagingSession",
        &alternatives.join(" OR ").replace("Text__c", "Name"),
    );
    assert_eq!(shown.matches('(').count(), 1);
}

#[test]
fn quotes_are_where_the_kind_wants_them() {
    for (condition, message) in [
        (
            "At__c > '2026-01-01T00:00:00Z'",
            "field 'At__c' must be of type dateTime and should not be",
        ),
        (
            "At__c > 2026-01-01",
            "field 'At__c' must be of type dateTime and should not be",
        ),
        (
            "Day__c = '2026-01-01'",
            "field 'Day__c' must be of type date and should not be",
        ),
        (
            "Day__c = 2026-01-01T00:00:00Z",
            "field 'Day__c' must be of type date and should not be",
        ),
        (
            "Text__c = 5",
            "field 'Text__c' must be of type string and should be",
        ),
        (
            "Text__c = TRUE",
            "field 'Text__c' must be of type string and should be",
        ),
        (
            "Text__c LIKE 5",
            "field 'Text__c' must be of type string and should be",
        ),
        (
            "Integer__c = '5'",
            "field 'Integer__c' must be of type int and should not be",
        ),
        (
            "Double__c = USD5",
            "field 'Double__c' must be of type double and should not be",
        ),
        (
            "Ticked__c = 'true'",
            "field 'Ticked__c' must be of type boolean and should not be",
        ),
        ("Id = 5", "field 'Id' must be of type id and should be"),
        (
            "Languages__c INCLUDES (5)",
            "field 'Languages__c' must be of type multipicklist and should be",
        ),
        (
            "CALENDAR_YEAR(Day__c) = THIS_YEAR",
            "field 'Day__c' must be of type int and should not be",
        ),
        (
            "DAY_ONLY(At__c) = TODAY",
            "field 'At__c' must be of type date and should not be",
        ),
    ] {
        let expected = format!("value of filter criterion for {message} enclosed in quotes");
        assert_eq!(thing(condition), expected, "{condition}");
    }
}

#[test]
fn operators_are_for_the_kinds_they_suit() {
    for (condition, kind) in [
        ("Id LIKE 'a%'", "id"),
        ("Integer__c LIKE '1%'", "int"),
        ("At__c LIKE 'a'", "dateTime"),
        ("Ticked__c > FALSE", "boolean"),
        ("Languages__c LIKE 'd%'", "multipicklist"),
        ("Languages__c < 'd'", "multipicklist"),
        ("Text__c INCLUDES ('a')", "string"),
    ] {
        assert_eq!(
            thing(condition),
            format!("invalid operator on {kind} field"),
            "{condition}"
        );
    }
    assert_eq!(thing("Id = 'abc'"), "invalid ID field: abc");
    assert_eq!(
        thing("HOUR_IN_DAY(Day__c) = 1"),
        "field Day__c does not support HOUR_IN_DAY"
    );
}
