//! What is shown when something cannot be: every error with what was wrong and what to do.

mod words;

use std::any::Any;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use headwater_catalogue::Name;
use headwater_records::Error;
use maud::{Markup, html};

use crate::console::Console;
use crate::shell;
use crate::text::encoded;
use words::{head, of_fields, sentence};

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
