//! What clients ask the Tooling API for that is there on Salesforce only: code, its tests and logs, and
//! sandboxes. Whoever queries or searches these is answered as by an org that has none.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::{Caller, Error};
use headwater_soql::ast::{Path, Query, SelectItem};
use headwater_soql::{SoqlError, SoqlErrorKind, sosl};
use serde_json::{Value, json};

use super::definitions::Row;
use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// Objects of which an org without code and sandboxes has no records.
const OBJECTS: [&str; 16] = [
    "ApexClass",
    "ApexCodeCoverage",
    "ApexCodeCoverageAggregate",
    "ApexComponent",
    "ApexLog",
    "ApexPage",
    "ApexTestQueueItem",
    "ApexTestResult",
    "ApexTestRunResult",
    "ApexTrigger",
    "AsyncApexJob",
    "DebugLevel",
    "SandboxInfo",
    "SandboxProcess",
    "StaticResource",
    "TraceFlag",
];

/// Whether an object is one of these.
pub(super) fn is_absent(name: &str) -> bool {
    OBJECTS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// What a record of one of these would be, as far as a query asks: its fields, all empty.
pub(super) fn template(query: &Query<'_>) -> Row {
    let mut row = Row::new();
    for item in &query.select {
        if let SelectItem::Expression { expression, .. } = item
            && let headwater_soql::ast::Expression::Path(path) = expression
        {
            put(&mut row, path);
        }
    }
    row
}

fn put(row: &mut Row, path: &Path<'_>) {
    let mut names = path.names().peekable();
    let mut here = row;
    while let Some(name) = names.next() {
        let entry = here.entry(name.text.to_owned());
        if names.peek().is_none() {
            entry.or_insert(Value::Null);
            return;
        }
        let parent = entry.or_insert_with(|| json!({ "attributes": null }));
        let Value::Object(parent) = parent else {
            return;
        };
        here = parent;
    }
}

/// `/tooling/search`: what is searched there are these, so nothing is found.
pub(super) async fn search(call: Call, _caller: Caller) -> Result<Response, Failure> {
    let text = call.query("q").unwrap_or_default();
    let refused = |error: SoqlError| {
        Failure::from(Error::Soql {
            kind: error.kind,
            message: error.render(&text),
        })
    };
    let statement = sosl::parse(&text).map_err(refused)?;
    for returning in &statement.returning {
        let object = &returning.object;
        if !is_absent(object.text) {
            let message = format!(
                "sObject type '{}' is not searched by the Tooling API; /search finds records",
                object.text
            );
            let kind = SoqlErrorKind::InvalidType;
            return Err(refused(SoqlError::new(kind, object.at, message)));
        }
    }
    let body = json!({ "searchRecords": [] });
    Ok(answer::json(StatusCode::OK, &body))
}
