//! Aggregates, GROUP BY and functions: what they come to, and what is refused.

use headwater_soql::SoqlErrorKind::{self, InvalidField, MalformedQuery};
use insta::assert_snapshot;

use crate::{AllBut, resolved_for, shown};

#[track_caller]
fn refuses(query: &str, kind: SoqlErrorKind, at: &str, beginning: &str) {
    let Err(error) = resolved_for(&AllBut(&[]), query) else {
        panic!("resolved: {query}");
    };
    assert_eq!(error.kind, kind, "{query}: {}", error.message);
    assert!(
        error.message.starts_with(beginning),
        "{query}: {}",
        error.message
    );
    let column = query.rfind(at).expect("a place in the query") + 1;
    assert_eq!(error.row_and_column(query), Some((1, column)), "{query}");
}

#[test]
fn aggregates_without_a_group_are_of_all_rows() {
    assert_snapshot!(shown(
        "SELECT COUNT(Id), AVG(Amount) mean, SUM(Amount), MAX(CloseDate), MIN(Name), \
         COUNT_DISTINCT(AccountId) FROM Opportunity WHERE IsDeleted = FALSE"
    ));
}

#[test]
fn groups_by_an_inherited_account_and_a_path_through_it() {
    assert_snapshot!(shown(
        "SELECT EndUserAccountId, EndUserAccount.Name, COUNT(Id) FROM MessagingSession \
         WHERE EndUserAccount.Industry != null \
         GROUP BY EndUserAccountId, MessagingEndUser.Account.Name \
         HAVING COUNT(Id) > 1 AND EndUserAccount.Name LIKE 'A%' \
         ORDER BY COUNT(Id) DESC NULLS LAST, EndUserAccountId LIMIT 10 OFFSET 5"
    ));
}

#[test]
fn subtotals_are_sets_of_keys() {
    assert_snapshot!(shown(
        "SELECT Status, Origin, GROUPING(Status) isStatus, COUNT(Id) FROM Case \
         GROUP BY ROLLUP(Status, Origin) HAVING GROUPING(Origin) = 0 ORDER BY GROUPING(Status)"
    ));
    assert_snapshot!(shown(
        "SELECT COUNT(Id) FROM Case GROUP BY CUBE(Status, Origin)"
    ));
}

#[test]
fn parts_of_dates_are_grouped_on_the_callers_clock_where_that_is_asked() {
    assert_snapshot!(shown(
        "SELECT CALENDAR_YEAR(CreatedDate), DAY_ONLY(convertTimezone(CreatedDate)) day, \
         COUNT(Id) FROM Case \
         GROUP BY CALENDAR_YEAR(CreatedDate), DAY_ONLY(convertTimezone(CreatedDate)) \
         ORDER BY DAY_ONLY(convertTimezone(CreatedDate)) DESC"
    ));
}

#[test]
fn the_least_of_a_picklist_is_so_by_its_order() {
    assert_snapshot!(shown("SELECT MIN(Status), MAX(Status) FROM Case"));
}

#[test]
fn labels_formats_and_currencies_stand_for_their_fields() {
    assert_snapshot!(shown(
        "SELECT toLabel(Status), Owner.Name, toLabel(Origin) source, Contact.Name, \
         FORMAT(CreatedDate), FORMAT(ClosedDate) closed, toLabel(Account.Industry) FROM Case \
         WHERE toLabel(Status) LIKE 'N%' ORDER BY toLabel(Status)"
    ));
    assert_snapshot!(shown(
        "SELECT StageName, FORMAT(SUM(Amount)), FORMAT(MIN(CloseDate)) earliest, \
         SUM(convertCurrency(Amount)) FROM Opportunity GROUP BY StageName"
    ));
}

#[test]
fn distances_are_compared_and_ordered_by() {
    assert_snapshot!(shown(
        "SELECT Name FROM Account \
         WHERE DISTANCE(BillingAddress, GEOLOCATION(52.52, -13.405), 'mi') < 20.5 \
         ORDER BY DISTANCE(BillingAddress, GEOLOCATION(52.52, -13.405), 'km') DESC"
    ));
}

