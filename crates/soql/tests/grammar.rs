//! What the grammar takes, and what it makes of it: each query on the left is read and printed
//! as the one on the right.

use headwater_soql::ast::{Condition, Expression, LiteralValue, Operand, SelectItem};
use headwater_soql::{SoqlErrorKind, parse};

fn printed(query: &str) -> String {
    match parse(query) {
        Ok(parsed) => parsed.to_string(),
        Err(error) => panic!("{}", error.render(query)),
    }
}

#[track_caller]
fn prints_as_itself(query: &str) {
    assert_eq!(printed(query), query);
}

fn literal_of(query: &str) -> LiteralValue<'_> {
    let Some(Condition::Comparison(comparison)) = parse(query).expect("SOQL").condition else {
        panic!("no single comparison");
    };
    let Operand::Literal(literal) = comparison.right else {
        panic!("no literal");
    };
    literal.value
}

#[test]
fn keywords_are_read_in_any_case_and_any_spacing() {
    assert_eq!(
        printed(
            "select Id,Name\r\n\tfrom Account where Name='a'and(Id!=null)order by Name desc nulls last limit 5 offset 2"
        ),
        "SELECT Id, Name FROM Account WHERE Name = 'a' AND Id != NULL ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 2"
    );
}

#[test]
fn selected_items_can_be_everything_soql_has() {
    for query in [
        "SELECT Id, Owner.Profile.Name FROM Account",
        "SELECT Name n, COUNT(Id) c, COUNT_DISTINCT(Name), SUM(Amount) FROM Opportunity GROUP BY Name",
        "SELECT COUNT() FROM Account",
        "SELECT FIELDS(ALL), FIELDS(CUSTOM), FIELDS(STANDARD) FROM Account LIMIT 200",
        "SELECT Id, (SELECT Id, (SELECT Id FROM Cases) FROM Contacts WHERE Name LIKE 'a%' LIMIT 2) FROM Account",
        "SELECT TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Case THEN Subject ELSE Name END, Id FROM Task",
        "SELECT toLabel(Status) s, FORMAT(convertCurrency(Amount)) a, FORMAT(MIN(Amount)) FROM Opportunity",
        "SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)) h, GROUPING(Name) g FROM Account GROUP BY ROLLUP(HOUR_IN_DAY(convertTimezone(CreatedDate)), Name)",
        "SELECT Id FROM Account ORDER BY DISTANCE(Location__c, GEOLOCATION(37.775, -122.418), 'mi') DESC",
    ] {
        prints_as_itself(query);
    }
}

#[test]
fn every_clause_is_read_in_its_place() {
    prints_as_itself(
        "SELECT Name FROM Account a, a.Owner o USING SCOPE mine WHERE Name = 'a' \
         WITH DATA CATEGORY Geography__c ABOVE usa__c AND Product__c AT (a__c, b__c) \
         GROUP BY CUBE(Name, Type) HAVING COUNT(Id) > 1 ORDER BY COUNT(Id), Name DESC NULLS FIRST \
         LIMIT 10 OFFSET 20 FOR VIEW FOR REFERENCE UPDATE TRACKING, VIEWSTAT",
    );
    for with in [
        "SECURITY_ENFORCED",
        "USER_MODE",
        "SYSTEM_MODE",
        "DATA CATEGORY a__c ABOVE_OR_BELOW b__c AND c__c BELOW d__c",
        "RecordVisibilityContext (maxDescriptorPerRecord = 100, supportsDomains = TRUE)",
    ] {
        prints_as_itself(&format!(
            "SELECT Id FROM Knowledge__kav WITH {with} FOR UPDATE"
        ));
    }
}

#[test]
fn every_operator_is_read() {
    for comparison in [
        "A = 1",
        "A != 1",
        "A < 1",
        "A <= 1",
        "A > 1",
        "A >= 1",
        "A LIKE 'x'",
        "A IN ('x', 'y')",
        "A NOT IN (1, NULL)",
        "A INCLUDES ('x;y', 'z')",
        "A EXCLUDES ('x')",
        "A IN (SELECT B FROM C WHERE D = TRUE)",
        "A.B NOT IN (SELECT B FROM C)",
        "CALENDAR_YEAR(A) = 2026",
        "toLabel(A) = 'x'",
        "DISTANCE(A, GEOLOCATION(1, 2), 'km') < 20",
    ] {
        prints_as_itself(&format!("SELECT Id FROM T WHERE {comparison}"));
    }
    assert_eq!(
        printed("SELECT Id FROM T WHERE A<>1"),
        "SELECT Id FROM T WHERE A != 1"
    );
}

#[test]
fn parentheses_that_say_nothing_are_gone_and_those_that_do_stay() {
    assert_eq!(
        printed("SELECT Id FROM T WHERE ((A = 1)) AND (B = 2 OR (C = 3 OR D = 4)) AND (NOT E = 5)"),
        "SELECT Id FROM T WHERE A = 1 AND (B = 2 OR (C = 3 OR D = 4)) AND (NOT E = 5)"
    );
    assert_eq!(
        printed("SELECT Id FROM T WHERE NOT (A = 1 AND (NOT B = 2))"),
        "SELECT Id FROM T WHERE NOT (A = 1 AND (NOT B = 2))"
    );
}

