//! What cannot be resolved: the code, the place and the words.

use headwater_soql::SoqlErrorKind::{
    InvalidField, InvalidQueryFilterOperator, InvalidType, MalformedQuery, NumberOutsideValidRange,
    Unsupported,
};
use headwater_soql::{SoqlError, SoqlErrorKind};

use crate::{AllBut, resolved_for};

fn error(query: &str) -> SoqlError {
    error_for(&AllBut(&[]), query)
}

fn error_for(sight: &AllBut, query: &str) -> SoqlError {
    match resolved_for(sight, query) {
        Ok(_) => panic!("resolved: {query}"),
        Err(error) => error,
    }
}

#[track_caller]
fn refuses(query: &str, kind: SoqlErrorKind, column: usize, beginning: &str) {
    let error = error(query);
    assert_eq!(error.kind, kind, "{query}: {}", error.message);
    assert!(
        error.message.starts_with(beginning),
        "{query}: {}",
        error.message
    );
    assert_eq!(error.row_and_column(query), Some((1, column)), "{query}");
}

#[test]
fn an_unknown_object_is_an_invalid_type() {
    let query = "SELECT Id FROM Nope";
    assert_eq!(
        error(query).render(query),
        "\nSELECT Id FROM Nope\n               ^\nERROR at Row:1:Column:16\n\
         sObject type 'Nope' is not supported. If you are attempting to use a custom object, be \
         sure to append the '__c' after the entity name. Please reference your WSDL or the describe \
         call for the appropriate names."
    );
    assert_eq!(error(query).kind, InvalidType);
    refuses(
        "SELECT Id FROM Account.Contacts",
        InvalidType,
        16,
        "sObject type 'Account.Contacts'",
    );
}

#[test]
fn an_unknown_field_is_no_such_column() {
    let query = "SELECT Id, Nope FROM Account";
    assert_eq!(
        error(query).render(query),
        "\nSELECT Id, Nope FROM Account\n           ^\nERROR at Row:1:Column:12\n\
         No such column 'Nope' on entity 'Account'. If you are attempting to use a custom field, be \
         sure to append the '__c' after the custom field name. Please reference your WSDL or the \
         describe call for the appropriate names."
    );
    refuses(
        "SELECT Account.Nope FROM Contact",
        InvalidField,
        8,
        "No such column 'Nope' on entity 'Account'",
    );
    refuses(
        "SELECT Owner.Industry FROM Case",
        InvalidField,
        8,
        "No such column 'Industry' on entity 'Name'",
    );
    refuses(
        "SELECT Id FROM Case WHERE Nope = 1",
        InvalidField,
        27,
        "No such column 'Nope' on entity 'Case'",
    );
    refuses(
        "SELECT Id FROM Case ORDER BY Nope",
        InvalidField,
        30,
        "No such column 'Nope' on entity 'Case'",
    );
}

#[test]
fn an_unknown_relationship_is_not_understood() {
    refuses(
        "SELECT Nope.Name FROM Contact",
        InvalidField,
        8,
        "Didn't understand relationship 'Nope' in field path. If you are attempting to use a custom \
         relationship, be sure to append the '__r' after the custom relationship name.",
    );
    refuses(
        "SELECT c.Id FROM Contact c, c.Nope n",
        InvalidField,
        29,
        "Didn't understand relationship 'Nope'",
    );
}

#[test]
fn what_the_caller_does_not_see_is_like_what_does_not_exist() {
    let unseen = |hidden: &'static [&'static str], query: &str, name: &str| {
        let seen_as = error_for(&AllBut(hidden), query);
        let unknown = error(&query.replace(name, "Nope"));
        assert_eq!(seen_as.kind, unknown.kind, "{query}");
        assert_eq!(
            seen_as.message,
            unknown.message.replace("Nope", name),
            "{query}"
        );
    };
    unseen(&["Account"], "SELECT Id FROM Account", "Account");
    unseen(&["Account"], "SELECT Account.Name FROM Contact", "Account");
    unseen(
        &["Contact.AccountId"],
        "SELECT Account.Name FROM Contact",
        "Account",
    );
    unseen(
        &["Contact.AccountId"],
        "SELECT AccountId FROM Contact",
        "AccountId",
    );
    unseen(
        &["Account.Phone"],
        "SELECT Account.Phone FROM Contact",
        "Phone",
    );
    unseen(
        &["User.Email", "Group.Email"],
        "SELECT Id FROM Case WHERE Owner.Email = 'a'",
        "Email",
    );
    unseen(
        &["Case.Subject"],
        "SELECT Id FROM Case ORDER BY Subject",
        "Subject",
    );
}

