//! Errors in words: what was wrong, and what to do.

use axum::http::StatusCode;
use headwater_catalogue::Name;
use headwater_records::{Error, Problem, Verb};

use crate::text::{in_words, noun};

/// The status and the title of an error.
pub(super) fn head(error: &Error) -> (StatusCode, &'static str) {
    const BAD: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    match error {
        Error::UnknownObject(_) | Error::NotFound(_) => (StatusCode::NOT_FOUND, "Not found"),
        Error::Deleted(_) => (StatusCode::GONE, "This record was deleted"),
        Error::NotAllowed { .. } | Error::NotPermitted(_) | Error::CallNotSupported { .. } => {
            (StatusCode::FORBIDDEN, "You may not do that")
        }
        Error::FieldsNotWritable { .. } => {
            (StatusCode::FORBIDDEN, "Some fields are not edited here")
        }
        Error::Changed { .. } => (StatusCode::CONFLICT, "Somebody else was faster"),
        Error::Busy | Error::InDoubt | Error::FilesUnreachable | Error::FilesNotScanned => {
            (StatusCode::SERVICE_UNAVAILABLE, "Please try again")
        }
        Error::FileLost => (StatusCode::INTERNAL_SERVER_ERROR, "This file is lost"),
        Error::Internal(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong here",
        ),
        Error::UnknownField { .. }
        | Error::NotAnExternalId(_)
        | Error::Soql { .. }
        | Error::UnknownLocator
        | Error::BadInterval(_)
        | Error::IdInBody(_)
        | Error::QueryTooLarge { .. }
        | Error::SeveralFound { .. }
        | Error::Invalid(_)
        | Error::Duplicate { .. }
        | Error::SessionOpen { .. }
        | Error::Restricted { .. }
        | Error::RolledBack
        | Error::LimitExceeded { .. }
        | Error::Metadata(_)
        | Error::MalformedId(_)
        | Error::RecycleBin { .. }
        | Error::CannotUndo(_)
        | Error::Bulk(_) => (BAD, "This was not taken"),
    }
}

/// What was wrong, for people.
pub(super) fn sentence(error: &Error) -> String {
    match error {
        Error::UnknownObject(name) => {
            format!("There is no object “{name}”, or it is not yours to see.")
        }
        Error::NotFound(_) => {
            "There is no such record, or it is not yours to see.".to_owned()
        }
        Error::Deleted(_) => "It lies in the recycle bin.".to_owned(),
        Error::NotAllowed { verb, object, record } => {
            let verb = match verb {
                Verb::Read => "see",
                Verb::Create => "make",
                Verb::Update => "edit",
                Verb::Delete => "delete",
            };
            match record {
                Some(_) => format!(
                    "You may not {verb} this record. Its owner may, and an administrator can let you."
                ),
                None => format!(
                    "You may not {verb} {} records. An administrator can give you that right.",
                    in_words(object)
                ),
            }
        }
        Error::NotPermitted(permission) => format!(
            "This takes the permission “{}”, which an administrator can give you.",
            in_words(permission.trim_start_matches("Permissions"))
        ),
        Error::FieldsNotWritable { fields } => {
            let reasons: Vec<_> = fields.iter().map(|lock| lock.reason.as_str()).collect();
            reasons.join(" ")
        }
        Error::Changed { .. } => {
            "The record was changed since you opened it. Nothing of yours was written; look at what \
             is there now, and save again."
                .to_owned()
        }
        Error::Duplicate { fields, .. } => format!(
            "Another record holds the same {}.",
            fields.iter().map(|name| noun(name)).collect::<Vec<_>>().join(" and ")
        ),
        Error::SessionOpen { .. } => {
            "This Messaging User already has an open session, and has at most one.".to_owned()
        }
        Error::Restricted { name, object, records } => format!(
            "“{name}” is in use by {} {object} records. Change or delete those first.",
            records.len()
        ),
        Error::Invalid(problems) => match problems.as_slice() {
            [one] => of_problem(one),
            several => format!("{} values need another look.", several.len()),
        },
        Error::QueryTooLarge { limit } => format!(
            "Finding these records took more than {limit}. Narrow the search or choose another view."
        ),
        Error::Busy => {
            "The database is busy. Nothing was changed; try again in a moment.".to_owned()
        }
        Error::InDoubt => "The database went away at the last moment, so it is not certain whether \
                           your change was made. Look at the record before you try again."
            .to_owned(),
        Error::FileLost => "Its bytes are not where files are kept. An administrator can put them back from a \
                            backup."
            .to_owned(),
        Error::FilesUnreachable => "Where files are kept cannot be reached just now. Nothing was changed; try \
                                    again in a moment."
            .to_owned(),
        Error::FilesNotScanned => "Files cannot be scanned for viruses just now, so none is taken. Nothing was \
                                   changed; try again later."
            .to_owned(),
        Error::Internal(_) => {
            "It is our fault, and the cause is in the server's log. Nothing was changed.".to_owned()
        }
        Error::CallNotSupported { object, .. } => {
            format!("{} records are kept by the server alone.", in_words(object))
        }
        Error::RecycleBin { undelete: true, reason } => format!("It stays in the recycle bin: {reason}."),
        Error::RecycleBin { undelete: false, .. } => {
            "It is not in the recycle bin any more.".to_owned()
        }
        Error::UnknownField { .. }
        | Error::NotAnExternalId(_)
        | Error::Soql { .. }
        | Error::UnknownLocator
        | Error::BadInterval(_)
        | Error::IdInBody(_)
        | Error::SeveralFound { .. }
        | Error::RolledBack
        | Error::LimitExceeded { .. }
        | Error::Metadata(_)
        | Error::MalformedId(_)
        | Error::CannotUndo(_)
        | Error::Bulk(_) => capitalised(&error.to_string()),
    }
}

