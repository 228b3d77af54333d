//! Connecting a channel to a carrier, checking the connection, sending a test.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::{Id, SystemPermission};
use headwater_messaging::{Account, CarrierFacts, Error};
use maud::{Markup, html};

use super::{FIELDS, HERE, form, health, origin};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::setup::controls::{Line, Trouble};
use crate::setup::{Change, Viewer, crumbs, done, framed, may, refused};
use crate::text::{encoded, literal};
use crate::toast::Notice;
use crate::visitor::Visitor;

/// A channel whose page is shown.
struct Shown {
    id: Id,
    name: String,
    label: String,
    number: String,
    account: Option<Account>,
    /// The carriers that it can have.
    carriers: Vec<&'static CarrierFacts>,
}

impl Shown {
    async fn of(console: &Console, visitor: &Visitor, id: &str) -> Result<Self, Fault> {
        may(visitor, SystemPermission::CustomizeApplication)?;
        let id: Id = id.parse().map_err(|_| Fault::no_page())?;
        let soql = format!(
            "SELECT {FIELDS} FROM MessagingChannel WHERE Id = {}",
            literal(id.as_str())
        );
        let table = console.org.browse(&visitor.caller, &soql, None, 1).await?;
        let row = table.first().ok_or_else(Fault::no_page)?;
        Ok(Self {
            id,
            name: row.text("DeveloperName").to_owned(),
            label: row.text("MasterLabel").to_owned(),
            number: row.text("MessagingPlatformKey").to_owned(),
            account: console.messaging.account(id).await?,
            carriers: CarrierFacts::for_type(row.text("MessageType")).collect(),
        })
    }

    /// The carrier whose form is shown: the one asked for, the one there is, or the first that can be.
    fn facts(&self, wanted: Option<&str>) -> Result<&'static CarrierFacts, Fault> {
        let there_is = self
            .account
            .as_ref()
            .map(|account| account.carrier.as_str());
        let named = |name: &str| self.carriers.iter().find(|facts| facts.carrier == name);
        let found = wanted.and_then(named).or(there_is.and_then(named));
        let found = found.or(self.carriers.first());
        found.copied().ok_or_else(Fault::no_page)
    }

    /// The account, if it is one with this carrier.
    fn account_with(&self, facts: &CarrierFacts) -> Option<&Account> {
        let account = self.account.as_ref();
        account.filter(|account| account.carrier == facts.carrier)
    }

    fn url(&self) -> String {
        format!("{HERE}/{}", self.id)
    }
}

pub(in crate::setup) async fn ask(
    State(console): State<Console>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let shown = Shown::of(&console, &visitor, &id).await?;
    let query = Form::read(query.unwrap_or_default().as_bytes());
    let facts = shown.facts(query.filled("carrier"))?;
    page(&console, visitor, &shown, facts, None, &Trouble::default()).await
}

pub(in crate::setup) async fn connect(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let shown = Shown::of(&console, &visitor, &id).await?;
    let facts = shown.facts(form.filled("carrier"))?;
    let trouble = match form::wanted(&form, facts) {
        Ok(new) => {
            let connected = console
                .messaging
                .connect_channel(&visitor.caller, shown.id, &new);
            match connected.await {
                Ok(()) => return Ok(done(&shown.url(), Notice::Saved)),
                Err(error) => trouble_of(error)?,
            }
        }
        Err(trouble) => trouble,
    };
    let page = page(&console, visitor, &shown, facts, Some(&form), &trouble).await?;
    Ok(refused(page, StatusCode::UNPROCESSABLE_ENTITY))
}

/// Asks the carrier who we are there.
pub(in crate::setup) async fn check(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, .. }: Change,
) -> Result<Response, Fault> {
    let shown = Shown::of(&console, &visitor, &id).await?;
    let asked = console.messaging.introduce(&visitor.caller, shown.id).await;
    let trouble = match asked {
        Ok(_) => return Ok(done(&shown.url(), Notice::Checked)),
        Err(error) => trouble_of(error)?,
    };
    let facts = shown.facts(None)?;
    let page = page(&console, visitor, &shown, facts, None, &trouble).await?;
    Ok(refused(page, StatusCode::UNPROCESSABLE_ENTITY))
}

