//! The relinks of a Messaging User, or one relink with all that it changed, each with its undo.

use headwater_records::Cells;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::record::{MESSAGING_USER, Record};
use crate::text::literal;
use crate::value::{NONE, ago, record_link};
use crate::visitor::Visitor;

/// Relinks shown.
const SHOWN: u64 = 20;

/// The panel at the side of a Messaging User or a relink; nothing for other records.
pub(crate) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    let condition = match &*record.object.name {
        MESSAGING_USER => "MessagingEndUserId",
        "Relink" => "RelinkId",
        _ => return Ok(html! {}),
    };
    let items = visitor.caller.rights.catalogue.object("RelinkItem");
    if !items.is_some_and(|items| visitor.caller.rights.on(items).read) {
        return Ok(html! {});
    }
    let soql = format!(
        "SELECT RelinkId, Relink.Name, Relink.Reason, Relink.Rule, Relink.UndoneById, \
         Relink.CreatedDate, Relink.CreatedBy.Name, MessagingEndUserId, MessagingEndUser.Name, \
         AccountChanged, AccountBefore.Name, AccountAfter.Name, ContactChanged, ContactBefore.Name, \
         ContactAfter.Name, SessionsAffected FROM RelinkItem WHERE {condition} = {} \
         ORDER BY CreatedDate DESC",
        literal(record.id.as_str())
    );
    let table = console
        .org
        .browse(&visitor.caller, &soql, None, SHOWN)
        .await?;
    if table.is_empty() {
        return Ok(html! {});
    }
    let is_relink = condition == "RelinkId";
    Ok(html! {
        section .sheet.history aria-labelledby="relinks" {
            h2 #relinks { @if is_relink { "What it changed" } @else { "Relinks" } }
            ol { @for row in table.rows() { (item(visitor, row, is_relink)) } }
            @if is_relink && let Some(first) = table.first() { (undo(visitor, record, first)) }
        }
    })
}

fn item(visitor: &Visitor, row: Cells<'_>, is_relink: bool) -> Markup {
    html! {
        li {
            p {
                @if is_relink {
                    strong { (record_link(row.id("MessagingEndUserId"), row.text("MessagingEndUser.Name"))) }
                } @else {
                    strong { (record_link(row.id("RelinkId"), row.text("Relink.Name"))) }
                }
                @if row.text("Relink.Rule") == "Undo" { " " span .tag { "undo" } }
                @if row.id("Relink.UndoneById").is_some() { " " span .tag { "undone" } }
            }
            @if row.get("AccountChanged").is_true() { (change("Account", row.text("AccountBefore.Name"), row.text("AccountAfter.Name"))) }
            @if row.get("ContactChanged").is_true() { (change("Contact", row.text("ContactBefore.Name"), row.text("ContactAfter.Name"))) }
            @if !row.text("Relink.Reason").is_empty() { p .reason { "“" (row.text("Relink.Reason")) "”" } }
            p .soft.small {
                (row.text("Relink.CreatedBy.Name"))
                @if let Some(at) = row.get("Relink.CreatedDate").as_datetime() { ", " (ago(at, &visitor.caller.zone)) }
            }
        }
    }
}

fn change(label: &str, before: &str, after: &str) -> Markup {
    let or_none = |name: &str| {
        if name.is_empty() {
            NONE.to_owned()
        } else {
            name.to_owned()
        }
    };
    html! {
        p { (label) " " span .from { (or_none(before)) } span aria-hidden="true" { " → " }
            span .unseen { " to " } span .to { (or_none(after)) } }
    }
}

/// The way to take a relink back, once.
fn undo(visitor: &Visitor, record: &Record, row: Cells<'_>) -> Markup {
    let is_over = row.id("Relink.UndoneById").is_some() || row.text("Relink.Rule") == "Undo";
    let users = visitor.caller.rights.catalogue.object(MESSAGING_USER);
    let may = users.is_some_and(|users| visitor.caller.rights.on(users).edit);
    html! {
        @if !is_over && may {
            form method="post" action={ "/relinks/" (record.id) "/undo" } {
                (visitor.token_field())
                input type="hidden" name="from" value=(record.url());
                div .ways { button .quiet { "Undo this relink" } }
                p .soft.small { "What somebody has changed since stays as it is." }
            }
        }
    }
}
