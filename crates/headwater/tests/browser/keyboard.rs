//! Everything from the keyboard.

use headwater_testbrowser::{Key, Look};

use crate::stage::{AGENT, Stage};

#[test]
fn rows_are_walked_and_opened_and_a_record_is_edited() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go("/o/Account?view=all&q=Sample");
    window.sees("Sample");
    window.press('j');
    window.has_focus_on("Sample");
    window.press(Key::Enter);
    window.within("Details").sees("Sample");
    window.press('e');
    window.holds("Account Name", "Sample");
}

#[test]
fn j_and_k_move_up_and_down() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go("/o/Account?view=all");
    let names = stage
        .admin
        .query("SELECT Name FROM Account ORDER BY Name LIMIT 3");
    let name = |place: usize| names[place]["Name"].as_str().unwrap().to_owned();
    for (key, expected) in [('j', 0), ('j', 1), ('j', 2), ('k', 1)] {
        window.press(key);
        window.has_focus_on(&name(expected));
    }
    window.press('/');
    window.has_focus_on("Search Accounts");
    window.types("j");
    window.holds("Search Accounts", "j");
}

#[test]
fn the_palette_leads_to_pages_and_records_and_does_what_the_page_offers() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.press_with(Key::Control, 'k');
    window.has_focus_on("Search or jump to");
    window.types("dash");
    window.within("Results").sees("Dashboard");
    window.press(Key::Enter);
    window.is_at("/dashboard");
    window.press_with(Key::Control, 'k');
    window.types("Jordan Av");
    window.within("Results").sees("Jordan Avery");
    window.press(Key::Enter);
    window.sees("+12025550147");
    window.press_with(Key::Control, 'k');
    window.types("Edit this");
    window.within("Results").sees("Edit this record");
    window.within("Results").does_not_see("Change account");
    window.press(Key::Enter);
    window.holds("Account", "Test1");
    window.press_with(Key::Control, 'k');
    window.has_focus_on("Search or jump to");
    window.press(Key::Escape);
    window.does_not_offer("Search or jump to");
}

#[test]
fn a_lookup_is_a_combobox_that_keys_drive() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let user = stage
        .admin
        .id("SELECT Id FROM MessagingEndUser WHERE Name = 'Jordan Avery'");
    let window = stage.window(AGENT, Look::default());
    window.go(&format!("/r/MessagingEndUser/{user}/edit"));
    window.fill("Account", "Samp");
    window.row("Sample").sees("Sample");
    let described = "const at = document.activeElement;
        const on = document.getElementById(at.getAttribute('aria-activedescendant'));
        return [at.role, at.ariaExpanded, on?.getAttribute('data-name') ?? on?.innerText ?? null]";
    let found = window.evaluate(described);
    assert_eq!(found[0], "combobox");
    assert_eq!(found[1], "true");
    window.is_accessible();
    // The last one is to make a new one. Before the first is the field itself.
    window.press(Key::Up);
    window.press(Key::Up);
    let last = window.evaluate(described);
    assert!(last[2].as_str().unwrap().contains("New account"), "{last}");
    window.press(Key::Escape);
    window.holds("Account", "Samp");
    assert_eq!(window.evaluate(described)[1], "false");
    window.fill("Account", "Sample");
    window.row("Sample").sees("Sample");
    window.press(Key::Enter);
    window.holds("Account", "Sample");
    window.press_with(Key::Control, Key::Enter);
    window.sees("Saved.");
    window.within("Details").sees("Sample");
}

#[test]
fn the_lock_is_reached_and_opened_without_a_pointer() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go(&stage.session());
    window.focus("Messaging User Account: why is it locked?");
    window.press(Key::Enter);
    let why = window.within("Why Messaging User Account is locked");
    why.sees("comes from the Messaging User Jordan Avery");
    window.press(Key::Escape);
    why.does_not_see("comes from");
    window.has_focus_on("Messaging User Account: why is it locked?");
}

#[test]
fn the_list_of_keys_is_a_key_away_and_single_keys_can_be_switched_off() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.press('?');
    window
        .within("Keyboard shortcuts")
        .sees("Change account or contact");
    window.is_accessible();
    window.press(Key::Escape);
    window.does_not_see("Next and previous row");
    window.go("/preferences");
    let keys = window.within("Keyboard shortcuts");
    keys.switch("Off: only keys held with Ctrl or ⌘", true);
    window.click("Save");
    window.sees("Saved.");
    window.press('?');
    window.press('g');
    window.press('d');
    window.does_not_see("Next and previous row");
    window.is_at("/preferences");
    // Those that are held with Ctrl are not single keys.
    window.press_with(Key::Control, 'k');
    window.has_focus_on("Search or jump to");
}

#[test]
fn the_first_tab_skips_to_the_content() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go("/dashboard");
    window.press(Key::Tab);
    window.has_focus_on("Skip to the content");
    window.press(Key::Enter);
    let focused = window.evaluate("return document.activeElement.id");
    assert_eq!(focused, "main");
}
