//! What a web client asks for.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_messaging::{Arrival, Beside, DeliveryState, Entry, Inbound, Owned};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::entries;
use super::error::Refusal;
use super::own::Own;
use super::token::{Visitor, is_identifier};
use crate::attributes;
use crate::door::Channels;

type Answer = Result<Response, Refusal>;
type Parameters = Query<HashMap<String, String>>;

/// Entries in a list when the client names no number, and at most.
const ENTRIES: u64 = 20;
const ENTRIES_MAX: u64 = 50;

/// Entries looked through for those that a client reports on.
const LOOKED_THROUGH_MAX: u64 = 200;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Begin {
    conversation_id: String,
    routing_attributes: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Send {
    message: Message,
    #[serde(default)]
    is_new_messaging_session: bool,
    routing_attributes: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: String,
    #[serde(rename = "messageType")]
    kind: String,
    static_content: Option<StaticContent>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StaticContent {
    format_type: String,
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Acknowledged {
    acks: Vec<Acknowledgement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Acknowledgement {
    entry_type: String,
    conversation_entry_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sign {
    entry_type: String,
}

/// Begins a conversation under the name that the client has given it.
pub(super) async fn begin(
    State(channels): State<Channels>,
    visitor: Visitor,
    body: Result<Json<Begin>, JsonRejection>,
) -> Answer {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let conversation_id = request.conversation_id;
    let channel = visitor.channel()?;
    if !is_identifier(&conversation_id) {
        return Err(Refusal::bad(
            "Specify the conversationId in UUID format. The UUID must be in lowercase.",
        ));
    }
    // Nobody's yet, as far as this looks; the worker asks again in its transaction.
    let nobody = channels.messaging.org().organization();
    let known = channels.messaging.conversation_of(nobody, &conversation_id);
    if known.await? != Owned::Free {
        let message = "The conversation exists already";
        return Err(Refusal::new(StatusCode::CONFLICT, "CONFLICT", message));
    }
    let beside = Beside {
        parameters: attributes::given(&channels, channel, request.routing_attributes).await?,
        ..Beside::default()
    };
    let inbound = Inbound {
        event: format!("conversation/{conversation_id}"),
        address: visitor.sub,
        phone: None,
        what: Arrival::Conversation {
            identifier: conversation_id,
            name: None,
        },
    };
    let accepted = channels.messaging.accept_now(channel, &inbound, &beside);
    accepted.await?;
    Ok((StatusCode::CREATED, Json(json!({}))).into_response())
}

/// Takes a message.
pub(super) async fn message(
    State(channels): State<Channels>,
    own: Own,
    body: Result<Json<Send>, JsonRejection>,
) -> Answer {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    own.may_send(&request.message.id, request.is_new_messaging_session)?;
    let id = request.message.id.clone();
    let text = text_of(request.message)?;
    let beside = Beside {
        parameters: attributes::given(&channels, own.channel, request.routing_attributes).await?,
        ..Beside::default()
    };
    own.send(&channels, (id, text), &beside).await
}

fn text_of(message: Message) -> Result<String, Refusal> {
    let content = message
        .static_content
        .filter(|_| message.kind == "StaticContentMessage");
    let content = content.filter(|content| content.format_type == "Text");
    let text = content.and_then(|content| content.text);
    let text = text.filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| {
        Refusal::bad(
            "message must be a StaticContentMessage whose staticContent is a Text with text",
        )
    })
}

/// The visitor writes, or has stopped. Whoever looks is told, and nothing of it is kept.
pub(super) async fn typing(
    State(channels): State<Channels>,
    own: Own,
    body: Result<Json<Sign>, JsonRejection>,
) -> Answer {
    let Json(sign) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let is_on = match sign.entry_type.as_str() {
        "TypingStartedIndicator" => true,
        "TypingStoppedIndicator" => false,
        _ => {
            let message = "entryType must be TypingStartedIndicator or TypingStoppedIndicator";
            return Err(Refusal::bad(message));
        }
    };
    if !own.session.status.is_over() {
        let messaging = &channels.messaging;
        messaging.customer_types(own.session.id, is_on).await;
    }
    Ok((StatusCode::ACCEPTED, Json(json!({}))).into_response())
}

/// The client has shown, or its user has seen, what we sent.
pub(super) async fn acknowledge(
    State(channels): State<Channels>,
    own: Own,
    body: Result<Json<Acknowledged>, JsonRejection>,
) -> Answer {
    let Json(Acknowledged { acks }) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let all = transcript(&channels, own.id).await?;
    for ack in acks {
        let state = match ack.entry_type.as_str() {
            "Delivery" => DeliveryState::Delivered,
            "Read" => DeliveryState::Read,
            _ => return Err(Refusal::bad("entryType must be Delivery or Read")),
        };
        let named = |entry: &&Entry| {
            let is_named = entry.message.as_deref() == Some(&*ack.conversation_entry_id);
            is_named || entry.id.as_str() == ack.conversation_entry_id
        };
        if let Some(entry) = all.iter().find(named)
            && entry.speaker != "EndUser"
        {
            let report = Inbound::report(entry.id.as_str(), state, None);
            channels.messaging.accept(own.channel, &report).await?;
        }
    }
    Ok((StatusCode::ACCEPTED, Json(json!({}))).into_response())
}

/// What was said, newest first unless the client wants it otherwise.
pub(super) async fn entries(
    State(channels): State<Channels>,
    own: Own,
    Query(parameters): Parameters,
) -> Answer {
    let limit = parameters.get("limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(ENTRIES).clamp(1, ENTRIES_MAX);
    let number = |name: &str| {
        parameters
            .get(name)
            .and_then(|text| text.parse::<i64>().ok())
    };
    let (start, end) = (number("startTimestamp"), number("endTimestamp"));
    let wanted = parameters.get("entryTypeFilter").map(String::as_str);
    let is_wanted =
        wanted.is_none_or(|kinds| kinds.split(',').any(|kind| kind.trim() == "Message"));
    let all = transcript(&channels, own.id).await?;
    let mut listed: Vec<Value> = all
        .iter()
        .filter(|entry| {
            let at = entry.at.map_or(0, Timestamp::as_millisecond);
            is_wanted && start.is_none_or(|start| at >= start) && end.is_none_or(|end| at <= end)
        })
        .filter_map(|entry| {
            let to = (own.visitor.sub.as_str(), own.name.as_str());
            Some(entries::message(entry, to, channels.base())?.entry)
        })
        .collect();
    if parameters
        .get("direction")
        .is_none_or(|direction| direction != "FromStart")
    {
        listed.reverse();
    }
    listed.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Json(json!({ "conversationEntries": listed })).into_response())
}

async fn transcript(channels: &Channels, id: Id) -> Result<Vec<Entry>, Refusal> {
    // The visitor is nobody's caller: that the conversation is theirs was asked before.
    let system = channels.messaging.org().system();
    let messaging = &channels.messaging;
    let read = messaging.transcript(&system, id, LOOKED_THROUGH_MAX);
    Ok(read.await?)
}

/// The visitor's conversations.
pub(super) async fn list(
    State(channels): State<Channels>,
    visitor: Visitor,
    Query(parameters): Parameters,
) -> Answer {
    let also_closed = parameters
        .get("inclClosedConvs")
        .is_some_and(|also| also == "true");
    let all = channels
        .messaging
        .conversations(visitor.channel()?, &visitor.sub)
        .await?;
    let is_open = |one: &&headwater_messaging::Summary| one.ended.is_none();
    let open = all.iter().filter(is_open).count();
    let listed: Vec<Value> = all
        .iter()
        .filter(|one| also_closed || is_open(one))
        .map(|one| {
            json!({
                "conversationId": one.identifier,
                "startTimestamp": one.started.map(Timestamp::as_millisecond),
                "endTimestamp": one.ended.map(Timestamp::as_millisecond),
            })
        })
        .collect();
    let answer = json!({
        "openConversationsFound": open,
        "closedConversationsFound": all.len() - open,
        "conversations": listed,
    });
    Ok(Json(answer).into_response())
}

/// Whether somebody is on it.
pub(super) async fn routing_status(own: Own) -> Answer {
    let routing = match own.session.status.word() {
        "Active" | "Paused" => "ROUTED",
        "Waiting" => "NEEDS_ROUTING",
        _ => "INITIAL",
    };
    let answer = json!({ "conversationId": own.name, "routingStatus": routing });
    Ok(Json(answer).into_response())
}

/// The visitor ends it.
pub(super) async fn end(State(channels): State<Channels>, own: Own) -> Answer {
    let inbound = Inbound {
        event: format!("end/{}", own.session.id),
        address: own.visitor.sub,
        phone: None,
        what: Arrival::End,
    };
    let (messaging, beside) = (&channels.messaging, Beside::default());
    messaging.accept_now(own.channel, &inbound, &beside).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
