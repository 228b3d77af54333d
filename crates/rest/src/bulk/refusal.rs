//! The words for a row that was refused: kept as JSON, shown as each form wants them.

use headwater_catalogue::Name;
use headwater_records::bulk::BulkError;
use headwater_records::{Error, Problem};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorItem, Failure};

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RowError {
    #[serde(rename = "statusCode")]
    pub(super) code: String,
    pub(super) message: String,
    pub(super) fields: Vec<String>,
}

/// What is kept of a refusal.
pub(super) fn kept(error: Error) -> String {
    let errors: Vec<RowError> = items(error).into_iter().map(RowError::of).collect();
    serde_json::to_string(&errors).unwrap_or_default()
}

/// A refusal that was kept.
pub(super) fn of_kept(kept: &str) -> Vec<RowError> {
    serde_json::from_str(kept).unwrap_or_default()
}

/// A refusal in one cell: `CODE:message:fields --`.
pub(super) fn cell(errors: &[RowError]) -> String {
    let sentence = |error: &RowError| {
        let fields = error.fields.join(",");
        let space = if fields.is_empty() { "" } else { " " };
        format!("{}:{}:{fields}{space}--", error.code, error.message)
    };
    errors.iter().map(sentence).collect::<Vec<_>>().join(";")
}

impl RowError {
    fn of(item: ErrorItem) -> Self {
        let fields = item.fields.unwrap_or_default();
        Self {
            code: item.code.to_owned(),
            message: item.message,
            fields: fields.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A refusal as rows are told it. Where a single record's address says something, a row says it of
/// itself.
fn items(error: Error) -> Vec<ErrorItem> {
    let of_row = |code, message: &str| vec![ErrorItem::of_fields(code, message, Vec::new())];
    match error {
        Error::Invalid(problems) => problems.into_iter().flat_map(problem).collect(),
        Error::NotFound(_) => of_row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        Error::IdInBody(_) => vec![ErrorItem::of_fields(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "cannot specify Id in an insert call",
            vec![Name::Borrowed("Id")],
        )],
        Error::SeveralFound { field, value, .. } => of_row(
            "DUPLICATE_EXTERNAL_ID",
            &format!("{field}: more than one record found for external id field: {value}"),
        ),
        Error::CallNotSupported { verb, object } => of_row(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            &format!("entity type {object} does not support {verb}"),
        ),
        Error::Bulk(BulkError::NoKey(field)) => {
            of_row("MISSING_ARGUMENT", &format!("{field} not specified"))
        }
        error => Failure::from(error).errors,
    }
}

fn problem(problem: Problem) -> Vec<ErrorItem> {
    match problem {
        // The place in a JSON body that the data API names is none here.
        Problem::WrongType { field, kind, value } => vec![ErrorItem::of_fields(
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            format!("{field}: value not of required type: {value} is no {kind}"),
            vec![field],
        )],
        problem => Failure::from(Error::Invalid(vec![problem])).errors,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_says_code_message_and_fields() {
        let missing = Problem::Missing {
            fields: vec![Name::Borrowed("LastName")],
        };
        let errors = of_kept(&kept(Error::Invalid(vec![missing])));
        assert_eq!(
            cell(&errors),
            "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
        );
        let errors = of_kept(&kept(BulkError::NoKey("Id".to_owned()).into()));
        assert_eq!(cell(&errors), "MISSING_ARGUMENT:Id not specified:--");
    }
}
