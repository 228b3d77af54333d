//! `/route` and `/routingResult`: where a session goes on the word of a service, and what came of that.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_messaging::{Error, Refusal as RoutingRefusal, RouteTo, Routing, RoutingReport};
use serde_json::{Value, json};

use super::caller::Partner;
use super::error::{Code, Refusal};
use super::requests::Body;
use super::{conversation, identifier};
use crate::api::text;
use crate::attributes;
use crate::door::Channels;
use crate::webchat::short;

/// Most characters of why routing failed.
const REASON_CHARACTERS_MAX: usize = 1_000;

/// Why a service has routing cancelled.
const CANCEL_REASONS: [&str; 5] = [
    "Unknown",
    "Unavailable",
    "Decline",
    "Cancel",
    "EndUserEnded",
];

/// A conversation of a service's, with its customer's open session.
pub(super) struct Routed {
    pub(super) channel: Id,
    pub(super) session: String,
}

/// The open session of the conversation that a request names.
pub(super) async fn routed(
    channels: &Channels,
    partner: &Partner,
    request: &Value,
) -> Result<Routed, Refusal> {
    let name = text(request, "/conversationIdentifier").unwrap_or_default();
    let known = conversation::known(channels, partner, &name).await?;
    Ok(Routed {
        channel: known.channel,
        session: conversation::open_session(channels, &known).await?,
    })
}

/// `POST /route`.
pub(super) async fn route(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let is_transfer = match &request["routingType"] {
        Value::Null => false,
        kind if kind == "Initial" => false,
        kind if kind == "Transfer" => true,
        kind if kind == "Conference" => {
            let message =
                "There are no conferences here: set the routingType to Initial or Transfer";
            return Err(Refusal::bad(Code::Conference, message));
        }
        _ => {
            let message = "routingType must be Initial or Transfer";
            return Err(Refusal::bad(Code::Parameters, message));
        }
    };
    let (queue, flow) = target(&request["routingInfo"])?;
    let routed = routed(&channels, &partner, &request).await?;
    let given = request["routingInfo"]["routingAttributes"]
        .as_object()
        .cloned();
    let given = attributes::given(&channels, routed.channel, given).await?;
    let messaging = &channels.messaging;
    let caller = &partner.caller;
    messaging
        .fill_session(caller, &routed.session, &given)
        .await?;
    let to = RouteTo { queue, is_transfer };
    let done = messaging.route_session(caller, &routed.session, to).await;
    let done = done.map_err(|error| match error {
        Error::Routing(RoutingRefusal::NoTarget(_)) => {
            let message =
                "Specified Queue ID is invalid: it is none of a queue that takes sessions";
            Refusal::bad(Code::Queue, message)
        }
        error => error.into(),
    })?;
    Ok((
        StatusCode::ACCEPTED,
        Json(answer(&routed.session, &done, flow)),
    )
        .into_response())
}

/// The queue that a request names; and whether only because its flow cannot be run.
fn target(info: &Value) -> Result<(Option<Id>, bool), Refusal> {
    let id = |queue: String| {
        queue.parse::<Id>().map_err(|_| {
            let message = format!("Specified Queue ID is invalid: '{queue}'");
            Refusal::bad(Code::Queue, message)
        })
    };
    let queue = text(info, "/queueId").filter(|queue| !queue.is_empty());
    let flow = &info["flow"];
    match (queue, flow.is_null()) {
        (Some(_), false) => {
            let message = "Specify either a flow or a queue to Route API";
            Err(Refusal::bad(Code::FlowAndQueue, message))
        }
        (Some(queue), true) => Ok((Some(id(queue)?), false)),
        (None, true) => Ok((None, false)),
        (None, false) => {
            let fallback = text(flow, "/queueId").filter(|queue| !queue.is_empty());
            let has_flow = text(flow, "/flowId").is_some_and(|flow| !flow.is_empty());
            let fallback = fallback.filter(|_| has_flow).ok_or_else(|| {
                let message = "For flow based routing, flow ID and fallback queue ID are required";
                Refusal::bad(Code::Flow, message)
            })?;
            Ok((Some(id(fallback)?), true))
        }
    }
}

fn answer(session: &str, done: &Routing, is_fallback: bool) -> Value {
    let no_flows = json!({
        "errorType": "FlowNotRun",
        "errorMessage": "This server runs no flows: the session was routed to the fallback queue",
    });
    json!({
        "success": done.pending.is_some(),
        "psrId": done.pending.as_ref().map(Id::as_str),
        "workItemId": short(session),
        "routingCorrelationId": done.pending.map(identifier::of_routing),
        "reasonForNotRouting": done.reason,
        "contextParamMap": { "queueId": done.queue.as_ref().map(Id::as_str) },
        "errors": is_fallback.then_some(no_flows),
    })
}

/// `DELETE /route`.
pub(super) async fn clear(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let reason = &request["cancelReason"];
    let is_known = reason
        .as_str()
        .is_some_and(|reason| CANCEL_REASONS.contains(&reason));
    if !reason.is_null() && !is_known {
        let message = format!("cancelReason must be one of {}", CANCEL_REASONS.join(", "));
        return Err(Refusal::bad(Code::Parameters, message));
    }
    let routed = routed(&channels, &partner, &request).await?;
    let messaging = &channels.messaging;
    let cancelled = messaging.cancel_routing(&partner.caller, &routed.session);
    let cancelled = cancelled.await?;
    Ok(Json(json!({ "success": cancelled })).into_response())
}

/// `POST /routingResult`.
pub(super) async fn result(
    State(channels): State<Channels>,
    partner: Partner,
    body: Body,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let (Some(success), Some(elsewhere)) = (
        request["success"].as_bool(),
        request["externallyRouted"].as_bool(),
    ) else {
        let message = "success and externallyRouted are true or false";
        return Err(Refusal::bad(Code::Parameters, message));
    };
    let why = text(&request, "/errorMessage").filter(|why| !why.trim().is_empty());
    let report = match (success, why) {
        (true, Some(_)) => {
            let message = "Should not pass in error message when routing result success";
            return Err(Refusal::bad(Code::ReasonWithSuccess, message));
        }
        (false, None) => {
            let message = "Error message missing when routing result false";
            return Err(Refusal::bad(Code::NoReason, message));
        }
        (false, Some(why)) if why.chars().count() > REASON_CHARACTERS_MAX => {
            let message = format!("errorMessage has at most {REASON_CHARACTERS_MAX} characters");
            return Err(Refusal::bad(Code::Parameters, message));
        }
        (false, Some(why)) => RoutingReport::Failed(why),
        (true, None) if elsewhere => RoutingReport::RoutedElsewhere,
        (true, None) => RoutingReport::Routed,
    };
    let routed = routed(&channels, &partner, &request).await?;
    check_work_item(&request, &routed.session)?;
    let messaging = &channels.messaging;
    messaging
        .report_routing(&partner.caller, &routed.session, &report)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "success": true }))).into_response())
}

/// The session that a request names beside its conversation is the conversation's.
pub(super) fn check_work_item(request: &Value, session: &str) -> Result<(), Refusal> {
    let named = text(request, "/workItemId").unwrap_or_default();
    if short(&named) == short(session) {
        return Ok(());
    }
    let message =
        format!("Enter a valid workItemId: '{named}' is not the conversation's open session");
    Err(Refusal::bad(Code::WorkItem, message))
}
