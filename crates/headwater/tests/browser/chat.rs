//! A customer in the chat window and an agent in the console.

use headwater_testbrowser::{Look, Window};
use serde_json::{Value, json};

use crate::stage::{AGENT, Stage};

pub(crate) const CHAT: &str = "document.querySelector('#headwater-chat').shadowRoot";

/// What the chat window says.
pub(crate) fn said(customer: &Window, wanted: &str) {
    customer.until_evaluates(
        &format!("return {CHAT}.querySelector('.panel').innerText.includes({wanted:?})"),
        &json!(true),
    );
}

pub(crate) fn writes(customer: &Window, text: &str) {
    // The window lets its customer in first.
    let is_there = format!("return {CHAT}.querySelector('.composer textarea') !== null");
    customer.until_evaluates(&is_there, &json!(true));
    customer.evaluate(&format!(
        "const form = {CHAT}.querySelector('.composer');
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
    // The window has told where on the clock its customer is.
    let zone = customer.evaluate("return Intl.DateTimeFormat().resolvedOptions().timeZone");
    let there = format!("for them ({})", zone.as_str().unwrap());
    agent.within("Who this is").sees(&there);
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
    customer.reload();
    said(&customer, "The chat has ended.");
    writes(&customer, "One more question");
    said(&customer, "One more question");
    agent.go("/o/MessagingSession?view=waiting");
    agent.sees("Guest");
}

#[test]
fn the_customer_s_clock_goes_on_and_says_when_it_is_night() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let customer = stage.stranger(Look::default());
    customer.go("/chat/Web_Chat");
    writes(&customer, "Are you there?");
    said(&customer, "Sent");
    let agent = stage.window(AGENT, Look::default());
    agent.go("/o/MessagingSession?view=waiting");
    agent.click("Guest");
    agent.within("Who this is").sees("for them");
    // Time goes on only so fast: the customer is somewhere else, and the night as long as it is wanted.
    let moved = |zone: &str, night: &str| {
        agent.evaluate(&format!(
            "for (const one of document.querySelectorAll('[data-earliest]')) {{
               one.dataset.earliest = one.dataset.latest = {zone:?};
               if ('night' in one.dataset) one.dataset.night = {night:?};
             }}"
        ));
        let shown = format!(
            "const there = new Intl.DateTimeFormat('en-GB',
               {{ timeZone: {zone:?}, hour: '2-digit', minute: '2-digit' }}).format(new Date());
             return document.querySelector('.local-time time').textContent === there"
        );
        agent.until_evaluates(&shown, &json!(true));
    };
    moved("Asia/Kathmandu", "0 0");
    agent.within("Who this is").sees("night there");
    agent.sees("It is night for them");
    moved("Pacific/Chatham", "24 0");
    agent.within("Who this is").does_not_see("night there");
    agent.does_not_see("It is night for them");
}

/// A small red picture.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/// Script that makes a file of it and drops it.
pub(crate) fn drops(onto: &str) -> String {
    format!(
        "const bytes = Uint8Array.from(atob('{PICTURE}'), (one) => one.charCodeAt(0));
         const data = new DataTransfer();
         data.items.add(new File([bytes], 'red.png', {{ type: 'image/png' }}));
         const event = new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }});
         {onto}.dispatchEvent(event);"
    )
}

/// Waits until the picture is there.
pub(crate) fn is_pictured(window: &Window, image: &str) {
    let seen = format!("const image = {image}; return image !== null && image.naturalWidth === 1");
    window.until_evaluates(&seen, &json!(true));
}

