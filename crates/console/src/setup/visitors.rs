//! How a web channel lets visitors in: tokens, the keys of customers' own, and what is asked or handed over.
//! What is listed here is made and changed on records' own pages.

use axum::extract::{Path, State};
use axum::response::Response;
use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, Table};
use maud::{Markup, html};

use super::{Viewer, crumbs, framed};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::text::{counted, encoded, literal};
use crate::visitor::Visitor;

const CHANNELS: &str = "/setup/channels";

/// Most keysets and parameters that are listed.
const ROWS_MAX: u64 = 100;

/// A web channel, with what its page shows.
struct Channel {
    id: Id,
    name: String,
    label: String,
    deployment: Table,
    keysets: Table,
    parameters: Table,
}

pub(super) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    let channel = read(&console, &visitor, &id).await?;
    let customizes = visitor.customizes();
    let main = html! {
        (crumbs(&[(CHANNELS, "Messaging channels")]))
        header .page-head { h1 { "Visitors of " (channel.label) } }
        div .panels {
            section .sheet.panel aria-labelledby="admission" { (admission(&channel, customizes)) }
            section .sheet.panel aria-labelledby="keysets" { (keysets(&channel, customizes)) }
            section .sheet.panel aria-labelledby="parameters" { (parameters(&channel, customizes)) }
        }
    };
    let title = format!("Visitors of {}", channel.label);
    framed(&console, visitor, CHANNELS, &title, &main).await
}

async fn read(console: &Console, visitor: &Visitor, id: &str) -> Result<Channel, Fault> {
    let id: Id = id.parse().map_err(|_| Fault::no_page())?;
    let of_channel = |fields: &str, object: &str, key: &str, order: &str| {
        format!(
            "SELECT Id, {fields} FROM {object} WHERE {key} = {}{order}",
            literal(id.as_str())
        )
    };
    let read = async |soql: String| {
        let browsed = console.org.browse(&visitor.caller, &soql, None, ROWS_MAX);
        browsed.await
    };
    let fields = "DeveloperName, MasterLabel, MessageType";
    let table = read(of_channel(fields, "MessagingChannel", "Id", "")).await?;
    let row = table
        .first()
        .filter(|row| row.text("MessageType") == "EmbeddedMessaging");
    let row = row.ok_or_else(Fault::no_page)?;
    let fields = "BadTokenAction, IsForVerifiedOnly, GuestTokenMinutes, VerifiedTokenMinutes";
    let deployment = of_channel(fields, "WebDeployment", "MessagingChannelId", "");
    let (fields, order) = (
        "DeveloperName, Issuer, Keys, KeysUrl",
        " ORDER BY DeveloperName",
    );
    let keysets = of_channel(fields, "MessagingKeyset", "MessagingChannelId", order);
    let fields = "DeveloperName, SessionField, Question, Kind, IsRequired";
    let order = " ORDER BY Position, DeveloperName";
    let parameters = of_channel(fields, "ChannelParameter", "MessagingChannelId", order);
    Ok(Channel {
        id,
        name: row.text("DeveloperName").to_owned(),
        label: row.text("MasterLabel").to_owned(),
        deployment: read(deployment).await?,
        keysets: read(keysets).await?,
        parameters: read(parameters).await?,
    })
}

/// The way to make a record of the channel's: its form, with the channel in it.
fn new(channel: &Channel, object: &str, label: &str) -> Markup {
    let (id, named) = (channel.id, encoded(&channel.label));
    let to = format!("/o/{object}/new?MessagingChannelId={id}&MessagingChannelId.search={named}");
    html! { a .button href=(to) { (icons::PLUS) (label) } }
}

