//! What `records` refuses, in words for a terminal.

use headwater_records::{Error, LoginError, Problem};

use crate::failure::{Failure, Kind};

/// A refusal with its details.
pub fn refused(error: &Error) -> Failure {
    match error {
        Error::Internal(cause) => Failure::new(Kind::Broken, format!("{error}: {cause}")),
        Error::Busy | Error::FileLost | Error::FilesUnreachable | Error::FilesNotScanned => {
            Failure::new(Kind::Broken, error.to_string())
        }
        Error::Invalid(problems) => {
            let problems: Vec<_> = problems.iter().map(words).collect();
            Failure::refused(problems.join("; "))
        }
        Error::FieldsNotWritable { fields } => {
            let reasons: Vec<_> = fields
                .iter()
                .map(|lock| format!("{}: {}", lock.field, lock.reason))
                .collect();
            Failure::refused(reasons.join("; "))
        }
        error => Failure::refused(error.to_string()),
    }
}

/// A refusal of something about logging in.
pub fn refused_login(error: &LoginError) -> Failure {
    match error {
        LoginError::Records(error) => refused(error),
        LoginError::Busy => Failure::broken(error.to_string()),
        error => Failure::refused(error.to_string()),
    }
}

fn words(problem: &Problem) -> String {
    match problem {
        Problem::Missing { fields } => format!("{} must be given", fields.join(", ")),
        Problem::TooLong { field, max, .. } => {
            format!("{field} has more than {max} characters")
        }
        Problem::TooLarge { field, max, .. } => {
            format!("{field} has more than {max} bytes")
        }
        Problem::Infected { field, found, .. } => {
            format!("{field} holds the virus {found}")
        }
        Problem::NotInPicklist { field, value, .. } => {
            format!("'{value}' is not one of the values of {field}")
        }
        Problem::BadEmail { field, value, .. } => {
            format!("'{value}' in {field} is not a mail address")
        }
        Problem::WrongId { field, value, .. } => {
            format!("'{value}' in {field} is not the id of such a record")
        }
        Problem::WrongType { field, kind, value } => {
            format!("'{value}' in {field} is not a {kind}")
        }
        Problem::OutOfRange { field, value, .. } => {
            format!("{value} in {field} has too many digits")
        }
        Problem::NoSuchRecord { field, id } | Problem::HiddenRecord { field, id } => {
            format!("{field} names {id}, which is not there")
        }
        Problem::NoSuchParent {
            field,
            object,
            by,
            value,
        } => {
            format!("{field}: there is no {object} with the {by} '{value}'")
        }
        Problem::WrongRecordType { field, id, .. } => {
            format!("{field}: {id} is no active record type of this object")
        }
        Problem::ConvertedLead { id } => {
            format!("the lead {id} was converted, and is changed no more")
        }
        Problem::InactiveOwner { field, id } => {
            format!("{field} names {id}, who is not active")
        }
        Problem::Rule { message, .. } => message.clone(),
    }
}
