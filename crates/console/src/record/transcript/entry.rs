//! One entry of a transcript as people see it.

use headwater_catalogue::Value;
use headwater_messaging::File;
use headwater_records::Cells;
use maud::{Markup, html};

use crate::record::desk;
use crate::value::by_clock;
use crate::visitor::Visitor;

pub(super) fn show(
    visitor: &Visitor,
    row: Cells<'_>,
    customer: &str,
    files: Option<&Vec<File>>,
) -> Markup {
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
