//! `/agentWork` and `/participant`: a service offers a session to an agent, says what becomes of that, and takes
//! an agent out of a session.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_messaging::{Capacity, Error, Refusal as RoutingRefusal, WorkBecomes};
use headwater_records::Error as RecordsError;
use serde_json::{Value, json};

use super::caller::Partner;
use super::error::{Code, Refusal};
use super::requests::Body;
use super::routing;
use crate::api::text;
use crate::door::Channels;
use crate::webchat::short;

/// The largest capacity of an agent, which a session may take whole.
const WEIGHT_MAX: f64 = 1_000.0;

/// Most participants that are taken out in one request.
const PARTICIPANTS_MAX: usize = 3;

/// `POST /agentWork`.
pub(super) async fn assign(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let capacity = capacity(&request)?;
    let user = text(&request, "/userId").unwrap_or_default();
    let session = session(&channels, &partner, &request).await?;
    let messaging = &channels.messaging;
    let assigned = messaging.assign(&partner.caller, &session, &user, capacity);
    let assigned = assigned.await.map_err(refused)?;
    let answer = json!({
        "id": messaging.new_message(),
        "success": true,
        "agentWorkId": assigned.work.as_str(),
        "agentWorkDetails": {
            "existPsr": assigned.was_in_line,
            "psrId": assigned.pending.as_str(),
            "capacityWeight": request["capacityWeight"],
            "capacityPercentage": request["capacityPercentage"],
            "routingContext": request["routingContext"],
        },
    });
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// How much of an agent the session takes; none where the request leaves that to its queue.
fn capacity(request: &Value) -> Result<Option<Capacity>, Refusal> {
    let (weight, percentage) = (&request["capacityWeight"], &request["capacityPercentage"]);
    let hundredths = |number: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is at most a hundred thousand"
        )]
        let hundredths = (number * 100.0).round() as i64;
        hundredths
    };
    match (weight.is_null(), percentage.is_null()) {
        (false, false) => {
            let message = "Enter either a capacityPercentage or a capacityWeight, but not both";
            Err(Refusal::bad(Code::Capacity, message))
        }
        (true, true) => Ok(None),
        (false, true) => match weight.as_f64() {
            Some(weight) if (0.0..=WEIGHT_MAX).contains(&weight) => {
                Ok(Some(Capacity::Weight(hundredths(weight))))
            }
            _ => {
                let message = format!("Enter a capacity weight from 0 to {WEIGHT_MAX}");
                Err(Refusal::bad(Code::Weight, message))
            }
        },
        (true, false) => match percentage.as_f64() {
            Some(percentage) if (0.0..=100.0).contains(&percentage) => {
                Ok(Some(Capacity::Percentage(hundredths(percentage))))
            }
            _ => {
                let message = "Enter a capacity percentage between 0 and 100, inclusive";
                Err(Refusal::bad(Code::Percentage, message))
            }
        },
    }
}

/// The session that a request names, which is the conversation's where it names one.
async fn session(
    channels: &Channels,
    partner: &Partner,
    request: &Value,
) -> Result<String, Refusal> {
    let named = text(request, "/workItemId").unwrap_or_default();
    let between = channels.messaging.correspondents(&named).await?;
    let between = between.filter(|between| partner.speaks_on(between.channel));
    let between = between.ok_or_else(|| {
        let message =
            "Enter a valid workItemId: the id of a session of the channels of this context";
        Refusal::bad(Code::WorkItem, message)
    })?;
    let conversation = text(request, "/routingContext/conversationIdentifier");
    if conversation.is_some() && conversation != between.conversation {
        let message = format!(
            "Enter a conversationId that matches the conversation of the session '{named}'"
        );
        return Err(Refusal::bad(Code::OtherConversation, message));
    }
    Ok(between.session.to_string())
}

