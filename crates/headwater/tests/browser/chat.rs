//! A customer in the chat window and an agent in the console.

use headwater_testbrowser::{Look, Window};
use serde_json::{Value, json};

use crate::stage::{AGENT, Stage};

const CHAT: &str = "document.querySelector('#headwater-chat').shadowRoot";

/// What the chat window says.
fn said(customer: &Window, wanted: &str) {
    customer.until_evaluates(
        &format!("return {CHAT}.querySelector('.panel').innerText.includes({wanted:?})"),
        &json!(true),
    );
}

fn writes(customer: &Window, text: &str) {
    customer.evaluate(&format!(
        "const form = {CHAT}.querySelector('form');
         form.querySelector('textarea').value = {text:?};
         form.requestSubmit();"
    ));
}

fn how_often(customer: &Window, text: &str) -> Value {
    customer.evaluate(&format!(
        "return [...{CHAT}.querySelectorAll('.said')].filter((one) => one.innerText === {text:?}).length"
    ))
}

#[test]
fn a_customer_and_an_agent_talk_until_the_end() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let customer = stage.stranger(Look::default());
    customer.go("/chat/Web_Chat");
    writes(&customer, "Where is my order?");
    said(&customer, "Sent");

    let agent = stage.window(AGENT, Look::default());
    agent.go("/o/MessagingSession?view=waiting");
    agent.click("Guest");
    agent.sees("Where is my order?");
    agent.click("Accept");
    said(&customer, "Sasha Lindqvist has joined.");
    agent.fill("Write to Guest", "It left our dock this morning.");
    agent.click("Send");
    said(&customer, "It left our dock this morning.");
    // Shown and seen in an open window, which the carrier's ticks tell.
    agent.sees("Read");
    agent.holds("Write to Guest", "");

    // The page is closed and opened again: the conversation is there, each message once.
    customer.reload();
    said(&customer, "It left our dock this morning.");
    writes(&customer, "Thank you!");
    agent.sees("Thank you!");
    assert_eq!(how_often(&customer, "Where is my order?"), json!(1));
    assert_eq!(how_often(&customer, "Thank you!"), json!(1));

    agent.click("End session");
    agent.sees("This session is over.");
    said(&customer, "The chat has ended.");
    writes(&customer, "One more question");
    said(&customer, "One more question");
    agent.go("/o/MessagingSession?view=waiting");
    agent.sees("Guest");
}

#[test]
fn the_chat_window_is_accessible_wide_and_narrow() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    for look in [Look::default(), Look::default().narrow().dark()] {
        let customer = stage.stranger(look);
        customer.go("/chat/Web_Chat");
        writes(&customer, "Hello");
        said(&customer, "Sent");
        customer.is_accessible();
        let is_wider = customer.evaluate(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth",
        );
        assert_eq!(is_wider, json!(false));
    }
}