fn admission(channel: &Channel, customizes: bool) -> Markup {
    let row = channel.deployment.first();
    let row_id = row.and_then(|row| row.id("Id"));
    let minutes = |field: &str, usual: &str| match row.map(|row| row.get(field)) {
        Some(Value::Integer(minutes)) => format!("{minutes} minutes"),
        _ => usual.to_owned(),
    };
    let is_on = |field: &str| row.is_some_and(|row| row.get(field).is_true());
    let lets_in = row.is_some_and(|row| row.text("BadTokenAction") == "LetInAsGuest");
    html! {
        h2 #admission { "Who comes in" }
        dl .facts-list {
            div { dt { "Let in" } dd {
                @if is_on("IsForVerifiedOnly") { "Verified customers only" } @else { "Guests and verified customers" }
            } }
            div { dt { "A token that is bad" } dd {
                @if lets_in { "Comes in as a guest, without a word" } @else { "Is refused, and the site is told why" }
            } }
            div { dt { "A guest's token lasts" } dd { (minutes("GuestTokenMinutes", "As the server is set up, usually 6 hours")) } }
            div { dt { "A verified customer's lasts" } dd { (minutes("VerifiedTokenMinutes", "60 minutes")) } }
        }
        @if customizes { div .ways {
            @match row_id {
                Some(id) => { a .button href={ "/r/WebDeployment/" (id) "/edit" } { "Change" span .unseen { " who comes in" } } }
                None => { (new(channel, "WebDeployment", "Set it otherwise")) }
            }
        } }
    }
}

fn keysets(channel: &Channel, customizes: bool) -> Markup {
    html! {
        h2 #keysets { "Keysets" }
        p .hint {
            "Your site signs a JSON Web Token for a customer who is signed in there, with RS256 or RS512: "
            code { "kid" } " in its header is a key's name here, " code { "iss" } " the issuer, " code { "sub" }
            " the customer, " code { "exp" } " its end. What the site hands out at an address of its own, the chat \
            fetches: " code { (tag(&channel.name)) }
        }
        @if channel.keysets.is_empty() { p .nothing { "None: everybody is a guest." } } @else {
            table .list {
                caption .unseen { "Keysets" }
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "Issuer" } th scope="col" { "Keys" }
                } }
                tbody { @for row in channel.keysets.rows() { (keyset(row)) } }
            }
        }
        @if customizes { div .ways { (new(channel, "MessagingKeyset", "Add a keyset")) } }
    }
}

fn keyset(row: Cells<'_>) -> Markup {
    let url = row.id("Id").map(|id| format!("/r/MessagingKeyset/{id}"));
    html! {
        tr {
            th scope="row" { a href=[url] { (row.text("DeveloperName")) } }
            td data-label="Issuer" { code { (row.text("Issuer")) } }
            td data-label="Keys" { span { @match row.get("KeysUrl").as_text() {
                Some(url) => { "Fetched from " code { (url) } }
                None => { (counted(keys(row.text("Keys")), "key", "keys")) }
            } } }
        }
    }
}

/// How many keys are in a set.
fn keys(set: &str) -> u64 {
    let set: Option<serde_json::Value> = serde_json::from_str(set).ok();
    let keys = set.as_ref().and_then(|set| set.get("keys")?.as_array());
    keys.map_or(0, |keys| keys.len() as u64)
}

fn tag(name: &str) -> String {
    format!(
        "<script src=\"…/widget.js\" data-deployment=\"{}\" data-token-url=\"/chat-token\" defer></script>",
        encoded(name)
    )
}

fn parameters(channel: &Channel, customizes: bool) -> Markup {
    html! {
        h2 #parameters { "What is asked and handed over" }
        p .hint {
            "What has a question is asked before the first message. What has none comes from the page alone, as "
            code { "data-parameters='{\"plan\":\"gold\"}'" } ". Either goes into a field of the session that begins."
        }
        @if channel.parameters.is_empty() { p .nothing { "Nothing." } } @else {
            table .list {
                caption .unseen { "Parameters" }
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "Question" } th scope="col" { "Kind" }
                    th scope="col" { "Field of the session" }
                } }
                tbody { @for row in channel.parameters.rows() {
                    @let url = row.id("Id").map(|id| format!("/r/ChannelParameter/{id}"));
                    tr {
                        th scope="row" { a href=[url] { (row.text("DeveloperName")) } }
                        td data-label="Question" { span { @match row.get("Question").as_text() {
                            Some(question) => { (question) @if row.get("IsRequired").is_true() { " (required)" } }
                            None => { span .soft { "Not asked" } }
                        } } }
                        td data-label="Kind" { span { (row.text("Kind")) } }
                        td data-label="Field of the session" { code { (row.text("SessionField")) } }
                    }
                } }
            }
        }
        @if customizes { div .ways { (new(channel, "ChannelParameter", "Add a parameter")) } }
    }
}
