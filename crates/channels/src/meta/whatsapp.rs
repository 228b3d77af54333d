//! What happened at a `WhatsApp` number: messages and what became of those that went out.
//!
//! Whoever writes is known by an id within the business, by a phone number, or by both. The id is what
//! comes with every message, so that is what messages are put in order by; the number is kept beside it.

use headwater_messaging::{Arrival, DeliveryState, Inbound, Media};
use serde_json::Value;

use super::webhook::News;
use crate::api::text;

/// The types of messages that are files.
const FILES: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// The code of a message that went out too long after the customer's last.
pub(super) const WINDOW_CLOSED: &str = "131047";

/// What one entry of a request tells, number by number.
pub(super) fn news(entry: &Value) -> Vec<News> {
    let changes = list(entry, "/changes").iter();
    let changes = changes.filter(|change| change["field"] == "messages");
    changes
        .filter_map(|change| {
            let value = &change["value"];
            let key = text(value, "/metadata/phone_number_id")?;
            let messages = list(value, "/messages").iter();
            let messages = messages.filter_map(|message| {
                let inbound = message_of(value, message)?;
                Some((inbound, Vec::from_iter(file(message))))
            });
            let reports = list(value, "/statuses").iter().filter_map(report);
            let reports = reports.map(|report| (report, Vec::new()));
            Some(News {
                carrier: "WhatsApp",
                key,
                inbounds: messages.chain(reports).collect(),
                complaints: list(value, "/errors").iter().map(complaint).collect(),
            })
        })
        .collect()
}

pub(super) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// Code and words of an error of Meta's.
fn complaint(error: &Value) -> String {
    let code = text(error, "/code").unwrap_or_default();
    let words = ["/error_data/details", "/title", "/message"];
    let words = words.iter().find_map(|words| text(error, words));
    let words = words.unwrap_or_default();
    if code == WINDOW_CLOSED {
        return format!("{code}: {words} Use a template.");
    }
    format!("{code}: {words}")
}

fn message_of(value: &Value, message: &Value) -> Option<Inbound> {
    let Some(id) = text(message, "/id") else {
        tracing::warn!("a message of WhatsApp's has no id");
        return None;
    };
    let (user_id, phone, name) = sender(value, message);
    let Some(address) = user_id.clone().or_else(|| phone.clone()) else {
        tracing::warn!(id, "a message of WhatsApp's has no sender");
        return None;
    };
    // Whoever has changed their number writes from the new one, which the notice of it tells.
    let moved = text(message, "/system/wa_id").or_else(|| text(message, "/system/new_wa_id"));
    Some(Inbound {
        event: id.clone(),
        address,
        phone: match moved {
            Some(moved) => Some(number(&moved)),
            None => user_id.and(phone),
        },
        what: Arrival::Message {
            id,
            text: words(message),
            name,
            conversation: None,
        },
    })
}

/// Who has written a message: their id within the business, their number, their name.
fn sender(value: &Value, message: &Value) -> (Option<String>, Option<String>, Option<String>) {
    let from = text(message, "/from");
    let from_id = text(message, "/from_user_id");
    let contacts = list(value, "/contacts");
    let is_theirs = |contact: &&Value| {
        let same = |field: &str, is: &Option<String>| is.is_some() && text(contact, field) == *is;
        same("/wa_id", &from) || same("/user_id", &from_id) || same("/user_id", &from)
    };
    let contact = match contacts {
        [one] => Some(one),
        several => several.iter().find(is_theirs),
    };
    let of_contact = |field: &str| contact.and_then(|contact| text(contact, field));
    let is_number = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
    let (number_from, other_from): (Option<_>, Option<_>) = match from {
        Some(from) if is_number(&from) => (Some(from), None),
        other => (None, other),
    };
    let phone = number_from.or_else(|| of_contact("/wa_id").filter(is_number));
    let id = from_id.or(other_from).or_else(|| of_contact("/user_id"));
    let name = of_contact("/profile/name").or_else(|| of_contact("/profile/username"));
    (id, phone.as_deref().map(number), name)
}

/// A phone number as the world writes it.
fn number(digits: &str) -> String {
    format!("+{}", digits.trim_start_matches('+'))
}

