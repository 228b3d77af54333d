//! `presence`, `offers/{id}` and `sessions/{id}/transfer`: what agents do by routing, for consoles that are
//! not ours.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_messaging::{Desk, Offer, Target};
use headwater_records::Caller;
use serde_json::{Value, json};

use super::relinks::strict;
use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::record_json::instant_text;

/// What the caller has said of themselves, and what they are offered.
pub(super) async fn presence(call: Call, caller: Caller) -> Result<Response, Failure> {
    let desk = call.state.messaging.presence(&caller).await?;
    Ok(answer::json(StatusCode::OK, &desk_json(&desk)))
}

/// Gives the caller a status, or takes them offline; the status they have already is a sign of life.
pub(super) async fn set_presence(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let body: PresenceBody = strict(&call.body)?;
    let messaging = &call.state.messaging;
    messaging
        .set_presence(&caller, body.status_id.as_deref())
        .await?;
    messaging.sign_of_life(&caller).await?;
    let desk = messaging.presence(&caller).await?;
    Ok(answer::json(StatusCode::OK, &desk_json(&desk)))
}

/// Takes what the caller is offered.
pub(super) async fn accept(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let work = call.parameter("id");
    let session = call.state.messaging.accept_offer(&caller, work).await?;
    let body = json!({ "sessionId": session.to_string() });
    Ok(answer::json(StatusCode::OK, &body))
}

/// Leaves what the caller is offered to the next.
pub(super) async fn decline(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let reason = if call.body.trim_ascii().is_empty() {
        None
    } else {
        strict::<DeclineBody>(&call.body)?.reason
    };
    let work = call.parameter("id");
    let messaging = &call.state.messaging;
    messaging
        .decline_offer(&caller, work, reason.as_deref())
        .await?;
    Ok(answer::no_content())
}

/// Hands a session on.
pub(super) async fn transfer(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let body: TransferBody = strict(&call.body)?;
    let to = Target::of(&body.to).map_err(headwater_messaging::Error::from)?;
    let session = call.parameter("id");
    let messaging = &call.state.messaging;
    messaging
        .transfer(&caller, session, to, body.note.as_deref())
        .await?;
    Ok(answer::no_content())
}

/// A key that is not here is a mistake.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PresenceBody {
    // There must be one: null is offline.
    #[serde(deserialize_with = "serde::Deserialize::deserialize")]
    status_id: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclineBody {
    reason: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferBody {
    to: String,
    note: Option<String>,
}

fn desk_json(desk: &Desk) -> Value {
    let statuses = desk.statuses.iter();
    let statuses = statuses.map(|(id, label)| json!({ "id": id.to_string(), "label": label }));
    json!({
        "statusId": desk.status.map(|id| id.to_string()),
        "label": desk.status.map(|_| &desk.label),
        "isAway": desk.is_away,
        "since": desk.since.map(instant_text),
        "capacity": desk.capacity,
        // Hundredths of units are exact in what JSON has for numbers.
        "used": serde_json::Number::from_f64(used(desk.used)),
        "offers": desk.offers.iter().map(offer_json).collect::<Vec<_>>(),
        "statuses": statuses.collect::<Vec<_>>(),
    })
}

fn used(hundredths: i64) -> f64 {
    i32::try_from(hundredths).map_or(f64::MAX, f64::from) / 100.0
}

fn offer_json(offer: &Offer) -> Value {
    json!({
        "workId": offer.work.to_string(),
        "sessionId": offer.session.to_string(),
        "customer": offer.customer,
        "channel": offer.channel,
        "queue": offer.queue,
        "isTransfer": offer.is_transfer,
        "waitsSince": offer.since.map(instant_text),
        "until": offer.until.map(instant_text),
    })
}
