//! The controls of Setup's forms, and what is wrong with them.

use axum::http::StatusCode;
use headwater_catalogue::Name;
use headwater_records::Error;
use maud::{Markup, html};

use crate::fault::Fault;

/// What is wrong with a form: as a whole, and with its single fields.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    pub(super) summary: Option<String>,
    pub(super) fields: Vec<(Name, String)>,
}

impl Trouble {
    pub(super) fn of_one(field: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            summary: Some(text.clone()),
            fields: vec![(field.to_owned().into(), text)],
        }
    }

    /// What a verb has refused a form for; the error again when it is not about the form.
    pub(super) fn of(error: Error) -> Result<Self, Fault> {
        let fault = Fault::from(error);
        let is_about_form = matches!(
            fault.status,
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT
        );
        if !is_about_form {
            return Err(fault);
        }
        Ok(Self {
            summary: Some(fault.text),
            fields: fault.fields,
        })
    }

    pub(super) fn is_none(&self) -> bool {
        self.summary.is_none()
    }

    /// What is wrong with one field.
    pub(super) fn with(&self, field: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|(name, _)| name == field)
            .map(|(_, text)| text.as_str())
    }

    pub(super) fn show(&self) -> Markup {
        html! {
            @if let Some(summary) = &self.summary {
                div .summary.problem role="alert" tabindex="-1" {
                    p { strong { (summary) } }
                    @if self.fields.len() > 1 {
                        ul { @for (name, text) in &self.fields {
                            li { a href={ "#input-" (name) } { (text) } }
                        } }
                    }
                }
            }
        }
    }
}

/// A labelled line of text in a form, with what it is for and what is wrong with it.
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) value: &'a str,
    pub(super) hint: &'a str,
    pub(super) required: bool,
}

impl Line<'_> {
    pub(super) fn show(&self, trouble: &Trouble) -> Markup {
        let id = format!("input-{}", self.name);
        html! {
            (control(self.name, self.label, self.hint, self.required, trouble, &html! {
                input id=(id) type="text" name=(self.name) value=(self.value) autocomplete="off"
                    required[self.required] aria-invalid=[trouble.with(self.name).map(|_| "true")]
                    aria-describedby=[described(self.name, self.hint, trouble)];
            }))
        }
    }

    pub(super) fn show_long(&self, rows: u8, trouble: &Trouble) -> Markup {
        let id = format!("input-{}", self.name);
        html! {
            (control(self.name, self.label, self.hint, self.required, trouble, &html! {
                textarea id=(id) name=(self.name) rows=(rows) required[self.required]
                    aria-invalid=[trouble.with(self.name).map(|_| "true")]
                    aria-describedby=[described(self.name, self.hint, trouble)] { "\n" (self.value) }
            }))
        }
    }
}

pub(super) fn described(name: &str, hint: &str, trouble: &Trouble) -> Option<String> {
    let hint = (!hint.is_empty()).then(|| format!("input-{name}-hint"));
    let problem = trouble.with(name).map(|_| format!("input-{name}-problem"));
    let all: Vec<_> = hint.into_iter().chain(problem).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// A control with its label around it.
pub(super) fn control(
    name: &str,
    label: &str,
    hint: &str,
    required: bool,
    trouble: &Trouble,
    input: &Markup,
) -> Markup {
    let id = format!("input-{name}");
    html! {
        div .control {
            label for=(id) { (label) @if required { span .required aria-hidden="true" { " *" } } }
            (input)
            @if !hint.is_empty() { p .hint id={ (id) "-hint" } { (hint) } }
            @if let Some(text) = trouble.with(name) { p .problem id={ (id) "-problem" } { (text) } }
        }
    }
}

/// A drop-down list; each choice by value and label.
pub(super) fn select(
    name: &str,
    label: &str,
    hint: &str,
    now: &str,
    choices: &[(String, String)],
    trouble: &Trouble,
) -> Markup {
    let id = format!("input-{name}");
    control(
        name,
        label,
        hint,
        false,
        trouble,
        &html! {
            select id=(id) name=(name) aria-invalid=[trouble.with(name).map(|_| "true")]
                aria-describedby=[described(name, hint, trouble)] {
                @for (value, words) in choices {
                    option value=(value) selected[value == now] { (words) }
                }
            }
        },
    )
}

/// A checkbox with its label.
pub(super) fn tick(name: &str, value: &str, label: &str, checked: bool) -> Markup {
    html! {
        label .tick { input type="checkbox" name=(name) value=(value) checked[checked]; span { (label) } }
    }
}
