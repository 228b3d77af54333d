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

/// Notes what the page plays and tells, and looks as if the agent were in another program.
const LISTEN: &str = "window.played = [];
     window.told = [];
     const start = OscillatorNode.prototype.start;
     OscillatorNode.prototype.start = function (at) {
         window.played.push(this.frequency.value);
         return start.call(this, at);
     };
     window.Notification = class {
         static permission = 'granted';
         constructor(title, { body }) { window.told.push(`${title}: ${body}`); }
         addEventListener() {}
         close() {}
     };
     document.hasFocus = () => false;";

#[test]
fn a_new_offer_is_heard_and_told_and_only_told_by_who_has_switched_the_sound_off() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let agent = stage.window(AGENT, Look::default());
    becomes(&agent, "Available");
    // What waits in the demo is offered first.
    for waiting in ["Charlotte Whitcombe", "Priya Nair", "+12135550188"] {
        agent.offers(&format!("Accept {waiting}"));
    }
    agent.evaluate(LISTEN);
    let comes = || {
        let customer = stage.stranger(Look::default());
        customer.go("/chat/Web_Chat");
        writes(&customer, "Is my parcel lost?");
        agent.offers("Accept Guest");
        customer
    };
    let _first = comes();
    agent.until_evaluates("return window.played", &json!([660, 880]));
    let told = "A customer waits: Guest";
    agent.until_evaluates("return window.told", &json!([told]));
    agent.click("Accept Guest");
    agent.sees("Is my parcel lost?");

    agent.evaluate(LISTEN);
    agent.click_on("#work summary");
    agent.click("Sound: on");
    agent.offers("Sound: off");
    let _second = comes();
    agent.until_evaluates("return window.told", &json!([told]));
    assert_eq!(agent.evaluate("return window.played"), json!([]));
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