/// What a message says. What has no words gets a line that says what it is, so that nobody misses it.
fn words(message: &Value) -> String {
    let kind = text(message, "/type").unwrap_or_default();
    let field = |pointer: &str| text(message, pointer).unwrap_or_default();
    match kind.as_str() {
        "text" => field("/text/body"),
        "button" => field("/button/text"),
        "interactive" => chosen(&message["interactive"]),
        "reaction" => match field("/reaction/emoji") {
            emoji if emoji.is_empty() => "[reaction taken back]".to_owned(),
            emoji => format!("[reaction] {emoji}"),
        },
        "location" => location(&message["location"]),
        "contacts" => lines(list(message, "/contacts").iter().map(contact)),
        "order" => order(&message["order"]),
        "system" => field("/system/body"),
        "unsupported" => {
            let title = field("/errors/0/title");
            labelled("[message of a kind that WhatsApp does not pass on]", &title)
        }
        kind => {
            let line = line(message, kind);
            let caption = text(&message[kind], "/caption");
            lines(std::iter::once(line).chain(caption))
        }
    }
}

/// The line that stands for a file until it is there.
fn line(message: &Value, kind: &str) -> String {
    let name = text(&message[kind], "/filename").unwrap_or_default();
    match kind {
        "audio" if message["audio"]["voice"] == true => "[voice message]".to_owned(),
        kind => format!("[{}]", labelled(kind, &name)),
    }
}

/// The file of a message, which Meta holds.
fn file(message: &Value) -> Option<Media> {
    let kind = text(message, "/type")?;
    if !FILES.contains(&kind.as_str()) {
        return None;
    }
    let file = &message[&kind];
    Some(Media {
        reference: text(file, "/id")?,
        name: text(file, "/filename").or(Some(kind.clone())),
        media_type: text(file, "/mime_type"),
        line: line(message, &kind),
    })
}

/// What a customer has chosen or filled in.
fn chosen(interactive: &Value) -> String {
    let field = |pointer: &str| text(interactive, pointer);
    let title = ["/button_reply/title", "/list_reply/title"];
    if let Some(title) = title.iter().find_map(|title| field(title)) {
        return title;
    }
    let form = field("/nfm_reply/response_json");
    let form: Value = form
        .and_then(|form| serde_json::from_str(&form).ok())
        .unwrap_or_default();
    let answers = form.as_object().into_iter().flatten();
    // The token is what the form was opened with, and no answer.
    let answers = answers.filter(|(name, _)| *name != "flow_token");
    let answers = answers.map(|(name, answer)| match answer {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    });
    let title = field("/nfm_reply/body").unwrap_or_default();
    lines(std::iter::once(labelled("[form]", &title)).chain(answers))
}

/// A place, with its name and address where it has them.
pub(super) fn location(place: &Value) -> String {
    let coordinate = |name: &str| text(place, name).unwrap_or_default();
    let (latitude, longitude) = (coordinate("/latitude"), coordinate("/longitude"));
    let names = [text(place, "/name"), text(place, "/address")];
    let names: Vec<_> = names.into_iter().flatten().collect();
    labelled(
        &format!("[location {latitude}, {longitude}]"),
        &names.join(", "),
    )
}

fn contact(contact: &Value) -> String {
    let mut facts = Vec::from_iter(text(contact, "/name/formatted_name"));
    facts.extend(
        list(contact, "/phones")
            .iter()
            .filter_map(|phone| text(phone, "/phone")),
    );
    facts.extend(
        list(contact, "/emails")
            .iter()
            .filter_map(|email| text(email, "/email")),
    );
    labelled("[contact]", &facts.join(", "))
}

fn order(order: &Value) -> String {
    let items = list(order, "/product_items").iter().map(|item| {
        let field = |name: &str| text(item, name).unwrap_or_default();
        let (quantity, product) = (field("/quantity"), field("/product_retailer_id"));
        let (price, currency) = (field("/item_price"), field("/currency"));
        format!("{quantity} × {product} at {price} {currency}")
            .trim_end()
            .to_owned()
    });
    let note = text(order, "/text").unwrap_or_default();
    lines(std::iter::once(labelled("[order]", &note)).chain(items))
}

/// A label, and what follows it if there is anything.
pub(super) fn labelled(label: &str, text: &str) -> String {
    format!("{label} {text}").trim().to_owned()
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// What became of a message that went out.
fn report(status: &Value) -> Option<Inbound> {
    let id = text(status, "/id")?;
    let state = match text(status, "/status")?.as_str() {
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        // A voice message that was played was seen.
        "read" | "played" => DeliveryState::Read,
        "failed" => DeliveryState::Failed,
        // What a customer deletes on their side was sent all the same.
        _ => return None,
    };
    let code = list(status, "/errors").first().map(complaint);
    Some(Inbound::report(&id, state, code))
}
