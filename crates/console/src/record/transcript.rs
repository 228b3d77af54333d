//! What was said in a session, in order.

use headwater_catalogue::{Id, Value};
use headwater_messaging::File;
use headwater_records::Cells;
use jiff::civil::Date;
use maud::{Markup, html};

use super::{Record, composer, desk, export};
use crate::console::Console;
use crate::fault::Fault;
use crate::text::literal;
use crate::value::by_clock;
use crate::visitor::Visitor;

/// Most entries that are shown: the newest ones.
const ENTRIES_MAX: u64 = 200;

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    let entries = visitor.caller.rights.catalogue.object("ConversationEntry");
    if !entries.is_some_and(|entries| visitor.caller.rights.on(entries).read) {
        return Ok(html! {
            section .sheet.transcript-frame { h2 { "Transcript" } p .soft { "You may not see what was said." } }
        });
    }
    let soql = format!(
        "SELECT Id, EntryTime, EntryType, ActorType, ActorName, Message, MessageStatus, \
         MessageStatusCode, HasAttachments FROM ConversationEntry WHERE ConversationId = {} ORDER BY EntryTime DESC, Seq DESC",
        literal(record.id.as_str())
    );
    let table = console
        .org
        .browse(&visitor.caller, &soql, None, ENTRIES_MAX)
        .await?;
    let mut rows: Vec<_> = table.rows().collect();
    rows.reverse();
    let days: Vec<_> = rows.iter().map(|row| day(visitor, *row)).collect();
    let having = rows
        .iter()
        .filter(|row| row.get("HasAttachments").is_true());
    let having: Vec<Id> = having.filter_map(|row| row.id("Id")).collect();
    let files = console.messaging.files_of(&visitor.caller, &having).await?;
    let who = record.cells().text("MessagingEndUser.Name");
    Ok(html! {
        section .sheet.transcript-frame aria-labelledby="transcript-title" {
            h2 #transcript-title { "Transcript" }
            p .export { a href=(export::address(record)) { "Export" } }
            div #transcript .transcript role="log" aria-labelledby="transcript-title" tabindex="0" {
                @if rows.is_empty() { p .nothing { "Nothing has been said yet." } }
                @if table.next.is_some() {
                    p .soft.earlier { "The newest " (ENTRIES_MAX) " entries. "
                        a href=(export::address(record)) { "All of them are here." } }
                }
                @for (place, row) in rows.iter().enumerate() {
                    @if let Some(day) = days[place] && (place == 0 || days[place - 1] != Some(day)) {
                        p .day { span { (day.strftime("%A, %-d %B %Y")) } }
                    }
                    (entry(visitor, *row, who, row.id("Id").and_then(|id| files.get(&id))))
                }
            }
            (composer::show(console, visitor, record).await?)
        }
    })
}

fn day(visitor: &Visitor, row: Cells<'_>) -> Option<Date> {
    let at = row.get("EntryTime").as_datetime()?;
    Some(at.to_zoned(visitor.caller.zone.clone()).date())
}

fn entry(visitor: &Visitor, row: Cells<'_>, customer: &str, files: Option<&Vec<File>>) -> Markup {
    let actor = row.text("ActorType");
    let kind = row.text("EntryType");
    let side = match (actor, kind) {
        ("EndUser", _) => "theirs",
        (_, "Note" | "FlagRaise" | "FlagLower") => "internal",
        ("System", _) => "event",
        _ => "ours",
    };
    let name = match (row.text("ActorName"), actor) {
        ("", "EndUser") => customer,
        ("", actor) => actor,
        (name, _) => name,
    };
    let what = match (row.text("Message"), kind) {
        ("", _) if row.get("HasAttachments").is_true() => "",
        ("", "FlagRaise") => "Asks for help",
        ("", "FlagLower") => "Lowered the flag",
        ("", kind) => kind,
        (text, _) => text,
    };
    let id = row.id("Id");
    html! {
        div .entry.(side) id=[id.map(|id| format!("entry-{id}"))] {
            p .by {
                (name)
                @if actor == "Bot" { " (bot)" }
                @if side == "internal" {
                    " · "
                    @match kind { "FlagRaise" => { "raises the flag" } "FlagLower" => { "flag" } _ => { "only for people here" } }
                }
            }
            @if !what.is_empty() { p .said { (what) } }
            @for file in files.into_iter().flatten() { (attached(file)) }
            p .at {
                @if let Value::DateTime(at) = row.get("EntryTime") {
                    time datetime=(at) title=(by_clock(*at, &visitor.caller.zone)) {
                        (at.to_zoned(visitor.caller.zone.clone()).strftime("%H:%M"))
                    }
                }
                @if side != "theirs" && !row.text("MessageStatus").is_empty() {
                    " · " (on_its_way(row.text("MessageStatus")))
                }
            }
            @if row.text("MessageStatus") == "Error" {
                p .failed { (row.text("MessageStatusCode")) }
                @if let Some(id) = id { (desk::retry(visitor, id)) }
            }
        }
    }
}

/// A file: an image where it stands, all else as a way to have it.
fn attached(file: &File) -> Markup {
    let url = format!("/files/{}", file.id);
    html! {
        p .file {
            @if file.is_shown() {
                a href=(url) download { img src=(url) alt=(file.name) loading="lazy"; }
            } @else {
                a href=(url) download { (file.name) } " " span .soft { (size(file.size)) }
            }
        }
    }
}

/// How large a file is, as people say it.
fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Where a message is, in a word.
fn on_its_way(status: &str) -> &str {
    match status {
        "Pending" => "Sending…",
        "Sent" => "Sent ✓",
        "Delivered" => "Delivered ✓✓",
        "Read" => "Read ✓✓",
        "Error" => "Not sent",
        other => other,
    }
}
