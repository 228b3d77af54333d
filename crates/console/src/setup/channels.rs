//! Messaging channels: how customers reach each, the account with its carrier, and how it does.

mod behaviour;
mod connect;
mod form;
mod health;
mod retention;

use axum::extract::State;
use axum::response::Response;
use headwater_catalogue::{Id, Value};
use headwater_messaging::{CarrierFacts, Health};
use headwater_records::{Cells, Table};
use maud::{Markup, html};

use super::{ROWS, Viewer, framed};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::text::{encoded, literal};
use crate::value::ago;
use crate::visitor::Visitor;

pub(super) use connect::{ask, check, connect, send_test};
pub(super) use retention::{remove, show as retention, write as set_retention};

const HERE: &str = "/setup/channels";

const FIELDS: &str = "Id, DeveloperName, MasterLabel, MessageType, MessagingPlatformKey, IsActive, \
                      LinkingPreference, ConsentType, InactivityMinutes, \
                      IsRestrictedToBusinessHours, OutsideHoursAction, RoutingOwner";

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
    let kind = row.text("MessageType");
    let is_web = kind == "EmbeddedMessaging";
    let account = console.messaging.account(id).await?;
    let health = match account {
        Some(_) => Some(console.messaging.health(id).await?),
        None => None,
    };
    let newest = newest_session(console, visitor, id).await?;
    let has_carriers = CarrierFacts::for_type(kind).next().is_some();
    let may_connect = has_carriers && visitor.customizes();
    Ok(html! {
        div .app-head {
            h2 {
                (label) " "
                @if is_active { span .status.is-active { "Active" } } @else { span .status { "Switched off" } }
                @if let Some(health) = &health { " " (health::light(health)) }
            }
            div .ways {
                @if visitor.customizes() {
                    a .button.quiet href={ "/r/MessagingChannel/" (id) "/edit" } { "Edit" span .unseen { " " (label) } }
                }
                @if visitor.customizes() {
                    a .button.quiet href={ (HERE) "/" (id) "/retention" } { "Retention" span .unseen { " of " (label) } }
                }
                @if is_web {
                    a .button.quiet href={ (HERE) "/" (id) "/visitors" } { "Visitors" span .unseen { " of " (label) } }
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
                @let facts = CarrierFacts::of(&account.carrier);
                div { dt { "Carrier" } dd {
                    (facts.map_or(account.carrier.as_str(), |facts| facts.name)) " · " code { (account.key) }
                } }
                @if let Some(facts) = facts {
                    div { dt { "Webhook" } dd { code { (facts.webhook(origin(console), name)) } } }
                }
                @if let Some(Health { reason: Some(reason), .. }) = health.as_ref().filter(|health| health.is_failing()) {
                    div { dt { "Last failure" } dd { (reason) } }
                }
            } @else if has_carriers {
                div { dt { "Carrier" } dd { "Not connected: nothing comes in, and nothing can be sent." } }
            } @else {
                div { dt { "Carrier" } dd { "None of the carriers here serves channels of this type." } }
            }
            (behaviour::show(console, visitor, id, row).await?)
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

fn tag(console: &Console, name: &str) -> String {
    format!(
        "<script src=\"{}/widget.js\" data-deployment=\"{}\" defer></script>",
        origin(console),
        encoded(name)
    )
}
