//! Whole queries and what they come to.

use insta::assert_snapshot;

use crate::{AllBut, resolved_for, resolving::render::render, shown};

#[test]
fn names_are_spelt_as_the_catalogue_does() {
    assert_snapshot!(shown(
        "SELECT ID, messagingsession.NAME, s.STATUS FROM messagingSESSION s"
    ));
}

#[test]
fn an_inherited_account_is_the_messaging_users() {
    assert_snapshot!(shown(
        "SELECT Id, EndUserAccountId, EndUserContactId, ChannelName FROM MessagingSession \
         WHERE EndUserAccountId = '001HW000000000B' ORDER BY StartTime DESC LIMIT 50"
    ));
}

#[test]
fn a_path_over_an_inherited_reference_joins_twice() {
    assert_snapshot!(shown(
        "SELECT EndUserAccount.Name, EndUserAccount.Owner.Name, MessagingEndUser.Account.Name \
         FROM MessagingSession WHERE EndUserAccount.Industry = 'Energy' AND EndUserContact.Email != null"
    ));
}

#[test]
fn an_owner_is_a_user_or_a_queue() {
    assert_snapshot!(shown(
        "SELECT Owner.Id, Owner.Name, Owner.Type, Owner.Email, Owner.Profile.Name, OwnerId \
         FROM MessagingSession WHERE Owner.Type = 'Queue' AND Owner.Name LIKE 'Bil%' ORDER BY Owner.Name"
    ));
}

#[test]
fn a_task_is_about_someone_and_something() {
    assert_snapshot!(shown(
        "SELECT Subject, Who.Name, Who.FirstName, What.Name, What.Type FROM Task"
    ));
}

#[test]
fn parents_gather_their_fields_where_they_come_first() {
    assert_snapshot!(shown(
        "SELECT Account.Name, Id, Account.Owner.Name, Account.Id, Owner.Name FROM Contact"
    ));
}

#[test]
fn an_address_is_made_of_its_parts() {
    assert_snapshot!(shown(
        "SELECT BillingAddress, BillingCity, Parent.ShippingAddress FROM Account"
    ));
}

#[test]
fn computed_fields_stand_as_what_they_are_computed_from() {
    assert_snapshot!(shown(
        "SELECT ChannelEndUserFormula, AgentMessageCount, PreviewDetails FROM MessagingSession"
    ));
}

#[test]
fn the_old_join_style_names_parents() {
    assert_snapshot!(shown(
        "SELECT c.Name, a.Name, u.Name FROM Contact c, c.Account a, a.Owner u WHERE a.Name = 'x'"
    ));
}

#[test]
fn counting_needs_no_output() {
    assert_snapshot!(shown(
        "SELECT COUNT() FROM MessagingSession WHERE CaseId = NULL LIMIT 10"
    ));
}

#[test]
fn conditions_are_flattened_and_rows_cut() {
    assert_snapshot!(shown(
        "SELECT Id FROM MessagingEndUser \
         WHERE (Name = 'a' AND (MessageType = 'WhatsApp' AND AccountId = NULL)) \
         AND (ContactId != NULL OR NOT (IsFullyOptedIn = TRUE OR HasInitialResponseSent = FALSE)) \
         ORDER BY Name NULLS LAST, CreatedDate DESC LIMIT 5 OFFSET 2000"
    ));
}

#[test]
fn a_semi_join_is_a_query_for_ids() {
    assert_snapshot!(shown(
        "SELECT Id FROM Account WHERE Id IN (SELECT EndUserAccountId FROM MessagingSession \
         WHERE Status = 'Active') AND Id NOT IN (SELECT AccountId FROM Contact)"
    ));
}

#[test]
fn mine_are_the_callers_own() {
    assert_snapshot!(shown(
        "SELECT Id FROM Case USING SCOPE Mine WHERE IsClosed = FALSE"
    ));
}

#[test]
fn every_field_is_every_field_that_is_seen() {
    let sight = AllBut(&["Group.Email", "Group.Description"]);
    let resolved = resolved_for(&sight, "SELECT FIELDS(ALL) FROM Group LIMIT 200");
    assert_snapshot!(render(&resolved.expect("a query")));
}

#[test]
fn children_are_a_query_of_their_own_by_the_parent_they_name() {
    assert_snapshot!(shown(
        "SELECT a.Name, (SELECT c.LastName, Account.Name, \
           (SELECT Subject FROM Cases USING SCOPE mine) \
         FROM a.Contacts c WHERE Contacts.Email != null ORDER BY LastName DESC LIMIT 3), \
         (SELECT Id FROM MessagingSessions WHERE Status = 'Active') FROM Account a"
    ));
}

#[test]
fn each_type_of_a_parent_shows_fields_of_its_own() {
    assert_snapshot!(shown(
        "SELECT Subject, TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Case THEN CaseNumber \
         ELSE Name, Type END, TYPEOF Owner WHEN User THEN Username END FROM Task"
    ));
}

#[test]
fn aliases_name_their_source_in_every_clause() {
    assert_snapshot!(shown(
        "SELECT c.Subject, a.Name, TYPEOF c.Owner WHEN User THEN Email END \
         FROM Case AS c, c.Account a WHERE a.Industry = 'Energy' AND c.AccountId IN \
         (SELECT s.EndUserAccountId FROM MessagingSession s, s.EndUserAccount x WHERE x.Name = 'y') \
         ORDER BY a.Name, c.Subject"
    ));
}
