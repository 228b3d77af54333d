//! Setup: rights on fields, the access inspector, a field that works at once, the audit trail.

use headwater_testbrowser::Look;

use crate::stage::{ADMIN, AGENT, Stage};

/// The profile of the agent, as a set of permissions.
fn profile(stage: &Stage) -> String {
    stage.admin.id(
        "SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true \
         AND Profile.Name = 'Support Agent'",
    )
}

#[test]
fn a_right_taken_in_the_field_matrix_takes_the_pencil_away() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let account = stage
        .admin
        .id("SELECT Id FROM Account WHERE Name = 'Sample'");
    let page = format!("/r/Account/{account}");
    let agent = stage.window(AGENT, Look::default());
    agent.go(&page);
    agent.within("Details").offers("Edit Account Phone");

    let admin = stage.window(ADMIN, Look::default());
    admin.go(&format!(
        "/setup/permission-sets/{}/Account",
        profile(&stage)
    ));
    admin.holds("Edit Account Phone", "on");
    admin.switch("Edit Account Phone", false);
    admin.click("Save field rights");
    admin.within("Notices").sees("Saved.");
    admin.holds("Edit Account Phone", "off");

    agent.reload();
    agent.within("Details").sees("Account Phone");
    agent.within("Details").does_not_offer("Edit Account Phone");
    agent.click("Account Phone: why is it locked?");
    agent.within("Why Account Phone is locked").sees(
        "takes the edit right on the field Account.Phone, which a System Administrator can grant",
    );
    admin.go("/setup/audit");
    admin.sees("Morgan Reyes");
    admin.sees("Phone");
}

#[test]
fn cells_that_the_catalogue_has_fixed_are_locked_with_the_reason() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default());
    let matrix = format!("/setup/permission-sets/{}", profile(&stage));
    window.go(&format!("{matrix}/MessagingSession"));
    let row = window.row("EndUserAccountId");
    row.sees("comes from the Messaging User");
    row.sees("nobody edits it here");
    row.does_not_offer("Edit Messaging User Account");
    row.click("Rights on MessagingEndUser.AccountId");
    window.row("AccountId").sees("Account");
    assert!(
        window
            .path()
            .starts_with(&format!("{matrix}/MessagingEndUser"))
    );
}

#[test]
fn the_access_inspector_names_the_first_rule_that_says_no_and_the_fix() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let session = stage.session();
    let id = session.rsplit('/').next().unwrap();
    let window = stage.window(ADMIN, Look::default());
    window.go("/setup/access");
    window.fill("Who", "viewer@headwater.example");
    window.fill("Which record", id);
    window.click("Inspect");
    window.sees("Robin Okafor");
    window.sees("edits 0");
    let row = window.row("EndUserAccountId");
    row.sees("comes from the Messaging User Jordan Avery");
    row.sees("Edited at MessagingEndUser.AccountId of this record");
    row.offers("MessagingEndUser.AccountId");
    window.is_accessible();
    // The fix leads to where the right is given.
    row.sees("System Administrator");
}

#[test]
fn a_custom_field_works_as_soon_as_it_is_made() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default());
    window.go("/setup/objects/Account/new-field?type=Text");
    window.fill("Label", "Loyalty Number");
    window.fill("Most characters", "40");
    window.click("Make the field");
    window.within("Notices").sees("Made.");
    window.sees("Loyalty_Number__c");
    let account = stage
        .admin
        .id("SELECT Id FROM Account WHERE Name = 'Sample'");
    window.go(&format!("/r/Account/{account}/edit"));
    window.fill("Loyalty Number", "L-1");
    window.click("Save");
    window.within("Details").sees("L-1");
    let rows = stage
        .admin
        .query("SELECT Loyalty_Number__c FROM Account WHERE Name = 'Sample'");
    assert_eq!(rows[0]["Loyalty_Number__c"], "L-1");
}

#[test]
fn a_field_page_says_where_its_value_comes_from() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default());
    window.go("/setup/objects/MessagingSession/fields/EndUserAccountId");
    window.sees("MessagingEndUser.AccountId");
}

#[test]
fn whoever_may_not_set_up_is_neither_led_nor_let_there() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.within("Main").does_not_offer("Setup");
    window.expect_error("403");
    window.go("/setup/users");
    window.does_not_see("viewer@headwater.example");
}
