//! `/sobjects/{object}/{id}`: one record.

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::{Caller, Draft, Error, Precondition, Verb};
use serde_json::json;

use crate::answer::{self, json_bytes, no_content};
use crate::call::Call;
use crate::conditions::{
    Representation, check_read, check_write, tag_of, tag_of_version, write_conditions,
};
use crate::describe::{object_path, put_versions};
use crate::error::{ErrorItem, Failure};
use crate::record_body::{RecordBody, multipart};
use crate::record_json::RecordJson;

/// `POST /sobjects/{object}`.
pub(crate) async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    let object = canonical_name(&call, &caller)?;
    let (body, draft) = written(&call, &caller, &object)?;
    let created = call.state.org.create(&caller, &object, draft).await;
    let id = created.map_err(|error| refusal(&caller, &object, body, error))?;
    let mut response = answer::json(
        StatusCode::CREATED,
        &json!({ "id": id.as_str(), "success": true, "errors": [] }),
    );
    let location = format!("{}/{id}", object_path(call.version, &object));
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// What a call writes into a record: its JSON, with the files beside it.
fn written<'b>(
    call: &'b Call,
    caller: &Caller,
    object: &str,
) -> Result<(RecordBody<'b>, Draft), Failure> {
    if !multipart::is_multipart(call) {
        let body = RecordBody::of(call)?;
        return Ok((body, body.draft()?));
    }
    let object = caller.rights.catalogue.object(object);
    let object = object.ok_or_else(Failure::not_found)?;
    multipart::record(object, &multipart::parts(call)?)
}

/// `GET /sobjects/{object}/{id}`.
pub(crate) async fn read(call: Call, caller: Caller) -> Result<Response, Failure> {
    read_record(
        &call,
        &caller,
        call.parameter("object"),
        call.parameter("id"),
    )
    .await
}

/// A record's answer, or why there is none.
pub(crate) async fn read_record(
    call: &Call,
    caller: &Caller,
    object: &str,
    id: &str,
) -> Result<Response, Failure> {
    let fields = field_names(call);
    let sink = RecordJson::new(call.version);
    let org = &call.state.org;
    let read = org
        .retrieve(caller, object, id, fields.as_deref(), sink)
        .await?;
    let representation = Representation {
        tag: tag_of(read.version, read.sink.bytes()),
        last_modified: read.last_modified,
        is_own: read.sink.shows_only_own_values(),
    };
    let mut answer = match check_read(&call.headers, &representation) {
        Ok(()) => json_bytes(StatusCode::OK, read.sink.into_bytes().into()),
        Err(failure) if failure.status == StatusCode::NOT_MODIFIED => {
            let mut answer = Response::default();
            *answer.status_mut() = failure.status;
            answer
        }
        Err(failure) => return Err(failure),
    };
    let headers = answer.headers_mut();
    put_versions(headers, &representation.tag, read.last_modified);
    Ok(answer)
}

/// The names in `?fields=`; none when all are wanted.
pub(crate) fn field_names(call: &Call) -> Option<Vec<String>> {
    let fields = call.query("fields")?;
    let names = fields
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

/// `PATCH /sobjects/{object}/{id}`.
pub(crate) async fn update(call: Call, caller: Caller) -> Result<Response, Failure> {
    let (object, id) = (call.parameter("object"), call.parameter("id"));
    update_record(&call, &caller, object, id).await
}

/// Changes a record by the body, and says nothing but that it did.
pub(crate) async fn update_record(
    call: &Call,
    caller: &Caller,
    object: &str,
    id: &str,
) -> Result<Response, Failure> {
    let (body, draft) = written(call, caller, object)?;
    let when = precondition(call, caller, object, id).await?;
    let updated = call.state.org.update(caller, object, id, draft, when).await;
    let version = updated.map_err(|error| refusal(caller, object, body, error))?;
    let mut answer = no_content();
    if let Ok(tag) = HeaderValue::from_str(&tag_of_version(version)) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    Ok(answer)
}

/// What the headers demand of the record. Conditions for not writing are asked before; a write in
/// between can only make them truer.
pub(crate) async fn precondition(
    call: &Call,
    caller: &Caller,
    object: &str,
    id: &str,
) -> Result<Precondition, Failure> {
    let conditions = write_conditions(&call.headers)?;
    if conditions.needs_read {
        let only_id = ["Id".to_owned()];
        let sink = RecordJson::new(call.version);
        let org = &call.state.org;
        let read = org
            .retrieve(caller, object, id, Some(&only_id), sink)
            .await?;
        check_write(&call.headers, read.version, read.last_modified)?;
    }
    Ok(conditions.precondition)
}

/// `DELETE /sobjects/{object}/{id}`.
pub(crate) async fn delete(call: Call, caller: Caller) -> Result<Response, Failure> {
    delete_record(
        &call,
        &caller,
        call.parameter("object"),
        call.parameter("id"),
    )
    .await
}

pub(crate) async fn delete_record(
    call: &Call,
    caller: &Caller,
    object: &str,
    id: &str,
) -> Result<Response, Failure> {
    if id.parse::<Id>().is_err() {
        return Err(malformed_id(id));
    }
    let deleted = call.state.org.delete(caller, object, id).await;
    deleted.map_err(|error| with_allowed(caller, object, error))?;
    Ok(no_content())
}

/// A delete, unlike a read, tells what is no id from what is no record.
fn malformed_id(id: &str) -> Failure {
    let shown: String = id.chars().take(40).collect();
    let message = format!("malformed id {shown}");
    let item = ErrorItem::of_fields("MALFORMED_ID", message, Vec::new());
    Failure::of(StatusCode::BAD_REQUEST, vec![item])
}

/// An object's name as the catalogue spells it.
pub(crate) fn canonical_name(call: &Call, caller: &Caller) -> Result<String, Failure> {
    let catalogue = &caller.rights.catalogue;
    let object = catalogue.object(call.parameter("object"));
    let object = object.filter(|object| caller.rights.on(object).read);
    Ok(object.ok_or_else(Failure::not_found)?.name.to_string())
}

/// The refusal of a write with a body.
pub(crate) fn refusal(
    caller: &Caller,
    object: &str,
    body: RecordBody<'_>,
    error: Error,
) -> Failure {
    match error {
        Error::CallNotSupported { .. } => with_allowed(caller, object, error),
        error => body.refusal(error),
    }
}

/// A refusal that says which calls the object takes, where that is the reason.
pub(crate) fn with_allowed(caller: &Caller, object: &str, error: Error) -> Failure {
    let Error::CallNotSupported { verb, .. } = error else {
        return Failure::from(error);
    };
    let mut allowed = vec![Method::GET];
    if let Some(object) = caller.rights.catalogue.object(object) {
        if verb == Verb::Create && object.calls.create {
            allowed.push(Method::POST);
        }
        if verb != Verb::Create && object.calls.update {
            allowed.push(Method::PATCH);
        }
        if verb != Verb::Create && object.calls.delete {
            allowed.push(Method::DELETE);
        }
    }
    Failure::method_not_allowed(&crate::error::method_of(verb), &allowed)
}