#[test]
fn date_literals_are_read_in_any_case() {
    for literal in [
        "YESTERDAY",
        "TODAY",
        "TOMORROW",
        "LAST_WEEK",
        "THIS_MONTH",
        "NEXT_QUARTER",
        "LAST_YEAR",
        "THIS_FISCAL_QUARTER",
        "NEXT_FISCAL_YEAR",
        "LAST_N_DAYS:30",
        "NEXT_N_WEEKS:2",
        "LAST_N_FISCAL_QUARTERS:3",
        "N_DAYS_AGO:4",
        "N_FISCAL_YEARS_AGO:1",
    ] {
        let query = format!("SELECT Id FROM T WHERE A = {literal}");
        prints_as_itself(&query);
        let lower = format!("SELECT Id FROM T WHERE A = {}", literal.to_lowercase());
        assert_eq!(printed(&lower), query);
    }
    assert_eq!(
        printed("SELECT Id FROM T WHERE A = LAST_90_DAYS AND B = NEXT_N_DAYS : 7"),
        "SELECT Id FROM T WHERE A = LAST_N_DAYS:90 AND B = NEXT_N_DAYS:7"
    );
}

#[test]
fn instants_are_the_same_whatever_zone_they_are_written_in() {
    for (written, meant) in [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00.000z", "2026-01-31T12:00:00Z"),
        (
            "2026-01-31t12:00:00.1239999+01:30",
            "2026-01-31T10:30:00.123999Z",
        ),
        ("2026-01-31T12:00:00-0800", "2026-01-31T20:00:00Z"),
    ] {
        assert_eq!(
            printed(&format!("SELECT Id FROM T WHERE A > {written}")),
            format!("SELECT Id FROM T WHERE A > {meant}")
        );
    }
}

#[test]
fn amounts_of_money_keep_their_currency() {
    for (written, code, amount) in [
        ("USD5000", "USD", "5000"),
        ("eur5.25", "eur", "5.25"),
        ("JPY-7", "JPY", "-7"),
        ("JPY-7.5", "JPY", "-7.5"),
    ] {
        let query = format!("SELECT Id FROM T WHERE A > {written}");
        assert_eq!(literal_of(&query), LiteralValue::Currency { code, amount });
        prints_as_itself(&query);
    }
}

#[test]
fn escapes_in_strings_mean_what_salesforce_says() {
    let query = r#"SELECT Id FROM T WHERE A = 'a\n\R\t\b\f\"\'\\\u00e9\uD83D\uDE00é'"#;
    let LiteralValue::Text(text) = literal_of(query) else {
        panic!("no text");
    };
    assert_eq!(text, "a\n\r\t\u{8}\u{c}\"'\\é😀é");
}

#[test]
fn a_pattern_keeps_what_makes_its_wildcards_literal() {
    let query = r"SELECT Id FROM T WHERE A LIKE 'a\%b\_c\\d%_\'\u005c'";
    let LiteralValue::Pattern(pattern) = literal_of(query) else {
        panic!("no pattern");
    };
    assert_eq!(pattern, r"a\%b\_c\\d%_'\\");
    assert_eq!(
        printed(query),
        r"SELECT Id FROM T WHERE A LIKE 'a\%b\_c\\d%_\'\\'"
    );
}

#[test]
fn fields_and_objects_may_be_called_like_keywords() {
    for query in [
        "SELECT Count, Type, Name, Scope, Fields, TypeOf FROM T",
        "SELECT Group.Name, Order.Limit, Max FROM GroupMember WHERE Group.From = 'a' ORDER BY Order",
        "SELECT Id FROM Group GROUP BY Id",
        "SELECT Id FROM Order ORDER BY Offset",
        "SELECT Id offset FROM T update FOR VIEW",
        "SELECT Id FROM T order LIMIT 1",
        "SELECT Format FROM T WHERE Today = TODAY AND Data = 'x' AND True = TRUE",
    ] {
        prints_as_itself(query);
    }
}

#[test]
fn names_know_where_they_stand() {
    let query = "SELECT Id, Owner . Name FROM T";
    let parsed = parse(query).unwrap();
    let SelectItem::Expression {
        expression: Expression::Path(path),
        ..
    } = &parsed.select[1]
    else {
        panic!("no path");
    };
    let places: Vec<_> = path
        .names()
        .map(|name| (name.text, name.at.offset()))
        .collect();
    assert_eq!(places, [("Owner", 11), ("Name", 19)]);
    assert_eq!(parsed.to_string(), "SELECT Id, Owner.Name FROM T");
}

#[test]
fn an_alias_of_the_object_may_be_introduced_by_as() {
    assert_eq!(
        printed("SELECT a.Id FROM Account AS a"),
        "SELECT a.Id FROM Account a"
    );
}

#[test]
fn a_number_of_rows_that_fits_nowhere_is_out_of_range() {
    let error = parse("SELECT Id FROM T LIMIT 99999999999").unwrap_err();
    assert_eq!(error.kind, SoqlErrorKind::NumberOutsideValidRange);
}
