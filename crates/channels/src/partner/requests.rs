//! Beginning a conversation, ending a session, and how far a customer agrees.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_messaging::{Arrival, Beside, ConsentLevel, Entry, Inbound, Session};
use serde_json::{Map, Value, json};

use super::caller::Partner;
use super::error::{Code, Refusal};
use crate::api::text;
use crate::attributes;
use crate::door::Channels;
use crate::webchat::short;

/// Entries looked through for those that a service reports on.
const LOOKED_THROUGH_MAX: u64 = 200;

pub(super) type Body = Result<Json<Value>, JsonRejection>;

/// `POST /conversation`: the customer's conversation and session, found or made.
pub(super) async fn converse(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let address = text(&request, "/channelAddressIdentifier").unwrap_or_default();
    let channel = partner.channel(&channels, &address, Code::Address).await?;
    let subject = only_end_user(&request["participants"])?;
    let given = request["routingAttributes"].as_object().cloned();
    let session = found_or_made(&channels, channel, &subject, given).await?;
    let answer = json!({
        "success": true,
        "messagingSessionId": work_item(&session),
        "conversationIdentifier": session.conversation_name,
    });
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// A customer's open session, made with its conversation where it is missing; `given` are the values of
/// `routingAttributes` for one that begins.
pub(super) async fn found_or_made(
    channels: &Channels,
    channel: Id,
    subject: &str,
    given: Option<Map<String, Value>>,
) -> Result<Session, Refusal> {
    let messaging = &channels.messaging;
    let session = messaging.party(channel, subject).await?.session;
    // A conversation goes on after its session.
    let known = session.filter(|session| !session.conversation_name.is_empty());
    let identifier = known.map_or_else(
        || messaging.new_message(),
        |session| session.conversation_name,
    );
    let beside = Beside {
        parameters: attributes::given(channels, channel, given).await?,
        ..Beside::default()
    };
    let inbound = Inbound {
        event: format!("conversation/{}", messaging.new_message()),
        address: subject.to_owned(),
        phone: None,
        what: Arrival::Conversation {
            identifier,
            name: None,
        },
    };
    messaging.accept_now(channel, &inbound, &beside).await?;
    let session = messaging.party(channel, subject).await?.session;
    session.ok_or_else(|| Refusal::internal(&"a conversation that began has no session"))
}

/// `PATCH /consent`.
pub(super) async fn consent(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let address = text(&request, "/channelAddressIdentifier").unwrap_or_default();
    let channel = partner
        .channel(&channels, &address, Code::NoSuchAddress)
        .await?;
    let level = serde_json::from_value::<ConsentLevel>(request["consentStatus"].clone());
    let level = level.map_err(|_| {
        let message = "Enter a valid Consent Status Enum value: OptedOut, ImplicitlyOptedIn, \
                       ExplicitlyOptedIn or DoublyOptedIn";
        Refusal::bad(Code::Consent, message)
    })?;
    let customer = text(&request, "/endUserClientId").unwrap_or_default();
    let messaging = &channels.messaging;
    if messaging.party(channel, &customer).await?.user.is_none() {
        let message = "The endUserClientId provided is not valid: nobody has written by it";
        return Err(Refusal::bad(Code::EndUser, message));
    }
    let inbound = Inbound {
        event: format!("consent/{}", messaging.new_message()),
        address: customer,
        phone: None,
        what: Arrival::ConsentLevel { level },
    };
    let beside = Beside::default();
    messaging.accept_now(channel, &inbound, &beside).await?;
    Ok(Json(json!({ "success": true })).into_response())
}

/// `POST /messagingSession`: ends a session or lets it rest.
pub(super) async fn end(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let named = text(&request, "/sessionId").unwrap_or_default();
    let messaging = &channels.messaging;
    let no_session = || {
        let message =
            "Specify a valid session ID: one of a session of the channels of this context";
        Refusal::bad(Code::Session, message)
    };
    let between = messaging
        .correspondents(&named)
        .await?
        .ok_or_else(no_session)?;
    if !partner.speaks_on(between.channel) {
        return Err(no_session());
    }
    match (text(&request, "/operation"), text(&request, "/operationBy")) {
        (Some(what), Some(by)) if what == "End" && by == "EndUser" => {
            let inbound = Inbound {
                event: format!("end/{}", between.session),
                address: between.customer,
                phone: None,
                what: Arrival::End,
            };
            let beside = Beside::default();
            messaging
                .accept_now(between.channel, &inbound, &beside)
                .await?;
        }
        (Some(what), Some(by)) if what == "End" && by == "System" => {
            messaging.end_by_system(&partner.caller, &named).await?;
        }
        (Some(what), Some(by)) if what == "Inactivate" && (by == "EndUser" || by == "System") => {
            messaging.let_rest(&partner.caller, &named).await?;
        }
        _ => {
            let message = "operation must be End or Inactivate, and operationBy EndUser or System";
            return Err(Refusal::bad(Code::Parameters, message));
        }
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "success": true }))).into_response())
}

