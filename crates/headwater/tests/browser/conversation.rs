//! A whole conversation: a customer in the chat window and two agents in the console, from the first word to
//! the last.

use headwater_testbrowser::{Look, Window};
use serde_json::json;

use crate::chat::{CHAT, drops, is_pictured, said, writes};
use crate::line::Line;
use crate::stage::{ADMIN, AGENT, Stage};
use crate::work::becomes;

/// What the customer's window shows, in order.
const SHOWN: &str =
    "return [...CHAT.querySelectorAll('.message .said')].map((one) => one.innerText)";

/// What an agent's page shows of what was said, in order, without what the server says of it.
const TRANSCRIPT: &str =
    "return [...document.querySelectorAll('#transcript .entry:is(.theirs, .ours) .said')]
    .map((one) => one.innerText)";

fn shows(customer: &Window, texts: &[&str]) {
    customer.until_evaluates(&SHOWN.replace("CHAT", CHAT), &json!(texts));
}

fn reads(agent: &Window, texts: &[&str]) {
    agent.until_evaluates(TRANSCRIPT, &json!(texts));
}

fn answers(agent: &Window, text: &str) {
    agent.fill("Write to Guest", text);
    agent.click("Send");
    agent.holds("Write to Guest", "");
}

#[test]
fn a_conversation_survives_a_cut_line_a_transfer_and_a_relink_to_its_end() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let line = Line::to(&stage.url);
    let customer = Window::open(&line.url, Look::default()).unwrap();
    customer.go("/chat/Web_Chat");
    writes(&customer, "Where is my order?");
    said(&customer, "Sent");

    let sasha = stage.window(AGENT, Look::default());
    becomes(&sasha, "Available");
    sasha.go("/o/MessagingSession?view=waiting");
    sasha.click("Guest");
    sasha.click("Accept");
    said(&customer, "Sasha Lindqvist has joined.");
    answers(&sasha, "Let me look.");
    said(&customer, "Let me look.");
    let mut all = vec!["Where is my order?", "Let me look."];
    shows(&customer, &all);

    // The customer's train goes into a tunnel. Both go on writing.
    line.cut();
    customer.expect_error("ERR_");
    writes(&customer, "Are you there?");
    writes(&customer, "I am on a train.");
    said(&customer, "Not connected. It is sent as soon as it can be");
    answers(&sasha, "It left our dock this morning.");
    answers(&sasha, "It comes tomorrow.");
    all.extend(["It left our dock this morning.", "It comes tomorrow."]);
    reads(&sasha, &all);
    line.mend();
    all.extend(["Are you there?", "I am on a train."]);
    reads(&sasha, &all);
    // In the order in which the server had it, as the agent has it, and each once.
    shows(&customer, &all);
    customer.reload();
    shows(&customer, &all);

    // A picture each way.
    customer.evaluate(&drops(&format!("{CHAT}.querySelector('.panel')")));
    is_pictured(
        &sasha,
        "document.querySelector('.entry.theirs img[alt=\"red.png\"]')",
    );
    sasha.evaluate(&drops("document.querySelector('.composer textarea')"));
    sasha.click("Send");
    is_pictured(&customer, &format!("{CHAT}.querySelector('.theirs img')"));

    // Sasha hands it on to Morgan.
    let morgan = stage.window(ADMIN, Look::default());
    becomes(&morgan, "Available");
    sasha.click("Transfer…");
    sasha.sees("Transfer Guest");
    sasha.click_on("#dialog input[value^='005']");
    sasha.within("Transfer Guest").click("Transfer");
    sasha.sees("Transferred to Morgan Reyes");
    morgan.click("Accept Guest");
    reads(&morgan, &all);
    said(&customer, "Morgan Reyes has joined.");
    answers(&morgan, "I go on from here.");
    all.push("I go on from here.");
    shows(&customer, &all);
    reads(&sasha, &all);

    // Who the customer is gets known, and every window of the conversation says so.
    for window in [&sasha, &morgan] {
        window.evaluate("window.notReloaded = true");
        window
            .within("Who this is")
            .sees("No account is linked yet.");
    }
    morgan
        .within("Who this is")
        .click("Change account or contact…");
    let dialog = morgan.within("Change account or contact");
    dialog.fill("Account", "Samp");
    dialog.pick("Sample");
    dialog.click("Change for 1 session");
    for window in [&sasha, &morgan] {
        window.within("Who this is").sees("Sample");
        assert_eq!(window.evaluate("return window.notReloaded"), json!(true));
    }

    morgan.click("End session");
    for window in [&sasha, &morgan] {
        window.sees("This session is over.");
        reads(window, &all);
    }
    said(&customer, "The chat has ended.");
    shows(&customer, &all);
}
