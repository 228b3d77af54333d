//! What `records` refuses, as status, code and message. No wildcard: a new error must be given
//! its words here before this builds.

use axum::http::{HeaderValue, Method, StatusCode, header};
use headwater_catalogue::{CatalogueError, Id, Name};
use headwater_records::{Error, Verb};
use headwater_soql::SoqlErrorKind;

use super::problem;
use super::{ErrorItem, Failure};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownObject(_) => Self::not_found(),
            Error::UnknownField { object, field } => Self::bad_request(
                "INVALID_FIELD",
                format!("No such column '{field}' on sobject of type {object}"),
            ),
            Error::NotAnExternalId(name) => not_findable(&name),
            Error::Soql { kind, message } => Self::bad_request(soql_code(kind), message),
            Error::UnknownLocator => {
                Self::bad_request("INVALID_QUERY_LOCATOR", "invalid query locator")
            }
            Error::BadInterval(reason) => Self::bad_request("INVALID_REPLICATION_DATE", reason),
            Error::IdInBody(_) => Self::bad_request(
                "INVALID_FIELD",
                "The Id field should not be specified in the sobject data.",
            ),
            Error::QueryTooLarge { limit } => Self::bad_request(
                "QUERY_TIMEOUT",
                format!("Your query request was running for too long: more than {limit}."),
            ),
            Error::NotFound(key) if key.parse::<Id>().is_ok() => Self::not_found(),
            Error::NotFound(key) => not_findable(&key),
            Error::Deleted(_) => of_record(
                StatusCode::NOT_FOUND,
                "ENTITY_IS_DELETED",
                "entity is deleted".to_owned(),
            ),
            Error::SeveralFound { object, ids, .. } => several(object, ids),
            Error::NotAllowed { record, object, .. } => not_allowed(record, &object),
            Error::NotPermitted(permission) => Self::new(
                StatusCode::FORBIDDEN,
                "INSUFFICIENT_ACCESS",
                format!("insufficient access rights: this takes the permission {permission}"),
            ),
            Error::CallNotSupported { verb, .. } => {
                Self::method_not_allowed(&method_of(verb), [&Method::GET])
            }
            Error::FieldsNotWritable { fields } => not_writable(fields),
            Error::Invalid(problems) => Self::of(
                StatusCode::BAD_REQUEST,
                problems.into_iter().map(problem::item).collect(),
            ),
            Error::Changed { id, now } => changed(id, now),
            Error::Duplicate { fields, existing } => duplicate(&fields, existing),
            Error::SessionOpen { existing } => session_open(existing),
            Error::Restricted {
                name,
                object,
                records,
            } => restricted(&name, &object, &records),
            Error::RolledBack => of_record(
                StatusCode::BAD_REQUEST,
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using \
                 AllOrNone header"
                    .to_owned(),
            ),
            Error::LimitExceeded { what, limit } => {
                Self::bad_request("LIMIT_EXCEEDED", format!("{what} is more than {limit}"))
            }
            Error::Metadata(error) => Self::bad_request(metadata_code(&error), error.to_string()),
            Error::MalformedId(text) => of_record(
                StatusCode::BAD_REQUEST,
                "MALFORMED_ID",
                format!("malformed id {text}"),
            ),
            Error::RecycleBin { undelete, reason } => {
                let code = if undelete {
                    "UNDELETE_FAILED"
                } else {
                    "DELETE_FAILED"
                };
                of_record(StatusCode::BAD_REQUEST, code, reason)
            }
            Error::CannotUndo(reason) => Self::new(StatusCode::CONFLICT, "CANNOT_UNDO", reason),
            Error::Bulk(error) => Self::from_bulk(error),
            Error::Busy => busy(),
            Error::InDoubt => in_doubt(),
            Error::FileLost => file_lost(),
            Error::FilesUnreachable => files_unreachable(),
            Error::FilesNotScanned => files_not_scanned(),
            Error::Internal(cause) => Self::internal(cause),
        }
    }
}

/// Errors of writes carry the key `fields` even when it is empty.
fn of_record(status: StatusCode, code: &'static str, message: String) -> Failure {
    Failure::of(
        status,
        vec![ErrorItem::of_fields(code, message, Vec::new())],
    )
}

fn not_findable(key: &str) -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        format!("Provided external ID field does not exist or is not accessible: {key}"),
    )
}

fn several(object: Name, ids: Vec<Id>) -> Failure {
    let mut failure = Failure::empty(StatusCode::MULTIPLE_CHOICES);
    failure.several = Some(Box::new((object, ids)));
    failure
}

fn not_allowed(record: Option<Id>, object: &str) -> Failure {
    let message = match record {
        Some(_) => "insufficient access rights on object id".to_owned(),
        None => format!("insufficient access rights on entity: {object}"),
    };
    of_record(
        StatusCode::FORBIDDEN,
        "INSUFFICIENT_ACCESS_OR_READONLY",
        message,
    )
}

/// The method a verb comes by, for a refusal that names it.
pub(crate) fn method_of(verb: Verb) -> Method {
    match verb {
        Verb::Read => Method::GET,
        Verb::Create => Method::POST,
        Verb::Update => Method::PATCH,
        Verb::Delete => Method::DELETE,
    }
}

