//! What is wrong with one value, in Salesforce's words: they begin with the field's label.

use headwater_catalogue::{Id, Name};
use headwater_records::Problem;

use super::ErrorItem;

pub(crate) fn item(problem: Problem) -> ErrorItem {
    match problem {
        Problem::Missing { fields } => ErrorItem::of_fields(
            "REQUIRED_FIELD_MISSING",
            format!("Required fields are missing: [{}]", fields.join(", ")),
            fields,
        ),
        Problem::TooLong {
            field,
            label,
            value,
            max,
        } => ErrorItem::of_fields(
            "STRING_TOO_LONG",
            format!("{label}: data value too large: {value} (max length={max})"),
            vec![field],
        ),
        Problem::TooLarge { field, label, max } => ErrorItem::of_fields(
            "MAXIMUM_SIZE_OF_ATTACHMENT",
            format!("{label}: data exceeded maximum size: at most {max} bytes"),
            vec![field],
        ),
        Problem::Infected {
            field,
            label,
            found,
        } => infected(field, &label, &found),
        Problem::NotInPicklist {
            field,
            label,
            value,
        } => ErrorItem::of_fields(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            format!("{label}: bad value for restricted picklist field: {value}"),
            vec![field],
        ),
        Problem::BadEmail {
            field,
            label,
            value,
        } => ErrorItem::of_fields(
            "INVALID_EMAIL_ADDRESS",
            format!("{label}: invalid email address: {value}"),
            vec![field],
        ),
        Problem::WrongId {
            field,
            label,
            value,
        } => ErrorItem::of_fields(
            "MALFORMED_ID",
            format!("{label}: id value of incorrect type: {value}"),
            vec![field],
        ),
        Problem::WrongType { kind, value, .. } => ErrorItem::new(
            "JSON_PARSER_ERROR",
            wrong_type(kind, "VALUE_STRING", &value, 1, 1),
        ),
        Problem::OutOfRange {
            field,
            label,
            value,
        } => ErrorItem::of_fields(
            "NUMBER_OUTSIDE_VALID_RANGE",
            format!("{label}: value outside of valid range on numeric field: {value}"),
            vec![field],
        ),
        Problem::NoSuchRecord { .. } => ErrorItem::of_fields(
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            Vec::new(),
        ),
        Problem::HiddenRecord { id, .. } => ErrorItem::of_fields(
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            format!(
                "insufficient access rights on cross-reference id: {}",
                id.short()
            ),
            Vec::new(),
        ),
        Problem::NoSuchParent {
            object, by, value, ..
        } => ErrorItem::of_fields(
            "INVALID_FIELD",
            format!("Foreign key external ID: {value} not found for field {by} in entity {object}"),
            Vec::new(),
        ),
        Problem::WrongRecordType { field, label, id } => wrong_record_type(field, &label, id),
        Problem::ConvertedLead { .. } => ErrorItem::of_fields(
            "CANNOT_UPDATE_CONVERTED_LEAD",
            "cannot reference converted lead",
            Vec::new(),
        ),
        Problem::InactiveOwner { field, id } => inactive_owner(field, id),
        Problem::Rule { fields, message } => {
            ErrorItem::of_fields("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields)
        }
    }
}

/// No code of Salesforce's says it, for it looks at no files.
fn infected(field: Name, label: &str, found: &str) -> ErrorItem {
    let message = format!("{label}: the file was not taken: it holds the virus {found}");
    ErrorItem::of_fields("FIELD_INTEGRITY_EXCEPTION", message, vec![field])
}

fn inactive_owner(field: Name, id: Id) -> ErrorItem {
    let id = id.short();
    let message = format!("operation performed with inactive user [{id}] as owner");
    ErrorItem::of_fields("INACTIVE_OWNER_OR_USER", message, vec![field])
}

fn wrong_record_type(field: Name, label: &str, id: Id) -> ErrorItem {
    let id = id.short();
    let message = format!("{label}: this ID value isn't valid for the user: {id}");
    ErrorItem::of_fields("INVALID_CROSS_REFERENCE_KEY", message, vec![field])
}

/// The text for a JSON value that cannot be one of the field's kind, with its place in the body.
pub(crate) fn wrong_type(
    kind: &str,
    token: &str,
    value: &str,
    line: usize,
    column: usize,
) -> String {
    format!(
        "Cannot deserialize instance of {kind} from {token} value {value} or request may be \
         missing a required field at [line:{line}, column:{column}]"
    )
}
