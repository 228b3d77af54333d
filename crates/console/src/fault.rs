//! What is shown when something cannot be: every error with what was wrong and what to do.

use std::any::Any;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use headwater_catalogue::Name;
use headwater_records::{Error, Problem, Verb};
use maud::{Markup, html};

use crate::console::Console;
use crate::shell;
use crate::text::{encoded, in_words, noun};

/// Why a page cannot be shown or a form not be taken.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The answer's status.
    pub(crate) status: StatusCode,
    /// What it comes to, in a few words.
    pub(crate) title: String,
    /// What was wrong and what to do.
    pub(crate) text: String,
    /// What is wrong with single fields, by their API names.
    pub(crate) fields: Vec<(Name, String)>,
    /// Where to sign in first; the way back is in it.
    sign_in: Option<String>,
    /// Whether script asked.
    is_partial: bool,
}

impl Fault {
    pub(crate) fn new(
        status: StatusCode,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            status,
            title: title.into(),
            text: text.into(),
            fields: Vec::new(),
            sign_in: None,
            is_partial: false,
        }
    }

    /// Nobody is signed in.
    pub(crate) fn sign_in(here: &str, is_partial: bool) -> Self {
        let to = if here == "/" {
            String::new()
        } else {
            format!("?to={}", encoded(here))
        };
        Self {
            sign_in: Some(format!("/login{to}")),
            is_partial,
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                "Please sign in",
                "You are not signed in.",
            )
        }
    }

    /// A form that no page of ours sent.
    pub(crate) fn foreign_form() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This form was not taken",
            "It did not come from a page of this server, or you have signed in anew since the page \
             was opened. Nothing was changed. Go back, reload the page, and send it again.",
        )
    }

    pub(crate) fn too_large(console: &Console) -> Self {
        let max = console.settings.form_bytes_max / 1024;
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This form is too large",
            format!("A form may hold {max} KiB. Nothing was changed."),
        )
    }

    /// There is no such page.
    pub(crate) fn no_page() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such page",
            "It was moved, or the address is not quite right.",
        )
    }

    fn body(&self) -> Markup {
        html! {
            section #fault .toast.fault role="alert" data-toast {
                h1 { (self.title) }
                p { (self.text) }
                @if !self.fields.is_empty() {
                    ul { @for (_, problem) in &self.fields { li { (problem) } } }
                }
                p .ways { a href="/" { "Go to the sessions" } }
            }
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if let Some(to) = &self.sign_in {
            let place = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/login"));
            return if self.is_partial {
                (StatusCode::UNAUTHORIZED, [("hx-redirect", place)]).into_response()
            } else {
                (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
            };
        }
        // Script shows it as a notice over the page that is open, instead of in the place of what
        // was asked for.
        let notice = [
            ("hx-retarget", "#toasts"),
            ("hx-reswap", "beforeend"),
            ("hx-reselect", "#fault"),
        ];
        (self.status, notice, shell::bare(&self.title, &self.body())).into_response()
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let text = sentence(&error);
        let (status, title) = head(&error);
        let mut fault = Self::new(status, title, text);
        match error {
            Error::Invalid(problems) => fault.fields = of_fields(&problems),
            Error::FieldsNotWritable { fields } => {
                let locks = fields.into_iter();
                fault.fields = locks.map(|lock| (lock.field, lock.reason)).collect();
            }
            Error::Duplicate { fields, .. } => {
                let text = fault.text.clone();
                fault.fields = fields
                    .into_iter()
                    .map(|name| (name, text.clone()))
                    .collect();
            }
            Error::Internal(cause) => tracing::error!(error = %cause, "a page failed"),
            _ => {}
        }
        fault
    }
}

/// The status and the title of an error.
fn head(error: &Error) -> (StatusCode, &'static str) {
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
        Error::Busy | Error::InDoubt | Error::FilesUnreachable => {
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
fn sentence(error: &Error) -> String {
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
pub(crate) fn of_fields(problems: &[Problem]) -> Vec<(Name, String)> {
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

/// A page that is there, but takes no such request.
pub(crate) async fn wrong_method() -> Fault {
    Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This page takes no such request",
        "Open it from a link, or send the form that is on it.",
    )
}

/// A page whose making failed altogether.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer that calls it gives it away"
)]
pub(crate) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let cause = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(cause, "a page panicked");
    Fault::from(Error::internal("panic")).into_response()
}
