//! What happened at a Facebook page: messages, choices, and how far customers have read.
//!
//! A customer is known by an id that counts for this page alone.

use headwater_messaging::{Arrival, DeliveryState, Inbound, Media};
use serde_json::Value;

use super::webhook::News;
use super::whatsapp::{labelled, list, location};
use crate::api::text;

/// The types of attachments that are files.
const FILES: [&str; 4] = ["image", "video", "audio", "file"];

/// What one entry of a request tells.
pub(super) fn news(entry: &Value) -> Option<News> {
    let Some(key) = text(entry, "/id") else {
        tracing::warn!("an entry of Messenger's names no page");
        return None;
    };
    Some(News {
        carrier: "Messenger",
        key,
        inbounds: list(entry, "/messaging")
            .iter()
            .flat_map(|event| {
                let media = files(event);
                // A message is told alone, so its files are with it.
                told(event)
                    .into_iter()
                    .map(move |inbound| (inbound, media.clone()))
            })
            .collect(),
        complaints: Vec::new(),
    })
}

fn told(event: &Value) -> Vec<Inbound> {
    let Some(customer) = text(event, "/sender/id") else {
        return Vec::new();
    };
    // What the page itself has written, through us or otherwise, comes back as an echo.
    if event["message"]["is_echo"] == true {
        return Vec::new();
    }
    if event["delivery"].is_object() {
        return delivered(&customer, &event["delivery"]);
    }
    if event["read"].is_object() {
        return progress(&customer, DeliveryState::Read, &event["read"]);
    }
    message(&customer, event).into_iter().collect()
}

fn message(customer: &str, event: &Value) -> Option<Inbound> {
    let moment = text(event, "/timestamp").unwrap_or_default();
    let (id, words) = if event["message"].is_object() {
        (text(event, "/message/mid"), words(&event["message"]))
    } else if event["postback"].is_object() {
        let title = ["/postback/title", "/postback/payload"];
        let title = title.iter().find_map(|title| text(event, title));
        (text(event, "/postback/mid"), title.unwrap_or_default())
    } else if event["reaction"].is_object() {
        let mid = text(event, "/reaction/mid").unwrap_or_default();
        (
            Some(format!("{mid}/reaction/{moment}")),
            reacted(&event["reaction"]),
        )
    } else {
        // Referrals, opt-ins of plugins and the like say nothing to an agent.
        return None;
    };
    let id = id.unwrap_or_else(|| format!("{customer}/{moment}"));
    Some(Inbound {
        event: id.clone(),
        address: customer.to_owned(),
        phone: None,
        what: Arrival::Message {
            id,
            text: words,
            name: None,
            conversation: None,
        },
    })
}

fn reacted(reaction: &Value) -> String {
    if reaction["action"] == "unreact" {
        return "[reaction taken back]".to_owned();
    }
    let emoji = ["/emoji", "/reaction"];
    let emoji = emoji.iter().find_map(|emoji| text(reaction, emoji));
    labelled("[reaction]", &emoji.unwrap_or_default())
}

/// What a message says, with a line for each thing that is attached.
fn words(message: &Value) -> String {
    let mut lines = Vec::from_iter(text(message, "/text"));
    for attachment in list(message, "/attachments") {
        let kind = text(attachment, "/type").unwrap_or_else(|| "file".to_owned());
        let coordinates = attachment.pointer("/payload/coordinates");
        lines.push(match coordinates {
            Some(place) if kind == "location" => {
                // Messenger has shorter names for it.
                let place = serde_json::json!({
                    "latitude": place["lat"],
                    "longitude": place["long"],
                    "name": attachment["title"],
                });
                location(&place)
            }
            _ if attachment.pointer("/payload/sticker_id").is_some() => "[sticker]".to_owned(),
            _ if FILES.contains(&kind.as_str()) => format!("[{kind}]"),
            // A page that was shared, or what has no file.
            _ => {
                let address = ["/payload/url", "/url"];
                let address = address.iter().find_map(|address| text(attachment, address));
                labelled(&format!("[{kind}]"), &address.unwrap_or_default())
            }
        });
    }
    lines.join("\n")
}

/// The files of a message, which Meta holds.
fn files(event: &Value) -> Vec<Media> {
    let attachments = list(event, "/message/attachments").iter();
    let media = attachments.filter_map(|attachment| {
        let kind = text(attachment, "/type")?;
        let is_file = FILES.contains(&kind.as_str());
        let is_sticker = attachment.pointer("/payload/sticker_id").is_some();
        let reference = text(attachment, "/payload/url").filter(|_| is_file && !is_sticker)?;
        Some(Media {
            reference,
            name: Some(kind.clone()),
            media_type: None,
            line: format!("[{kind}]"),
        })
    });
    media.collect()
}

/// Single messages are named only sometimes; how far it has come always.
fn delivered(customer: &str, delivery: &Value) -> Vec<Inbound> {
    let named = list(delivery, "/mids").iter().filter_map(Value::as_str);
    let named = named.map(|mid| Inbound::report(mid, DeliveryState::Delivered, None));
    let progress = progress(customer, DeliveryState::Delivered, delivery);
    named.chain(progress).collect()
}

fn progress(customer: &str, state: DeliveryState, told: &Value) -> Vec<Inbound> {
    let Some(until) = told["watermark"].as_i64() else {
        return Vec::new();
    };
    vec![Inbound {
        event: format!("{customer}/{state:?}/{until}"),
        address: customer.to_owned(),
        phone: None,
        what: Arrival::Progress { state, until },
    }]
}
