//! What agents write, taken to a partner's service: the payload of Salesforce's outbound event, by a callback.
//!
//! A callback may come twice, with the same `webhook-id`: it is tried again until the service has answered
//! that it has it.

use headwater_catalogue::Id;
use headwater_messaging::{Again, File, Outgoing, Undelivered};
use serde_json::{Value, json};

use super::{identifier, signature};
use crate::api::{Answer, call};
use crate::carriers::{Connection, no_templates};
use crate::file_links;

const PARTNER: &str = "The service";

/// Hands a message over; gives our name for it, by which the service reports on it.
pub(crate) async fn send(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
) -> Result<String, Undelivered> {
    if outgoing.template.is_some() {
        return Err(no_templates("A channel of your own"));
    }
    let name = identifier::of_entry(outgoing.id);
    let by_itself = !outgoing.sender.is_agent && !outgoing.sender.is_bot;
    let message = json!({
        "abstractMessage": abstract_message(connection, outgoing, &name).await?,
        "messageReason": by_itself.then_some("AutomatedResponse"),
    });
    let event = event(outgoing, &name, "Message", message);
    deliver(connection, &name, &event).await?;
    Ok(name)
}

/// Tells the service of something that is of no use later; it is tried once.
pub(super) async fn mention(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
    (id, kind): (&str, &str),
) -> Result<(), Undelivered> {
    let indicator = json!({ "timestamp": outgoing.at.as_millisecond() });
    deliver(connection, id, &event(outgoing, id, kind, indicator)).await
}

/// Calls the service with an event that means nothing but that we are there.
pub(crate) async fn introduce(connection: &Connection<'_>) -> Result<String, Undelivered> {
    let id = connection.messaging.new_message();
    let body = json!({
        "eventType": "Ping",
        "payload": {
            "conversationChannelDefinition": connection.account.key,
            "messagingChannel": connection.channel,
        },
    });
    deliver(connection, &id, &body).await?;
    Ok(connection.account.key.clone())
}

/// An entry of a conversation, as the schema has it.
pub(super) struct Entry<'a> {
    /// By what it is known again.
    pub(super) name: &'a str,
    /// `entryType`.
    pub(super) kind: &'a str,
    /// `entryPayload`, without what both say.
    pub(super) payload: Value,
    /// Who says or does it: a participant.
    pub(super) sender: Value,
    /// What they are called.
    pub(super) sender_name: &'a str,
    /// When, in milliseconds of Unix time.
    pub(super) at: i64,
}

impl Entry<'_> {
    /// As it stands in events and in lists.
    pub(super) fn written(self) -> Value {
        let mut payload = self.payload;
        payload["entryType"] = self.kind.into();
        payload["id"] = self.name.into();
        json!({
            "identifier": self.name,
            "entryType": self.kind,
            "entryPayload": payload,
            "sender": self.sender,
            "senderDisplayName": self.sender_name,
            "transcriptedTimestamp": self.at,
            "clientTimestamp": self.at,
            "clientDuration": 0,
        })
    }
}

/// A conversation, and whose it is.
pub(super) struct Place<'a> {
    pub(super) conversation: Option<&'a str>,
    /// The channel's address.
    pub(super) channel: &'a str,
    /// The customer's.
    pub(super) customer: &'a str,
}

impl Place<'_> {
    /// An event about something in the conversation.
    pub(super) fn event(&self, kind: &str, payload: &Value) -> Value {
        json!({
            "eventType": kind,
            "payload": {
                "conversationIdentifier": self.conversation,
                "channelAddressIdentifier": self.channel,
                "recipient": { "appType": "custom", "subject": self.customer, "role": "EndUser" },
                "payload": payload,
            },
        })
    }
}

/// A participant who works here; the server itself without one.
pub(super) fn participant(agent: Option<&str>) -> Value {
    match agent {
        Some(agent) => json!({ "appType": "agent", "subject": agent, "role": "Agent" }),
        None => json!({ "appType": "conversation", "subject": "System", "role": "System" }),
    }
}

/// A bot, which is known by its name.
pub(super) fn chatbot(name: &str) -> Value {
    json!({ "appType": "chatbot", "subject": name, "role": "Chatbot" })
}