#[test]
fn a_field_beside_an_aggregate_must_be_grouped() {
    let message = "Field must be grouped or aggregated: Name";
    for query in [
        "SELECT Name, COUNT(Id) FROM Account",
        "SELECT Id, Name FROM Account GROUP BY Id",
        "SELECT COUNT(Id) FROM Account GROUP BY Industry HAVING Name = 'a'",
    ] {
        refuses(query, MalformedQuery, "Name", message);
    }
    refuses(
        "SELECT COUNT(Id) FROM Account GROUP BY Industry ORDER BY Name",
        MalformedQuery,
        "Name",
        "Ordered field must be grouped or aggregated: Name",
    );
    refuses(
        "SELECT CALENDAR_YEAR(CreatedDate), COUNT(Id) FROM Account GROUP BY CALENDAR_MONTH(CreatedDate)",
        MalformedQuery,
        "CALENDAR_YEAR",
        "Field must be grouped or aggregated: CreatedDate",
    );
}

#[test]
fn each_aggregate_takes_some_kinds_only() {
    for (call, field) in [
        ("SUM", "Name"),
        ("AVG", "CreatedDate"),
        ("MIN", "IsDeleted"),
        ("COUNT", "BillingAddress"),
        ("COUNT_DISTINCT", "Description"),
        ("SUM", "OwnerId"),
    ] {
        let query = format!("SELECT {call}({field}) FROM Account");
        let message = format!("field {field} does not support aggregate operator {call}");
        refuses(&query, MalformedQuery, call, &message);
    }
}

#[test]
fn some_fields_cannot_be_grouped() {
    for field in [
        "CreatedDate",
        "AnnualRevenue",
        "BillingAddress",
        "Description",
    ] {
        let query = format!("SELECT COUNT(Id) FROM Account GROUP BY {field}");
        let message = format!("field '{field}' can not be grouped in a query call");
        refuses(&query, MalformedQuery, field, &message);
    }
    // Looked up beside each record, which not every engine can group by.
    let query = "SELECT COUNT(Id) FROM Account GROUP BY DAY_ONLY(LastViewedDate)";
    let message = "field 'DAY_ONLY' can not be grouped in a query call";
    refuses(query, MalformedQuery, "DAY_ONLY", message);
}

#[test]
fn clauses_that_do_not_go_with_aggregates_are_refused() {
    let refuses = |query, at, beginning| refuses(query, MalformedQuery, at, beginning);
    let limit = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT";
    refuses("SELECT COUNT(Id) FROM Account LIMIT 10", "10", limit);
    refuses("SELECT MAX(Name) FROM Account OFFSET 10", "10", limit);
    refuses(
        "SELECT COUNT() FROM Account GROUP BY Industry",
        "Industry",
        "COUNT() is not allowed in a grouped query",
    );
    refuses(
        "SELECT COUNT(Id) FROM Account WHERE COUNT(Id) > 1",
        "COUNT(Id) >",
        "COUNT is not allowed in the WHERE clause",
    );
    refuses(
        "SELECT Id FROM Account ORDER BY COUNT(Id)",
        "COUNT",
        "COUNT is not allowed in the ORDER BY clause",
    );
    refuses(
        "SELECT COUNT(Id) FROM Account GROUP BY MAX(Name)",
        "MAX",
        "MAX is not allowed in the GROUP BY clause",
    );
    refuses(
        "SELECT Industry, (SELECT Id FROM Contacts) FROM Account GROUP BY Industry",
        "SELECT Id",
        "Grouped query cannot use child relationships in the SELECT list",
    );
    refuses(
        "SELECT FIELDS(STANDARD) FROM Account GROUP BY Name",
        "FIELDS",
        "FIELDS is not allowed in a grouped query",
    );
    refuses(
        "SELECT Name FROM Account GROUP BY Name HAVING Id IN (SELECT AccountId FROM Contact)",
        "Id IN",
        "Field must be grouped or aggregated: Id",
    );
    refuses(
        "SELECT Id FROM Account GROUP BY Id HAVING Id IN (SELECT AccountId FROM Contact)",
        "SELECT AccountId",
        "Semi join sub-selects are not allowed in the HAVING clause",
    );
    refuses(
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact GROUP BY AccountId)",
        "SELECT AccountId",
        "Semi join sub-selects cannot have COUNT, GROUP BY",
    );
}

