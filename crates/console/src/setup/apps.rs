//! Connected apps: the programs that sign in.

use axum::extract::State;
use axum::response::Response;
use headwater_catalogue::{Kind, Value};
use headwater_records::{Cells, Draft, Precondition};
use maud::{Markup, html};

use super::{Change, ROWS, Viewer, done, framed};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::toast::Notice;
use crate::visitor::Visitor;

pub(super) const HERE: &str = "/setup/apps";

pub(super) async fn list(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let soql = "SELECT Id, Name, Description, ClientId, CallbackUrls, Scopes, RunAsUser.Name, IsActive \
                FROM ConnectedApplication ORDER BY Name ASC";
    let table = console
        .org
        .browse(&visitor.caller, soql, None, ROWS * 10)
        .await?;
    let main = html! {
        header .page-head {
            h1 { "Connected apps" }
            @if visitor.customizes() {
                a .button href={ (HERE) "/new" } data-key="c" data-label="New app" { (icons::PLUS) "New" }
            }
        }
        ul .apps {
            @for row in table.rows() { li .sheet.app { (app(&visitor, row)) } }
        }
    };
    framed(&console, visitor, HERE, "Connected apps", &main).await
}

fn app(visitor: &Visitor, row: Cells<'_>) -> Markup {
    let is_active = row.get("IsActive") == &Value::Boolean(true);
    let callbacks = row.text("CallbackUrls");
    let scopes = row.text("Scopes").replace(';', ", ");
    let run_as = row.text("RunAsUser.Name");
    html! {
        div .app-head {
            h2 {
                (row.text("Name")) " "
                @if is_active { span .status.is-active { "Active" } } @else { span .status { "Switched off" } }
            }
            @if let (true, Some(id)) = (visitor.customizes(), row.id("Id")) {
                div .ways {
                    a .button.quiet href={ "/r/ConnectedApplication/" (id) "/edit" } {
                        "Edit" span .unseen { " " (row.text("Name")) } }
                    form method="post" action={ (HERE) "/active" } {
                        (visitor.token_field())
                        input type="hidden" name="app" value=(id);
                        input type="hidden" name="active" value=(!is_active);
                        button .quiet {
                            @if is_active { "Switch off" } @else { "Switch on" }
                            span .unseen { " " (row.text("Name")) }
                        }
                    }
                }
            }
        }
        dl .facts-list {
            div { dt { "Client id" } dd { code { (row.text("ClientId")) } } }
            @if !callbacks.is_empty() { div { dt { "Callbacks" } dd .lines { (callbacks) } } }
            div { dt { "May ask for" } dd { (if scopes.is_empty() { "everything" } else { &scopes }) } }
            @if !run_as.is_empty() { div { dt { "Acts as" } dd { (run_as) } } }
        }
    }
}

/// Switches an app on or off.
pub(super) async fn set_active(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let draft = Draft::new().with("IsActive", form.get("active") == Some("true"));
    let (org, app) = (&console.org, form.get("app").unwrap_or_default());
    org.update(
        &visitor.caller,
        "ConnectedApplication",
        app,
        draft,
        Precondition::default(),
    )
    .await?;
    Ok(done(HERE, Notice::Saved))
}

/// The scopes that an app can be let have, each with what it means.
pub(super) fn scopes(visitor: &Visitor) -> Vec<(String, String)> {
    let apps = visitor
        .caller
        .rights
        .catalogue
        .object("ConnectedApplication");
    let scopes = apps.and_then(|object| object.field("Scopes"));
    match scopes.map(|field| &field.kind) {
        Some(Kind::MultiPicklist(list)) => {
            let choices = list.choices.iter();
            choices
                .map(|choice| (choice.value.to_string(), choice.label.to_string()))
                .collect()
        }
        _ => Vec::new(),
    }
}
