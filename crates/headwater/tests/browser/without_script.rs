//! Everything that matters, with script switched off.

use headwater_testbrowser::Look;

use crate::stage::{AGENT, Stage, session_page};

fn plain() -> Look {
    Look::default().without_script()
}

#[test]
fn the_story_goes_by_links_and_forms_alone() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let sessions = stage.sessions_of("Jordan Avery");
    let newest = session_page(&sessions[0]);
    let mine = stage.window(AGENT, plain());
    let other = stage.window(AGENT, plain());
    other.go(&session_page(&sessions[1]));
    other.within("Who this is").sees("Test1");

    mine.go(&newest);
    mine.within("Who this is").sees("Test1");
    // The contact is called so too.
    mine.click_on(".identity .source a");
    mine.click("Edit");
    mine.fill("Account", "Sample");
    mine.click("Save");
    mine.sees("Saved.");
    mine.within("Details").sees("Sample");

    mine.go(&newest);
    mine.within("Who this is").sees("Sample");
    other.reload();
    other.within("Who this is").sees("Sample");
}

#[test]
fn a_relink_shows_its_effect_on_a_page_and_is_undone_on_a_page() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, plain());
    window.go(&stage.session());
    window
        .within("Who this is")
        .click("Change account or contact…");
    window.sees("All 16 of its sessions");
    window.fill("Account now: Test1", "Sample");
    window.click("Show the effect");
    window.sees("Affects 16 sessions.");
    window.click("Change for 16 sessions");
    window.sees("Relinked.");
    window.within("Who this is").sees("Sample");
    window.click("Undo");
    window.sees("Undone.");
    window.within("Who this is").sees("Test1");
}

#[test]
fn a_name_that_fits_several_records_is_asked_about() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    for city in ["Boston", "Denver"] {
        let account = serde_json::json!({ "Name": "Twins", "BillingCity": city });
        stage.admin.create("Account", &account);
    }
    let window = stage.window(AGENT, plain());
    window.go(&stage.session());
    window
        .within("Who this is")
        .click("Change account or contact…");
    window.fill("Account now: Test1", "Twins");
    window.expect_error("422");
    window.click("Change for 16 sessions");
    window.sees("“Twins” fits several. Choose one.");
    window.switch("Twins (Denver)", true);
    window.click("Change for 16 sessions");
    window.within("Who this is").sees("Twins");
}

#[test]
fn a_list_is_searched_and_narrowed_by_a_button() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, plain());
    window.go("/o/MessagingSession?view=all");
    window.fill("Search Messaging Sessions", "Jordan");
    window.fill("Status", "Ended");
    window.click("Apply");
    window.sees("Jordan Avery");
    window.row("Jordan Avery").sees("Ended");
    window.does_not_offer("Next 50");
}