/// Sends a test to an address.
pub(in crate::setup) async fn send_test(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let shown = Shown::of(&console, &visitor, &id).await?;
    let trouble = match form.filled("to") {
        Some(to) => {
            let sent = console.messaging.send_test(&visitor.caller, shown.id, to);
            match sent.await {
                Ok(()) => return Ok(done(&shown.url(), Notice::TestSent)),
                Err(error) => trouble_of(error)?,
            }
        }
        None => Trouble::of_one("to", "Send a test to: enter an address."),
    };
    let facts = shown.facts(None)?;
    let page = page(&console, visitor, &shown, facts, Some(&form), &trouble).await?;
    Ok(refused(page, StatusCode::UNPROCESSABLE_ENTITY))
}

/// What is wrong with a form or an account; the error again when it is about neither.
fn trouble_of(error: Error) -> Result<Trouble, Fault> {
    match error {
        Error::Account { field, problem } => Ok(Trouble::of_one(field, problem)),
        Error::Carrier(said) => Ok(Trouble {
            summary: Some(said),
            ..Trouble::default()
        }),
        error => Err(error.into()),
    }
}

async fn page(
    console: &Console,
    visitor: Visitor,
    shown: &Shown,
    facts: &CarrierFacts,
    form: Option<&Form>,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let account = shown.account_with(facts);
    let address = facts.webhook(origin(console), &encoded(&shown.name));
    let connection = if account.is_some() {
        connection(console, &visitor, shown, facts, form, trouble).await?
    } else {
        html! {}
    };
    let main = html! {
        (crumbs(&[(HERE, "Messaging channels")]))
        header .page-head { h1 { "Connect " (shown.label) " to " (facts.name) } }
        @if shown.carriers.len() > 1 { (others(shown, facts)) }
        form .sheet.form.whole method="post" action=(shown.url()) {
            (visitor.token_field())
            input type="hidden" name="carrier" value=(facts.carrier);
            (trouble.show())
            (form::steps(facts, account, &address, &shown.number))
            @if console.settings.public_url.is_none() {
                p .source-note { "Set server.public_url, the address that carriers reach this server by: it is part of what Twilio signs and of what Telegram is told, and without it nobody hears what became of messages." }
            }
            (form::fields(facts, account, form, trouble))
            div .ways.foot {
                button .primary data-key="ctrl enter" { "Connect it" }
                a .button.quiet href=(HERE) { "Cancel" }
            }
        }
        (connection)
    };
    framed(console, visitor, HERE, &shown.label, &main).await
}

/// The other carriers that a channel can have.
fn others(shown: &Shown, facts: &CarrierFacts) -> Markup {
    html! {
        nav .ways aria-label="Carrier" {
            @for one in &shown.carriers {
                a .button.quiet href={ (shown.url()) "?carrier=" (one.carrier) }
                    aria-current=[(one.carrier == facts.carrier).then_some("true")] { (one.name) }
            }
        }
    }
}

/// How the connection does, and how to try it.
async fn connection(
    console: &Console,
    visitor: &Visitor,
    shown: &Shown,
    facts: &CarrierFacts,
    form: Option<&Form>,
    trouble: &Trouble,
) -> Result<Markup, Fault> {
    let health = console.messaging.health(shown.id).await?;
    let to = form.and_then(|form| form.get("to")).unwrap_or_default();
    let hint = match facts.carrier {
        "Partner" => "What your service calls somebody: the from of what it brings.",
        "Telegram" => "The number of a chat that somebody has begun with the bot.",
        "Messenger" => "The id of somebody who has written to the page within the last 24 hours.",
        "WhatsApp" => {
            "A phone number like +12025550147, from which somebody has written within the last 24 hours."
        }
        _ => "A phone number like +12025550147.",
    };
    Ok(html! {
        section .sheet.form aria-labelledby="connection" {
            h2 #connection { "Connection" }
            (health::facts(visitor, &health))
            form method="post" action={ (shown.url()) "/check" } {
                (visitor.token_field())
                button { "Check the connection" }
            }
            form method="post" action={ (shown.url()) "/test" } {
                (visitor.token_field())
                (Line { name: "to", label: "Send a test to", value: to, hint, required: true }.show(trouble))
                button { "Send test" }
            }
        }
    })
}
