//! The story: the session shows the wrong account, which is changed where it is kept, and every
//! window follows.

use headwater_testbrowser::{Look, Window};

use crate::stage::{ADMIN, AGENT, Stage, VIEWER, session_page};

/// Goes back until the window is at a path.
fn back_to(window: &Window, path: &str) {
    for _ in 0..5 {
        window.back();
        if window.path() == path {
            return;
        }
    }
    panic!("no way back to {path}; it is at {}", window.path());
}

#[test]
fn an_account_changed_at_its_source_is_on_the_session_and_in_every_other_window() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let sessions = stage.sessions_of("Jordan Avery");
    let newest = session_page(&sessions[0]);
    let mine = stage.window(AGENT, Look::default());
    let other = stage.window(ADMIN, Look::default());
    other.go(&session_page(sessions.last().unwrap()));
    other.within("Who this is").sees("Test1");
    other.evaluate("window.notReloaded = true");

    mine.go(&newest);
    mine.within("Who this is").sees("Test1");
    mine.within("Who this is").sees("shared by 16 sessions");
    // The contact is called so too.
    mine.click_on(".identity .source a");
    mine.sees("+12025550147");
    mine.click("Edit");
    mine.holds("Account", "Test1");
    mine.fill("Account", "Sample");
    mine.pick("Sample");
    mine.holds("Account", "Sample");
    mine.click("Save");
    mine.sees("Saved.");

    other.within("Who this is").sees("Sample");
    other.within("Who this is").does_not_see("Test1");
    assert_eq!(other.evaluate("return window.notReloaded"), true);
    back_to(&mine, &newest);
    mine.within("Who this is").sees("Sample");
    mine.within("Who this is").does_not_see("Test1");
}

#[test]
fn a_list_that_shows_the_account_follows_as_well() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let list = stage.window(VIEWER, Look::default());
    list.go("/o/MessagingSession?view=all&q=Jordan");
    list.row("Jordan Avery").sees("Test1");
    list.evaluate("window.notReloaded = true");
    let user = stage
        .admin
        .id("SELECT Id FROM MessagingEndUser WHERE Name = 'Jordan Avery'");
    let sample = stage
        .admin
        .id("SELECT Id FROM Account WHERE Name = 'Sample'");
    let change = serde_json::json!({ "AccountId": sample });
    stage.admin.update("MessagingEndUser", &user, &change);
    list.does_not_see("Test1");
    list.sees("Sample");
    assert_eq!(list.evaluate("return window.notReloaded"), true);
}
