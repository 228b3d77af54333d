//! `relinks`: give Messaging Users another account or contact, look at what was done, undo it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use headwater_records::relink::{
    Change, Expected, Link, Party, RelinkReport, RelinkRequest, RelinkedUser,
};
use headwater_records::{Caller, Error};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::json_failure;
use crate::record_json::instant_text;

/// Relinks, or says what that would do.
pub(super) async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let body: RelinkBody = strict(&call.body)?;
    let report = call
        .state
        .org
        .relink(&caller, body.into())
        .await
        .map_err(naming)?;
    Ok(reported(&report))
}

/// What a relink did.
pub(super) async fn show(call: Call, caller: Caller) -> Result<Response, Failure> {
    let report = call
        .state
        .org
        .past_relink(&caller, call.parameter("id"))
        .await?;
    Ok(answer::json(StatusCode::OK, &report_json(&report)))
}

/// Undoes a relink.
pub(super) async fn undo(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    if !call.body.trim_ascii().is_empty() {
        let NoBody {} = strict(&call.body)?;
    }
    let report = call
        .state
        .org
        .undo_relink(&caller, call.parameter("id"))
        .await?;
    Ok(reported(&report))
}

/// The body of a relink. A key that is not here is a mistake, and a mistake in a body that moves
/// customers' sessions is better refused than passed over.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RelinkBody {
    messaging_end_user_ids: Vec<String>,
    #[serde(default)]
    account_id: Wanted,
    #[serde(default)]
    contact_id: Wanted,
    reason: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    expected: Vec<ExpectedBody>,
}

/// What one Messaging User's links must still be.
#[derive(serde::Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the body's keys, which say what they hold"
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectedBody {
    messaging_end_user_id: String,
    #[serde(default)]
    account_id: Wanted,
    #[serde(default)]
    contact_id: Wanted,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// A key that may be absent, null or an id.
#[derive(Default)]
struct Wanted(Change);

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = Option::<String>::deserialize(deserializer)?;
        Ok(Self(id.map_or(Change::Clear, Change::Set)))
    }
}

impl From<RelinkBody> for RelinkRequest {
    fn from(body: RelinkBody) -> Self {
        let expected = body.expected.into_iter().map(|one| Expected {
            messaging_user: one.messaging_end_user_id,
            account: one.account_id.0,
            contact: one.contact_id.0,
        });
        Self {
            messaging_users: body.messaging_end_user_ids,
            account: body.account_id.0,
            contact: body.contact_id.0,
            reason: body.reason,
            dry_run: body.dry_run,
            expected: expected.collect(),
        }
    }
}

/// Salesforce's words for a record that is not the caller's to change name none; of two hundred
/// Messaging Users one wants to know which.
pub(super) fn naming(error: Error) -> Failure {
    let record = match &error {
        Error::NotAllowed { record, .. } => *record,
        _ => None,
    };
    let mut failure = Failure::from(error);
    if let (Some(record), Some(item)) = (record, failure.errors.first_mut()) {
        item.message = format!("{}: {record}", item.message);
    }
    failure
}

/// A body with the keys it may have, each once.
pub(super) fn strict<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(&text).map_err(|error| json_failure(&text, &error))
}

/// 201 with the address of the new relink, or 200 when there is none.
fn reported(report: &RelinkReport) -> Response {
    let Some(relink) = report.relink else {
        return answer::json(StatusCode::OK, &report_json(report));
    };
    let mut response = answer::json(StatusCode::CREATED, &report_json(report));
    let location = format!("/services/headwater/v1/relinks/{relink}");
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn report_json(report: &RelinkReport) -> Value {
    json!({
        "id": report.relink.map(|id| id.to_string()),
        "dryRun": report.dry_run,
        "rule": report.rule,
        "reason": report.reason,
        "at": instant_text(report.at),
        "by": report.by.to_string(),
        "undoOf": report.undo_of.map(|id| id.to_string()),
        "undoneBy": report.undone_by.map(|id| id.to_string()),
        "messagingUsers": report.users.iter().map(user_json).collect::<Vec<_>>(),
        "changed": report.changed(),
        "sessionsAffected": report.sessions(),
    })
}

fn user_json(user: &RelinkedUser) -> Value {
    json!({
        "id": user.id.to_string(),
        "name": user.name,
        "outcome": outcome(user),
        "account": user.account.as_ref().map(link_json),
        "contact": user.contact.as_ref().map(link_json),
        "sessions": user.sessions,
        "left": user.left,
    })
}

fn outcome(user: &RelinkedUser) -> &'static str {
    let mut links = [&user.account, &user.contact].into_iter().flatten();
    if user.changed() {
        "changed"
    } else if user.left.is_some() || links.any(|link| link.left.is_some()) {
        "left"
    } else {
        "unchanged"
    }
}

fn link_json(link: &Link) -> Value {
    json!({
        "before": link.before.as_ref().map(party_json),
        "after": link.after.as_ref().map(party_json),
        "changed": link.changed,
        "left": link.left,
    })
}

/// An account, a contact, or a Messaging User.
pub(super) fn party_json(party: &Party) -> Value {
    json!({ "id": party.id.to_string(), "name": party.name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> RelinkRequest {
        strict::<RelinkBody>(body.as_bytes()).unwrap().into()
    }

    fn mistake(body: &str) -> String {
        let failure = strict::<RelinkBody>(body.as_bytes()).err().unwrap();
        failure.errors[0].message.clone()
    }

    #[test]
    fn absent_null_and_an_id_are_kept_apart() {
        let read = request(r#"{"messagingEndUserIds":["a"],"accountId":null}"#);
        assert_eq!((read.account, read.contact), (Change::Clear, Change::Keep));
        let read = request(r#"{"messagingEndUserIds":["a"],"contactId":"b"}"#);
        assert_eq!(
            (read.account, read.contact),
            (Change::Keep, Change::Set("b".to_owned()))
        );
    }

    #[test]
    fn a_misspelt_key_is_named_with_the_keys_there_are() {
        let message = mistake(r#"{"messagingEndUserIds":["a"],"acountId":"b"}"#);
        assert!(
            message.starts_with("unknown field `acountId`, expected one of"),
            "{message}"
        );
        assert!(message.contains("`accountId`"), "{message}");
        assert!(message.ends_with("at [line:1, column:39]"), "{message}");
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let message = mistake(r#"{"messagingEndUserIds":[],"accountId":null,"accountId":"b"}"#);
        assert!(
            message.starts_with("duplicate field `accountId`"),
            "{message}"
        );
    }
}
