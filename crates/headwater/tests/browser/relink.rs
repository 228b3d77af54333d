//! The lock and its dialog: why, what would happen, doing it, taking it back.

use headwater_testbrowser::{Key, Look};

use crate::stage::{AGENT, Stage};

const CHANGE: &str = "Change account or contact…";
const DIALOG: &str = "Change account or contact";

#[test]
fn the_lock_says_why_and_from_where_in_one_sentence() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let page = stage.session();
    let id = page.rsplit('/').next().unwrap();
    let window = stage.window(AGENT, Look::default());
    window.go(&page);
    window.click("Messaging User Account: why is it locked?");
    let why = window.within("Why Messaging User Account is locked");
    why.sees("This account comes from the Messaging User Jordan Avery");
    why.sees("16 messaging sessions share it");
    why.offers(CHANGE);
    // The same words as from the API.
    let explained = stage.admin.send(
        "GET",
        &format!("../../headwater/v1/explain/MessagingSession/{id}/EndUserAccountId"),
        &serde_json::Value::Null,
    );
    let reason = explained.1.to_string();
    let shown = why.text();
    let sentence = shown.lines().next().unwrap();
    assert!(reason.contains(sentence), "{sentence}: {reason}");
    why.click("Open Messaging User");
    window.sees("+12025550147");
}

#[test]
fn the_dialog_shows_the_effect_and_the_toast_takes_it_back() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go(&stage.session());
    window.evaluate("window.notReloaded = true");
    window.within("Who this is").click(CHANGE);
    let dialog = window.within(DIALOG);
    dialog.sees("Jordan Avery");
    dialog.has_focus_on("Account now: Test1");
    dialog.fill("Account now: Test1", "Samp");
    dialog.pick("Sample");
    dialog.sees("Test1");
    dialog.sees("Affects 16 sessions.");
    dialog.fill(
        "Note (optional, kept with the relink)",
        "Jordan buys for Sample",
    );
    dialog.click("Change for 16 sessions");
    window.does_not_see("Affects 16 sessions.");
    window.within("Who this is").sees("Sample");
    let notices = window.within("Notices");
    notices.sees("Jordan Avery has the account Sample instead of Test1.");
    notices.sees("16 sessions follow.");
    notices.click("Undo");
    notices.sees("Undone.");
    window.within("Who this is").sees("Test1");
    assert_eq!(window.evaluate("return window.notReloaded"), true);
    let reasons = stage
        .admin
        .query("SELECT Reason FROM Relink WHERE Rule != 'Undo'");
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0]["Reason"], "Jordan buys for Sample");
}

#[test]
fn a_relink_is_undone_from_the_history_later() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let user = stage
        .admin
        .id("SELECT Id FROM MessagingEndUser WHERE Name = 'Jordan Avery'");
    let sample = stage
        .admin
        .id("SELECT Id FROM Account WHERE Name = 'Sample'");
    let body = serde_json::json!({ "messagingEndUserIds": [user], "accountId": sample });
    let made = stage
        .admin
        .send("POST", "../../headwater/v1/relinks", &body);
    assert_eq!(made.0, 201, "{}", made.1);
    let window = stage.window(AGENT, Look::default());
    window.go(&format!("/r/MessagingEndUser/{user}"));
    let relinks = window.within("Relinks");
    relinks.sees("Sample");
    let name = stage.admin.query("SELECT Name FROM Relink")[0]["Name"].clone();
    relinks.click(name.as_str().unwrap());
    window.click("Undo this relink");
    window.sees("Undone.");
    window.go(&stage.session());
    window.within("Who this is").sees("Test1");
}

#[test]
fn the_account_of_the_contact_is_proposed() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let account = stage
        .admin
        .id("SELECT Id FROM Account WHERE Name = 'Sample'");
    let contact = serde_json::json!({
        "FirstName": "Robin", "LastName": "Field", "AccountId": account,
    });
    stage.admin.create("Contact", &contact);
    let window = stage.window(AGENT, Look::default());
    window.go(&stage.session());
    window.within("Who this is").click(CHANGE);
    let dialog = window.within(DIALOG);
    dialog.fill("Contact now: Jordan Avery", "Robin");
    dialog.pick("Robin Field");
    dialog.switch("Also link to Sample, the account of Robin Field", true);
    dialog.sees("Test1");
    dialog.click("Change for 16 sessions");
    window.within("Who this is").sees("Robin Field");
    window.within("Who this is").sees("Sample");
}

#[test]
fn the_dialog_gives_the_focus_back_and_leaves_all_as_it_was() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go(&stage.session());
    // Its script has begun, and with that its keys.
    window.sees("Live");
    window.press('l');
    let dialog = window.within(DIALOG);
    dialog.offers("Cancel");
    window.press(Key::Escape);
    dialog.does_not_offer("Cancel");
    window.within("Who this is").has_focus_on(CHANGE);
    window.within("Who this is").sees("Test1");
}
