//! What happens in a session beside what is said, taken to a partner's service as entries of the schema:
//! `SessionStatusChanged`, `ParticipantChanged` and `RoutingWorkResult`.

use headwater_messaging::{Happening, Told, Undelivered, WorkTurn};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::identifier;
use super::outbound::{Entry, Place, deliver, participant};
use crate::carriers::Connection;

/// Tells a service what happened.
pub(crate) async fn tell(connection: &Connection<'_>, told: &Told) -> Result<(), Undelivered> {
    deliver(connection, &told.name, &event(told)).await
}

fn event(told: &Told) -> Value {
    let place = Place {
        conversation: told.between.conversation.as_deref(),
        channel: &told.between.address,
        customer: &told.between.customer,
    };
    if let Happening::Requested {
        routing,
        is_transfer,
        queue,
        agent,
    } = &told.what
    {
        let wanted = json!({
            "conversationIdentifier": told.between.conversation,
            "routingType": routing_type(*is_transfer),
            "workRecordId": told.between.session.as_str(),
            // Ours: what the service names in agent work, as in the answer to POST /route.
            "routingCorrelationId": routing.parse().ok().map(identifier::of_routing),
            "routingParameters": {
                "queueId": queue,
                "userId": agent,
                "isTransfer": is_transfer,
                "isUserRequired": agent.is_some(),
            },
        });
        return place.event("RoutingRequested", &wanted);
    }
    let (kind, payload) = entry(told);
    let entry = Entry {
        name: &told.name,
        kind,
        payload,
        sender: participant(None),
        sender_name: "",
        at: told.at.as_millisecond(),
    };
    place.event("Interaction", &entry.written())
}

/// The type and the payload of an entry.
fn entry(told: &Told) -> (&'static str, Value) {
    match &told.what {
        Happening::Status { is, was } => ("SessionStatusChanged", status(told, is, was.as_deref())),
        Happening::Participant { agent, has_come } => {
            let change = json!({
                "operation": if *has_come { "add" } else { "remove" },
                "displayName": told.agent_name,
                "participant": participant(Some(agent)),
            });
            ("ParticipantChanged", json!({ "entries": [change] }))
        }
        Happening::Work {
            work,
            agent,
            turn,
            queue,
            reason,
        } => {
            let result = json!({
                "workId": work,
                "workTargetId": agent,
                "workType": work_type(*turn),
                "queueId": queue,
                "errorMessages": reason.iter().collect::<Vec<_>>(),
            });
            ("RoutingWorkResult", result)
        }
        Happening::Routed {
            routing,
            is_transfer,
            queue,
            failed,
        } => {
            let result = json!({
                "routingType": routing_type(*is_transfer),
                "failureType": if failed.is_some() { "RoutingError" } else { "None" },
                "errorMessages": failed.iter().collect::<Vec<_>>(),
                "recordId": told.between.session.as_str(),
                "pendingServiceRoutingId": routing,
                "isExternallyRouted": true,
                "routingConfigurationDetails": queue.as_ref().map(|queue| json!({
                    "routingConfigurationType": "QueueRoutingType", "queueId": queue,
                })),
            });
            ("RoutingResult", result)
        }
        // It is an event of another kind.
        Happening::Requested { .. } => ("RoutingRequested", Value::Null),
    }
}

const fn routing_type(is_transfer: bool) -> &'static str {
    if is_transfer { "Transfer" } else { "Initial" }
}

/// The schema's times are numbers: milliseconds of Unix time, as everywhere in its events.
fn status(told: &Told, is: &str, was: Option<&str>) -> Value {
    let ended = told.ended.as_ref().filter(|_| is == "Ended");
    json!({
        "sessionId": told.between.session.as_str(),
        "sessionStatus": is,
        "sessionStatusPrev": was,
        "sessionStartTime": told.started.map(Timestamp::as_millisecond),
        "sessionEndTime": ended.map(|(at, _)| at.as_millisecond()),
        "sessionEndedByRole": ended.map(|(_, by)| by),
        "channelAddressIdentifier": told.between.address,
        "conversationIdentifier": told.between.conversation,
    })
}

const fn work_type(turn: WorkTurn) -> &'static str {
    match turn {
        WorkTurn::Assigned => "Assigned",
        WorkTurn::Accepted => "Accepted",
        WorkTurn::Declined => "Declined",
        WorkTurn::Cancelled => "Cancelled",
        WorkTurn::Closed => "Closed",
        WorkTurn::Transferred => "Transferred",
    }
}
