//! A change in the JSON form of Salesforce's change events.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headwater_catalogue::{Object, Value};
use headwater_records::{ChangeEvent, ChangeKind, ChangedField};
use jiff::Timestamp;
use jiff::fmt::strtime;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Bytes of a schema's id: 22 characters, as Salesforce's have.
const SCHEMA_ID_BYTES: usize = 16;

/// What is sent on a channel of a change.
pub(crate) fn message(channel: &str, replay_id: i64, event: &ChangeEvent) -> Json {
    json!({
        "channel": channel,
        "data": {
            "schema": schema_id(&event.object),
            "payload": payload(event),
            "event": { "replayId": replay_id },
        },
    })
}

fn payload(event: &ChangeEvent) -> Json {
    let mut payload = Map::new();
    payload.insert("ChangeEventHeader".to_owned(), header(event));
    for field in &event.fields {
        let value = json_of(&field.value);
        let Some(compound) = &field.compound else {
            payload.insert(field.name.to_string(), value);
            continue;
        };
        let within = payload
            .entry(compound.to_string())
            .or_insert_with(|| json!({}));
        if let Some(within) = within.as_object_mut() {
            within.insert(field.name.to_string(), value);
        }
    }
    Json::Object(payload)
}

/// `changeOrigin` is empty, as Salesforce's is for whatever no API client did: the log does not say
/// which door a change came through.
fn header(event: &ChangeEvent) -> Json {
    let is_update = event.kind == ChangeKind::Update;
    // They are told of updates; with the others every field that is there is new.
    let named = |wanted: &dyn Fn(&ChangedField) -> bool| -> Vec<String> {
        let fields = event
            .fields
            .iter()
            .filter(|field| is_update && wanted(field));
        fields.map(path).collect()
    };
    json!({
        "entityName": event.object.name,
        "recordIds": [event.record.as_str()],
        "changeType": change_type(event.kind),
        "changeOrigin": "",
        "transactionKey": transaction_key(event),
        "sequenceNumber": event.sequence,
        "commitTimestamp": event.at.as_millisecond(),
        "commitNumber": event.transaction,
        "commitUser": event.user.as_str(),
        "nulledFields": named(&|field| field.value == Value::Null),
        "diffFields": [],
        "changedFields": named(&|_| true),
    })
}

fn change_type(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Create => "CREATE",
        ChangeKind::Update => "UPDATE",
        ChangeKind::Delete => "DELETE",
        ChangeKind::Undelete => "UNDELETE",
    }
}

/// `BillingAddress.City`, `Name.LastName`, `Phone`.
fn path(field: &ChangedField) -> String {
    match &field.compound {
        Some(compound) => format!("{compound}.{}", field.name),
        None => field.name.to_string(),
    }
}

/// The same for all changes of a write and for no others, told again or not.
fn transaction_key(event: &ChangeEvent) -> String {
    let at = event.at.as_microsecond().cast_unsigned();
    Uuid::from_u64_pair(at, event.transaction.cast_unsigned()).to_string()
}

/// Names what an object's events look like: another one as soon as it has other fields.
fn schema_id(object: &Object) -> String {
    let mut hash = Sha256::new_with_prefix(object.name.as_bytes());
    for field in object.fields.iter() {
        hash.update(b"\n");
        hash.update(field.name.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..SCHEMA_ID_BYTES])
}

/// A value as events have it: numbers as doubles, instants as `2026-01-15T12:00:00.000Z`.
fn json_of(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(on) => (*on).into(),
        Value::Integer(number) => (*number).into(),
        Value::Decimal(number) => number.to_f64().into(),
        Value::Text(text) => text.as_str().into(),
        Value::Id(id) => id.as_str().into(),
        Value::Date(date) => date.to_string().into(),
        Value::DateTime(at) => instant(*at).into(),
        Value::Time(time) => strtime::format("%H:%M:%S.%3fZ", *time)
            .unwrap_or_default()
            .into(),
    }
}

fn instant(at: Timestamp) -> String {
    strtime::format("%Y-%m-%dT%H:%M:%S.%3fZ", at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_in_salesforces_events() {
        let at: Timestamp = "2026-01-15T12:00:00.001999Z".parse().unwrap();
        assert_eq!(json_of(&Value::DateTime(at)), "2026-01-15T12:00:00.001Z");
        let time = Value::Time(jiff::civil::time(9, 5, 0, 0));
        assert_eq!(json_of(&time), "09:05:00.000Z");
        let date = Value::Date(jiff::civil::date(2026, 1, 5));
        assert_eq!(json_of(&date), "2026-01-05");
        assert_eq!(json_of(&Value::Decimal("12.50".parse().unwrap())), 12.5);
        assert_eq!(json_of(&Value::Null), Json::Null);
    }
}