#[test]
fn subtotals_are_of_few_fields_and_said_of_those_only() {
    refuses(
        "SELECT COUNT(Id) FROM Case GROUP BY ROLLUP(Status, Origin, Priority, Type)",
        MalformedQuery,
        "Type",
        "this GROUP BY can have at most 3 fields",
    );
    refuses(
        "SELECT GROUPING(Status) FROM Case GROUP BY Status",
        MalformedQuery,
        "GROUPING",
        "GROUPING is only for GROUP BY ROLLUP and GROUP BY CUBE",
    );
    refuses(
        "SELECT COUNT(Id) FROM Case GROUP BY Status, Status",
        MalformedQuery,
        "Status",
        "a field is grouped by once",
    );
}

#[test]
fn no_two_values_of_a_group_have_one_name() {
    refuses(
        "SELECT Account.Name, Owner.Name FROM Contact GROUP BY Account.Name, Owner.Name",
        MalformedQuery,
        "Owner.Name FROM",
        "duplicate alias: Name",
    );
    refuses(
        "SELECT COUNT(Id) n, MAX(Name) N FROM Account",
        MalformedQuery,
        "N FROM",
        "duplicate alias: N",
    );
}

#[test]
fn functions_stand_where_they_make_sense() {
    refuses(
        "SELECT CALENDAR_YEAR(CreatedDate) FROM Account",
        MalformedQuery,
        "CALENDAR_YEAR",
        "CALENDAR_YEAR is not allowed in the SELECT list",
    );
    refuses(
        "SELECT Id FROM Account ORDER BY FORMAT(AnnualRevenue)",
        MalformedQuery,
        "FORMAT",
        "FORMAT is not allowed in the ORDER BY clause",
    );
    refuses(
        "SELECT Id FROM Account WHERE convertCurrency(AnnualRevenue) > 5",
        MalformedQuery,
        "convertCurrency",
        "convertCurrency is not allowed in the WHERE clause",
    );
    refuses(
        "SELECT convertCurrency(NumberOfEmployees) FROM Account",
        InvalidField,
        "convertCurrency",
        "field NumberOfEmployees does not support convertCurrency",
    );
    refuses(
        "SELECT toLabel(CreatedDate) FROM Account",
        InvalidField,
        "CreatedDate",
        "field CreatedDate does not support toLabel",
    );
    refuses(
        "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'km') >= 5",
        MalformedQuery,
        ">=",
        "DISTANCE can only be compared by < and >",
    );
    refuses(
        "SELECT Id FROM Account WHERE DISTANCE(Name, GEOLOCATION(1, 2), 'km') < 5",
        InvalidField,
        "DISTANCE",
        "field Name does not support DISTANCE",
    );
    refuses(
        "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(91, 2), 'km') < 5",
        SoqlErrorKind::NumberOutsideValidRange,
        "91",
        "a coordinate here is a number from -90 to 90",
    );
}

#[test]
fn what_the_caller_does_not_see_cannot_be_counted() {
    for (hidden, query) in [
        ("Account.Phone", "SELECT COUNT(Phone) FROM Account"),
        ("Account.Phone", "SELECT Phone FROM Account GROUP BY Phone"),
        (
            "Account.Phone",
            "SELECT COUNT(Id) FROM Account GROUP BY Name HAVING MAX(Phone) > 'a'",
        ),
        (
            "MessagingEndUser.AccountId",
            "SELECT COUNT(Id) FROM MessagingSession GROUP BY EndUserAccountId",
        ),
        (
            "Account.BillingLatitude",
            "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'km') < 5",
        ),
    ] {
        let sight = AllBut(Box::leak(Box::new([hidden])));
        let error = resolved_for(&sight, query).expect_err(query);
        assert_eq!(error.kind, InvalidField, "{query}");
    }
}
