//! One field: what it is, where its value comes from, and who reads and edits it.

use axum::extract::{Path, State};
use axum::response::Response;
use headwater_catalogue::{DefaultValue, Field, Kind, Object, Value};
use headwater_records::Table;
use headwater_records::explain::Lock;
use maud::{Markup, html};

use super::kinds::{origin, words};
use super::objects::{HERE, edited, known_object, object_url};
use super::permission_sets::HERE as SETS;
use super::{Viewer, crumbs, framed};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::text::{label, literal};
use crate::visitor::Visitor;

/// Most permission sets that are listed.
const SETS_MAX: u64 = 500;

pub(super) async fn show(
    State(console): State<Console>,
    Path((object, field)): Path<(String, String)>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let object = known_object(&visitor, &object)?;
    let field = object
        .field(&field)
        .filter(|field| !field.internal)
        .ok_or_else(Fault::no_page)?;
    let name = label(&visitor.caller.rights.catalogue, &object, field);
    let mut locks = super::field_matrix::fixed(&console, &visitor, &object).await?;
    let lock = locks.remove(&*field.name);
    let main = html! {
        (crumbs(&[(HERE, "Objects"), (&object_url(&object.name), &object.label)]))
        header .page-head {
            div {
                p .kind { code { (object.name) "." (field.name) } @if field.custom { span .tag { "custom" } } }
                h1 { (name) }
            }
        }
        @if let Some(lock) = &lock { (source(lock)) }
        section .sheet.setup-part aria-label="About" { (facts(&visitor, &object, field)) }
        (choices(field))
        (who(&console, &visitor, &object, field).await?)
    };
    framed(&console, visitor, HERE, &name, &main).await
}

/// Why nobody edits it here, and where they do.
fn source(lock: &Lock) -> Markup {
    html! {
        div .source-note {
            (icons::STREAM)
            div {
                p { (lock.reason) }
                @if let Some(at) = &lock.edit_at {
                    p { a href=(super::objects::field_url(&at.object, &at.field)) { "Open " (at.object) "." (at.field) } }
                }
            }
        }
    }
}

fn facts(visitor: &Visitor, object: &Object, field: &Field) -> Markup {
    let catalogue = &visitor.caller.rights.catalogue;
    let from = origin(catalogue, object, field);
    let marks = [
        (field.must_be_given(), "must be given"),
        (field.unique, "unique"),
        (field.external_id, "external id"),
        (field.tracked, "its changes are kept"),
        (field.filterable, "filtered by"),
        (field.sortable, "sorted by"),
    ];
    let marks: Vec<_> = marks
        .iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, words)| *words)
        .collect();
    html! {
        dl .facts-list {
            div { dt { "Kind" } dd { (words(catalogue, &field.kind)) } }
            div { dt { "Edited" } dd { (edited(object, field)) } }
            @if !from.0.is_empty() { div { dt { "Value" } dd { (from) } } }
            @if let Some(default) = &field.default { div { dt { "Default" } dd { (default_words(default)) } } }
            @if !marks.is_empty() { div { dt { "It is" } dd { (marks.join(", ")) } } }
            @if let Some(help) = &field.help { div { dt { "Help" } dd { (help) } } }
        }
    }
}

fn default_words(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Boolean(on) => if *on { "ticked" } else { "not ticked" }.to_owned(),
        DefaultValue::Text(text) => text.to_string(),
        DefaultValue::Integer(number) => number.to_string(),
        DefaultValue::Now => "the moment it is made".to_owned(),
        DefaultValue::Caller => "whoever makes it".to_owned(),
    }
}

fn choices(field: &Field) -> Markup {
    let (Kind::Picklist(list) | Kind::MultiPicklist(list) | Kind::Combobox(list)) = &field.kind
    else {
        return html! {};
    };
    html! {
        @if !list.choices.is_empty() {
            details .sheet.setup-part {
                summary { h2 { "Values (" (list.choices.len()) ")" } }
                ul .people { @for choice in list.choices.iter() { li { (choice.label) @if choice.label != choice.value { " " code .soft { (choice.value) } } } } }
            }
        }
    }
}

/// Which profiles and permission sets let people read and edit it.
async fn who(
    console: &Console,
    visitor: &Visitor,
    object: &Object,
    field: &Field,
) -> Result<Markup, Fault> {
    if !field.permissionable {
        return Ok(html! {
            section .sheet.setup-part {
                h2 { "Who" }
                p .soft { "Whoever sees the record sees this field; it is not granted by itself." }
            }
        });
    }
    let soql = format!(
        "SELECT ParentId, Parent.Label, Parent.ProfileId, Parent.Profile.Name, PermissionsRead, PermissionsEdit \
         FROM FieldPermissions WHERE Field = {} ORDER BY Parent.Label ASC",
        literal(&format!("{}.{}", object.name, field.name))
    );
    let table = console
        .org
        .browse(&visitor.caller, &soql, None, SETS_MAX)
        .await?;
    Ok(html! {
        section .setup-part aria-labelledby="who" {
            h2 #who { "Who reads and edits it" }
            @if table.is_empty() { p .none { "No profile and no permission set grants it yet." } }
            @else { (sets(object, field, &table)) }
            p .hint { "Another one lets people read it from its own field matrix: open it under " a href=(SETS) { "Permissions" } "." }
        }
    })
}

fn sets(object: &Object, field: &Field, table: &Table) -> Markup {
    let mark = |value: &Value| value == &Value::Boolean(true);
    html! {
        div .list-frame {
            table .matrix {
                caption .unseen { "Profiles and permission sets that grant it" }
                thead { tr { th scope="col" { "Profile or permission set" } th scope="col" { "Read" } th scope="col" { "Edit" } } }
                tbody {
                    @for row in table.rows() {
                        @if let Some(set) = row.id("ParentId") {
                            @let is_profile = row.id("Parent.ProfileId").is_some();
                            tr {
                                th scope="row" {
                                    a href={ (SETS) "/" (set) "/" (object.name) "#f-" (field.name) } {
                                        (row.text(if is_profile { "Parent.Profile.Name" } else { "Parent.Label" }))
                                    }
                                    " " span .soft.small { (if is_profile { "profile" } else { "permission set" }) }
                                }
                                @for column in ["PermissionsRead", "PermissionsEdit"] {
                                    td { @if mark(row.get(column)) { span .yes { "Yes" } } @else { span .no { "No" } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
