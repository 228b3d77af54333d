//! A new connected app. Its secret is shown once, on the page that answers, and never again.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::SystemPermission;
use headwater_records::login::{AddedApp, NewApp, Scopes};
use headwater_records::{Error, LoginError};
use maud::html;

use super::apps::{HERE, scopes};
use super::controls::{Line, Trouble, tick};
use super::{Change, Viewer, crumbs, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::visitor::Visitor;

pub(super) async fn ask(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    super::may(&visitor, SystemPermission::CustomizeApplication)?;
    page(&console, visitor, &Form::default(), &Trouble::default()).await
}

pub(super) async fn make(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let lines = form
        .get("callbacks")
        .unwrap_or_default()
        .lines()
        .map(str::trim);
    let chosen: Vec<_> = form.all("scope").collect();
    let new = NewApp {
        name: form.filled("name").unwrap_or_default().to_owned(),
        with_secret: form.get("client") != Some("public"),
        callbacks: lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
        scopes: Scopes::parse(&chosen.join(" ")),
        allows_password: form.get("password") == Some("true"),
        needs_approval: form.get("approval") == Some("true"),
        rotates_refresh: form.get("rotates") == Some("true"),
        certificate: form.filled("certificate").map(str::to_owned),
        ..NewApp::default()
    };
    let name = new.name.clone();
    let trouble = match console.org.add_app(&visitor.caller, new).await {
        Ok(added) => return made(&console, visitor, &name, &added).await,
        Err(LoginError::BadApp(text)) => Trouble {
            summary: Some(sentence(&text)),
            fields: Vec::new(),
        },
        Err(LoginError::Records(error)) => Trouble::of(error)?,
        Err(LoginError::Busy) => return Err(Error::Busy.into()),
        Err(error) => return Err(Error::internal(error).into()),
    };
    let response = page(&console, visitor, &form, &trouble).await?;
    Ok(refused(response, StatusCode::UNPROCESSABLE_ENTITY))
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    let text: String = first.into_iter().flatten().chain(characters).collect();
    format!("{}.", text.trim_end_matches('.'))
}

async fn made(
    console: &Console,
    visitor: Visitor,
    name: &str,
    added: &AddedApp,
) -> Result<Response, Fault> {
    let main = html! {
        (crumbs(&[(HERE, "Connected apps")]))
        header .page-head { h1 { (name) " is connected" } }
        section .sheet.setup-part {
            dl .facts-list {
                div { dt { "Client id" } dd { code .secret { (added.client_id) } } }
                @if let Some(secret) = &added.secret {
                    div { dt { "Client secret" } dd { code .secret { (secret.expose()) } } }
                }
            }
            @if added.secret.is_some() {
                p .source-note { "Keep the secret now: it is shown this once. What is kept here is only enough to check it." }
            } @else {
                p .hint { "It has no secret; each login is proved by a code challenge." }
            }
            div .ways { a .button.primary href=(HERE) { "I have kept it" } }
        }
    };
    framed(console, visitor, HERE, name, &main).await
}

async fn page(
    console: &Console,
    visitor: Visitor,
    form: &Form,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let value = |name: &str| form.get(name).unwrap_or_default();
    let is_public = form.get("client") == Some("public");
    let chosen: Vec<_> = form.all("scope").collect();
    let main = html! {
        (crumbs(&[(HERE, "Connected apps")]))
        header .page-head { h1 { "New connected app" } }
        form .sheet.form.whole method="post" action={ (HERE) "/new" } {
            (visitor.token_field())
            (trouble.show())
            (Line { name: "name", label: "Name", value: value("name"), hint: "", required: true }.show(trouble))
            (Line {
                name: "callbacks", label: "Callback addresses", value: value("callbacks"),
                hint: "Where codes and tokens may be sent, one per line. Only HTTPS, or this machine itself.", required: false,
            }.show_long(3, trouble))
            fieldset .choices {
                legend { "How it proves itself" }
                label { input type="radio" name="client" value="secret" checked[!is_public];
                    span { "By a secret that it keeps on a server" } }
                label { input type="radio" name="client" value="public" checked[is_public];
                    span { "By nothing: it runs on people's machines, and proves each login by a code challenge" } }
            }
            details open[!value("certificate").is_empty()] {
                summary { "By a certificate as well" }
                (Line {
                    name: "certificate", label: "Public key or certificate (PEM)", value: value("certificate"),
                    hint: "For logins by signed assertions (JWT bearer).", required: false,
                }.show_long(5, trouble))
            }
            fieldset .choices {
                legend { "How people use it" }
                (tick("password", "true", "It may send their passwords", form.get("password") == Some("true")))
                (tick("approval", "true", "They must let it in once before it signs them in by itself", form.get("approval") == Some("true")))
                (tick("rotates", "true", "Each use of a refresh token gives a new one", form.get("rotates") == Some("true")))
            }
            fieldset {
                legend { "What it may ask for" }
                p .hint { "Nothing ticked means everything." }
                div .permissions {
                    @for (scope, words) in scopes(&visitor) {
                        (tick("scope", &scope, &format!("{words} ({scope})"), chosen.contains(&scope.as_str())))
                    }
                }
            }
            div .ways.foot {
                button .primary data-key="ctrl enter" { "Connect it" }
                a .button.quiet href=(HERE) { "Cancel" }
            }
        }
    };
    framed(console, visitor, HERE, "New connected app", &main).await
}