/// Why an agent is not offered the session, with Salesforce's code for it.
fn refused(error: Error) -> Refusal {
    let said = error.to_string();
    let code = match &error {
        Error::Routing(RoutingRefusal::NoSuchAgent(_)) => Code::User,
        Error::Routing(RoutingRefusal::NoAgent) => Code::UserMayNot,
        Error::Routing(RoutingRefusal::NotAvailable(_) | RoutingRefusal::NoRoom(_)) => {
            Code::UserNotThere
        }
        Error::Routing(RoutingRefusal::Offered { .. }) => Code::WorkIsThere,
        Error::Routing(RoutingRefusal::NoCapacity) => Code::Capacity,
        _ => return error.into(),
    };
    Refusal::bad(code, said)
}

/// `PATCH /agentWork`.
pub(super) async fn change(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    if request["contextType"] != "Agent" {
        let message = "Invalid context type: it must be Agent, for no bot has work here";
        return Err(Refusal::bad(Code::WorkContext, message));
    }
    let becomes = match request["status"].as_str() {
        Some("Accept") => WorkBecomes::Accepted,
        Some("Decline") => WorkBecomes::Declined,
        Some("Cancel") => WorkBecomes::Canceled,
        Some("Close") => WorkBecomes::Closed,
        _ => {
            let message = "Invalid status: it must be Accept, Close, Decline or Cancel";
            return Err(Refusal::bad(Code::WorkStatus, message));
        }
    };
    let work = text(&request, "/workId").unwrap_or_default();
    let messaging = &channels.messaging;
    let no_work = || {
        let message =
            "Invalid workId: it is none of work on a session of the channels of this context";
        Refusal::bad(Code::Work, message)
    };
    let session = messaging.session_of_work(&partner.caller, &work).await?;
    let between = match session {
        Some(session) => messaging.correspondents(session.as_str()).await?,
        None => None,
    };
    between
        .filter(|between| partner.speaks_on(between.channel))
        .ok_or_else(no_work)?;
    let changed = messaging.set_work(&partner.caller, &work, becomes).await;
    changed.map_err(|error| match error {
        Error::Routing(RoutingRefusal::WorkStands(_) | RoutingRefusal::NotOffered) => {
            Refusal::bad(Code::WorkStatus, error.to_string())
        }
        error => error.into(),
    })?;
    Ok((
        StatusCode::ACCEPTED,
        Json(json!({ "success": true, "workId": work })),
    )
        .into_response())
}

/// `POST /participant`.
pub(super) async fn remove(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    if request["operation"] != "Remove" {
        let message = "Invalid operation: it must be Remove";
        return Err(Refusal::bad(Code::Operation, message));
    }
    let participants = request["participants"].as_array();
    let participants = participants.filter(|list| (1..=PARTICIPANTS_MAX).contains(&list.len()));
    let participants = participants.ok_or_else(|| {
        let message = format!("There are 1 to {PARTICIPANTS_MAX} participants in a request");
        Refusal::bad(Code::NoParticipants, message)
    })?;
    let users: Vec<Id> = participants.iter().map(agent).collect::<Result<_, _>>()?;
    let routed = routing::routed(&channels, &partner, &request).await?;
    for user in users {
        let removed = channels
            .messaging
            .remove_agent(&partner.caller, &routed.session, user);
        removed.await.map_err(|error| match error {
            Error::Records(RecordsError::NotFound(_)) => no_participant(),
            error => error.into(),
        })?;
    }
    let answer = json!({ "success": true, "workItemId": short(&routed.session) });
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

fn no_participant() -> Refusal {
    let message = "The participant does not exist: no agent of this subject is in the conversation";
    Refusal::bad(Code::NoParticipant, message)
}

/// The user that a participant of a request is.
fn agent(participant: &Value) -> Result<Id, Refusal> {
    if participant["role"] != "Agent" {
        let message = "The Participant Role provided is not supported: it must be Agent";
        return Err(Refusal::bad(Code::Role, message));
    }
    if !matches!(participant["appType"].as_str(), Some("agent" | "custom")) {
        let message = "The AppType provided is not supported: it must be agent";
        return Err(Refusal::bad(Code::AppType, message));
    }
    let subject = text(participant, "/subject").unwrap_or_default();
    let user = subject.parse::<Id>().ok();
    let user = user.filter(|user| user.as_str().starts_with("005"));
    user.ok_or_else(no_participant)
}
