//! An agent's desk, with colleagues at the next: who is there, what is new, and how far back it goes.

use headwater_testbrowser::{Key, Look, Window};
use serde_json::{Value, json};

use crate::chat::{said, writes};
use crate::stage::{ADMIN, AGENT, Stage, session_page};

/// A customer of the web chat who has written, and the page of their session.
fn customer(stage: &Stage) -> (Window, String) {
    let customer = stage.stranger(Look::default());
    customer.go("/chat/Web_Chat");
    writes(&customer, "Where is my order?");
    said(&customer, "Sent");
    let id = stage.admin.id(
        "SELECT Id FROM MessagingSession WHERE MessagingEndUser.Name = 'Guest' \
         ORDER BY StartTime DESC LIMIT 1",
    );
    (customer, session_page(&id))
}

fn answers(window: &Window, text: &str) {
    window.fill("Write to Guest", text);
    window.click("Send");
    window.holds("Write to Guest", "");
}

#[test]
fn colleagues_on_a_session_are_seen_and_no_answer_goes_beside_theirs_unknowingly() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (customer, page) = customer(&stage);
    let sasha = stage.window(AGENT, Look::default());
    sasha.go(&page);
    sasha.sees("Live");
    let morgan = stage.window(ADMIN, Look::default());
    morgan.go(&page);
    // Each knows of the other at once, whoever came first.
    sasha.sees("Morgan Reyes is looking at this session too.");
    morgan.sees("Sasha Lindqvist is looking at this session too.");
    morgan.fill("Write to Guest", "It comes tomorrow.");
    sasha.sees("Morgan Reyes is writing an answer…");
    sasha.is_accessible();
    sasha.fill("Write to Guest", "On Monday, I think.");
    morgan.sees("Sasha Lindqvist is writing an answer…");
    morgan.click("Send");
    sasha.sees("It comes tomorrow.");
    sasha.does_not_see("Morgan Reyes is writing an answer…");

    sasha.expect_error("409");
    sasha.click("Send");
    sasha.sees("Morgan Reyes has answered meanwhile");
    sasha.holds("Write to Guest", "On Monday, I think.");
    sasha.is_accessible();
    let session = page.rsplit('/').next().unwrap();
    let sent = format!("SELECT Message FROM ConversationEntry WHERE ConversationId = '{session}'");
    let sent = stage.admin.query(&sent);
    assert_eq!(sent.len(), 2, "{sent:?}");
    sasha.click("Send as well");
    sasha.holds("Write to Guest", "");
    said(&customer, "On Monday, I think.");

    drop(morgan);
    sasha.does_not_see("Morgan Reyes is looking at this session too.");
}

/// Whether the transcript shows its end.
const AT_END: &str = "const all = document.querySelector('#transcript');
     return all.scrollHeight - all.scrollTop - all.clientHeight < 80";

#[test]
fn what_is_new_is_marked_and_told_to_whoever_has_scrolled_up() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (customer, page) = customer(&stage);
    let sasha = stage.window(AGENT, Look::default());
    sasha.go(&page);
    answers(&sasha, "Let me look.");
    // Looked at no more while the customer writes.
    sasha.go("/o/MessagingSession?view=open");
    for place in 0..12 {
        writes(&customer, &format!("And this is line {place}."));
    }
    sasha.sees("And this is line 11.");
    sasha.go(&page);
    sasha.sees("New since you last looked");
    let first_new = "return document.querySelector('#new-since').nextElementSibling.innerText";
    let first = sasha.evaluate(first_new);
    assert!(first.as_str().unwrap().contains("line 0."), "{first}");
    sasha.is_accessible();

    // What is read stays where it is.
    sasha.evaluate("document.querySelector('#transcript').scrollTop = 0");
    sasha.until_evaluates(AT_END, &json!(false));
    writes(&customer, "Hello?");
    sasha.offers("1 new message ↓");
    assert_eq!(sasha.evaluate(AT_END), json!(false));
    sasha.click("1 new message ↓");
    sasha.until_evaluates(AT_END, &json!(true));
    sasha.does_not_offer("1 new message ↓");
    // An answer shows that all was read.
    answers(&sasha, "I am back.");
    sasha.does_not_see("New since you last looked");
}

/// Entries of a session, a minute apart.
fn says(stage: &Stage, session: &str, (first, last): (i64, i64)) {
    for from in (first..=last).step_by(200) {
        let records: Vec<Value> = (from..=last.min(from + 199))
            .map(|seq| {
                json!({
                    "attributes": { "type": "ConversationEntry" }, "ConversationId": session,
                    "Seq": 100 + seq, "EntryType": "Text", "Message": format!("Line {seq}."),
                    "EntryTime": format!("2026-05-{:02}T{:02}:{:02}:00.000Z",
                        1 + seq / 1440, seq / 60 % 24, seq % 60),
                    "ActorType": if seq % 2 == 0 { "Agent" } else { "EndUser" },
                })
            })
            .collect();
        let body = json!({ "allOrNone": true, "records": records });
        let (status, made) = stage.admin.send("POST", "composite/sobjects", &body);
        assert_eq!(status, 200, "{made}");
    }
}

