//! Entries as web clients read them.

use headwater_messaging::Entry;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::API;

/// What happened, with the name of its event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) event: &'static str,
    /// The entry, its payload an object.
    pub(super) entry: Value,
}

/// An entry of the transcript for a visitor, by their subject and the name of their conversation; none for
/// what web clients are not told. The addresses of its files begin with `base`.
pub(super) fn message(
    entry: &Entry,
    (subject, conversation): (&str, &str),
    base: &str,
) -> Option<Told> {
    // What a supervisor writes is for the agent.
    if entry.kind != "Text" || entry.speaker == "Supervisor" {
        return None;
    }
    let identifier = entry
        .message
        .clone()
        .unwrap_or_else(|| entry.id.to_string());
    let payload = json!({
        "entryType": "Message",
        "id": identifier,
        "abstractMessage": {
            "messageType": "StaticContentMessage",
            "id": identifier,
            "staticContent": content(entry, conversation, base),
        },
        "messageReason": (entry.speaker == "System").then_some("AutomatedResponse"),
    });
    let (app, role) = match entry.speaker.as_str() {
        "EndUser" => ("iamessage", "EndUser"),
        "Agent" => ("agent", "Agent"),
        "Bot" => ("chatbot", "Chatbot"),
        _ => ("conversation", "System"),
    };
    let sender = match (role, entry.actor) {
        ("EndUser", _) => subject.to_owned(),
        (_, Some(actor)) => actor.to_string(),
        (_, None) => "System".to_owned(),
    };
    Some(Told {
        event: "CONVERSATION_MESSAGE",
        entry: frame(
            &identifier,
            "Message",
            &payload,
            (app, role, &sender),
            &entry.name,
            entry.at,
        ),
    })
}

fn content(entry: &Entry, conversation: &str, base: &str) -> Value {
    if entry.files.is_empty() {
        return json!({ "formatType": "Text", "text": entry.text });
    }
    let files = entry.files.iter().map(|file| {
        json!({
            "id": file.id.as_str(),
            "name": file.name,
            "mimeType": file.media_type,
            "url": format!("{base}{API}/conversation/{conversation}/file/{}", file.id),
        })
    });
    let mut content =
        json!({ "formatType": "Attachments", "attachments": files.collect::<Vec<_>>() });
    if !entry.text.is_empty() {
        content["text"] = entry.text.as_str().into();
    }
    content
}

/// Where a session has come to, and from where if that is known; with its deployment and conversation.
pub(super) fn status(
    session: &str,
    (is, was): (&str, Option<&str>),
    (deployment, conversation): (&str, &str),
    at: Timestamp,
) -> Told {
    let identifier = format!("{session}-{is}-{}", at.as_millisecond());
    let payload = json!({
        "entryType": "SessionStatusChanged",
        "id": identifier,
        "sessionId": session,
        "sessionStatus": is,
        "sessionStatusPrev": was,
        "sessionEndTime": (is == "Ended").then(|| at.as_millisecond()),
        "channelAddressIdentifier": deployment,
        "conversationIdentifier": conversation,
    });
    Told {
        event: "CONVERSATION_SESSION_STATUS_CHANGED",
        entry: frame(
            &identifier,
            "SessionStatusChanged",
            &payload,
            ("conversation", "System", session),
            "",
            Some(at),
        ),
    }
}

/// An agent has joined (`add`), or has left (`remove`).
pub(super) fn participant(
    session: &str,
    operation: &str,
    (agent, name): (&str, &str),
    at: Timestamp,
) -> Told {
    let identifier = format!("{session}-{operation}-{agent}-{}", at.as_millisecond());
    let participant = json!({ "appType": "agent", "subject": agent, "role": "Agent" });
    let payload = json!({
        "entryType": "ParticipantChanged",
        "id": identifier,
        "entries": [{ "operation": operation, "displayName": name, "participant": participant }],
    });
    Told {
        event: "CONVERSATION_PARTICIPANT_CHANGED",
        entry: frame(
            &identifier,
            "ParticipantChanged",
            &payload,
            ("conversation", "System", session),
            "",
            Some(at),
        ),
    }
}

/// An agent writes, or has stopped.
pub(super) fn typing(agent: &str, name: &str, is_on: bool, at: Timestamp) -> Told {
    let (event, kind) = if is_on {
        (
            "CONVERSATION_TYPING_STARTED_INDICATOR",
            "TypingStartedIndicator",
        )
    } else {
        (
            "CONVERSATION_TYPING_STOPPED_INDICATOR",
            "TypingStoppedIndicator",
        )
    };
    let identifier = format!("{agent}-typing-{}", at.as_millisecond());
    let payload = json!({ "entryType": kind, "id": identifier });
    let sender = ("agent", "Agent", agent);
    Told {
        event,
        entry: frame(&identifier, kind, &payload, sender, name, Some(at)),
    }
}

fn frame(
    identifier: &str,
    kind: &str,
    payload: &Value,
    (app, role, subject): (&str, &str, &str),
    name: &str,
    at: Option<Timestamp>,
) -> Value {
    let at = at.map_or(0, Timestamp::as_millisecond);
    json!({
        "identifier": identifier,
        "entryType": kind,
        "entryPayload": payload,
        "sender": { "appType": app, "subject": subject, "role": role },
        "senderDisplayName": name,
        "transcriptedTimestamp": at,
        "clientTimestamp": at,
        "clientDuration": 0,
        "relatedRecords": [],
    })
}

/// An entry as a stream tells it: its payload as text.
pub(super) fn framed(told: &Told, subject: &str, deployment: &str, conversation: &str) -> String {
    let mut entry = told.entry.clone();
    entry["entryPayload"] = Value::String(entry["entryPayload"].to_string());
    json!({
        "channelPlatformKey": subject,
        "channelType": "embedded_messaging",
        "channelAddressIdentifier": deployment,
        "conversationId": conversation,
        "conversationEntry": entry,
    })
    .to_string()
}
