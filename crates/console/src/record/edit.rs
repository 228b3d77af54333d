//! The form of a record: all of it, one field in its place, or a new one.
//!
//! A form carries the version it was made from and what each field held then. Only what somebody
//! changed is written. When the record was changed meanwhile, fields that only one side changed go
//! through; where both changed the same field, both values are shown and the choice is asked for.

mod control;
mod fields;
mod sent;

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use headwater_catalogue::{Field, Name, Object};
use headwater_records::{Caller, Error, Precondition};
use maud::html;

use super::{Known, Record, url};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted};
use crate::shell::Page;
use crate::toast::Notice;
use crate::visitor::Visitor;

use fields::Forms;
use sent::Sent;

/// How often a save goes through by itself when others change other fields meanwhile.
const TRIES_MAX: usize = 3;

/// Whether people make and edit records of an object in a form of their own. Rights are given in
/// Setup, not here.
pub(crate) fn has_form(object: &Object) -> bool {
    const IN_SETUP: [&str; 4] = [
        "ObjectPermissions",
        "FieldPermissions",
        "PermissionSetAssignment",
        "PageLayout",
    ];
    (object.calls.update || object.calls.create) && !IN_SETUP.contains(&&*object.name)
}

/// Whether people make records of an object in a form: a file is not typed in.
pub(crate) fn has_form_for_new(object: &Object) -> bool {
    let has_file = object.fields.iter().any(super::file::is_file);
    has_form(object) && !has_file
}

/// What a form shows beside its fields.
#[derive(Default)]
struct Trouble {
    /// What is wrong as a whole.
    summary: Option<String>,
    /// What is wrong with single fields.
    fields: Vec<(Name, String)>,
    /// Fields that somebody else has changed meanwhile: what they hold now.
    theirs: Vec<(Name, String)>,
    /// Texts of references that name several records: which.
    candidates: Vec<(Name, Vec<(String, String)>)>,
}

impl Trouble {
    fn of(error: Error) -> Self {
        let fault = Fault::from(error);
        Self {
            summary: Some(fault.text),
            fields: fault.fields,
            ..Self::default()
        }
    }

    fn with_field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, text)| text.as_str())
    }
}

