//! `POST /conversationHistory`: what a customer and a bot said to each other before this server had the
//! conversation.
//!
//! The rules are those of the published schema and its error codes: 1 to 3 participants, 1 to 5 entries a
//! request, an entry while its sender was in the conversation. Services send the newest first, and go on with
//! older ones while the session is routed; so entries stand by their own times, in any order of requests.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_messaging::Earlier;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answers;
use super::caller::Partner;
use super::error::{Code, Refusal};
use super::requests::{self, Body};
use crate::api::text;
use crate::door::Channels;

/// Most participants and entries of one request.
const PARTICIPANTS_MAX: usize = 3;
const ENTRIES_MAX: usize = 5;

/// How far a service's clock may be ahead of ours.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Somebody who was in the conversation.
struct Participant {
    role: Role,
    subject: String,
    name: String,
    joined: i64,
    left: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    EndUser,
    Chatbot,
}

/// `POST /conversationHistory`.
pub(super) async fn bring(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let address = text(&request, "/channelAddressIdentifier").unwrap_or_default();
    let channel = partner
        .channel(&channels, &address, Code::NoChannelAddress)
        .await?;
    let participants = participants(&request["conversationParticipants"])?;
    let given = request["conversationParticipants"].as_array();
    let whos = given
        .into_iter()
        .flatten()
        .map(|one| one["participant"].clone());
    let subject = requests::only_end_user(&Value::Array(whos.collect()))?;
    let now = channels.messaging.org().now();
    let entries = entries(&request["conversationEntries"], &participants, now)?;
    if !request["messagingSession"].is_null() {
        check_session(&request["messagingSession"]["payload"], now)?;
    }
    let named = text(&request, "/conversationIdentifier");
    let found = requests::found_or_made(&channels, channel, &subject, None).await?;
    if named.is_some_and(|named| named != found.conversation_name) {
        let message = "The conversation identifier is not valid: it is not the customer's";
        return Err(Refusal::bad(Code::Conversation, message));
    }
    let brought = channels
        .messaging
        .bring_history(channel, &subject, &entries);
    brought.await?;
    let answer = json!({
        "success": true,
        "messagingSessionId": requests::work_item(&found),
        "conversationIdentifier": found.conversation_name,
    });
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

fn participants(list: &Value) -> Result<Vec<Participant>, Refusal> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    if list.is_empty() || list.len() > PARTICIPANTS_MAX {
        let message = format!("There are 1 to {PARTICIPANTS_MAX} conversationParticipants");
        return Err(Refusal::bad(Code::Participants, message));
    }
    list.iter().map(participant).collect()
}

fn participant(given: &Value) -> Result<Participant, Refusal> {
    let who = &given["participant"];
    let (role, subject) = sender(who)?;
    let joined = millis(&given["joinedTime"]).ok_or_else(|| {
        let message = "Each participant has a joinedTime, in milliseconds of Unix time";
        Refusal::bad(Code::Joined, message)
    })?;
    let left = match &given["leftTime"] {
        Value::Null => None,
        left => Some(millis(left).ok_or_else(|| {
            let message = "leftTime is in milliseconds of Unix time";
            Refusal::bad(Code::Joined, message)
        })?),
    };
    if role == Role::EndUser && left.is_some() {
        let message = "Invalid end-user participant details: an end user has no leftTime";
        return Err(Refusal::bad(Code::EndUserLeft, message));
    }
    if left.is_some_and(|left| left <= joined) {
        let message = "Invalid joinedTime: it has to be earlier than the leftTime";
        return Err(Refusal::bad(Code::Joined, message));
    }
    Ok(Participant {
        role,
        subject,
        name: text(given, "/displayName").unwrap_or_default(),
        joined,
        left,
    })
}

