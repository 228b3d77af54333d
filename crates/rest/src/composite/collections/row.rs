//! What became of one record among several.

use axum::http::StatusCode;
use headwater_records::{Error, Verb, Written};
use serde_json::{Value, json};

use crate::call::Call;
use crate::error::{ErrorItem, Failure};

/// One element of the answer. That of an upsert also says whether the record is new.
pub(super) fn row_json(call: &Call, answer: Result<Written, Failure>, is_upsert: bool) -> Value {
    let (mut row, created) = match answer {
        Ok(written) => {
            let row = json!({ "id": written.id.as_str(), "success": true, "errors": [] });
            (row, written.created)
        }
        Err(failure) => {
            call.report(&failure);
            let errors: Vec<Value> = failure.errors.iter().map(item_json).collect();
            (json!({ "success": false, "errors": errors }), false)
        }
    };
    if is_upsert {
        row["created"] = json!(created);
    }
    row
}

/// An error in the form that answers for several records have: `statusCode`, not `errorCode`.
pub(crate) fn item_json(item: &ErrorItem) -> Value {
    json!({
        "statusCode": item.code,
        "message": item.message,
        "fields": item.fields.as_deref().unwrap_or_default(),
    })
}

/// A refusal of one record, which no address names.
pub(crate) fn failed(code: &'static str, message: impl Into<String>) -> Failure {
    let item = ErrorItem::of_fields(code, message, Vec::new());
    Failure::of(StatusCode::BAD_REQUEST, vec![item])
}

/// What an error is called where no address can be wrong: the record is named in the body.
pub(crate) fn of_row(error: Error) -> Failure {
    match error {
        Error::NotFound(_) => failed("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        Error::UnknownObject(name) => failed(
            "INVALID_TYPE",
            format!(
                "sObject type '{name}' is not supported. If you are attempting to use a custom \
                 object, be sure to append the '__c' after the entity name. Please reference your \
                 WSDL or the describe call for the appropriate names."
            ),
        ),
        Error::CallNotSupported { verb, object } => {
            let done = match verb {
                Verb::Read => "retrieved",
                Verb::Create => "inserted",
                Verb::Update => "updated",
                Verb::Delete => "deleted",
            };
            let message = format!("entity type cannot be {done}: {object}");
            failed("INVALID_TYPE_FOR_OPERATION", message)
        }
        error => Failure::from(error),
    }
}
