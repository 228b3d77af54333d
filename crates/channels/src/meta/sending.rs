//! What goes out through Meta: texts, templates, files, and answers to choose from.

use headwater_messaging::{File, Outgoing, Template, Undelivered};
use reqwest::multipart::Form;
use serde_json::{Value, json};

use super::api::{META, post, upload};
use crate::api::not_understood;
use crate::carriers::{Connection, no_templates};
use crate::uploads::{self, Kinds};

/// Characters of a text of `WhatsApp`'s that stands over buttons; a longer one lists the answers itself.
const BODY_CHARACTERS_MAX: usize = 1_024;

/// Buttons under a text of `WhatsApp`'s; more answers are a list.
const BUTTONS_MAX: usize = 3;

/// What opens such a list.
const LIST_OPENER: &str = "Choose";

/// What `WhatsApp` and Messenger show; all else is a document, or a file.
const KINDS: Kinds = &[
    ("image/", "image"),
    ("video/", "video"),
    ("audio/", "audio"),
];

/// Hands a message over; gives `WhatsApp`'s id for it.
pub(crate) async fn send_whatsapp(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
) -> Result<String, Undelivered> {
    let mut message = json!({ "messaging_product": "whatsapp", "recipient_type": "individual" });
    // Who has no phone number here is written to by their id.
    let (field, to) = match outgoing.to.strip_prefix('+') {
        Some(digits) => ("to", digits),
        None => ("recipient", outgoing.to.as_str()),
    };
    message[field] = to.into();
    let (kind, content) = match (&outgoing.template, outgoing.files.as_slice()) {
        (Some(template), _) => ("template", filled(template)),
        (None, [file, ..]) => uploaded(connection, file).await?,
        (None, []) => said(outgoing),
    };
    message["type"] = kind.into();
    message[kind] = content;
    let path = format!("{}/messages", connection.account.key);
    let answer = post(connection, &path, &message).await?;
    let id = answer.text("/messages/0/id");
    id.ok_or_else(|| not_understood(META))
}

/// A text, or a text with answers to choose from.
fn said(outgoing: &Outgoing) -> (&'static str, Value) {
    let is_short = outgoing.text.chars().count() <= BODY_CHARACTERS_MAX;
    if outgoing.choices.is_empty() || !is_short {
        let text = outgoing.text_with_choices();
        return ("text", json!({ "body": text, "preview_url": false }));
    }
    let answers = outgoing.choices.iter();
    let answers = answers.map(|choice| json!({ "id": choice, "title": choice }));
    let (kind, action) = if outgoing.choices.len() <= BUTTONS_MAX {
        let buttons = answers.map(|reply| json!({ "type": "reply", "reply": reply }));
        ("button", json!({ "buttons": buttons.collect::<Vec<_>>() }))
    } else {
        let rows = answers.collect::<Vec<_>>();
        (
            "list",
            json!({ "button": LIST_OPENER, "sections": [{ "rows": rows }] }),
        )
    };
    let body = json!({ "text": outgoing.text });
    (
        "interactive",
        json!({ "type": kind, "body": body, "action": action }),
    )
}

/// Brings a file to `WhatsApp`, which then is named by the id that it got there.
async fn uploaded(
    connection: &Connection<'_>,
    file: &File,
) -> Result<(&'static str, Value), Undelivered> {
    let form = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", file.media_type)
        .part("file", uploads::part(connection, file).await?);
    let path = format!("{}/media", connection.account.key);
    let answer = upload(connection, &path, form)
        .await
        .map_err(uploads::brought)?;
    let id = answer.text("/id").ok_or_else(|| not_understood(META))?;
    let kind = uploads::kind(file, KINDS, "document");
    Ok((
        kind,
        match kind {
            "document" => json!({ "id": id, "filename": file.name }),
            _ => json!({ "id": id }),
        },
    ))
}

/// Hands a message over; gives Messenger's id for it.
pub(crate) async fn send_messenger(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
) -> Result<String, Undelivered> {
    if outgoing.template.is_some() {
        return Err(no_templates("Messenger"));
    }
    let recipient = json!({ "id": outgoing.to });
    let path = format!("{}/messages", connection.account.key);
    let answer = if let Some(file) = outgoing.files.first() {
        let kind = uploads::kind(file, KINDS, "file");
        let attachment = json!({ "type": kind, "payload": { "is_reusable": false } });
        let form = Form::new()
            .text("recipient", recipient.to_string())
            .text("messaging_type", "RESPONSE")
            .text("message", json!({ "attachment": attachment }).to_string())
            .part("filedata", uploads::part(connection, file).await?);
        upload(connection, &path, form).await?
    } else {
        let mut message = json!({ "text": outgoing.text });
        if !outgoing.choices.is_empty() {
            let replies = outgoing.choices.iter().map(
                |choice| json!({ "content_type": "text", "title": choice, "payload": choice }),
            );
            message["quick_replies"] = replies.collect();
        }
        let message = json!({
            "recipient": recipient,
            "messaging_type": "RESPONSE",
            "message": message,
        });
        post(connection, &path, &message).await?
    };
    let id = answer.text("/message_id");
    id.ok_or_else(|| not_understood(META))
}

/// A template as the API takes it: texts fill its body in.
fn filled(template: &Template) -> Value {
    let mut filled = json!({
        "name": template.name,
        "language": { "code": template.language },
    });
    if !template.parameters.is_empty() {
        let texts = template.parameters.iter();
        let texts: Vec<_> = texts
            .map(|text| json!({ "type": "text", "text": text }))
            .collect();
        filled["components"] = json!([{ "type": "body", "parameters": texts }]);
    }
    filled
}
