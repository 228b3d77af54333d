//! Messaging channels: how customers reach each, and the account with its carrier.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_messaging::{Account, NewAccount};
use headwater_records::login::Secret;
use headwater_records::{Cells, Table};
use maud::{Markup, html};

use super::controls::{Line, Trouble, control};
use super::{Change, ROWS, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::icons;
use crate::text::{encoded, literal};
use crate::toast::Notice;
use crate::value::ago;
use crate::visitor::Visitor;

const HERE: &str = "/setup/channels";

const FIELDS: &str = "Id, DeveloperName, MasterLabel, MessageType, MessagingPlatformKey, IsActive, \
                      LinkingPreference";

pub(super) async fn list(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let soql = format!("SELECT {FIELDS} FROM MessagingChannel ORDER BY MasterLabel ASC");
    let browsed = console.org.browse(&visitor.caller, &soql, None, ROWS * 10);
    let table = browsed.await?;
    let mut shown = Vec::new();
    for row in table.rows() {
        shown.push(channel(&console, &visitor, row).await?);
    }
    let main = html! {
        header .page-head {
            h1 { "Messaging channels" }
            @if visitor.customizes() {
                a .button href="/o/MessagingChannel/new" data-key="c" data-label="New channel" { (icons::PLUS) "New" }
            }
        }
        ul .apps { @for channel in &shown { li .sheet.app { (channel) } } }
    };
    framed(&console, visitor, HERE, "Messaging channels", &main).await
}

async fn channel(console: &Console, visitor: &Visitor, row: Cells<'_>) -> Result<Markup, Fault> {
    let Some(id) = row.id("Id") else {
        return Ok(html! {});
    };
    let (name, label) = (row.text("DeveloperName"), row.text("MasterLabel"));
    let is_active = row.get("IsActive") == &Value::Boolean(true);
    let is_web = row.text("MessageType") == "EmbeddedMessaging";
    let account = console.messaging.account(id).await?;
    let newest = newest_session(console, visitor, id).await?;
    let may_connect = !is_web && visitor.customizes();
    Ok(html! {
        div .app-head {
            h2 {
                (label) " "
                @if is_active { span .status.is-active { "Active" } } @else { span .status { "Switched off" } }
            }
            div .ways {
                @if visitor.customizes() {
                    a .button.quiet href={ "/r/MessagingChannel/" (id) "/edit" } { "Edit" span .unseen { " " (label) } }
                }
                @if may_connect {
                    a .button.quiet href={ (HERE) "/" (id) } {
                        @if account.is_some() { "Change the account" } @else { "Connect" }
                        span .unseen { " of " (label) }
                    }
                }
            }
        }
        dl .facts-list {
            div { dt { "Address" } dd { code { (row.text("MessagingPlatformKey")) } } }
            @if is_web {
                div { dt { "On your pages" } dd { code { (tag(console, name)) } } }
                div { dt { "To try it" } dd { a href={ "/chat/" (encoded(name)) } { "Open the chat" } } }
            } @else if let Some(account) = &account {
                div { dt { "Carrier" } dd { (account.carrier) " · " code { (account.key) } } }
                div { dt { "Webhook" } dd { code { (webhook(console, name)) } } }
            } @else {
                div { dt { "Carrier" } dd { "Not connected: nothing comes in, and nothing can be sent." } }
            }
            @if row.text("LinkingPreference") == "Contact" {
                div { dt { "Linking" } dd { "A new Messaging User is linked to the one contact with its number." } }
            }
            div { dt { "Newest session" } dd { @match newest.first().map(|row| row.get("StartTime")) {
                Some(Value::DateTime(at)) => { (ago(*at, &visitor.caller.zone)) }
                _ => { "None yet" }
            } } }
        }
    })
}

async fn newest_session(console: &Console, visitor: &Visitor, channel: Id) -> Result<Table, Fault> {
    let soql = format!(
        "SELECT StartTime FROM MessagingSession WHERE MessagingChannelId = {} \
         ORDER BY StartTime DESC",
        literal(channel.as_str())
    );
    Ok(console.org.browse(&visitor.caller, &soql, None, 1).await?)
}

/// Where this server is, as carriers and pages elsewhere reach it.
fn origin(console: &Console) -> &str {
    let configured = console.settings.public_url.as_deref();
    configured.unwrap_or("https://YOUR-HOST")
}

fn webhook(console: &Console, name: &str) -> String {
    format!("{}/channels/{}/twilio", origin(console), encoded(name))
}

fn tag(console: &Console, name: &str) -> String {
    format!(
        "<script src=\"{}/widget.js\" data-deployment=\"{}\" defer></script>",
        origin(console),
        encoded(name)
    )
}

pub(super) async fn ask(
    State(console): State<Console>,
    Path(id): Path<String>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    super::may(&visitor, SystemPermission::CustomizeApplication)?;
    let id = channel_id(&id)?;
    let account = console.messaging.account(id).await?;
    page(
        &console,
        visitor,
        id,
        account.as_ref(),
        None,
        &Trouble::default(),
    )
    .await
}

pub(super) async fn connect(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    super::may(&visitor, SystemPermission::CustomizeApplication)?;
    let id = channel_id(&id)?;
    let account = console.messaging.account(id).await?;
    let trouble = match wanted(&form, account.is_some()) {
        Ok(new) => {
            let connected = console.messaging.connect_channel(&visitor.caller, id, &new);
            connected.await?;
            return Ok(done(HERE, Notice::Saved));
        }
        Err(trouble) => trouble,
    };
    let page = page(
        &console,
        visitor,
        id,
        account.as_ref(),
        Some(&form),
        &trouble,
    )
    .await?;
    Ok(refused(page, StatusCode::UNPROCESSABLE_ENTITY))
}

/// The account that a form asks for.
fn wanted(form: &Form, is_connected: bool) -> Result<NewAccount, Trouble> {
    let key = form.filled("key").unwrap_or_default();
    if !key.starts_with("AC") || !key.chars().all(|one| one.is_ascii_alphanumeric()) {
        let text = "Account SID: Twilio's begin with AC, and have letters and digits alone.";
        return Err(Trouble::of_one("key", text));
    }
    let secret = form.filled("secret").map(Secret::new);
    if secret.is_none() && !is_connected {
        return Err(Trouble::of_one(
            "secret",
            "Auth token: enter the account's.",
        ));
    }
    let api_url = form.filled("api").map(str::to_owned);
    if let Some(url) = &api_url
        && !url.starts_with("https://")
        && !url.starts_with("http://127.0.0.1")
    {
        let text =
            "API address: it begins with https://, so that the token is not seen on its way.";
        return Err(Trouble::of_one("api", text));
    }
    Ok(NewAccount {
        carrier: "Twilio".to_owned(),
        key: key.to_owned(),
        api_url,
        secret,
    })
}

fn channel_id(id: &str) -> Result<Id, Fault> {
    id.parse().map_err(|_| Fault::no_page())
}

async fn page(
    console: &Console,
    visitor: Visitor,
    id: Id,
    account: Option<&Account>,
    form: Option<&Form>,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let soql = format!(
        "SELECT {FIELDS} FROM MessagingChannel WHERE Id = {}",
        literal(id.as_str())
    );
    let table = console.org.browse(&visitor.caller, &soql, None, 1).await?;
    let row = table.first().ok_or_else(Fault::no_page)?;
    let (name, label) = (row.text("DeveloperName"), row.text("MasterLabel"));
    let known = |field: &str, kept: Option<&str>| {
        let typed = form.and_then(|form| form.get(field));
        typed.or(kept).unwrap_or_default().to_owned()
    };
    let key = known("key", account.map(|account| account.key.as_str()));
    let api = known(
        "api",
        account.and_then(|account| account.api_url.as_deref()),
    );
    let hint = if account.is_some() {
        "Leave it empty to keep the one that is there. It is never shown."
    } else {
        "It signs what Twilio sends and opens its API. It is never shown again."
    };
    let main = html! {
        (crumbs(&[(HERE, "Messaging channels")]))
        header .page-head { h1 { "Connect " (label) " to Twilio" } }
        form .sheet.form.whole method="post" action={ (HERE) "/" (id) } {
            (visitor.token_field())
            (trouble.show())
            p .hint {
                "At Twilio, let incoming messages of " code { (row.text("MessagingPlatformKey")) }
                " call " code { (webhook(console, name)) "#rc=3&rp=5xx,ct,rt" }
                " by POST. What follows the # makes Twilio try again when this server was away."
            }
            @if console.settings.public_url.is_none() {
                p .source-note { "Set server.public_url, the address that Twilio reaches this server by: it is part of what Twilio signs, and without it nobody hears what became of messages." }
            }
            (Line { name: "key", label: "Account SID", value: &key, hint: "AC and 32 letters and digits.", required: true }.show(trouble))
            (control("secret", "Auth token", hint, account.is_none(), trouble, &html! {
                input #input-secret type="password" name="secret" autocomplete="off" required[account.is_none()];
            }))
            details open[!api.is_empty()] {
                summary { "Another API address" }
                (Line { name: "api", label: "API address", value: &api, hint: "Empty: https://api.twilio.com.", required: false }.show(trouble))
            }
            div .ways.foot {
                button .primary data-key="ctrl enter" { "Connect it" }
                a .button.quiet href=(HERE) { "Cancel" }
            }
        }
    };
    framed(console, visitor, HERE, label, &main).await
}
