//! Agents who come and go, and customers who are brought to them.

use headwater_testbrowser::{Look, Window};
use serde_json::json;

use crate::chat::{said, writes};
use crate::stage::{ADMIN, AGENT, Stage};

/// Says of somebody that they are available, or offline.
pub(crate) fn becomes(window: &Window, status: &str) {
    window.click_on("#work summary");
    window.click(status);
    window.until_evaluates(
        "return document.querySelector('#work .presence-label').textContent",
        &json!(format!("Your status: {status}")),
    );
}

#[test]
fn an_agent_is_offered_a_customer_accepts_and_hands_them_on() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let agent = stage.window(AGENT, Look::default());
    // What the demo lets wait is not what this is about.
    let customer = stage.stranger(Look::default());
    becomes(&agent, "Available");
    customer.go("/chat/Web_Chat");
    writes(&customer, "Is my parcel lost?");
    said(&customer, "Sent");
    agent.offers("Accept Guest");
    agent.sees("left to answer");
    agent.is_accessible();
    agent.click("Accept Guest");
    agent.sees("Is my parcel lost?");
    agent.does_not_offer("Accept Guest");
    said(&customer, "Sasha Lindqvist has joined.");

    let admin = stage.window(ADMIN, Look::default());
    becomes(&admin, "Available");
    agent.click("Transfer…");
    agent.sees("Transfer Guest");
    agent.click_on("#dialog input[value^='005']");
    agent.fill("Note (optional, for people here)", "Ask the carrier");
    agent.within("Transfer Guest").click("Transfer");
    agent.sees("Transferred to Morgan Reyes: Ask the carrier");
    admin.click("Accept Guest");
    admin.sees("Is my parcel lost?");
    said(&customer, "Morgan Reyes has joined.");
    admin.click("End and next");
    said(&customer, "The chat has ended.");
}

#[test]
fn a_page_of_an_agent_who_is_there_gives_signs_of_life() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let agent = stage.window(AGENT, Look::default());
    becomes(&agent, "Available");
    // Whichever page is open, it does so.
    agent.go("/dashboard");
    agent.until_evaluates(
        "return performance.getEntriesByType('resource').some((one) => one.name.endsWith('/presence/beat'))",
        &json!(true),
    );
    becomes(&agent, "Offline");
    let there = stage.admin.query("SELECT Id FROM PresenceHeartbeat");
    assert!(there.is_empty(), "{there:?}");
}
