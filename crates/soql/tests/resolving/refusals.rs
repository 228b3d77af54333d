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
            "Semi join sub-selects cannot have COUNT, GROUP BY, ORDER BY",
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
            "Semi join sub-selects can only select an id field of their own object",
        ),
        (
            "Parent.Id IN (SELECT AccountId FROM Contact)".into(),
            "The left operand field in the where expression for outer query should be an id field, cannot use: 'Id'",
        ),
        (
            "Id IN (SELECT AccountId FROM Contact GROUP BY AccountId)".into(),
            "Semi join sub-selects cannot have COUNT, GROUP BY",
        ),
        (
            "Id IN (SELECT TYPEOF Owner WHEN User THEN Id END FROM Contact)".into(),
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
fn a_semi_join_is_refused_where_it_stands() {
    for (query, column) in [
        (
            "SELECT Id FROM Account WHERE Name = 'a' OR Id IN (SELECT AccountId FROM Contact)",
            51,
        ),
        (
            "SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)",
            30,
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)",
            44,
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Foo FROM Contact)",
            44,
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Foo)",
            52,
        ),
    ] {
        assert_eq!(
            error(query).row_and_column(query),
            Some((1, column)),
            "{query}"
        );
    }
}

#[test]
fn a_subquery_says_what_is_wrong_with_it_and_where() {
    for (query, kind, column, beginning) in [
        (
            "SELECT Id, (SELECT Id FROM Nope) FROM Account",
            InvalidType,
            28,
            "Didn't understand relationship 'Nope' in FROM part of query call.",
        ),
        (
            "SELECT Id, (SELECT Id FROM Lead.Contacts) FROM Account",
            InvalidType,
            28,
            "Didn't understand relationship 'Lead.Contacts' in FROM part of query call.",
        ),
        (
            "SELECT Id, (SELECT Nope FROM Contacts) FROM Account",
            InvalidField,
            20,
            "No such column 'Nope' on entity 'Contact'.",
        ),
        (
            "SELECT Id, (SELECT Id FROM Contacts WHERE Email = 1) FROM Account",
            InvalidField,
            43,
            "value of filter criterion for field 'Email'",
        ),
        (
            "SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account",
            MalformedQuery,
            13,
            "COUNT() is not allowed in a subquery",
        ),
        (
            "SELECT Id, (SELECT Id FROM Contacts OFFSET 1) FROM Account LIMIT 2",
            MalformedQuery,
            44,
            "OFFSET in a subquery is only allowed when the outer query has LIMIT 1",
        ),
        (
            "SELECT Id, (SELECT Id FROM Contacts FOR VIEW) FROM Account",
            MalformedQuery,
            13,
            "FOR and UPDATE are only allowed in the outermost query",
        ),
        (
            "SELECT Id, (SELECT FIELDS(ALL) FROM Contacts) FROM Account LIMIT 5",
            MalformedQuery,
            20,
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ),
        (
            "SELECT Id, (SELECT LastName FROM Contacts GROUP BY LastName) FROM Account",
            MalformedQuery,
            52,
            "GROUP BY is not allowed in a subquery",
        ),
        (
            "SELECT Id, (SELECT Id FROM Contacts ORDER BY Nope) FROM Account",
            InvalidField,
            46,
            "No such column 'Nope' on entity 'Contact'.",
        ),
    ] {
        refuses(query, kind, column, beginning);
    }
}

#[test]
fn a_child_relationship_stands_once_in_a_list_and_there_are_few_subqueries() {
    let query = "SELECT Id, (SELECT Id FROM Contacts), (SELECT Name FROM contacts) FROM Account";
    assert_eq!(error(query).message, "duplicate field selected: Contacts");
    let within = "(SELECT Id, (SELECT Id FROM Cases) FROM Contacts)";
    let query = format!("SELECT {} FROM Account", [within; 11].join(", "));
    let beginning = "a query can have at most 20 subqueries in its select lists";
    assert!(error(&query).message.starts_with(beginning));
}

#[test]
fn children_that_are_not_seen_are_no_relationship() {
    for hidden in ["Contact", "Contact.AccountId"] {
        let sight = AllBut(if hidden == "Contact" {
            &["Contact"]
        } else {
            &["Contact.AccountId"]
        });
        let error = error_for(&sight, "SELECT Id, (SELECT Id FROM Contacts) FROM Account");
        assert!(
            error
                .message
                .starts_with("Didn't understand relationship 'Contacts'")
        );
    }
}

#[test]
fn type_of_says_what_is_wrong_with_it_and_where() {
    for (query, kind, column, beginning) in [
        (
            "SELECT TYPEOF Account WHEN User THEN Id END FROM Contact",
            MalformedQuery,
            15,
            "TYPEOF takes a relationship to one of several objects",
        ),
        (
            "SELECT TYPEOF Nope WHEN User THEN Id END FROM Contact",
            InvalidField,
            15,
            "Didn't understand relationship 'Nope' in field path.",
        ),
        (
            "SELECT TYPEOF What WHEN Nope THEN Id END FROM Task",
            InvalidType,
            25,
            "sObject type 'Nope' is not supported.",
        ),
        (
            "SELECT TYPEOF What WHEN Contact THEN Id END FROM Task",
            InvalidField,
            25,
            "Relationship 'What' in TYPEOF does not lead to 'Contact'",
        ),
        (
            "SELECT TYPEOF What WHEN Account THEN Nope END FROM Task",
            InvalidField,
            38,
            "No such column 'Nope' on entity 'Account'.",
        ),
        (
            "SELECT TYPEOF What WHEN Account THEN Id ELSE Phone, Industry END FROM Task",
            InvalidField,
            53,
            "No such column 'Industry' on entity 'Name'.",
        ),
        (
            "SELECT TYPEOF What WHEN Account THEN Id WHEN Account THEN Name END FROM Task",
            MalformedQuery,
            46,
            "duplicate WHEN for Account in TYPEOF",
        ),
    ] {
        refuses(query, kind, column, beginning);
    }
    let query = "SELECT What.Name, TYPEOF What WHEN Account THEN Id END FROM Task";
    assert_eq!(error(query).message, "duplicate field selected: What");
}

#[test]
fn scopes_that_hold_no_records_here_are_refused() {
    let message = "scope 'team' is not available for Case";
    refuses(
        "SELECT Id FROM Case USING SCOPE Team",
        MalformedQuery,
        33,
        message,
    );
    let message = "scope 'mine' is not available for Contact";
    let query = "SELECT Id FROM ConversationEntry USING SCOPE mine";
    refuses(
        query,
        MalformedQuery,
        46,
        &message.replace("Contact", "ConversationEntry"),
    );
    let message = "invalid scope 'nope' in USING SCOPE";
    refuses(
        "SELECT Id FROM Case USING SCOPE nope",
        MalformedQuery,
        33,
        message,
    );
}

#[test]
fn an_alias_names_one_source() {
    let query = "SELECT Id FROM Contact c, c.Account a, c.Owner a";
    refuses(query, MalformedQuery, 40, "duplicate alias: 'a'");
    let query = "SELECT Id FROM Contact c, c.Account c";
    refuses(query, MalformedQuery, 27, "duplicate alias: 'c'");
}

#[test]
fn what_is_not_answered_yet_is_said_so() {
    refuses(
        "SELECT Id FROM Case WITH DATA CATEGORY a AT b",
        Unsupported,
        1,
        "WITH DATA CATEGORY is not supported by this server",
    );
}