#[test]
fn a_picture_goes_both_ways_and_is_seen_where_it_stands() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let customer = stage.stranger(Look::default());
    customer.go("/chat/Web_Chat");
    customer.evaluate(&drops(&format!("{CHAT}.querySelector('.panel')")));
    said(&customer, "Sent");

    let agent = stage.window(AGENT, Look::default());
    agent.go("/o/MessagingSession?view=waiting");
    agent.click("Guest");
    is_pictured(
        &agent,
        "document.querySelector('.entry.theirs img[alt=\"red.png\"]')",
    );
    agent.evaluate(&drops("document.querySelector('.composer textarea')"));
    agent.sees("red.png");
    agent.is_accessible();
    agent.click("Send");
    is_pictured(
        &agent,
        "document.querySelector('.entry.ours img[alt=\"red.png\"]')",
    );
    agent.until_evaluates(
        "return document.querySelectorAll('.chosen li').length",
        &json!(0),
    );
    is_pictured(&customer, &format!("{CHAT}.querySelector('.theirs img')"));
    customer.is_accessible();
    // After a reload both are there, once each.
    customer.reload();
    is_pictured(&customer, &format!("{CHAT}.querySelector('.theirs img')"));
    is_pictured(&customer, &format!("{CHAT}.querySelector('.mine img')"));
}

#[test]
fn each_sees_that_the_other_writes() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let customer = stage.stranger(Look::default());
    customer.go("/chat/Web_Chat");
    writes(&customer, "Hello");
    said(&customer, "Sent");
    let agent = stage.window(AGENT, Look::default());
    agent.go("/o/MessagingSession?view=waiting");
    agent.click("Guest");
    agent.sees("Live");
    let types = |text: &str| {
        customer.evaluate(&format!(
            "const text = {CHAT}.querySelector('textarea');
             text.value = {text:?};
             text.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));"
        ))
    };
    types("I would like");
    agent.sees("Guest is typing…");
    types("");
    agent.does_not_see("Guest is typing…");
    agent.fill("Write to Guest", "One mo");
    said(&customer, "Sasha Lindqvist is typing…");
    agent.fill("Write to Guest", "One moment.");
    agent.click("Send");
    said(&customer, "One moment.");
    customer.until_evaluates(
        &format!("return {CHAT}.querySelector('.typing').textContent"),
        &json!(""),
    );
    // It is beside the transcript, not in it.
    let in_log = format!("return {CHAT}.querySelector('.log').innerText.includes('typing')");
    assert_eq!(customer.evaluate(&in_log), json!(false));
}

#[test]
fn what_is_asked_before_the_first_message_stands_in_the_session() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let channel = stage
        .admin
        .id("SELECT Id FROM MessagingChannel WHERE DeveloperName = 'Web_Chat'");
    for (name, field, question, kind, choices, position) in [
        (
            "topic",
            "ChannelIntent",
            "What is it about?",
            "ChoiceList",
            "An order\nSomething else",
            1,
        ),
        (
            "group",
            "ChannelGroup",
            "Your customer number",
            "Text",
            "",
            2,
        ),
    ] {
        let parameter = json!({
            "MessagingChannelId": channel, "DeveloperName": name, "SessionField": field,
            "Question": question, "Kind": kind, "Choices": choices, "Position": position,
            "IsRequired": name == "topic",
        });
        stage.admin.create("ChannelParameter", &parameter);
    }
    let customer = stage.stranger(Look::default().narrow());
    customer.go("/chat/Web_Chat");
    said(&customer, "What is it about?");
    customer.is_accessible();
    let answers = |topic: &str| {
        customer.evaluate(&format!(
            "const form = {CHAT}.querySelector('.ask');
             form.elements.topic.value = {topic:?};
             form.elements.group.value = 'C-17';
             form.requestSubmit();"
        ))
    };
    answers("");
    // The browser itself says that there is something missing.
    let is_asking = format!("return !{CHAT}.querySelector('.ask').hidden");
    assert_eq!(customer.evaluate(&is_asking), json!(true));
    answers("An order");
    customer.until_evaluates(&is_asking, &json!(false));
    writes(&customer, "Where is it?");
    said(&customer, "Sent");
    let soql = "SELECT ChannelIntent, ChannelGroup FROM MessagingSession \
                WHERE MessagingEndUser.Name = 'Guest' ORDER BY StartTime DESC LIMIT 1";
    let session = &stage.admin.query(soql)[0];
    assert_eq!(session["ChannelIntent"], "An order");
    assert_eq!(session["ChannelGroup"], "C-17");
    // Once is enough.
    customer.reload();
    said(&customer, "Where is it?");
    assert_eq!(customer.evaluate(&is_asking), json!(false));
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
