//! What somebody may not do is not offered, and is refused all the same.

use headwater_testbrowser::Look;
use serde_json::json;

use crate::stage::{ADMIN, Stage, VIEWER};

#[test]
fn a_viewer_sees_no_way_to_change_anything() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(VIEWER, Look::default());
    let user = stage
        .admin
        .id("SELECT Id FROM MessagingEndUser WHERE Name = 'Jordan Avery'");
    for page in [stage.session(), format!("/r/MessagingEndUser/{user}")] {
        window.go(&page);
        window.sees("Details");
        window.does_not_offer("Edit");
        window.does_not_offer("Delete…");
        window.does_not_offer("Edit Case");
        window.does_not_offer("Edit Account");
        window.does_not_offer("Change account or contact…");
    }
    window.go("/o/Account");
    window.sees("Sample");
    window.does_not_offer("New");
}

#[test]
fn the_lock_names_the_right_that_is_missing_and_who_can_grant_it() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(VIEWER, Look::default());
    window.go(&stage.session());
    window.click("Messaging User Account: why is it locked?");
    let why = window.within("Why Messaging User Account is locked");
    why.sees("comes from the Messaging User Jordan Avery");
    why.does_not_offer("Change account or contact…");
    why.offers("Open Messaging User");
    why.sees("takes the right to edit Messaging Users, which you do not have");
    why.sees("which a System Administrator can grant");
}

#[test]
fn the_server_refuses_what_the_page_did_not_offer() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (id, page) = {
        let id = stage
            .admin
            .id("SELECT Id FROM Account WHERE Name = 'Sample'");
        (id.clone(), format!("/r/Account/{id}"))
    };
    // The form as somebody had it who lost the right meanwhile: what it sends is all that counts.
    let window = stage.window(VIEWER, Look::default());
    window.go("/preferences");
    window.expect_error("/edit - Failed to load resource");
    window.evaluate(&format!(
        "const token = document.querySelector('[name=form_token]').value;
         const form = document.createElement('form');
         form.method = 'post';
         form.action = '{page}/edit';
         for (const [name, value] of [['form_token', token], ['Phone', '666']]) {{
           const field = document.createElement('input');
           field.name = name; field.value = value; form.append(field);
         }}
         document.body.append(form); form.submit()"
    ));
    window.does_not_see("Preferences");
    let soql = format!("SELECT Phone FROM Account WHERE Id = '{id}'");
    assert_ne!(stage.admin.query(&soql)[0]["Phone"], "666");
}

#[test]
fn a_form_without_the_token_of_the_session_changes_nothing() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let id = stage
        .admin
        .create("Account", &json!({ "Name": "Kept", "Phone": "1" }));
    let window = stage.window(ADMIN, Look::default());
    window.go(&format!("/r/Account/{id}/edit"));
    window.fill("Account Phone", "2");
    window.evaluate("document.querySelector('form.whole [name=form_token]').value = 'guessed'");
    window.expect_error("403");
    window.click("Save");
    window.sees("This form was not taken");
    let soql = format!("SELECT Phone FROM Account WHERE Id = '{id}'");
    assert_eq!(stage.admin.query(&soql)[0]["Phone"], "1");
}

#[test]
fn no_other_page_can_hold_the_console_in_a_frame() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default());
    // Not even one of its own.
    window.expect_error("frame");
    window.evaluate(
        "const frame = document.createElement('iframe'); frame.src = '/dashboard'; document.body.append(frame)",
    );
    window.until_evaluates("return frames[0].length", &json!(0));
    window.until_evaluates(
        "try { return document.querySelector('iframe').contentDocument === null } catch { return true }",
        &json!(true),
    );
}