/// The form of a record that is there, or of one field of it (`?field=`).
pub(super) async fn show(
    State(console): State<Console>,
    Path((object, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let query = Form::read(query.unwrap_or_default().as_bytes());
    let record = Record::read(&console, &visitor.caller, &object, &id).await?;
    let only = query.filled("field").map(str::to_owned);
    let sent = Sent::default();
    let trouble = Trouble::default();
    edit_page(&console, visitor, &record, only.as_deref(), &sent, &trouble).await
}

/// A form came back.
pub(super) async fn save(
    State(console): State<Console>,
    Path((object, id)): Path<(String, String)>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let only = form.filled("only").map(str::to_owned);
    let back = form
        .filled("from")
        .filter(|from| from.starts_with("/r/"))
        .map(str::to_owned);
    let mut tries = 0;
    loop {
        let record = Record::read(&console, &visitor.caller, &object, &id).await?;
        let sent = Sent::read(&console, &visitor.caller, &record.object, &form).await?;
        let mut trouble = sent.trouble(&visitor, Some(&record));
        if trouble.fields.is_empty() && trouble.theirs.is_empty() {
            if sent.draft.fields.is_empty() {
                return Ok(done(
                    &back.unwrap_or_else(|| record.url()),
                    Notice::Unchanged,
                ));
            }
            let when = Precondition {
                match_version: record.cells().get("SystemModstamp").as_datetime(),
                ..Precondition::default()
            };
            let written = console
                .org
                .update(&visitor.caller, &object, &id, sent.draft.clone(), when)
                .await;
            trouble = match written {
                Ok(_) => return Ok(done(&back.unwrap_or_else(|| record.url()), Notice::Saved)),
                Err(Error::Changed { .. }) if tries < TRIES_MAX => {
                    tries += 1;
                    continue;
                }
                Err(error @ (Error::Internal(_) | Error::NotFound(_))) => return Err(error.into()),
                Err(error) => Trouble::of(error),
            };
        } else if !trouble.theirs.is_empty() {
            trouble.summary = Some(
                "Somebody else has changed the same while you edited it. Choose for each field."
                    .to_owned(),
            );
        }
        let mut response =
            edit_page(&console, visitor, &record, only.as_deref(), &sent, &trouble).await?;
        refused(&mut response, only.as_deref());
        return Ok(response);
    }
}

/// The form of a record to be made; the query gives fields their first values.
pub(super) async fn show_new(
    State(console): State<Console>,
    Path(object): Path<String>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let object = creatable(&visitor.caller, &object)?;
    let sent = Sent::read(&console, &visitor.caller, &object, &form).await?;
    new_page(&console, visitor, &object, &sent, &Trouble::default()).await
}

/// The form of a new record came back.
pub(super) async fn make(
    State(console): State<Console>,
    Path(object): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let object = creatable(&visitor.caller, &object)?;
    let sent = Sent::read(&console, &visitor.caller, &object, &form).await?;
    let mut trouble = sent.trouble(&visitor, None);
    if trouble.fields.is_empty() {
        let made = console
            .org
            .create(&visitor.caller, &object.name, sent.draft.clone())
            .await;
        trouble = match made {
            Ok(id) => return Ok(done(&url(&object.name, id), Notice::Made)),
            Err(error @ Error::Internal(_)) => return Err(error.into()),
            Err(error) => Trouble::of(error),
        };
    }
    let mut response = new_page(&console, visitor, &object, &sent, &trouble).await?;
    refused(&mut response, None);
    Ok(response)
}

fn creatable(caller: &Caller, name: &str) -> Result<Arc<Object>, Error> {
    let object = caller.rights.catalogue.object(name);
    let object = object.filter(|object| caller.rights.on(object).read);
    let object = object.ok_or_else(|| Error::UnknownObject(name.to_owned()))?;
    if caller.rights.on(object).create && object.calls.create {
        return Ok(Arc::clone(object));
    }
    Err(Error::NotAllowed {
        verb: headwater_records::Verb::Create,
        object: object.name.clone(),
        record: None,
    })
}

fn done(to: &str, notice: Notice) -> Response {
    ([(header::SET_COOKIE, notice.cookie())], Redirect::to(to)).into_response()
}

/// Marks an answer as a refusal, and tells script to put it where the form was.
fn refused(response: &mut Response, only: Option<&str>) {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    let headers = response.headers_mut();
    let field = only.and_then(|field| format!("#field-{field}").parse().ok());
    if let Some(target) = field {
        headers.insert("hx-retarget", target);
        headers.insert(
            "hx-reselect",
            header::HeaderValue::from_static("form.inline"),
        );
        headers.insert("hx-reswap", header::HeaderValue::from_static("innerHTML"));
    }
}

async fn edit_page(
    console: &Console,
    visitor: Visitor,
    record: &Record,
    only: Option<&str>,
    sent: &Sent,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let known = Known::of(console, &visitor.caller, record).await?;
    let version = record.cells().get("SystemModstamp").as_datetime();
    let frame = html! {
        (visitor.token_field())
        @if let Some(version) = version { input type="hidden" name="version" value=(version.as_microsecond()); }
        input type="hidden" name="from" value=(visitor.page_or(&record.url()));
    };
    let forms = Forms {
        visitor: &visitor,
        object: &record.object,
        record: Some(record),
        sent,
        trouble,
    };
    let main = if let Some(name) = only {
        let field = record.object.field(name).ok_or_else(Fault::no_page)?;
        html! {
            header .page-head { h1 { "Edit " (record.name()) } }
            form .inline.form method="post" action={ (record.url()) "/edit" }
                hx-post={ (record.url()) "/edit" } hx-target="#main" hx-select="#main" hx-swap="morph:outerHTML"
                data-draft={ (record.object.name) "/" (record.id) "/" (field.name) } {
                (frame)
                input type="hidden" name="only" value=(field.name);
                (forms.summary())
                @if let Some(lock) = known.explanation(&field.name).and_then(|one| one.lock.as_ref()) {
                    p .problem { (lock.reason) }
                } @else {
                    (forms.field(field, true, true))
                }
                div .ways {
                    button .primary { "Save" }
                    a .button.quiet href=(record.url()) data-cancels { "Cancel" }
                }
            }
        }
    } else {
        let layout = console
            .org
            .layout(&visitor.caller, &record.object.name)
            .await?;
        let editable = |field: &Field| {
            known
                .explanation(&field.name)
                .is_some_and(|one| one.editable)
        };
        html! {
            header .page-head {
                div { p .kind { (record.object.label) } h1 { "Edit " (record.name()) } }
            }
            form .sheet.form.whole method="post" action={ (record.url()) "/edit" }
                data-draft={ (record.object.name) "/" (record.id) } {
                (frame)
                (forms.summary())
                (forms.sections(&layout, &editable))
                div .ways.foot {
                    button .primary data-key="ctrl enter" { "Save" }
                    a .button.quiet href=(visitor.page_or(&record.url())) { "Cancel" }
                }
            }
        }
    };
    let title = format!("Edit {}", record.name());
    let under = format!("/o/{}", record.object.name);
    Page::new(visitor.clone(), title, main)
        .under(under)
        .show(console)
        .await
}

async fn new_page(
    console: &Console,
    visitor: Visitor,
    object: &Arc<Object>,
    sent: &Sent,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let layout = console.org.layout(&visitor.caller, &object.name).await?;
    let described = console.org.describe(&visitor.caller, &object.name)?;
    let creates: Vec<&str> = described
        .fields
        .iter()
        .filter(|view| view.createable)
        .map(|view| &*object.fields[view.place].name)
        .collect();
    let createable = |field: &Field| creates.contains(&&*field.name);
    let forms = Forms {
        visitor: &visitor,
        object,
        record: None,
        sent,
        trouble,
    };
    let layout = forms.with_required(layout, &createable);
    let main = html! {
        header .page-head { div { p .kind { (object.label) } h1 { "New " (object.label.to_lowercase()) } } }
        form .sheet.form.whole method="post" action={ "/o/" (object.name) "/new" }
            data-draft={ (object.name) "/new" } {
            (visitor.token_field())
            (forms.summary())
            (forms.sections(&layout, &createable))
            div .ways.foot {
                button .primary data-key="ctrl enter" { "Save" }
                a .button.quiet href={ "/o/" (object.name) } { "Cancel" }
            }
        }
    };
    let title = format!("New {}", object.label);
    let under = format!("/o/{}", object.name);
    Page::new(visitor.clone(), title, main)
        .under(under)
        .show(console)
        .await
}

impl Visitor {
    /// The page that the visitor is on, when it is that of a record; else this one.
    fn page_or<'v>(&'v self, usual: &'v str) -> &'v str {
        self.page
            .as_deref()
            .filter(|page| page.starts_with("/r/"))
            .unwrap_or(usual)
    }
}
