//! What agents write, taken to a partner's service: the payload of Salesforce's outbound event, by a callback.
//!
//! A callback may come twice, with the same `webhook-id`: it is tried again until the service has answered
//! that it has it.

use headwater_messaging::{Again, Outgoing, Undelivered};
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
    let message = json!({
        "entryType": "Message",
        "id": name,
        "abstractMessage": abstract_message(connection, outgoing, &name).await?,
        "messageReason": (!outgoing.sender.is_agent).then_some("AutomatedResponse"),
    });
    let event = event(outgoing, &name, "Message", &message);
    let body = json!({ "eventType": "Interaction", "payload": event });
    deliver(connection, &name, &body).await?;
    Ok(name)
}

/// Tells the service of something that is of no use later; it is tried once.
pub(super) async fn mention(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
    (id, kind): (&str, &str),
) -> Result<(), Undelivered> {
    let indicator = json!({
        "entryType": kind,
        "id": id,
        "timestamp": outgoing.at.as_millisecond(),
    });
    let event = event(outgoing, id, kind, &indicator);
    let body = json!({ "eventType": "Interaction", "payload": event });
    deliver(connection, id, &body).await
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

/// An entry of a conversation, with whom it is for.
fn event(outgoing: &Outgoing, name: &str, kind: &str, payload: &Value) -> Value {
    let sender = match outgoing.sender.id {
        Some(id) if outgoing.sender.is_agent => {
            json!({ "appType": "agent", "subject": id.as_str(), "role": "Agent" })
        }
        _ => json!({ "appType": "conversation", "subject": "System", "role": "System" }),
    };
    let at = outgoing.at.as_millisecond();
    json!({
        "conversationIdentifier": outgoing.conversation,
        "channelAddressIdentifier": outgoing.from,
        "recipient": { "appType": "custom", "subject": outgoing.to, "role": "EndUser" },
        "payload": {
            "identifier": name,
            "entryType": kind,
            "entryPayload": payload,
            "sender": sender,
            "senderDisplayName": outgoing.sender.name,
            "transcriptedTimestamp": at,
            "clientTimestamp": at,
            "clientDuration": 0,
        },
    })
}

async fn abstract_message(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
    name: &str,
) -> Result<Value, Undelivered> {
    if !outgoing.choices.is_empty() {
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
                "formatType": "QuickReplies",
                "text": outgoing.text,
                "optionItems": options.collect::<Vec<_>>(),
            },
        }));
    }
    let mut content = json!({ "formatType": "Text", "text": outgoing.text });
    if !outgoing.files.is_empty() {
        let mut attachments = Vec::new();
        for file in &outgoing.files {
            attachments.push(json!({
                "id": identifier::of_entry(file.version),
                "name": file.name,
                "mimeType": file.media_type,
                "url": file_links::of(connection, file).await?,
                "referenceId": file.id.as_str(),
                "attachmentUploadResult": null,
            }));
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

async fn deliver(connection: &Connection<'_>, id: &str, body: &Value) -> Result<(), Undelivered> {
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
