//! What is not SOQL: the message, and the column it points to.

use std::fmt::Write;

use headwater_soql::{
    NESTING_DEPTH_MAX, QUERY_CHARACTERS_MAX, SUBQUERY_DEPTH_MAX, SoqlErrorKind,
    TEXT_CHARACTERS_MAX, parse,
};

#[track_caller]
fn refuses(query: &str, column: usize, message: &str) {
    let error = parse(query).expect_err(query);
    assert_eq!(error.message, message, "{query}");
    assert_eq!(error.row_and_column(query), Some((1, column)), "{query}");
}

#[test]
fn an_unexpected_token_is_named_with_its_place() {
    for (query, column, token) in [
        ("SELEC Id FROM T", 1, "SELEC"),
        ("SELECT FROM T", 8, "FROM"),
        ("SELECT Id, FROM T", 12, "FROM"),
        ("SELECT Id", 10, "<EOF>"),
        ("SELECT Id FROM", 15, "<EOF>"),
        ("SELECT Id FROM T WHERE", 23, "<EOF>"),
        ("SELECT Id FROM T WHERE A", 25, "<EOF>"),
        ("SELECT Id FROM T WHERE A IS NULL", 26, "IS"),
        ("SELECT Id FROM T WHERE A == 1", 27, "="),
        ("SELECT Id FROM T WHERE A = \"x\"", 28, "\""),
        ("SELECT Id FROM T WHERE A = x", 28, "x"),
        ("SELECT Id FROM T WHERE A = THIS_DAY", 28, "THIS_DAY"),
        ("SELECT Id FROM T WHERE A IN ()", 30, ")"),
        ("SELECT Id FROM T WHERE A = 1 AND B = 2 OR C = 3", 40, "OR"),
        ("SELECT Id FROM T WHERE A = 1 OR B = 2 AND C = 3", 39, "AND"),
        ("SELECT Id FROM T LIMIT -1", 24, "-1"),
        ("SELECT Id FROM T LIMIT 1.5", 24, "1.5"),
        ("SELECT Id FROM T ORDER Name", 24, "Name"),
        ("SELECT Id FROM T LIMIT 1 WHERE A = 1", 26, "WHERE"),
        ("SELECT Id FROM T;", 17, ";"),
        ("SELECT Id FROM T USING everything", 24, "everything"),
        ("SELECT * FROM T", 8, "*"),
        ("SELECT upper(Name) FROM T", 13, "("),
        ("SELECT MAX(MIN(A)) FROM T", 15, "("),
        ("SELECT GEOLOCATION(1, 2) FROM T", 19, "("),
        ("SELECT TYPEOF What END FROM T", 20, "END"),
        ("SELECT Id FROM T WHERE A = LAST_N_DAYS:x", 40, "x"),
        ("SELECT Id FROM T WHERE é = 1", 24, "é"),
    ] {
        refuses(query, column, &format!("unexpected token: '{token}'"));
    }
}

#[test]
fn what_only_apex_has_is_refused_by_name() {
    refuses(
        "SELECT Id FROM T WHERE A = :x",
        28,
        "Bind variables only allowed in Apex code",
    );
    refuses(
        "SELECT Id FROM T WHERE A IN :ids",
        29,
        "Bind variables only allowed in Apex code",
    );
    refuses(
        "SELECT Id FROM T WHERE A IN ids",
        29,
        "Bind variables only allowed in Apex code",
    );
    refuses(
        "SELECT Id FROM T LIMIT 1 ALL ROWS",
        26,
        "ALL ROWS not allowed in this context",
    );
}

#[test]
fn an_open_parenthesis_wants_its_partner() {
    refuses(
        "SELECT Id FROM T WHERE (A = 1",
        30,
        "expecting a right parentheses, found '<EOF>'",
    );
    refuses(
        "SELECT Id FROM T WHERE A IN ('x' 'y')",
        34,
        "expecting a right parentheses, found ''y''",
    );
}

#[test]
fn broken_strings_are_told_apart() {
    refuses(
        "SELECT Id FROM T WHERE A = 'x",
        28,
        "string literal is not closed",
    );
    let query = "SELECT Id FROM T WHERE A = 'x\ny'";
    refuses(query, 28, "line breaks not allowed in string literals");
    for (raw, sign) in [
        (r"a\x", 'x'),
        (r"a\%", '%'),
        (r"\u12", 'u'),
        (r"\ud800", 'u'),
        (r"\ud800\u0041", 'u'),
    ] {
        refuses(
            &format!("SELECT Id FROM T WHERE A = '{raw}'"),
            28,
            &format!(
                "Invalid string literal '{raw}'. Illegal character sequence '\\{sign}' in string literal."
            ),
        );
    }
}