/// Who a participant of a request is.
fn sender(who: &Value) -> Result<(Role, String), Refusal> {
    if who["appType"] != "custom" {
        let message = "The AppType provided is not supported: it must be custom";
        return Err(Refusal::bad(Code::AppType, message));
    }
    let role = match who["role"].as_str() {
        Some("EndUser") => Role::EndUser,
        Some("Chatbot") => Role::Chatbot,
        _ => {
            let message = "Invalid participant role. Specify a Chatbot or EndUser role";
            return Err(Refusal::bad(Code::ParticipantRole, message));
        }
    };
    let subject = text(who, "/subject").filter(|subject| !subject.trim().is_empty());
    let subject = subject.ok_or_else(|| {
        let message = "Invalid subject of participant in conversation request";
        Refusal::bad(Code::Subject, message)
    })?;
    Ok((role, subject))
}

fn entries(
    list: &Value,
    participants: &[Participant],
    now: Timestamp,
) -> Result<Vec<Earlier>, Refusal> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    if list.is_empty() || list.len() > ENTRIES_MAX {
        let message = format!("There are 1 to {ENTRIES_MAX} conversationEntries in a request");
        return Err(Refusal::bad(Code::History, message));
    }
    let mut ids = HashSet::new();
    let mut entries = Vec::new();
    for given in list {
        let entry = entry(given, participants, now)?;
        if !ids.insert(entry.id.clone()) {
            let message = "Invalid message ID. Provide a unique ID for each message entry";
            return Err(Refusal::bad(Code::SameId, message));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(given: &Value, participants: &[Participant], now: Timestamp) -> Result<Earlier, Refusal> {
    let (role, subject) = sender(&given["sender"])?;
    let known = |one: &&Participant| one.role == role && one.subject == subject;
    let by = participants.iter().find(known).ok_or_else(|| {
        let message = "Invalid participant. The message isn't from one of conversationParticipants";
        Refusal::bad(Code::NotOfConversation, message)
    })?;
    let at = millis(&given["clientTimestamp"]);
    let moment = at.and_then(|at| Timestamp::from_millisecond(at).ok());
    let (Some(at), Some(moment)) = (at, moment.filter(|moment| *moment <= now + AHEAD_MAX)) else {
        let message =
            "Invalid clientTimestamp: it is in milliseconds of Unix time, and not to come";
        return Err(Refusal::bad(Code::ClientTimestamp, message));
    };
    if at < by.joined || by.left.is_some_and(|left| at > left) {
        let message = "Invalid message timestamp. The message timestamp must occur while the sender is \
                       in the conversation";
        return Err(Refusal::bad(Code::SenderNotThere, message));
    }
    let payload = &given["entryPayload"];
    if payload["entryType"] != "Message" {
        let message = "Provide a valid message entry format: entryType must be Message";
        return Err(Refusal::bad(Code::Entry, message));
    }
    let id = answers::id_of_message(payload)?;
    Ok(Earlier {
        id,
        by_customer: role == Role::EndUser,
        name: by.name.clone(),
        text: match role {
            Role::EndUser => answers::words(&payload["abstractMessage"])?,
            Role::Chatbot => answers::shown(&payload["abstractMessage"])?,
        },
        at: moment,
    })
}

/// The times of a session that a service names are looked at, and say nothing else: a session begins here.
fn check_session(session: &Value, now: Timestamp) -> Result<(), Refusal> {
    let ahead = (now + AHEAD_MAX).as_millisecond();
    let start = match &session["startTime"] {
        Value::Null => None,
        start => Some(
            millis(start)
                .filter(|start| *start <= ahead)
                .ok_or_else(|| {
                    let message = "The StartTime provided for messaging session is invalid";
                    Refusal::bad(Code::SessionStart, message)
                })?,
        ),
    };
    let end = &session["endTime"];
    let fits = |end: i64| start.is_none_or(|start| start <= end);
    if !end.is_null() && !millis(end).is_some_and(fits) {
        let message = "The EndTime provided for messaging session is invalid";
        return Err(Refusal::bad(Code::SessionEnd, message));
    }
    Ok(())
}

/// Milliseconds of Unix time; clients send them as numbers and as text.
pub(super) fn millis(value: &Value) -> Option<i64> {
    let millis = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    millis.filter(|millis| *millis >= 0)
}
