//! The head of a record's page: what it is, what it is called, what can be done with it.

use headwater_catalogue::Value;
use maud::{Markup, html};

use super::{Known, MESSAGING_USER, Record, SESSION, desk, erase, file};
use crate::lists::rows::status;
use crate::record::edit::has_form;
use crate::record::lock::change_links;
use crate::text::label;
use crate::value::ago;
use crate::visitor::Visitor;
use crate::{fields, icons};

/// The steps of a session that has gone well, in order.
const STEPS: [&str; 4] = ["New", "Waiting", "Active", "Ended"];

pub(super) fn show(visitor: &Visitor, record: &Record, known: &Known) -> Markup {
    let object = &record.object;
    let rights = visitor.caller.rights.on(object);
    let is_session = &*object.name == SESSION;
    let may_edit = object.calls.update && rights.edit && has_form(object);
    let may_delete = object.calls.delete && rights.delete;
    html! {
        header .highlights {
            div .what {
                p .kind {
                    (icons::of_object(&object.name))
                    a href={ "/o/" (object.name) } { (object.label) }
                    @if is_session { " " (record.cells().text("Name")) }
                }
                h1 { (record.name()) }
            }
            div .actions {
                @if &*object.name == MESSAGING_USER && editable(known, "AccountId") {
                    (change_links(record.id.as_str(), &record.url(), true))
                }
                @if is_session { (desk::actions(visitor, record)) }
                (file::buttons(visitor, record))
                @if may_edit {
                    a .button href={ (record.url()) "/edit" } data-key="e" data-label="Edit this record" { "Edit" }
                }
                @if may_delete {
                    a .button.quiet href={ (record.url()) "/delete" } data-opens-dialog
                        hx-get={ (record.url()) "/delete" } hx-select="#dialog-content"
                        hx-target="#dialog-content" hx-swap="outerHTML" { "Delete…" }
                }
                (erase::link(visitor, record))
            }
            @if is_session { (path(record)) }
            (facts(visitor, record))
        }
    }
}

fn editable(known: &Known, field: &str) -> bool {
    known.explanation(field).is_some_and(|one| one.editable)
}

/// How far a session has come.
fn path(record: &Record) -> Markup {
    let now = record.cells().text("Status");
    let reached = STEPS.iter().position(|step| *step == now);
    html! {
        ol .path aria-label="Status" {
            @for (place, step) in STEPS.iter().enumerate() {
                @let is_now = reached == Some(place);
                @let is_past = reached.is_some_and(|reached| place < reached);
                li .past[is_past] aria-current=[is_now.then_some("step")] { span { (step) } }
            }
            @if reached.is_none() { li aria-current="step" { span { (now) } } }
        }
    }
}

/// The few facts that one looks for first.
fn facts(visitor: &Visitor, record: &Record) -> Markup {
    let names: &[&str] = match &*record.object.name {
        SESSION => &["ChannelName", "OwnerId", "StartTime", "EndTime"],
        MESSAGING_USER => &[
            "MessageType",
            "MessagingPlatformKey",
            "AccountId",
            "ContactId",
        ],
        "Account" => &["Type", "Industry", "Phone", "OwnerId"],
        "Contact" => &["AccountId", "Title", "Phone", "Email"],
        "Case" => &["Subject", "Status", "Priority", "OwnerId"],
        "Lead" => &["Company", "Status", "Email", "OwnerId"],
        "Opportunity" => &["AccountId", "StageName", "Amount", "CloseDate"],
        "Relink" => &[
            "Rule",
            "MessagingEndUserCount",
            "SessionsAffected",
            "CreatedById",
        ],
        _ => &[],
    };
    let rights = visitor.caller.rights.on(&record.object);
    let shown = names.iter().filter_map(|name| {
        let place = record
            .object
            .position(name)
            .filter(|place| rights.reads(*place))?;
        Some(&record.object.fields[place])
    });
    let shown: Vec<_> = shown
        .filter(|field| !record.cells().get(&field.name).is_null())
        .collect();
    html! {
        @if !shown.is_empty() {
            dl .facts {
                @for field in shown {
                    div {
                        dt { (label(&visitor.caller.rights.catalogue, &record.object, field)) }
                        dd data-value {
                            @match (&*field.name, record.cells().get(&field.name)) {
                                ("Status", Value::Text(text)) => (status(text)),
                                (_, Value::DateTime(at)) => (ago(*at, &visitor.caller.zone)),
                                _ => (fields::cell(&visitor.caller, field, record.cells())),
                            }
                        }
                    }
                }
            }
        }
    }
}