fn not_writable(locks: Vec<headwater_records::explain::Lock>) -> Failure {
    let fields: Vec<Name> = locks.iter().map(|lock| lock.field.clone()).collect();
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field \
         and verify that it is read/write for your profile or permission set.",
        fields.join(", ")
    );
    let code = "INVALID_FIELD_FOR_INSERT_UPDATE";
    let item = ErrorItem::of_fields(code, message, fields);
    let mut failure = Failure::of(StatusCode::BAD_REQUEST, vec![item]);
    failure.locks = locks;
    failure
}

fn changed(id: Id, now: jiff::Timestamp) -> Failure {
    let version = now.as_microsecond();
    let failure = Failure::new(
        StatusCode::PRECONDITION_FAILED,
        "PRECONDITION_FAILED",
        format!("The record {id} has changed since it was read; its version is now \"{version}\"."),
    );
    match HeaderValue::from_str(&format!("\"{version}\"")) {
        Ok(tag) => failure.with_header(header::ETAG, tag),
        Err(_) => failure,
    }
}

fn duplicate(fields: &[Name], existing: Option<Id>) -> Failure {
    let message = match existing {
        Some(id) => format!(
            "duplicate value found: {} duplicates value on record with id: {}",
            fields.join(", "),
            id.short()
        ),
        // Salesforce's own words for a record the caller may not know.
        None => "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
            .to_owned(),
    };
    of_record(StatusCode::BAD_REQUEST, "DUPLICATE_VALUE", message)
}

fn session_open(existing: Option<Id>) -> Failure {
    let which = existing.map_or_else(String::new, |id| format!(": {id}"));
    let message = format!("The messaging user already has an open session{which}");
    let fields = vec![Name::Borrowed("MessagingEndUserId")];
    let item = ErrorItem::of_fields("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields);
    Failure::of(StatusCode::BAD_REQUEST, vec![item])
}

fn restricted(name: &str, object: &str, records: &[(Id, String)]) -> Failure {
    let records: Vec<&str> = records.iter().map(|(_, name)| name.as_str()).collect();
    let message = format!(
        "Your attempt to delete {name} could not be completed because it is associated with the \
         following {object} records.: {}\n",
        records.join(", ")
    );
    of_record(StatusCode::BAD_REQUEST, "DELETE_FAILED", message)
}

fn busy() -> Failure {
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "SERVER_UNAVAILABLE",
        "The server is busy and nothing was changed. Please try again",
    )
    .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

/// In the log it stands with the id that the answer gives.
fn file_lost() -> Failure {
    let mut failure = Failure::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "UNKNOWN_EXCEPTION",
        "The bytes of this file are lost: they are not where files are kept. Please include this \
         ErrorId if you contact support",
    );
    failure.cause = Some(Box::new(Error::FileLost));
    failure
}

fn files_unreachable() -> Failure {
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "SERVER_UNAVAILABLE",
        "Where files are kept cannot be reached, and nothing was changed. Please try again",
    )
    .with_header(header::RETRY_AFTER, HeaderValue::from_static("10"))
}

fn files_not_scanned() -> Failure {
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "SERVER_UNAVAILABLE",
        "Files cannot be scanned for viruses just now, so none is taken, and nothing was changed. \
         Please try again later",
    )
    .with_header(header::RETRY_AFTER, HeaderValue::from_static("30"))
}

/// No code of Salesforce's says it; clients go by the status, and try again later.
fn in_doubt() -> Failure {
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "SERVER_UNAVAILABLE",
        "The database went away while the change was being made, so it may or may not have been. \
         Please read the record before you try again",
    )
    .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

pub(crate) fn soql_code(kind: SoqlErrorKind) -> &'static str {
    match kind {
        SoqlErrorKind::MalformedQuery | SoqlErrorKind::Unsupported => "MALFORMED_QUERY",
        SoqlErrorKind::MalformedSearch => "MALFORMED_SEARCH",
        SoqlErrorKind::InvalidField => "INVALID_FIELD",
        SoqlErrorKind::InvalidType => "INVALID_TYPE",
        SoqlErrorKind::InvalidQueryFilterOperator => "INVALID_QUERY_FILTER_OPERATOR",
        SoqlErrorKind::NumberOutsideValidRange => "NUMBER_OUTSIDE_VALID_RANGE",
    }
}

fn metadata_code(error: &CatalogueError) -> &'static str {
    match error {
        CatalogueError::DuplicateObject(_)
        | CatalogueError::DuplicatePrefix(..)
        | CatalogueError::DuplicateField(..)
        | CatalogueError::DuplicateChildren(..) => "DUPLICATE_DEVELOPER_NAME",
        CatalogueError::BadName(_) => "INVALID_FIELD_VALUE_FORMAT",
        CatalogueError::UnknownTarget(..) | CatalogueError::BadPath(..) => {
            "INVALID_CROSS_REFERENCE_KEY"
        }
        CatalogueError::InheritedTooFar(..)
        | CatalogueError::WritableButNotStored(..)
        | CatalogueError::BadDefault(..)
        | CatalogueError::RequiredButCleared(..)
        | CatalogueError::BadIndex(..)
        | CatalogueError::BadSince(..)
        | CatalogueError::BadContent(..)
        | CatalogueError::BadHistory(..) => "FIELD_INTEGRITY_EXCEPTION",
    }
}