#[test]
fn an_inherited_field_is_unseen_where_its_origin_is() {
    for hidden in [
        "MessagingEndUser",
        "MessagingEndUser.AccountId",
        "MessagingSession.MessagingEndUserId",
    ] {
        let sight = AllBut(Box::leak(Box::new([hidden])));
        for query in [
            "SELECT EndUserAccountId FROM MessagingSession",
            "SELECT EndUserAccount.Name FROM MessagingSession",
            "SELECT Id FROM MessagingSession WHERE EndUserAccountId = null",
            "SELECT Id FROM MessagingSession ORDER BY EndUserAccountId",
        ] {
            assert!(resolved_for(&sight, query).is_err(), "{hidden}: {query}");
        }
    }
    let sight = AllBut(&["MessagingChannel.MasterLabel"]);
    for field in ["ChannelName", "ChannelEndUserFormula"] {
        let query = format!("SELECT {field} FROM MessagingSession");
        assert!(resolved_for(&sight, &query).is_err(), "{field}");
    }
}

#[test]
fn the_servers_own_fields_are_nobodys() {
    let catalogue = headwater_catalogue::Catalogue::built_in().expect("a catalogue");
    for object in catalogue.objects() {
        for field in object.fields.iter().filter(|field| field.internal) {
            let query = format!("SELECT {} FROM {}", field.name, object.name);
            assert!(resolved_for(&AllBut(&[]), &query).is_err(), "{query}");
        }
    }
}

#[test]
fn a_field_is_selected_once() {
    for (query, path) in [
        ("SELECT Id, Name, ID FROM Account", "Id"),
        ("SELECT Name, Account.Name FROM Account", "Name"),
        (
            "SELECT Account.Name, Account.name FROM Contact",
            "Account.Name",
        ),
        ("SELECT Id, FIELDS(STANDARD) FROM Account", "Id"),
    ] {
        let error = error(query);
        assert_eq!(error.kind, InvalidField);
        assert_eq!(error.message, format!("duplicate field selected: {path}"));
    }
}

#[test]
fn long_texts_can_only_be_selected() {
    refuses(
        "SELECT Id FROM Case WHERE Description = 'a'",
        InvalidField,
        27,
        "field 'Description' can not be filtered in a query call",
    );
    refuses(
        "SELECT Id FROM Case ORDER BY Description",
        MalformedQuery,
        30,
        "field 'Description' can not be sorted in a query call",
    );
    refuses(
        "SELECT Id FROM Account WHERE BillingAddress = 'a'",
        InvalidField,
        30,
        "Address fields can only be filtered using Distance expressions",
    );
}

#[test]
fn an_id_has_the_shape_of_one() {
    refuses(
        "SELECT Id FROM Account WHERE Id = 'abc'",
        InvalidQueryFilterOperator,
        30,
        "invalid ID field: abc",
    );
}

#[test]
fn offset_ends_at_two_thousand() {
    refuses(
        "SELECT Id FROM Account LIMIT 1 OFFSET 2001",
        NumberOutsideValidRange,
        39,
        "Maximum SOQL offset allowed is 2000",
    );
}

#[test]
fn paths_go_five_levels_up() {
    let path = |levels: usize| format!("SELECT {}Name FROM Account", "Parent.".repeat(levels));
    assert!(resolved_for(&AllBut(&[]), &path(5)).is_ok());
    refuses(
        &path(6),
        MalformedQuery,
        8,
        "SOQL statements cannot query foreign key relationships more than 5 levels",
    );
}

#[test]
fn a_query_joins_so_many_objects_and_no_more() {
    let steps = ["CreatedBy", "LastModifiedBy", "Manager"];
    let mut paths = Vec::new();
    for first in &steps[..2] {
        for second in steps {
            for third in steps {
                for fourth in steps {
                    paths.push(format!("{first}.{second}.{third}.{fourth}.Name"));
                }
            }
        }
    }
    let query = format!("SELECT {} FROM Account", paths.join(", "));
    assert_eq!(
        error(&query).message,
        "a query can reach at most 55 objects over its relationships"
    );
}

