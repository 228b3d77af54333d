//! What a channel does by itself, in words, and the way to where that is set.

use std::fmt::Write as _;

use headwater_catalogue::{Id, Value};
use headwater_messaging::heeds_keywords;
use headwater_records::Cells;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::record::url;
use crate::text::{counted, encoded, literal};
use crate::visitor::Visitor;

const RULE: &str = "ChannelObjectLinkingRule";
const WORDS: &str = "MsgChannelLanguageKeyword";

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    id: Id,
    row: Cells<'_>,
) -> Result<Markup, Fault> {
    let of_channel = format!("MessagingChannelId = {}", literal(id.as_str()));
    let soql = format!(
        "SELECT Id, MatchBy, ContactField, ContactCondition, ActionForNoRecordFound, ActionForSingleRecordFound \
         FROM {RULE} WHERE {of_channel}"
    );
    let rules = console.org.browse(&visitor.caller, &soql, None, 1).await?;
    let soql = format!("SELECT COUNT() FROM {WORDS} WHERE {of_channel}");
    let languages = console.org.count(&visitor.caller, &soql).await?;
    let label = row.text("MasterLabel");
    let rule = rules.first();
    let change = match rule.and_then(|rule| rule.id("Id")) {
        Some(rule) => format!("{}/edit", url(RULE, rule)),
        None => new(RULE, id, label),
    };
    Ok(html! {
        div { dt { "Who it is" } dd {
            (linking(rule, row.text("LinkingPreference") == "Contact")) " "
            @if visitor.customizes() { a href=(change) { "Change" span .unseen { " how contacts are found" } } }
        } }
        @if heeds_keywords(row.text("MessageType")) {
            (consent(visitor, id, row, languages))
        }
        @if row.get("IsRestrictedToBusinessHours").is_true() {
            div { dt { "Outside business hours" } dd {
                @match row.text("OutsideHoursAction") {
                    "End" => "Customers are told, and their session ends.",
                    "Fallback" => "Customers are told, and the fallback queue takes their session.",
                    _ => "Customers are told, and wait.",
                }
            } }
        }
        @if let Value::Integer(minutes) = row.get("InactivityMinutes") {
            div { dt { "Silence" } dd {
                "A session rests after " (counted(minutes.unsigned_abs(), "minute", "minutes")) " without an answer."
            } }
        }
        @if row.text("RoutingOwner") == "Partner" {
            div { dt { "Routing" } dd { "The channel's own service says which agent gets a session." } }
        }
        @if let Some(warning) = console.messaging.health(id).await?.warning {
            div { dt { "Who gets sessions" } dd .problem { (warning) "." } }
        }
        div { dt { "Transcripts" } dd { (kept(console, visitor, id).await?) } }
    })
}

/// How long what was said is kept.
async fn kept(console: &Console, visitor: &Visitor, id: Id) -> Result<String, Fault> {
    let rule = console
        .messaging
        .retention_days(&visitor.caller, id.as_str())
        .await?;
    Ok(match rule {
        Some(days) => format!(
            "What was said goes {} after a session’s end.",
            counted(days.unsigned_abs(), "day", "days")
        ),
        None => "What was said is kept for good.".to_owned(),
    })
}

/// Whether customers are asked, and by which words they answer.
fn consent(visitor: &Visitor, id: Id, row: Cells<'_>, languages: u64) -> Markup {
    let label = row.text("MasterLabel");
    html! {
        div { dt { "Consent" } dd {
            @match row.text("ConsentType") {
                "ExplicitOptIn" => "Customers are asked before they are written to.",
                "DoubleOptIn" => "Customers are asked twice before they are written to.",
                _ => "Whoever writes is answered.",
            }
            " STOP, START and HELP are heeded"
            @if languages > 0 { ", and words of " (counted(languages, "row", "rows")) " of its own" }
            ". "
            @if visitor.customizes() { a href=(new(WORDS, id, label)) { "Add words" span .unseen { " of " (label) } } }
        } }
    }
}

fn linking(rule: Option<Cells<'_>>, links_contacts: bool) -> String {
    let Some(rule) = rule else {
        let said = if links_contacts {
            "A new Messaging User is linked to the one contact with its number."
        } else {
            "Agents say who a new Messaging User is."
        };
        return said.to_owned();
    };
    let mut found = match rule.text("MatchBy") {
        "Key" => format!(
            "the one contact whose {} is its key",
            rule.text("ContactField")
        ),
        "Subject" => format!(
            "the one contact whose {} is what the customer’s own site vouches for",
            rule.text("ContactField")
        ),
        "Email" => "the one contact with its email address".to_owned(),
        _ => "the one contact with its number".to_owned(),
    };
    if !rule.text("ContactCondition").is_empty() {
        let _ = write!(found, " where {}", rule.text("ContactCondition"));
    }
    let one = match rule.text("ActionForSingleRecordFound") {
        "PromptAgent" => format!("For a new Messaging User {found} is proposed to agents."),
        _ => format!("A new Messaging User is linked to {found}."),
    };
    match rule.text("ActionForNoRecordFound") {
        "CreateNewRecordAndLink" => format!("{one} Where there is none, one is made."),
        _ => one,
    }
}

/// The form for a new record of an object that belongs to the channel.
fn new(object: &str, channel: Id, label: &str) -> String {
    format!(
        "/o/{object}/new?MessagingChannelId={channel}&MessagingChannelId.search={}",
        encoded(label)
    )
}
