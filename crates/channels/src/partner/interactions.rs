//! What a customer has done: written, sent a file, begun to write; or a message of ours did not reach them.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_messaging::{Arrival, Beside, DeliveryState, Inbound, NewFile, Party};
use serde_json::{Value, json};

use super::caller::Partner;
use super::error::{Code, Refusal};
use super::upload::Upload;
use super::{answers, identifier, requests, upload};
use crate::api::text;
use crate::attributes;
use crate::door::Channels;

/// Characters of a channel's address and of a customer's.
const TO_CHARACTERS_MAX: usize = 240;
const FROM_CHARACTERS_MAX: usize = 255;

/// An interaction: who it is of, and on which channel.
pub(super) struct Of {
    pub(super) channel: Id,
    pub(super) from: String,
}

/// `POST /interactions`.
pub(super) async fn interact(
    State(channels): State<Channels>,
    partner: Partner,
    body: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refusal> {
    let (request, files) = upload::read(body).await?;
    let address = |field: &str, most: usize, code| {
        let text = text(&request, field).filter(|text| text.chars().count() <= most);
        let text = text.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| Refusal::bad(code, format!("The provided {field} field isn't valid")))
    };
    let to = address("/to", TO_CHARACTERS_MAX, Code::To)?;
    let from = address("/from", FROM_CHARACTERS_MAX, Code::From)?;
    let interaction = only(&request)?;
    let channel = partner.channel(&channels, &to, Code::NoSuchAddress).await?;
    let of = Of { channel, from };
    let given = request["routingAttributes"].as_object().cloned();
    let parameters = attributes::given(&channels, channel, given).await?;
    let beside = Beside {
        parameters,
        ..Beside::default()
    };
    if interaction["timestamp"].as_i64().is_none() {
        let message =
            "Provide a valid message entry format: timestamp is milliseconds of Unix time";
        return Err(Refusal::bad(Code::Entry, message));
    }
    match interaction["interactionType"].as_str() {
        Some("AttachmentInteraction") => {
            let (id, words, file) = attached(interaction, files)?;
            let beside = Beside {
                files: vec![file],
                ..beside
            };
            of.says(&channels, (id, words), &beside).await?;
        }
        Some("EntryInteraction") if files.is_empty() => {
            of.enters(&channels, &interaction["payload"], &beside)
                .await?;
        }
        Some("EntryInteraction") => return Err(files_do_not_match()),
        _ => {
            let message = "The provided interaction list isn't valid: interactionType must be \
                           EntryInteraction or AttachmentInteraction";
            return Err(Refusal::bad(Code::Interactions, message));
        }
    }
    let party = channels.messaging.party(of.channel, &of.from).await?;
    Ok(accepted(&channels, party))
}

/// The one interaction of a request.
fn only(request: &Value) -> Result<&Value, Refusal> {
    if let Some([one]) = request["interactions"].as_array().map(Vec::as_slice) {
        return Ok(one);
    }
    let message = "The provided interaction list isn't valid: it has one interaction";
    Err(Refusal::bad(Code::Interactions, message))
}

/// What came of it: the customer's conversation and their session, if they have one.
fn accepted(channels: &Channels, party: Party) -> Response {
    let sessions: Vec<_> = party.session.iter().map(requests::work_item).collect();
    let conversation = party.session.map(|session| session.conversation_name);
    let answer = json!({
        "id": channels.messaging.new_message(),
        "success": true,
        "conversationIdentifier": conversation,
        "workItemIds": sessions,
    });
    (StatusCode::ACCEPTED, Json(answer)).into_response()
}

fn files_do_not_match() -> Refusal {
    let message = "The number of interactions of type AttachmentInteraction does not match the number \
                   of attachment files";
    Refusal::bad(Code::FilesDoNotMatch, message)
}

/// The id, the text and the file of an attachment.
fn attached(
    interaction: &Value,
    mut files: Vec<Upload>,
) -> Result<(String, String, NewFile), Refusal> {
    let id = text(interaction, "/id").ok_or_else(answers::no_id)?;
    let index = interaction["attachmentIndex"].as_u64().unwrap_or_default();
    let (Some(file), true, 0) = (files.pop(), files.is_empty(), index) else {
        return Err(files_do_not_match());
    };
    let words = text(interaction, "/text").unwrap_or_default();
    let file = file.taken(interaction["contentLength"].as_u64())?;
    Ok((id, words, file))
}

impl Of {
    /// Takes an entry.
    pub(super) async fn enters(
        &self,
        channels: &Channels,
        entry: &Value,
        beside: &Beside,
    ) -> Result<(), Refusal> {
        text(entry, "/id").ok_or_else(answers::no_id)?;
        match entry["entryType"].as_str() {
            Some("Message") => {
                let id = answers::id_of_message(entry)?;
                let words = answers::words(&entry["abstractMessage"])?;
                self.says(channels, (id, words), beside).await
            }
            Some("TypingStartedIndicator") => self.types(channels, true).await,
            Some("TypingStoppedIndicator") => self.types(channels, false).await,
            Some("MessageDeliveryFailed") => self.was_not_reached(channels, entry).await,
            _ => {
                let message = "Provide a valid message entry format: entryType must be Message, \
                               TypingStartedIndicator, TypingStoppedIndicator or MessageDeliveryFailed";
                Err(Refusal::bad(Code::Entry, message))
            }
        }
    }

    /// Takes a message. The answer names the session, so it is worked off first.
    async fn says(
        &self,
        channels: &Channels,
        (id, text): (String, String),
        beside: &Beside,
    ) -> Result<(), Refusal> {
        let inbound = Inbound {
            event: id.clone(),
            address: self.from.clone(),
            phone: None,
            what: Arrival::Message {
                id,
                text,
                name: None,
                conversation: None,
            },
        };
        let taken = channels
            .messaging
            .accept_now(self.channel, &inbound, beside);
        taken.await?;
        Ok(())
    }

    /// Tells who looks that the customer writes. Whoever has not written yet has no session to write in.
    async fn types(&self, channels: &Channels, is_on: bool) -> Result<(), Refusal> {
        let messaging = &channels.messaging;
        let party = messaging.party(self.channel, &self.from).await?;
        let open = party.session.filter(|session| !session.status.is_over());
        if let Some(session) = open {
            messaging.customer_types(session.id, is_on).await;
        }
        Ok(())
    }

    /// Takes it in that a message of ours did not reach the customer.
    async fn was_not_reached(&self, channels: &Channels, entry: &Value) -> Result<(), Refusal> {
        requests::check_end_user(&entry["recipient"], Some(&self.from))?;
        let code = text(entry, "/errorCode").ok_or_else(|| {
            let message = "Provide a valid message entry format: errorCode is missing";
            Refusal::bad(Code::Entry, message)
        })?;
        let messaging = &channels.messaging;
        let party = messaging.party(self.channel, &self.from).await?;
        let conversation = party.session.and_then(|session| session.conversation);
        let failed = text(entry, "/failedConversationEntryIdentifier");
        // Services tell of their own messages too, which they know best.
        let (Some(conversation), Some(failed)) = (conversation, failed) else {
            return Ok(());
        };
        let entries = requests::transcript(channels, conversation).await?;
        if let Some(ours) = identifier::named(&entries, &failed) {
            let name = identifier::of_entry(ours.id);
            let why = text(entry, "/errorMessage");
            let code = why.map_or(code.clone(), |why| format!("{code}: {why}"));
            let report = Inbound::report(&name, DeliveryState::Failed, Some(code));
            messaging.accept(self.channel, &report).await?;
        }
        Ok(())
    }
}
