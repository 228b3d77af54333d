//! Lists: views, pages, search, order, and the rail beside a record.

use headwater_testbrowser::{Look, Window};
use serde_json::json;

use crate::stage::{ADMIN, AGENT, Stage};

/// How many rows a list shows.
fn rows(window: &Window) -> u64 {
    let count = window.evaluate("return document.querySelectorAll('#rows tr').length");
    count.as_u64().unwrap()
}

/// The first row's name.
fn first(window: &Window) -> String {
    let name = window.evaluate("return document.querySelector('#rows tr th').innerText");
    name.as_str().unwrap().trim().to_owned()
}

#[test]
fn a_list_is_paged_by_key_and_back() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    for number in 0..70 {
        let name = format!("Paged {number:02}");
        stage.admin.create("Account", &json!({ "Name": name }));
    }
    let window = stage.window(ADMIN, Look::default());
    window.go("/o/Account?view=all&q=Paged");
    window.sees("Paged 49");
    assert_eq!(rows(&window), 50);
    window.does_not_see("Paged 50");
    window.click("Next 50");
    window.sees("Paged 50");
    window.sees("Paged 69");
    window.does_not_see("Paged 49");
    assert_eq!(rows(&window), 20);
    window.does_not_offer("Next 50");
    window.back();
    window.sees("Paged 00");
    window.click("Next 50");
    window.sees("Paged 69");
    window.click("First page");
    window.sees("Paged 00");
}

/// The address says what the list is asked for, once it is.
fn is_asked_for(window: &Window, name: &str, value: &str) {
    let script = format!("return new URLSearchParams(location.search).get({name:?})");
    window.until_evaluates(&script, &json!(value));
}

#[test]
fn a_search_narrows_as_one_types_and_stays_in_the_address() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go("/o/MessagingSession?view=all");
    window.evaluate("window.notReloaded = true");
    window.fill("Search Messaging Sessions", "Jordan");
    window.until_evaluates(
        "return document.querySelectorAll('#rows tr').length",
        &json!(16),
    );
    is_asked_for(&window, "q", "Jordan");
    assert_eq!(window.evaluate("return window.notReloaded"), true);
    window.fill("Status", "Active");
    // That it is on the page says nothing: an active session was there before.
    is_asked_for(&window, "Status", "Active");
    window.reload();
    window.holds("Search Messaging Sessions", "Jordan");
    window.holds("Status", "Active");
    window.fill("Search Messaging Sessions", "nobody is called so");
    window.sees("Nothing here matches “nobody is called so”.");
}

/// An answer to what was asked before is not to undo what is chosen while it is on its way.
#[test]
fn a_choice_made_while_a_search_is_on_its_way_is_kept() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go("/o/MessagingSession?view=all");
    window.until_evaluates(
        "return document.querySelector('#connection').dataset.state",
        &json!("live"),
    );
    window.evaluate(
        "const form = document.querySelector('form.controls');
         const set = (name, value) => {
           form.elements[name].value = value;
           form.elements[name].dispatchEvent(new Event('change', { bubbles: true }));
         };
         set('q', 'Jordan');
         set('Status', 'Active');",
    );
    is_asked_for(&window, "Status", "Active");
    window.holds("Status", "Active");
    window.holds("Search Messaging Sessions", "Jordan");
}

#[test]
fn a_click_on_a_heading_sorts_and_another_turns_it_round() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    for (name, site) in [("Sorted A", "3"), ("Sorted B", "1"), ("Sorted C", "2")] {
        stage
            .admin
            .create("Account", &json!({ "Name": name, "Phone": site }));
    }
    let window = stage.window(AGENT, Look::default());
    window.go("/o/Account?view=all&q=Sorted");
    assert_eq!(first(&window), "Sorted A");
    window.click("Account Phone");
    window.sees("Sorted B");
    let sorted = || window.evaluate("return document.querySelector('[aria-sort]').ariaSort");
    window.until_evaluates(
        "return document.querySelector('[aria-sort]')?.ariaSort",
        &json!("ascending"),
    );
    assert_eq!(first(&window), "Sorted B");
    window.click("Account Phone");
    window.until_evaluates(
        "return document.querySelector('[aria-sort]')?.ariaSort",
        &json!("descending"),
    );
    assert_eq!(sorted(), "descending");
    assert_eq!(first(&window), "Sorted A");
}

#[test]
fn views_show_what_they_say() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let unlinked = stage
        .admin
        .query("SELECT Name FROM MessagingEndUser WHERE ContactId = null");
    assert!(!unlinked.is_empty());
    let window = stage.window(AGENT, Look::default());
    window.go("/o/MessagingEndUser");
    window.within("Views").click("Without a contact");
    window.sees(unlinked[0]["Name"].as_str().unwrap());
    window.does_not_see("Jordan Avery");
    window.within("Main").click("Waiting");
    window.is_at("/o/MessagingSession?view=waiting");
    window.within("Main").click("Ended");
    window.sees("Ended");
    window.within("Main").click("Mine");
    window.is_at("/o/MessagingSession?view=mine");
}

#[test]
fn the_same_phone_with_different_contacts_is_found() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(AGENT, Look::default());
    window.go("/o/MessagingEndUser");
    window
        .within("Views")
        .click("Same phone, different contacts");
    window.is_at("/shared-addresses");
    window.is_accessible();
}

#[test]
fn a_record_opened_from_a_list_keeps_it_at_its_side() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let sessions = stage.sessions_of("Jordan Avery");
    let wide = Look {
        width: 1800,
        ..Look::default()
    };
    let window = stage.window(AGENT, wide);
    window.go("/o/MessagingSession?view=all&q=Jordan");
    let at = format!("[id='row-{}'] th a", sessions[1]);
    window.click_on(&at);
    window.sees("Transcript");
    let rail = window.within("Messaging Sessions, All");
    rail.sees("Jordan Avery");
    window.click_on(&format!("[id='rail-{}'] a", sessions[2]));
    window.sees("Transcript");
    assert!(window.path().contains(&sessions[2]));
    rail.sees("Jordan Avery");
}
