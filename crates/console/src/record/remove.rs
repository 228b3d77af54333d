//! Deleting a record: asked once, and said what goes with it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use headwater_catalogue::OnDelete;
use maud::{Markup, html};

use super::Record;
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Posted;
use crate::shell::Page;
use crate::toast::Notice;
use crate::visitor::Visitor;

pub(super) async fn ask(
    State(console): State<Console>,
    Path((object, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let record = Record::read(&console, &visitor.caller, &object, &id).await?;
    let main = html! {
        div #dialog-content .sheet.form {
            h1 #dialog-title { "Delete " (record.name()) "?" }
            p { (consequences(&visitor, &record)) }
            form method="post" action={ (record.url()) "/delete" } {
                (visitor.token_field())
                div .ways {
                    button .primary.danger autofocus { "Delete" }
                    a .button.quiet href=(record.url()) data-closes-dialog { "Keep it" }
                }
            }
        }
    };
    let title = format!("Delete {}", record.name());
    Page::new(visitor, title, main).show(&console).await
}

/// What else happens.
fn consequences(visitor: &Visitor, record: &Record) -> Markup {
    let incoming = visitor.caller.rights.catalogue.incoming(&record.object);
    let plural = |name: &str| {
        let object = visitor.caller.rights.catalogue.object(name)?;
        visitor
            .caller
            .rights
            .on(object)
            .read
            .then(|| object.plural.to_string())
    };
    let with = incoming
        .iter()
        .filter(|one| one.on_delete == OnDelete::Cascade && !one.inherited);
    let mut with: Vec<_> = with
        .filter(|one| one.children.is_some())
        .filter_map(|one| plural(&one.object))
        .collect();
    with.dedup();
    html! {
        "The " (record.object.label.to_lowercase())
        @if record.object.keeps_deleted() { " goes to the recycle bin." } @else { " is gone for good." }
        @if !with.is_empty() { " Its " (with.join(", ").to_lowercase()) " go with it." }
    }
}

pub(super) async fn delete(
    State(console): State<Console>,
    Path((object, id)): Path<(String, String)>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    console.org.delete(&visitor.caller, &object, &id).await?;
    let to = format!("/o/{object}");
    let known = visitor.caller.rights.catalogue.object(&object);
    let comes_back = known.is_some_and(|object| object.calls.undelete);
    let notice = match id.parse() {
        Ok(id) if comes_back => Notice::Recycled(id),
        _ => Notice::Deleted,
    };
    let notice = notice.cookie();
    if visitor.is_partial {
        let mut headers = HeaderMap::from_iter([(header::SET_COOKIE, notice)]);
        if let Ok(to) = to.parse() {
            headers.insert("hx-redirect", to);
        }
        return Ok((StatusCode::NO_CONTENT, headers).into_response());
    }
    Ok(([(header::SET_COOKIE, notice)], Redirect::to(&to)).into_response())
}
