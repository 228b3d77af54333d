//! Files and answers to choose from, as each carrier takes them.

use headwater_messaging::{Message, NewFile};
use serde_json::{Value, json};

use crate::stage::{ENTRIES, PUBLIC_URL, STATUS, Stage};
use crate::stand_in::{Asked, StandIn};
use crate::{messenger, telegram, twilio, whatsapp};

fn photo() -> NewFile {
    NewFile::new("photo.jpg", "image/jpeg", &b"a picture"[..]).unwrap()
}

fn bill() -> NewFile {
    NewFile::new("bill.pdf", "application/pdf", &b"a bill"[..]).unwrap()
}

fn with_files(files: Vec<NewFile>) -> Message {
    Message {
        text: "Look".to_owned(),
        files,
        ..Message::default()
    }
}

fn offering(choices: &[&str]) -> Message {
    Message {
        text: "Which size?".to_owned(),
        choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
        ..Message::default()
    }
}

/// Whether a form has a part of this name, with this in it.
#[track_caller]
fn has_part(asked: &Asked, name: &str, wanted: &str) {
    let form = String::from_utf8_lossy(&asked.raw).into_owned();
    let head = format!("name=\"{name}\"");
    let mut parts = form.split("\r\n--");
    let part = parts.find(|part| part.contains(&head));
    let part = part.unwrap_or_else(|| panic!("no part {name}: {form}"));
    assert!(part.contains(wanted), "{name}: {part}");
}

async fn whatsapp_waits(api: &StandIn) -> Stage {
    let stage = Stage::set().await;
    whatsapp::connected(&stage, &api.url).await;
    let message = json!({ "id": "wamid.1", "from": "12025550147", "type": "text", "text": { "body": "Hello" } });
    whatsapp::tell(&stage, &json!({ "messages": [message] })).await;
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    stage
}

#[tokio::test]
async fn whatsapp_gets_a_file_first_and_then_a_message_that_names_it() {
    let api = whatsapp::meta().await;
    let stage = whatsapp_waits(&api).await;
    api.say(200, None, json!({ "messages": [{ "id": "wamid.text" }] }));
    for (media, message) in [("media-1", "wamid.photo"), ("media-2", "wamid.bill")] {
        api.say(200, None, json!({ "id": media }));
        api.say(200, None, json!({ "messages": [{ "id": message }] }));
    }
    let sent = with_files(vec![photo(), bill()]);
    stage.agent_sends(&sent).await.unwrap();
    // The text and each file are messages of their own, and each says how far it is.
    let all = ["Sent", "Sent", "Sent"];
    stage.until(STATUS, "MessageStatus", &all).await;
    let asked = api.asked();
    let paths: Vec<_> = asked
        .iter()
        .map(|asked| asked.what.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(
        paths,
        ["messages", "media", "messages", "media", "messages"]
    );
    assert_eq!(asked[0].body["text"]["body"], "Look");
    has_part(&asked[1], "messaging_product", "whatsapp");
    has_part(&asked[1], "type", "image/jpeg");
    has_part(&asked[1], "file", "filename=\"photo.jpg\"");
    has_part(&asked[1], "file", "a picture");
    assert_eq!(asked[2].body["type"], "image");
    assert_eq!(asked[2].body["image"], json!({ "id": "media-1" }));
    let document = json!({ "id": "media-2", "filename": "bill.pdf" });
    assert_eq!(asked[4].body["document"], document);
    let status = json!({ "statuses": [{ "id": "wamid.bill", "status": "delivered" }] });
    whatsapp::tell(&stage, &status).await;
    let all = ["Sent", "Sent", "Delivered"];
    stage.until(STATUS, "MessageStatus", &all).await;
}

#[tokio::test]
async fn a_file_that_the_carrier_does_not_take_is_refused_before_anything_is_sent() {
    let api = whatsapp::meta().await;
    let stage = whatsapp_waits(&api).await;
    let zip = NewFile::new("all.zip", "application/zip", &b"zip"[..]).unwrap();
    let refused = stage.agent_sends(&with_files(vec![zip])).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "WhatsApp Cloud API does not take the file all.zip: it takes no files of type \
         application/zip; send a PDF or a JPEG"
    );
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    assert!(api.asked().is_empty());
}

#[tokio::test]
async fn whatsapp_shows_three_answers_as_buttons_and_more_as_a_list() {
    let api = whatsapp::meta().await;
    let stage = whatsapp_waits(&api).await;
    stage
        .agent_sends(&offering(&["Small", "Large"]))
        .await
        .unwrap();
    stage.until(STATUS, "MessageStatus", &["Sent"]).await;
    let four = offering(&["S", "M", "L", "XL"]);
    stage.agent_sends(&four).await.unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent"])
        .await;
    let asked = api.asked();
    assert_eq!(
        asked[0].body["interactive"],
        json!({
            "type": "button",
            "body": { "text": "Which size?" },
            "action": { "buttons": [
                { "type": "reply", "reply": { "id": "Small", "title": "Small" } },
                { "type": "reply", "reply": { "id": "Large", "title": "Large" } },
            ] },
        })
    );
    let list = &asked[1].body["interactive"];
    assert_eq!(list["type"], "list");
    let rows = list["action"]["sections"][0]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3], json!({ "id": "XL", "title": "XL" }));
}

