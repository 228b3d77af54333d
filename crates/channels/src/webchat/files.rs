//! Files of web visitors: sending one, and fetching those of their conversation.

use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_messaging::{Beside, NewFile};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::Refusal;
use super::own::Own;
use crate::attributes;
use crate::door::Channels;
use crate::file_answer;

/// Bytes of a body beside its file's: the message, and what is around both.
const AROUND_BYTES_MAX: usize = 64 * 1024;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageEntry {
    message: Message,
    #[serde(default)]
    is_new_messaging_session: bool,
    routing_attributes: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct Message {
    id: String,
    text: Option<String>,
}

/// How long the body of a request with a file may be.
pub(super) fn body_limit(file_bytes_max: usize) -> DefaultBodyLimit {
    DefaultBodyLimit::max(file_bytes_max + AROUND_BYTES_MAX)
}

/// Takes a message with a file: `messageEntry`, its JSON, and `fileData`, its bytes.
pub(super) async fn send(
    State(channels): State<Channels>,
    own: Own,
    body: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refusal> {
    let mut body = body.map_err(|rejection| Refusal::bad(rejection.body_text()))?;
    let most = channels.settings.visitor_file_bytes_max;
    let (mut entry, mut file) = (None, None);
    while let Some(part) = body.next_field().await.map_err(|error| unread(&error))? {
        match part.name() {
            Some("messageEntry") => entry = Some(entry_of(part).await?),
            Some("fileData") => file = Some(file_of(part, most).await?),
            _ => {}
        }
    }
    let lacks = |part| Refusal::bad(format!("The part {part} is missing"));
    let entry: MessageEntry = entry.ok_or_else(|| lacks("messageEntry"))?;
    let file = file.ok_or_else(|| lacks("fileData"))?;
    own.may_send(&entry.message.id, entry.is_new_messaging_session)?;
    let text = entry.message.text.unwrap_or_default();
    let beside = Beside {
        files: vec![file],
        parameters: attributes::given(&channels, own.channel, entry.routing_attributes).await?,
        ..Beside::default()
    };
    own.send(&channels, (entry.message.id, text), &beside).await
}

async fn entry_of(part: Field<'_>) -> Result<MessageEntry, Refusal> {
    let bytes = part.bytes().await.map_err(|error| unread(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| Refusal::bad(format!("messageEntry: {error}")))
}

async fn file_of(part: Field<'_>, most: usize) -> Result<NewFile, Refusal> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let media_type = part.content_type().unwrap_or_default().to_owned();
    let bytes = part.bytes().await.map_err(|error| unread(&error))?;
    if bytes.len() > most {
        return Err(too_large(most));
    }
    Ok(NewFile::new(&name, &media_type, &*bytes)?)
}

fn too_large(most: usize) -> Refusal {
    let message = format!("A file has at most {most} bytes");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "FILE_TOO_LARGE", message)
}

fn unread(error: &MultipartError) -> Refusal {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "FILE_TOO_LARGE",
            "The file is larger than a visitor may send",
        ),
        _ => Refusal::bad(error.body_text()),
    }
}

/// A file of the conversation, the visitor's own or an agent's.
pub(super) async fn fetch(
    State(channels): State<Channels>,
    own: Own,
    Path((_, file)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let messaging = &channels.messaging;
    let found = messaging.file_in(own.id, &file).await?;
    let (file, reader) = found.ok_or_else(no_file)?;
    Ok(file_answer::of(messaging.org(), &file, reader))
}

fn no_file() -> Refusal {
    let message = "There is no such file in this conversation";
    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}
