//! `composite/sobjects`: up to 200 records, each answered for itself.

mod retrieve;
mod row;

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::{Caller, RECORDS_TOGETHER_MAX, RecordWrite};
use serde_json::value::RawValue;

use crate::answer;
use crate::call::Call;
use crate::error::{ErrorItem, Failure};
use crate::record_body::{RecordBody, json_body};
use row::row_json;

pub(super) use retrieve::{retrieve, retrieve_posted};
pub(super) use row::item_json;
pub(crate) use row::{failed, of_row};

/// Most runs of records of one object: those of each are best sent one after the other.
const CHUNKS_MAX: usize = 10;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct CollectionBody<'b> {
    #[serde(default)]
    all_or_none: bool,
    #[serde(borrow)]
    records: Vec<&'b RawValue>,
}

/// `POST`: new records.
pub(super) async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body: CollectionBody<'_> = json_body(&call)?;
    let records = typed(&body.records)?;
    let writes = records.into_iter().map(|(object, record)| {
        let draft = record.draft()?;
        Ok(RecordWrite::Create { object, draft })
    });
    write(&call, &caller, writes.collect(), body.all_or_none, false).await
}

/// `PATCH`: new values, each record with its `id`.
pub(super) async fn update(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body: CollectionBody<'_> = json_body(&call)?;
    let records = typed(&body.records)?;
    let writes = records.into_iter().map(|(object, record)| {
        let (draft, id) = record.draft_and("Id")?;
        let id = id.ok_or_else(|| {
            let message = "Id not specified in an update call";
            failed("MISSING_ARGUMENT", message)
        })?;
        if id.parse::<Id>().is_err() {
            return Err(malformed_id(&id));
        }
        Ok(RecordWrite::Update { object, id, draft })
    });
    write(&call, &caller, writes.collect(), body.all_or_none, false).await
}

/// `PATCH` with an external id: changes the records that hold its values, makes the others.
pub(super) async fn upsert(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body: CollectionBody<'_> = json_body(&call)?;
    let (object, field) = (call.parameter("object"), call.parameter("field"));
    let records = typed(&body.records)?;
    if let Some((other, _)) = records
        .iter()
        .find(|(it, _)| !it.eq_ignore_ascii_case(object))
    {
        let message = format!("Record of type {other} where all are of type {object}");
        return Err(Failure::bad_request("INVALID_FIELD", message));
    }
    let writes = records.into_iter().map(|(object, record)| {
        let (draft, value) = record.draft_and(field)?;
        let by_id = field.eq_ignore_ascii_case("Id");
        match value {
            Some(id) if by_id => Ok(RecordWrite::Update { object, id, draft }),
            None if by_id => Ok(RecordWrite::Create { object, draft }),
            Some(value) => Ok(RecordWrite::Upsert {
                object,
                field: field.to_owned(),
                value,
                draft,
            }),
            None => {
                let message = format!("{field} not specified");
                Err(failed("MISSING_ARGUMENT", message))
            }
        }
    });
    write(&call, &caller, writes.collect(), body.all_or_none, true).await
}

/// `DELETE ?ids=`.
pub(super) async fn delete(call: Call, caller: Caller) -> Result<Response, Failure> {
    let ids = listed(&call, "ids").ok_or_else(|| {
        let message = "The ids parameter is required";
        Failure::bad_request("MISSING_ARGUMENT", message)
    })?;
    refuse_too_many(ids.len(), RECORDS_TOGETHER_MAX)?;
    let catalogue = &caller.rights.catalogue;
    let writes = ids.into_iter().map(|id| {
        let parsed = id.parse::<Id>().ok();
        let object = parsed.and_then(|id| catalogue.object_of(id.prefix()));
        match object {
            Some(object) => Ok(RecordWrite::Delete {
                object: object.name.to_string(),
                id,
            }),
            None => Err(malformed_id(&id)),
        }
    });
    let writes = writes.collect();
    write(&call, &caller, writes, call.flag("allOrNone"), false).await
}

/// Writes what could be read, and answers for each record.
async fn write(
    call: &Call,
    caller: &Caller,
    asked: Vec<Result<RecordWrite, Failure>>,
    all_or_none: bool,
    is_upsert: bool,
) -> Result<Response, Failure> {
    let org = &call.state.org;
    let answers = org.write_readable(caller, asked, all_or_none, of_row);
    let rows = answers.await?.into_iter();
    let rows = rows
        .map(|answer| row_json(call, answer, is_upsert))
        .collect();
    Ok(answer::json(StatusCode::OK, &rows))
}

/// Each record with its object.
fn typed<'b>(records: &[&'b RawValue]) -> Result<Vec<(String, RecordBody<'b>)>, Failure> {
    refuse_too_many(records.len(), RECORDS_TOGETHER_MAX)?;
    let mut typed: Vec<(String, RecordBody<'b>)> = Vec::with_capacity(records.len());
    let mut chunks = 0;
    for record in records {
        let record = RecordBody::of_bytes(record.get().as_bytes())?;
        let object = record.attributes()?.object.ok_or_else(|| {
            let message = "Each record needs its type in attributes";
            Failure::bad_request("INVALID_FIELD", message)
        })?;
        let is_next = typed
            .last()
            .is_none_or(|(last, _)| !last.eq_ignore_ascii_case(&object));
        chunks += usize::from(is_next);
        typed.push((object, record));
    }
    if chunks > CHUNKS_MAX {
        let message = format!("The records change their type more than {CHUNKS_MAX} times");
        return Err(Failure::bad_request("LIMIT_EXCEEDED", message));
    }
    Ok(typed)
}

fn refuse_too_many(records: usize, max: usize) -> Result<(), Failure> {
    if records <= max {
        return Ok(());
    }
    let message =
        format!("record limit reached. cannot submit more than {max} records into this call");
    Err(Failure::bad_request("EXCEEDED_ID_LIMIT", message))
}

/// The parts of a value of the query string.
fn listed(call: &Call, name: &str) -> Option<Vec<String>> {
    let text: Cow<'_, str> = call.query(name)?;
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.map(str::to_owned).collect();
    (!parts.is_empty()).then_some(parts)
}

fn malformed_id(id: &str) -> Failure {
    let shown: String = id.chars().take(40).collect();
    let fields = vec!["Id".into()];
    let item = ErrorItem::of_fields("MALFORMED_ID", format!("malformed id {shown}"), fields);
    Failure::of(StatusCode::BAD_REQUEST, vec![item])
}