/// A session as the API names it: by the 15 characters of its id.
pub(super) fn work_item(session: &Session) -> String {
    short(session.id.as_str()).to_owned()
}

/// The newest entries of a conversation.
pub(super) async fn transcript(channels: &Channels, id: Id) -> Result<Vec<Entry>, Refusal> {
    let system = channels.messaging.org().system();
    let read = channels
        .messaging
        .transcript(&system, id, LOOKED_THROUGH_MAX);
    Ok(read.await?)
}

/// The subject of the one participant there is to be: an end user.
pub(super) fn only_end_user(participants: &Value) -> Result<String, Refusal> {
    let participants = participants.as_array().map_or(&[][..], Vec::as_slice);
    if participants.is_empty() {
        let message = "Add participants to your conversation";
        return Err(Refusal::bad(Code::NoParticipants, message));
    }
    let is_known = |one: &Value| matches!(one["role"].as_str(), Some("EndUser" | "Chatbot"));
    if !participants.iter().all(is_known) {
        let message =
            "Invalid participant role. Specify a Chatbot or EndUser role for all participants";
        return Err(Refusal::bad(Code::ParticipantRole, message));
    }
    let mut end_users = participants.iter().filter(|one| one["role"] == "EndUser");
    let Some(end_user) = end_users.next() else {
        let message = "Include one end user participant in the conversation";
        return Err(Refusal::bad(Code::NoEndUser, message));
    };
    if end_users.next().is_some() {
        let message = "Include only one end user participant in the conversation";
        return Err(Refusal::bad(Code::SeveralEndUsers, message));
    }
    check_end_user(end_user, None)
}

/// The subject of a participant that is to be an end user, and this one if one is named.
pub(super) fn check_end_user(participant: &Value, wanted: Option<&str>) -> Result<String, Refusal> {
    if participant["appType"] != "custom" {
        let message = "The AppType provided is not supported: it must be custom";
        return Err(Refusal::bad(Code::AppType, message));
    }
    if participant["role"] != "EndUser" {
        let message = "The Participant Role provided is not supported: it must be EndUser";
        return Err(Refusal::bad(Code::Role, message));
    }
    let subject = text(participant, "/subject").unwrap_or_default();
    if subject.trim().is_empty() || wanted.is_some_and(|wanted| wanted != subject) {
        let message = "Invalid subject of participant in conversation request";
        return Err(Refusal::bad(Code::Subject, message));
    }
    Ok(subject)
}

/// The subject of a participant that is to be a bot.
pub(super) fn check_bot(participant: &Value) -> Result<String, Refusal> {
    if participant["appType"] != "custom" {
        let message = "The AppType provided is not supported: it must be custom";
        return Err(Refusal::bad(Code::AppType, message));
    }
    let subject = text(participant, "/subject").filter(|subject| !subject.trim().is_empty());
    subject.ok_or_else(|| {
        let message = "Invalid subject of participant: a bot is named by its subject";
        Refusal::bad(Code::Subject, message)
    })
}
