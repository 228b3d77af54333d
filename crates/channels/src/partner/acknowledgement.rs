//! How far a customer has come with our messages.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse as _, Response};
use headwater_messaging::{DeliveryState, Inbound, Owned};
use serde_json::{Value, json};

use super::caller::Partner;
use super::error::{Code, Refusal};
use super::{conversation, identifier, requests};
use crate::api::text;
use crate::door::Channels;

/// Most acknowledgements of one request.
const ACKNOWLEDGEMENTS_MAX: usize = 25;

/// `POST /acknowledgement`.
pub(super) async fn acknowledge(
    State(channels): State<Channels>,
    partner: Partner,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let all = acknowledgements(&request)?;
    let subject = requests::check_end_user(&request["sender"], None)?;
    let messaging = &channels.messaging;
    let name = text(&request, "/conversationIdentifier").unwrap_or_default();
    let known = conversation::known(&channels, &partner, &name).await?;
    let party = messaging.party(known.channel, &subject).await?;
    let owned = match party.user {
        Some(user) => messaging.conversation_of(user.id, &name).await?,
        None => Owned::Others,
    };
    if !matches!(owned, Owned::Theirs(_)) {
        let message = "Invalid participant. The sender is not in the conversation";
        return Err(Refusal::bad(Code::NotOfConversation, message));
    }
    let entries = requests::transcript(&channels, known.conversation).await?;
    for (entry, state) in all {
        // What is not ours, or long ago, says nothing.
        if let Some(entry) = identifier::named(&entries, &entry) {
            let name = identifier::of_entry(entry.id);
            let report = Inbound::report(&name, state, None);
            messaging.accept(known.channel, &report).await?;
        }
    }
    Ok(Json(json!({ "success": true })).into_response())
}

/// What was acknowledged, and how.
fn acknowledgements(request: &Value) -> Result<Vec<(String, DeliveryState)>, Refusal> {
    let list = request["acknowledgements"].as_array();
    let list = list.filter(|list| (1..=ACKNOWLEDGEMENTS_MAX).contains(&list.len()));
    let list = list.ok_or_else(|| {
        let message =
            format!("There are 1 to {ACKNOWLEDGEMENTS_MAX} acknowledgements in a request");
        Refusal::bad(Code::Parameters, message)
    })?;
    let read = list.iter().map(|one| {
        let entry = text(one, "/acknowledgedConversationEntryIdentifier");
        let state = match one["acknowledgementType"].as_str() {
            Some("Delivered") => Some(DeliveryState::Delivered),
            Some("Read") => Some(DeliveryState::Read),
            _ => None,
        };
        entry.zip(state).ok_or_else(|| {
            let message = "An acknowledgement has acknowledgedConversationEntryIdentifier, and \
                           acknowledgementType Read or Delivered";
            Refusal::bad(Code::Parameters, message)
        })
    });
    read.collect()
}
