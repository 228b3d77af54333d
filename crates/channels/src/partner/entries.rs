//! `/conversationEntry`: what is said in a conversation, read by a service, and said in it by a bot.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_messaging::{Entry as Said, Message, Named};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Partner;
use super::error::{Code, Refusal};
use super::interactions::Of;
use super::outbound::{self, Entry};
use super::requests::{self, Body};
use super::{answers, conversation, identifier};
use crate::api::text;
use crate::carriers::Carriers;
use crate::door::Channels;
use crate::file_links;

/// Entries of an answer, where the service does not say how many, and most of them.
const LIMIT: u64 = 50;
const LIMIT_MAX: u64 = 200;

/// Most entries that a bot says in one request.
const ENTRIES_MAX: usize = 5;

/// Which entries are asked for. Times are milliseconds of Unix time.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    #[serde(default)]
    conversation_identifier: String,
    limit: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
}

/// `GET /conversationEntry`: the messages of a conversation, the newest first.
pub(super) async fn read(
    State(channels): State<Channels>,
    partner: Partner,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(asked) =
        asked.map_err(|rejection| Refusal::bad(Code::Parameters, rejection.body_text()))?;
    let limit = match asked.limit.as_deref().map(str::parse) {
        None => LIMIT,
        Some(Ok(limit)) if (1..=LIMIT_MAX).contains(&limit) => limit,
        Some(_) => {
            let message = format!("Invalid limit: it is a number from 1 to {LIMIT_MAX}");
            return Err(Refusal::bad(Code::Limit, message));
        }
    };
    let from = moment(asked.start_time.as_deref(), Code::StartTime, "startTime")?;
    let until = moment(asked.end_time.as_deref(), Code::EndTime, "endTime")?;
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        let message = "Invalid endTime: it has to be after the startTime";
        return Err(Refusal::bad(Code::EndTime, message));
    }
    let known = conversation::known(&channels, &partner, &asked.conversation_identifier).await?;
    let messaging = &channels.messaging;
    let entries =
        messaging.messages_within(&partner.caller, known.conversation, (from, until), limit);
    let entries = entries.await?;
    let carriers = Carriers::new(
        messaging.clone(),
        channels.client.clone(),
        channels.settings.public_url.clone(),
    );
    let mut written = Vec::new();
    for entry in &entries {
        written.push(shown(&carriers, &known, entry).await?);
    }
    let answer = json!({ "success": true, "conversationEntries": written });
    Ok(Json(answer).into_response())
}

fn moment(given: Option<&str>, code: Code, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(given) = given else { return Ok(None) };
    let moment = given.parse().ok().filter(|millis| *millis >= 0);
    let moment = moment.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let wrong = || {
        Refusal::bad(
            code,
            format!("Invalid {name}: it is in milliseconds of Unix time"),
        )
    };
    Ok(Some(moment.ok_or_else(wrong)?))
}

/// A message as the schema has it.
async fn shown(carriers: &Carriers, known: &Named, said: &Said) -> Result<Value, Refusal> {
    let name = match &said.message {
        Some(message) if said.speaker == "EndUser" || said.speaker == "Bot" => message.clone(),
        _ => identifier::of_entry(said.id),
    };
    let mut content = json!({ "formatType": "Text", "text": said.text });
    if !said.files.is_empty() {
        let connection = carriers.connection(known.channel).await;
        let connection = connection.map_err(|failure| Refusal::internal(&failure.reason))?;
        let mut attachments = Vec::new();
        for file in &said.files {
            let url = file_links::of(&connection, file).await;
            let url = url.map_err(|failure| Refusal::internal(&failure.reason))?;
            attachments.push(outbound::attachment(file, &url));
        }
        content["formatType"] = "Attachments".into();
        content["attachments"] = attachments.into();
    }
    let actor = said.actor.as_ref().map(headwater_catalogue::Id::as_str);
    let sender = match said.speaker.as_str() {
        "EndUser" => json!({ "appType": "custom", "subject": known.customer, "role": "EndUser" }),
        "Bot" => outbound::chatbot(&said.name),
        "Agent" => outbound::participant(actor),
        _ => outbound::participant(None),
    };
    let entry = Entry {
        name: &name,
        kind: "Message",
        payload: json!({
            "abstractMessage": {
                "messageType": "StaticContentMessage",
                "id": name,
                "staticContent": content,
            },
            "messageReason": (said.speaker == "System").then_some("AutomatedResponse"),
        }),
        sender,
        sender_name: &said.name,
        at: said.at.unwrap_or_default().as_millisecond(),
    };
    Ok(entry.written())
}

/// `POST /conversationEntry`: a bot says something, which goes to the customer as an agent's message does; or
/// the customer does.
pub(super) async fn say(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let list = request["conversationEntries"].as_array();
    let list = list.filter(|list| (1..=ENTRIES_MAX).contains(&list.len()));
    let list = list.ok_or_else(|| {
        let message = format!("There are 1 to {ENTRIES_MAX} conversationEntries in a request");
        Refusal::bad(Code::Parameters, message)
    })?;
    let name = text(&request, "/conversationIdentifier").unwrap_or_default();
    let known = conversation::known(&channels, &partner, &name).await?;
    let sender = &request["sender"];
    let by_bot = sender["role"] == "Chatbot";
    let subject = if by_bot {
        requests::check_bot(sender)?
    } else {
        requests::check_end_user(sender, Some(&known.customer))?
    };
    let entries = list.iter().map(|entry| &entry["entryPayload"]);
    if by_bot {
        // All of them are looked at before the first is said.
        let mut said = Vec::new();
        for payload in entries {
            said.extend(said_by_bot(payload)?);
        }
        let session = conversation::open_session(&channels, &known).await?;
        for message in &said {
            let sent = channels
                .messaging
                .bot_says(&partner.caller, &session, &subject, message);
            sent.await?;
        }
    } else {
        let of = Of {
            channel: known.channel,
            from: subject,
        };
        for payload in entries {
            of.enters(&channels, payload, &headwater_messaging::Beside::default())
                .await?;
        }
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "success": true }))).into_response())
}

/// What an entry of a bot's says; nothing for one that it writes, which is told to nobody.
fn said_by_bot(payload: &Value) -> Result<Option<Message>, Refusal> {
    match payload["entryType"].as_str() {
        Some("TypingStartedIndicator" | "TypingStoppedIndicator") => Ok(None),
        Some("Message") => {
            let id = answers::id_of_message(payload)?;
            let (text, choices) = answers::offered(&payload["abstractMessage"])?;
            Ok(Some(Message {
                text,
                choices,
                id: Some(id),
                ..Message::default()
            }))
        }
        _ => {
            let message = "Provide a valid message entry format: entryType must be Message, \
                           TypingStartedIndicator or TypingStoppedIndicator";
            Err(Refusal::bad(Code::Entry, message))
        }
    }
}