/// What is wrong with each field.
pub(super) fn of_fields(problems: &[Problem]) -> Vec<(Name, String)> {
    let all = problems.iter().flat_map(|problem| {
        let text = of_problem(problem);
        let fields = problem.fields().iter();
        fields.map(move |field| (field.clone(), text.clone()))
    });
    all.collect()
}

fn of_problem(problem: &Problem) -> String {
    match problem {
        Problem::Missing { fields } => {
            let fields: Vec<_> = fields.iter().map(|name| noun(name)).collect();
            format!("{} must be filled in.", capitalised(&fields.join(", ")))
        }
        Problem::TooLong {
            label, value, max, ..
        } => format!(
            "{} may have {max} characters; this has {}.",
            noun_of(label),
            value.chars().count()
        ),
        Problem::TooLarge { label, max, .. } => {
            format!("{} may have {max} bytes.", noun_of(label))
        }
        Problem::Infected { label, found, .. } => {
            format!(
                "{} was not taken: it holds the virus {found}.",
                noun_of(label)
            )
        }
        Problem::NotInPicklist { label, value, .. } => {
            format!("{} has no choice “{value}”.", noun_of(label))
        }
        Problem::BadEmail { value, .. } => {
            format!("“{value}” is not a mail address. One looks like name@example.com.")
        }
        Problem::WrongId { label, value, .. } => {
            format!("{}: “{value}” names no such record.", noun_of(label))
        }
        Problem::WrongType { kind, value, .. } => {
            format!("“{value}” is not a {}.", kind_words(kind))
        }
        Problem::OutOfRange { label, .. } => {
            format!(
                "{} has too many digits, or lies too far off.",
                noun_of(label)
            )
        }
        Problem::NoSuchRecord { .. } => "This record is not there any more.".to_owned(),
        Problem::HiddenRecord { .. } => "This record is not yours to see.".to_owned(),
        Problem::NoSuchParent { object, value, .. } => {
            format!("There is no {} “{value}”.", in_words(object))
        }
        Problem::WrongRecordType { .. } => {
            "This record type is another object’s, or not active.".to_owned()
        }
        Problem::ConvertedLead { .. } => {
            "This lead was converted, and is changed no more.".to_owned()
        }
        Problem::InactiveOwner { .. } => "This owner is not active.".to_owned(),
        Problem::Rule { message, .. } => message.clone(),
    }
}

fn kind_words(kind: &str) -> &str {
    match kind {
        "int" | "double" | "currency" | "percent" => "number",
        "datetime" => "date and time",
        "boolean" => "yes or no",
        other => other,
    }
}

fn noun_of(label: &str) -> &str {
    label.strip_suffix(" ID").unwrap_or(label)
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => {
            let mut text: String = first.to_uppercase().chain(characters).collect();
            if !text.ends_with('.') {
                text.push('.');
            }
            text
        }
        None => String::new(),
    }
}
