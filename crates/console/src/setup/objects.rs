//! The object manager: every object, and the fields of one.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use headwater_catalogue::{Access, Field, Object};
use headwater_records::Error;
use maud::{Markup, html};

use super::kinds::{origin, words};
use super::{Viewer, crumbs, framed};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::text::{counted, label};
use crate::visitor::Visitor;

pub(super) const HERE: &str = "/setup/objects";

/// Every object there is, but those for the server's own code, by label.
pub(super) fn every_object(visitor: &Visitor) -> Vec<&Arc<Object>> {
    let objects = visitor.caller.rights.catalogue.objects().iter();
    let mut objects: Vec<_> = objects
        .filter(|object| object.access != Access::Internal)
        .collect();
    objects.sort_by_key(|object| object.label.to_lowercase());
    objects
}

/// An object by name, as the object manager knows it.
pub(super) fn known_object(visitor: &Visitor, name: &str) -> Result<Arc<Object>, Error> {
    let object = visitor.caller.rights.catalogue.object(name);
    let object = object.filter(|object| object.access != Access::Internal);
    object
        .map(Arc::clone)
        .ok_or_else(|| Error::UnknownObject(name.to_owned()))
}

/// The address of an object's page.
pub(super) fn object_url(object: &str) -> String {
    format!("{HERE}/{object}")
}

/// The address of a field's page.
pub(super) fn field_url(object: &str, field: &str) -> String {
    format!("{HERE}/{object}/fields/{field}")
}

pub(super) async fn list(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let main = html! {
        header .page-head {
            h1 { "Objects" }
            @if visitor.customizes() {
                a .button href={ (HERE) "/new" } data-key="c" data-label="New object" { (icons::PLUS) "New object" }
            }
        }
        div .list-frame {
            table .list data-list {
                caption .unseen { "Objects" }
                thead { tr {
                    th scope="col" { "Label" } th scope="col" { "API name" } th scope="col" { "Rights" }
                    th scope="col" { "Fields" }
                } }
                tbody { @for object in every_object(&visitor) { (row(object)) } }
            }
        }
    };
    framed(&console, visitor, HERE, "Objects", &main).await
}

fn row(object: &Object) -> Markup {
    let url = object_url(&object.name);
    let fields = object.fields.iter().filter(|field| !field.internal);
    let (custom, own): (Vec<_>, Vec<_>) = fields.partition(|field| field.custom);
    html! {
        tr data-href=(url) {
            th scope="row" {
                a .row-link href=(url) { (object.label) }
                @if object.custom { " " span .tag { "custom" } }
            }
            td data-label="API name" { code { (object.name) } }
            td data-label="Rights" { span { (rights(object)) } }
            td data-label="Fields" { span {
                (counted((own.len() + custom.len()) as u64, "field", "fields"))
                @if !custom.is_empty() { span .soft { ", " (custom.len()) " custom" } }
            } }
        }
    }
}

/// Who decides over an object's records, in a few words.
fn rights(object: &Object) -> String {
    match &object.access {
        Access::Granted => "Granted by permission sets".to_owned(),
        Access::Follows(other) => format!("Follow {other}"),
        Access::SetUp(permission) => {
            format!(
                "Written with {}",
                crate::text::in_words(permission.field().trim_start_matches("Permissions"))
            )
        }
        Access::SeenWith(permission) => {
            format!(
                "Seen with {}",
                crate::text::in_words(permission.field().trim_start_matches("Permissions"))
            )
        }
        Access::Internal => String::new(),
    }
}

pub(super) async fn show(
    State(console): State<Console>,
    Path(object): Path<String>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let object = known_object(&visitor, &object)?;
    let url = object_url(&object.name);
    let takes_fields = visitor.customizes();
    let main = html! {
        (crumbs(&[(HERE, "Objects")]))
        header .page-head {
            div {
                p .kind { (icons::of_object(&object.name)) code { (object.name) } @if object.custom { span .tag { "custom" } } }
                h1 { (object.label) }
            }
            div .ways.at-end {
                a .button.quiet href={ "/o/" (object.name) } { "Open records" }
                a .button.quiet href={ (url) "/layout" } { "Page layout" }
                @if takes_fields {
                    a .button href={ (url) "/new-field" } data-key="c" data-label="New field" { (icons::PLUS) "New field" }
                }
            }
        }
        div .list-frame {
            table .list.of-fields data-list {
                caption .unseen { "Fields of " (object.plural) }
                thead { tr {
                    th scope="col" { "Field" } th scope="col" { "Kind" } th scope="col" { "Edited" } th scope="col" { "Where it comes from" } th scope="col" { "History" }
                } }
                tbody {
                    @for field in object.fields.iter().filter(|field| !field.internal) {
                        (field_row(&visitor, &object, field))
                    }
                }
            }
        }
    };
    let title = object.label.to_string();
    framed(&console, visitor, HERE, &title, &main).await
}

fn field_row(visitor: &Visitor, object: &Object, field: &Field) -> Markup {
    let catalogue = &visitor.caller.rights.catalogue;
    let url = field_url(&object.name, &field.name);
    html! {
        tr data-href=(url) {
            th scope="row" {
                a .row-link href=(url) { (label(catalogue, object, field)) }
                @if field.custom { " " span .tag { "custom" } }
                br; code .soft { (field.name) }
            }
            td data-label="Kind" { span { (words(catalogue, &field.kind)) } }
            td data-label="Edited" { span { (edited(object, field)) } }
            td data-label="Where it comes from" { span { (origin(catalogue, object, field)) } }
            td data-label="History" { span { @if field.tracked { "Tracked" } } }
        }
    }
}

/// When a field is written, in a few words.
pub(super) fn edited(object: &Object, field: &Field) -> &'static str {
    let takes_update = object.calls.update && field.updateable;
    let takes_create = object.calls.create && field.createable;
    match (takes_create, takes_update) {
        (_, true) => "Yes",
        (true, false) => "Once, when it is made",
        (false, false) => "No",
    }
}
