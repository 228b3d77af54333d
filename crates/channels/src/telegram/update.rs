//! What an update says.
//!
//! Messages are known again by their own ids, not by the update's: those begin anew at random after a
//! week of silence, and could meet one that is kept still.

use headwater_messaging::{Arrival, Inbound, Media};
use serde_json::Value;

use crate::api::text;

/// What an update means for a conversation; none when it means nothing there.
pub(super) fn inbound(update: &Value) -> Option<Inbound> {
    if let Some(message) = update.get("message") {
        let chat = private_chat(&message["chat"])?;
        let id = format!("{chat}:{}", text(message, "/message_id")?);
        return Some(says(&chat, id, words(message), &message["from"]));
    }
    if let Some(message) = update.get("edited_message") {
        let chat = private_chat(&message["chat"])?;
        let at = text(message, "/edit_date").unwrap_or_default();
        let id = format!("{chat}:{}:{at}", text(message, "/message_id")?);
        let words = format!("[edited] {}", words(message));
        return Some(says(&chat, id, words, &message["from"]));
    }
    if let Some(pressed) = update.get("callback_query") {
        let chat = private_chat(&pressed["message"]["chat"])?;
        let id = format!("{chat}:pressed:{}", text(pressed, "/id")?);
        return Some(says(&chat, id, pressed_button(pressed), &pressed["from"]));
    }
    if let Some(change) = update.get("my_chat_member") {
        let chat = private_chat(&change["chat"])?;
        let is_given = match change["new_chat_member"]["status"].as_str()? {
            "kicked" => false,
            "member" => true,
            _ => return None,
        };
        let at = text(change, "/date").unwrap_or_default();
        return Some(Inbound {
            event: format!("{chat}:{is_given}:{at}"),
            address: chat,
            phone: None,
            what: Arrival::Consent { is_given },
        });
    }
    None
}

fn says(chat: &str, id: String, words: String, from: &Value) -> Inbound {
    Inbound {
        event: id.clone(),
        address: chat.to_owned(),
        phone: None,
        what: Arrival::Message {
            id,
            text: words,
            name: name(from),
            conversation: None,
        },
    }
}

/// The chat's id, of a chat with one person: what many write in a group is no customer's conversation.
fn private_chat(chat: &Value) -> Option<String> {
    if chat["type"] == "private" {
        return text(chat, "/id");
    }
    tracing::debug!("a bot was written to in a group, which is no conversation here");
    None
}

fn name(person: &Value) -> Option<String> {
    let names = [text(person, "/first_name"), text(person, "/last_name")];
    let names: Vec<_> = names.into_iter().flatten().collect();
    if names.is_empty() {
        return text(person, "/username");
    }
    Some(names.join(" "))
}

/// What is written on the button, which is what the person has seen; else what the bot was told.
fn pressed_button(pressed: &Value) -> String {
    let data = text(pressed, "/data").unwrap_or_default();
    let rows = pressed.pointer("/message/reply_markup/inline_keyboard");
    let rows = rows.and_then(Value::as_array).into_iter().flatten();
    let mut buttons = rows.filter_map(Value::as_array).flatten();
    let button = buttons.find(|button| text(button, "/callback_data").as_ref() == Some(&data));
    let label = button.and_then(|button| text(button, "/text"));
    label.unwrap_or(data)
}

/// Kinds of things that a message can hold, and what they are called.
const THINGS: [(&str, &str); 9] = [
    ("photo", "image"),
    ("animation", "animation"),
    ("document", "document"),
    ("video", "video"),
    ("video_note", "video message"),
    ("voice", "voice message"),
    ("audio", "audio"),
    ("sticker", "sticker"),
    ("poll", "poll"),
];

/// The thing that a message holds, and the line that stands for it.
fn thing(message: &Value) -> Option<(&'static str, &Value, String)> {
    let (field, label) = THINGS
        .iter()
        .find(|(field, _)| message.get(field).is_some())?;
    let thing = &message[field];
    let told = ["/file_name", "/title", "/emoji", "/question"];
    let told = told.iter().find_map(|told| text(thing, told));
    let line = match told {
        Some(told) => format!("[{label} {told}]"),
        None => format!("[{label}]"),
    };
    Some((label, thing, line))
}

/// The file of a message, which Telegram holds. Of a photo, which comes in several sizes, the largest.
pub(super) fn file(update: &Value) -> Option<Media> {
    let (label, thing, line) = thing(update.get("message")?)?;
    let thing = thing.as_array().map_or(Some(thing), |sizes| sizes.last())?;
    let is_photo = label == "image";
    Some(Media {
        reference: text(thing, "/file_id")?,
        name: text(thing, "/file_name").or(Some(label.to_owned())),
        // Photos are always JPEG, and say so nowhere.
        media_type: text(thing, "/mime_type").or(is_photo.then(|| "image/jpeg".to_owned())),
        line,
    })
}

/// What a message says. What has no words gets a line that says what it is, so that nobody misses it.
fn words(message: &Value) -> String {
    let mut lines = Vec::new();
    lines.extend(thing(message).map(|(_, _, line)| line));
    let place = message.get("venue").map(|venue| &venue["location"]);
    if let Some(place) = place.or(message.get("location")) {
        let coordinate = |name: &str| text(place, name).unwrap_or_default();
        let names = [
            text(message, "/venue/title"),
            text(message, "/venue/address"),
        ];
        let names: Vec<_> = names.into_iter().flatten().collect();
        let (latitude, longitude) = (coordinate("/latitude"), coordinate("/longitude"));
        let line = format!("[location {latitude}, {longitude}] {}", names.join(", "));
        lines.push(line.trim_end().to_owned());
    }
    if let Some(contact) = message.get("contact") {
        let facts = [name(contact), text(contact, "/phone_number")];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        lines.push(format!("[contact] {}", facts.join(", ")));
    }
    lines.extend(text(message, "/text"));
    lines.extend(text(message, "/caption"));
    if lines.is_empty() {
        lines.push("[message of a kind that is not shown here]".to_owned());
    }
    lines.join("\n")
}