#[test]
fn the_whole_object_is_for_few_rows() {
    let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
    refuses(
        "SELECT FIELDS(ALL) FROM Account",
        MalformedQuery,
        8,
        message,
    );
    refuses(
        "SELECT FIELDS(CUSTOM) FROM Account LIMIT 201",
        MalformedQuery,
        8,
        message,
    );
    for fitting in [
        "SELECT FIELDS(STANDARD) FROM Account",
        "SELECT FIELDS(ALL) FROM Account LIMIT 200",
        "SELECT FIELDS(ALL) FROM Account WHERE Id = '001HW000000000B' AND Name != 'a'",
        "SELECT FIELDS(ALL) FROM Account WHERE Id IN ('001HW000000000B')",
    ] {
        assert!(resolved_for(&AllBut(&[]), fitting).is_ok(), "{fitting}");
    }
}

#[test]
fn only_aggregates_have_aliases() {
    refuses(
        "SELECT Id Name FROM Account",
        MalformedQuery,
        11,
        "only aggregate expressions use field aliasing",
    );
}

#[test]
fn counting_stands_alone() {
    refuses(
        "SELECT COUNT(), Id FROM Account",
        MalformedQuery,
        8,
        "COUNT() must be the only element",
    );
    refuses(
        "SELECT COUNT() FROM Account ORDER BY Id",
        MalformedQuery,
        38,
        "ORDER BY is not allowed with COUNT()",
    );
}

#[test]
fn semi_joins_keep_their_rules() {
    let inner = "SELECT AccountId FROM Contact";
    for (condition, beginning) in [
        (
            format!("Name = 'a' OR Id IN ({inner})"),
            "Semi join sub-selects are only allowed at the top level",
        ),
        (
            format!("NOT Id IN ({inner})"),
            "Semi join sub-selects are only allowed at the top level",
        ),
        (
            format!("Id IN ({inner}) AND Id IN ({inner}) AND Id IN ({inner})"),
            "Too many semi join sub-selects, 3 were made",
        ),
        (
            format!("Id IN ({inner} WHERE Id IN (SELECT ContactId FROM Case))"),
            "Nesting of semi join sub-selects",
        ),
        (
            format!("Id IN ({inner} LIMIT 1)"),
            "Semi join sub-selects cannot have COUNT, ORDER BY",
        ),
        (
            format!("Name IN ({inner})"),
            "The left operand field in the where expression for outer query should be an id field, cannot use: 'Name'",
        ),
        (
            "Id IN (SELECT Name FROM Contact)".into(),
            "The selected field 'Name' in the subquery",
        ),
        (
            "Id IN (SELECT ContactId FROM Case)".into(),
            "The selected field 'ContactId' in the subquery and the left operand field in the where expression in the outer query 'Id' should point to the same object type",
        ),
        (
            "Id IN (SELECT Account.Id FROM Contact)".into(),
            "Semi join sub-selects can only select one id field",
        ),
        (
            "Id IN (SELECT ParentId FROM Account)".into(),
            "The inner and outer selects should not be on the same object type",
        ),
    ] {
        let error = error(&format!("SELECT Id FROM Account WHERE {condition}"));
        assert_eq!(error.kind, MalformedQuery, "{condition}");
        assert!(
            error.message.starts_with(beginning),
            "{condition}: {}",
            error.message
        );
    }
}

#[test]
fn what_is_not_answered_yet_is_said_so() {
    for (query, column, what) in [
        (
            "SELECT COUNT(Id) FROM Account",
            8,
            "COUNT in the select list",
        ),
        (
            "SELECT toLabel(Industry) FROM Account",
            8,
            "toLabel in the select list",
        ),
        ("SELECT Name FROM Account GROUP BY Name", 1, "GROUP BY"),
        (
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            13,
            "a subquery in the select list",
        ),
        (
            "SELECT TYPEOF Owner WHEN User THEN Id END FROM Case",
            8,
            "TYPEOF",
        ),
        (
            "SELECT Id FROM Case WHERE toLabel(Status) = 'x'",
            27,
            "toLabel in the WHERE clause",
        ),
        (
            "SELECT Id FROM Case ORDER BY COUNT(Id)",
            30,
            "COUNT in ORDER BY",
        ),
        (
            "SELECT Id FROM Case USING SCOPE team",
            33,
            "USING SCOPE team",
        ),
        (
            "SELECT Id FROM Case WITH DATA CATEGORY a AT b",
            1,
            "WITH DATA CATEGORY",
        ),
    ] {
        refuses(
            query,
            Unsupported,
            column,
            &format!("{what} is not supported by this server"),
        );
    }
}