#[tokio::test]
async fn messenger_gets_a_file_in_the_message_and_answers_as_quick_replies() {
    let api = messenger::messenger().await;
    let stage = messenger::connected(&api).await;
    let message = json!({ "timestamp": 1, "message": { "mid": "m1", "text": "Hello" } });
    messenger::tell(&stage, &[message]).await;
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    stage.agent_sends(&with_files(vec![bill()])).await.unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent"])
        .await;
    stage
        .agent_sends(&offering(&["Small", "Large"]))
        .await
        .unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent", "Sent"])
        .await;
    let asked = api.asked();
    assert_eq!(asked[0].body["message"]["text"], "Look");
    has_part(&asked[1], "recipient", "{\"id\":\"7120\"}");
    has_part(&asked[1], "message", "\"type\":\"file\"");
    has_part(&asked[1], "filedata", "a bill");
    let replies = asked[2].body["message"]["quick_replies"]
        .as_array()
        .unwrap();
    let large = json!({ "content_type": "text", "title": "Large", "payload": "Large" });
    assert_eq!(replies[1], large);
}

#[tokio::test]
async fn telegram_gets_photos_and_documents_and_answers_as_buttons_under_the_message() {
    let api = telegram::telegram().await;
    let bot = telegram::Bot::connected(&api).await;
    bot.tell(1, &telegram::message(1, &json!({ "text": "Hello" })))
        .await;
    let stage = &bot.stage;
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    stage
        .agent_sends(&with_files(vec![photo(), bill()]))
        .await
        .unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent", "Sent"])
        .await;
    let long = "ÄÖÜäöüß👍👍👍👍👍👍👍👍👍👍👍👍👍";
    stage
        .agent_sends(&offering(&["Small", long]))
        .await
        .unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent", "Sent", "Sent"])
        .await;
    let asked = api.asked();
    let methods: Vec<_> = asked
        .iter()
        .map(|asked| asked.what.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(
        methods,
        ["sendMessage", "sendPhoto", "sendDocument", "sendMessage"]
    );
    has_part(&asked[1], "chat_id", "42");
    has_part(&asked[1], "photo", "a picture");
    has_part(&asked[2], "document", "filename=\"bill.pdf\"");
    let buttons = &asked[3].body["reply_markup"]["inline_keyboard"];
    let small = json!([{ "text": "Small", "callback_data": "Small" }]);
    assert_eq!(buttons[0], small);
    assert_eq!(buttons[1], json!([{ "text": long, "callback_data": "2" }]));
}

/// What Twilio was asked, as a form.
fn form(asked: &Asked) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&asked.raw)
        .into_owned()
        .collect()
}

#[tokio::test]
async fn twilio_fetches_files_from_us_and_lists_answers_in_the_text() {
    let stage = Stage::set().await;
    let api = StandIn::start(json!({ "sid": "SMout1", "status": "queued" })).await;
    twilio::connected(&stage, Some(api.url.clone())).await;
    let arrives = [
        ("MessageSid", "SM1"),
        ("From", "+12025550147"),
        ("Body", "Hello"),
    ];
    let arrives = twilio::signed("/channels/Texts/twilio", &arrives);
    stage.send(arrives).await.expect(200);
    stage.until(ENTRIES, "Message", &["Hello"]).await;
    stage
        .agent_sends(&with_files(vec![photo(), bill()]))
        .await
        .unwrap();
    // MMS: the text and its files are one message.
    stage.until(STATUS, "MessageStatus", &["Sent"]).await;
    let sent = form(&api.asked()[0]);
    let all = |name: &str| -> Vec<String> {
        let values = sent.iter().filter(|(field, _)| field == name);
        values.map(|(_, value)| value.clone()).collect()
    };
    assert_eq!(all("Body"), ["Look"]);
    let addresses = all("MediaUrl");
    assert_eq!(addresses.len(), 2);
    let mut fetched = Vec::new();
    for address in &addresses {
        let path = address.strip_prefix(PUBLIC_URL).unwrap();
        let get = axum::http::Request::get(path).body(axum::body::Body::empty());
        fetched.push(stage.send(get.unwrap()).await.expect(200).text);
    }
    fetched.sort_unstable();
    assert_eq!(fetched, ["a bill", "a picture"]);
    stage
        .agent_sends(&offering(&["Small", "Large"]))
        .await
        .unwrap();
    stage
        .until(STATUS, "MessageStatus", &["Sent", "Sent"])
        .await;
    let sent = form(&api.asked()[1]);
    let body = sent.iter().find(|(name, _)| name == "Body").unwrap();
    assert_eq!(body.1, "Which size?\n• Small\n• Large");
    assert_eq!(api.asked()[1].body, Value::Null);
}
