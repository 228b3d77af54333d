//! Editing: one field in its place, a conflict, errors at their field, work that is not lost.

use headwater_testbrowser::{Key, Look};
use serde_json::json;

use crate::stage::{ADMIN, AGENT, Stage};

/// An account of its own, with its page.
fn account(stage: &Stage) -> (String, String) {
    let fields = json!({ "Name": "Edited", "Phone": "1000", "Site": "Harbour" });
    let id = stage.admin.create("Account", &fields);
    let page = format!("/r/Account/{id}");
    (id, page)
}

#[test]
fn a_case_is_linked_in_place_with_a_lookup() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let page = stage.session();
    let id = page.rsplit('/').next().unwrap();
    let soql = format!("SELECT CaseId FROM MessagingSession WHERE Id = '{id}'");
    let before = stage.admin.query(&soql)[0]["CaseId"].clone();
    // Any but the one that it has.
    let case = stage.admin.query(&format!(
        "SELECT Id, CaseNumber FROM Case WHERE Id != '{}' ORDER BY CaseNumber DESC LIMIT 1",
        before.as_str().unwrap()
    ));
    let number = case[0]["CaseNumber"].as_str().unwrap();
    let window = stage.window(AGENT, Look::default());
    window.go(&page);
    window.evaluate("window.notReloaded = true");
    window.within("Details").click("Edit Case");
    window.has_focus_on("Case");
    window.fill("Case", number);
    window.pick(number);
    window.click("Save");
    window.within("Notices").sees("Saved.");
    window.within("Details").sees(number);
    assert_eq!(window.evaluate("return window.notReloaded"), true);
    assert_eq!(stage.admin.query(&soql)[0]["CaseId"], case[0]["Id"]);
}

#[test]
fn two_who_change_the_same_field_are_asked_and_nothing_is_lost() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    for (keep, left) in [("Theirs: 2000", "2000"), ("Yours: 3000", "3000")] {
        let (id, page) = account(&stage);
        let window = stage.window(ADMIN, Look::default());
        window.go(&page);
        let details = window.within("Details");
        details.click("Edit Account Phone");
        details.fill("Account Phone", "3000");
        stage
            .admin
            .update("Account", &id, &json!({ "Phone": "2000" }));
        window.expect_error("422");
        details.click("Save");
        window.sees("Somebody else has changed the same");
        window.sees("Changed meanwhile");
        window.switch(keep, true);
        details.click("Save");
        window.does_not_see("Changed meanwhile");
        details.sees(left);
        let soql = format!("SELECT Phone FROM Account WHERE Id = '{id}'");
        assert_eq!(stage.admin.query(&soql)[0]["Phone"], left);
    }
}

#[test]
fn two_who_change_different_fields_do_not_meet() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (id, page) = account(&stage);
    let window = stage.window(ADMIN, Look::default());
    window.go(&format!("{page}/edit"));
    window.fill("Account Phone", "3000");
    stage
        .admin
        .update("Account", &id, &json!({ "Site": "Airport" }));
    window.click("Save");
    window.sees("Saved.");
    window.within("Details").sees("3000");
    window.within("Details").sees("Airport");
}

#[test]
fn errors_stand_at_their_field_and_in_a_summary_that_leads_there() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (_, page) = account(&stage);
    let window = stage.window(ADMIN, Look::default());
    window.go(&format!("{page}/edit"));
    window.fill("Employees", "many");
    window.expect_error("422");
    window.click("Save");
    window.click("Employees");
    window.has_focus_on("Employees");
    let described = window.evaluate(
        "const at = document.activeElement;
         return [at.getAttribute('aria-invalid'), document.getElementById(at.getAttribute('aria-describedby')).innerText]",
    );
    assert_eq!(described[0], "true");
    assert!(!described[1].as_str().unwrap().is_empty());
    window.is_accessible();
    window.fill("Employees", "12");
    window.click("Save");
    window.sees("Saved.");
}

#[test]
fn leaving_with_unsaved_changes_asks_and_the_draft_is_offered_again() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (id, page) = account(&stage);
    let window = stage.window(ADMIN, Look::default());
    window.go(&format!("{page}/edit"));
    window.fill("Account Site", "Not saved yet");
    // The driver itself answers what a page asks before it is left; so only that it asks is seen.
    let asks = "return !dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    window.until_evaluates(asks, &true.into());
    window.click("Cancel");
    window.is_at(&page);
    window.within("Details").sees("Harbour");
    window.go(&format!("{page}/edit"));
    window.click("Restore");
    window.holds("Account Site", "Not saved yet");
    window.click("Save");
    window.sees("Saved.");
    let soql = format!("SELECT Site FROM Account WHERE Id = '{id}'");
    assert_eq!(stage.admin.query(&soql)[0]["Site"], "Not saved yet");
}

#[test]
fn an_open_form_stays_when_somebody_else_saves_something() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (id, page) = account(&stage);
    let window = stage.window(ADMIN, Look::default());
    window.go(&page);
    let details = window.within("Details");
    details.click("Edit Account Phone");
    details.fill("Account Phone", "3000");
    stage
        .admin
        .update("Account", &id, &json!({ "Site": "Airport" }));
    details.sees("Airport");
    details.holds("Account Phone", "3000");
    window.press(Key::Enter);
    window.within("Notices").sees("Saved.");
    details.sees("3000");
}

#[test]
fn escape_leaves_a_field_as_it_was() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (_, page) = account(&stage);
    let window = stage.window(ADMIN, Look::default());
    window.go(&page);
    let details = window.within("Details");
    details.click("Edit Account Phone");
    details.has_focus_on("Account Phone");
    window.press(Key::Escape);
    details.has_focus_on("Edit Account Phone");
    details.sees("1000");
    // What was written is not thrown away without a word.
    window.press(Key::Enter);
    details.fill("Account Phone", "3000");
    window.press(Key::Escape);
    window.is_asked();
    window.answer(false);
    details.holds("Account Phone", "3000");
    window.press(Key::Escape);
    window.is_asked();
    window.answer(true);
    details.sees("1000");
}