/// Scrolls up, until there is nothing before what is there.
const TO_BEGINNING: &str = "const all = document.querySelector('#transcript');
     all.scrollTop = 0;
     return !all.querySelector('.way-back')";

#[test]
fn a_transcript_of_any_length_is_held_in_part_and_read_whole() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let sessions = stage.sessions_of("Jordan Avery");
    says(&stage, &sessions[1], (1, 1_000));
    let window = stage.window(AGENT, Look::default());
    window.go(&session_page(&sessions[0]));
    window.sees("Live");
    window.until_evaluates(TO_BEGINNING, &json!(true));
    window.sees("Line 1.");
    // All of it has its place, and few of its entries are there.
    let few = "const entries = document.querySelectorAll('#transcript .entry').length;
        return entries > 100 && entries < 700";
    window.until_evaluates(few, &json!(true));
    let height = "return document.querySelector('#transcript').scrollHeight";
    let height_at_beginning = window.evaluate(height).as_f64().unwrap();
    // On the way down, each line comes to be seen once.
    window.evaluate("window.linesSeen = new Set()");
    let down = "const all = document.querySelector('#transcript');
        const box = all.getBoundingClientRect();
        for (const said of all.querySelectorAll('.said')) {
            const line = /^Line (\\d+)\\.$/.exec(said.textContent)?.[1];
            const { top, bottom } = said.getBoundingClientRect();
            if (line && top < box.bottom && bottom > box.top) window.linesSeen.add(line);
        }
        const waits = [...all.querySelectorAll('.piece:empty')].some((piece) => {
            const { top, bottom } = piece.getBoundingClientRect();
            return top < box.bottom && bottom > box.top;
        });
        if (!waits) all.scrollTop += all.clientHeight * 0.8;
        return window.linesSeen.size === 1000";
    window.until_evaluates(down, &json!(true));
    window.until_evaluates(few, &json!(true));
    let height_at_end = window.evaluate(height).as_f64().unwrap();
    let ratio = height_at_end / height_at_beginning;
    assert!(
        (0.99..1.01).contains(&ratio),
        "{height_at_beginning} became {height_at_end}"
    );
}

#[test]
fn a_long_transcript_goes_back_by_scrolling_and_stays_light() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let sessions = stage.sessions_of("Jordan Avery");
    let page = session_page(&sessions[0]);
    says(&stage, &sessions[1], (1, 300));
    let window = stage.window(AGENT, Look::default());
    window.go(&page);
    window.sees("Live");
    let entries = "return document.querySelectorAll('#transcript .entry').length";
    window.until_evaluates(TO_BEGINNING, &json!(true));
    window.sees("Line 1.");
    let shown = window.evaluate(entries).as_u64().unwrap();
    assert!(shown > 300, "{shown}");
    let ids =
        "const ids = [...document.querySelectorAll('#transcript .entry')].map((one) => one.id);
        return ids.length - new Set(ids).size";
    assert_eq!(window.evaluate(ids), json!(0), "each is there once");
    let order = "const lines = [...document.querySelectorAll('#transcript .said')]
            .map((one) => /^Line (\\d+)\\.$/.exec(one.textContent)?.[1]).filter(Boolean).map(Number);
        return lines.length === 300 && lines.every((line, place) => line === place + 1)";
    assert_eq!(window.evaluate(order), json!(true));
    let dividers = "return document.querySelectorAll('.session-divider').length";
    assert_eq!(window.evaluate(dividers), json!(sessions.len()));
    window.is_accessible();
    // What is read stays when something new comes.
    window.evaluate("window.notReloaded = true");
    stage.admin.update(
        "MessagingSession",
        &sessions[0],
        &json!({ "ChannelIntent": "Returns" }),
    );
    window.within("Details").sees("Returns");
    assert_eq!(window.evaluate(entries), json!(shown));
    assert_eq!(window.evaluate("return window.notReloaded"), json!(true));

    // Without script the same way is a link, page by page.
    let plain = stage.window(AGENT, Look::default().without_script());
    plain.go(&page);
    plain.click("What was said before");
    plain.sees("Line 300.");
    plain.click("What was said before");
    plain.click("Back to the session");
    plain.is_at(&page);
}

#[test]
fn emoji_are_chosen_looked_for_and_named_by_keyboard_alone() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let (_customer, page) = customer(&stage);
    for look in [Look::default(), Look::default().narrow().dark()] {
        let window = stage.window(AGENT, look);
        window.go(&page);
        window.sees("Where is my order?");
        window.focus("Emoji");
        window.press(Key::Enter);
        window.has_focus_on("Search emoji");
        window.until_evaluates(
            "return document.querySelectorAll('.emoji-list button').length > 1500",
            &json!(true),
        );
        window.is_accessible();
        window.types("party popper");
        window.press(Key::Enter);
        window.holds("Write to Guest", "🎉");
        window.has_focus_on("Write to Guest");
        window.types(" :tada:");
        window.holds("Write to Guest", "🎉 🎉");
        window.types(" at 10:30 :rocke");
        window.sees(":rocket:");
        window.press(Key::Enter);
        window.holds("Write to Guest", "🎉 🎉 at 10:30 🚀");
        window.click("Send");
        window.holds("Write to Guest", "");
        window.sees("🎉 🎉 at 10:30 🚀");
    }
}