#[test]
fn dates_that_no_calendar_has_are_refused() {
    for (written, message) in [
        ("2026-02-30", "Invalid date: 2026-02-30"),
        (
            "2026-01-31T25:00:00Z",
            "Invalid datetime: 2026-01-31T25:00:00Z",
        ),
        (
            "2026-01-31T12:00:00",
            "Invalid datetime: 2026-01-31T12:00:00",
        ),
        ("2026-01-31T12:00Z", "Invalid datetime: 2026-01-31T12:00Z"),
        (
            "2026-01-31T12:00:00.Z",
            "Invalid datetime: 2026-01-31T12:00:00.Z",
        ),
        (
            "2026-01-31T12:00:00+1:00",
            "Invalid datetime: 2026-01-31T12:00:00+1:00",
        ),
        (
            "2026-01-31T12:00:00+01:60",
            "Invalid datetime: 2026-01-31T12:00:00+01:60",
        ),
        (
            "1699-12-31",
            "date is outside the years 1700 to 4000: 1699-12-31",
        ),
    ] {
        refuses(
            &format!("SELECT Id FROM T WHERE A = {written}"),
            28,
            message,
        );
    }
}

#[test]
fn a_distance_is_measured_in_miles_or_kilometres_from_a_place() {
    refuses(
        "SELECT Id FROM T WHERE DISTANCE(A, GEOLOCATION(1, 2), 'm') < 1",
        55,
        "Invalid distance unit: 'm'. Valid unit: 'mi', 'km'",
    );
    refuses(
        "SELECT Id FROM T WHERE DISTANCE(A, B, 'mi') < 1",
        36,
        "unexpected token: 'B'",
    );
}

#[test]
fn an_empty_query_is_refused() {
    for query in ["", " \n "] {
        let error = parse(query).unwrap_err();
        assert_eq!(error.message, "SOQL statements cannot be empty or null");
    }
}

#[test]
fn a_query_may_have_so_many_characters_and_no_more() {
    let head = "SELECT Id FROM T WHERE Name = 'é'";
    let fitting = format!(
        "{head}{}",
        " ".repeat(QUERY_CHARACTERS_MAX - head.chars().count())
    );
    assert!(parse(&fitting).is_ok());
    let error = parse(&format!("{fitting} ")).unwrap_err();
    assert_eq!(error.kind, SoqlErrorKind::MalformedQuery);
    assert_eq!(
        error.message,
        "SOQL statements cannot be longer than 100000 characters."
    );
}

#[test]
fn a_string_may_have_so_many_characters_and_no_more() {
    let query = |text: &str| format!("SELECT Id FROM T WHERE Name = '{text}'");
    assert!(parse(&query(&"é".repeat(TEXT_CHARACTERS_MAX))).is_ok());
    refuses(
        &query(&"é".repeat(TEXT_CHARACTERS_MAX + 1)),
        31,
        "string literals can have at most 4000 characters",
    );
}

#[test]
fn conditions_nest_so_deep_and_no_deeper() {
    let query = |open: &str, depth: usize| {
        let close = ")".repeat(open.matches('(').count() * depth);
        format!("SELECT Id FROM T WHERE {}A = 1{close}", open.repeat(depth))
    };
    for open in ["(", "NOT ", "NOT(", "(B = 1 AND "] {
        let deepest = NESTING_DEPTH_MAX / open.matches(['(', 'N']).count().clamp(1, 2);
        let deepest = if open == "(B = 1 AND " {
            NESTING_DEPTH_MAX
        } else {
            deepest
        };
        assert!(parse(&query(open, deepest)).is_ok(), "{open}");
        let error = parse(&query(open, deepest + 1)).unwrap_err();
        assert_eq!(
            error.message,
            "conditions can be nested at most 100 levels deep"
        );
    }
}

#[test]
fn a_hundred_thousand_parentheses_are_refused_without_harm() {
    for open in ["(", "NOT ", "NOT(", "A IN (SELECT B FROM C WHERE "] {
        let head = "SELECT Id FROM T WHERE ";
        let times = (QUERY_CHARACTERS_MAX - head.len()) / open.len();
        let error = parse(&format!("{head}{}", open.repeat(times))).unwrap_err();
        assert_eq!(error.kind, SoqlErrorKind::MalformedQuery);
    }
    let subqueries = "SELECT (".repeat(QUERY_CHARACTERS_MAX / "SELECT (".len());
    assert!(parse(&subqueries).is_err());
}

#[test]
fn queries_nest_so_deep_and_no_deeper() {
    let nested = |depth: usize| {
        let mut query = String::from("SELECT Id FROM T");
        for _ in 1..depth {
            query = format!("SELECT Id, ({query}) FROM T");
        }
        query
    };
    assert!(parse(&nested(SUBQUERY_DEPTH_MAX)).is_ok());
    let error = parse(&nested(SUBQUERY_DEPTH_MAX + 1)).unwrap_err();
    assert_eq!(error.message, "queries can be nested at most 5 levels deep");
}

#[test]
fn a_query_full_of_values_is_read() {
    let mut query = String::from("SELECT Id FROM T WHERE A IN (0");
    for n in 1..10_000 {
        write!(query, ",{n}").unwrap();
    }
    query.push(')');
    assert!(parse(&query).is_ok());
}