/// A file of a message, and where it is fetched.
pub(super) fn attachment(file: &File, url: &str) -> Value {
    json!({
        "id": identifier::of_entry(file.version),
        "name": file.name,
        "mimeType": file.media_type,
        "url": url,
        "referenceId": file.id.as_str(),
        "attachmentUploadResult": null,
    })
}

/// An event of an entry that says or does what goes out.
fn event(outgoing: &Outgoing, name: &str, kind: &str, payload: Value) -> Value {
    let sender = &outgoing.sender;
    let agent = sender.id.as_ref().filter(|_| sender.is_agent);
    let entry = Entry {
        name,
        kind,
        payload,
        sender: if sender.is_bot {
            chatbot(&sender.name)
        } else {
            participant(agent.map(Id::as_str))
        },
        sender_name: &sender.name,
        at: outgoing.at.as_millisecond(),
    };
    let place = Place {
        conversation: outgoing.conversation.as_deref(),
        channel: &outgoing.from,
        customer: &outgoing.to,
    };
    place.event("Interaction", &entry.written())
}

async fn abstract_message(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
    name: &str,
) -> Result<Value, Undelivered> {
    // A service that has said nothing of itself can show them; for one that cannot they are lines.
    let able = connection.account.capabilities.as_ref();
    let shown = able.map_or(Some("QuickReplies"), |able| {
        able.shows(outgoing.choices.len())
    });
    if let Some(format) = shown.filter(|_| !outgoing.choices.is_empty()) {
        // An answer names the option; a service that sends its title back as well does no harm.
        let options = outgoing.choices.iter().map(|choice| {
            json!({
                "itemType": "TitleOptionItem",
                "optionIdentifier": choice,
                "titleItem": { "itemType": "TitleItem", "title": choice },
            })
        });
        return Ok(json!({
            "messageType": "ChoicesMessage",
            "id": name,
            "choices": {
                "formatType": format,
                "text": outgoing.text,
                "optionItems": options.collect::<Vec<_>>(),
            },
        }));
    }
    let mut content = json!({ "formatType": "Text", "text": outgoing.text_with_choices() });
    if !outgoing.files.is_empty() {
        let mut attachments = Vec::new();
        for file in &outgoing.files {
            let url = file_links::of(connection, file).await?;
            attachments.push(attachment(file, &url));
        }
        content["formatType"] = "Attachments".into();
        content["attachments"] = attachments.into();
    }
    Ok(json!({
        "messageType": "StaticContentMessage",
        "id": name,
        "staticContent": content,
    }))
}

pub(super) async fn deliver(
    connection: &Connection<'_>,
    id: &str,
    body: &Value,
) -> Result<(), Undelivered> {
    let account = &connection.account;
    let Some(address) = account.api_url.as_deref() else {
        let reason = "the channel has no callback address: an administrator sets one in Setup";
        return Err(Undelivered::for_good("NO_ADDRESS", reason));
    };
    let body = body.to_string();
    let seconds = connection.messaging.org().now().as_second();
    let signed = signature::of(account.secret.expose(), id, seconds, &body);
    let signed = signed.ok_or_else(|| {
        let reason = "the channel's signing secret is none: an administrator sets another in Setup";
        Undelivered::for_good("SECRET", reason)
    })?;
    let request = connection
        .client
        .post(address)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signed)
        .body(body);
    // The service knows a callback again, so one whose answer was lost is made again.
    let lost = |failure: Undelivered| match failure.code.as_str() {
        "NO_ANSWER" => failure.again(Again::Later),
        _ => failure,
    };
    let answer = call(PARTNER, request).await.map_err(lost)?;
    if answer.status.is_success() {
        return Ok(());
    }
    Err(refused(&answer))
}

fn refused(answer: &Answer) -> Undelivered {
    let code = answer.status.as_u16().to_string();
    let said = ["/message", "/error/message", "/error"];
    let said = said.iter().find_map(|said| answer.text(said));
    let reason = match said {
        Some(said) => format!("the service answered {}: {said}", answer.status),
        None => format!("the service answered {}", answer.status),
    };
    Undelivered::for_good(code, reason).again(answer.again())
}
