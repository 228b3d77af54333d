//! `sessions/{id}/identity`: which account and contact a session showed at a moment.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use headwater_records::identity::{SessionIdentity, ThenAndNow};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::relinks::party_json;
use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::record_json::instant_text;

/// What a session showed at `asOf`, or now when that is not given.
pub(super) async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let org = &call.state.org;
    let as_of = match call.query("asOf") {
        Some(text) => moment(&text)?,
        None => org.now(),
    };
    let identity = org
        .identity_as_of(&caller, call.parameter("id"), as_of)
        .await?;
    Ok(answer::json(StatusCode::OK, &identity_json(&identity)))
}

fn moment(text: &str) -> Result<Timestamp, Failure> {
    // A plus sign that was not encoded arrives as a space.
    text.trim().replace(' ', "+").parse().map_err(|_| {
        let message = format!(
            "asOf: '{text}' is not an instant; write it as 2026-01-31T12:00:00Z, with its offset"
        );
        Failure::bad_request("INVALID_QUERY_VALUE", message)
    })
}

fn identity_json(identity: &SessionIdentity) -> Value {
    json!({
        "session": {
            "id": identity.session.to_string(),
            "name": identity.session_name,
            "startTime": instant_text(identity.start),
        },
        "messagingUser": party_json(&identity.messaging_user),
        "asOf": instant_text(identity.as_of),
        "account": identity.account.as_ref().map(then_and_now_json),
        "contact": identity.contact.as_ref().map(then_and_now_json),
    })
}

fn then_and_now_json(link: &ThenAndNow) -> Value {
    let then = link.then.as_ref();
    let now = link.now.as_ref();
    json!({
        "then": then.map(party_json),
        "now": now.map(party_json),
        "changed": then.map(|party| party.id) != now.map(|party| party.id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_every_common_form() {
        let noon: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        for text in [
            "2026-01-31T12:00:00Z",
            "2026-01-31T12:00:00.000+0000",
            "2026-01-31T14:00:00+02:00",
            "2026-01-31T14:00:00 02:00",
        ] {
            assert_eq!(moment(text).unwrap(), noon, "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused_with_an_example() {
        for text in [
            "",
            "yesterday",
            "2026-01-31",
            "2026-01-31T12:00:00",
            "1769860800",
        ] {
            let failure = moment(text).unwrap_err();
            assert!(
                failure.errors[0].message.contains("2026-01-31T12:00:00Z"),
                "{text}"
            );
        }
    }
}
