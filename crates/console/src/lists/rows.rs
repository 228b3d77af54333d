//! The rows of a list: as a table, or as a rail beside a record.

use std::collections::HashMap;

use headwater_catalogue::{Id, Object, Value};
use headwater_records::{Cells, Table};
use maud::{Markup, html};

use super::listing::{Listing, sorts};
use crate::console::Console;
use crate::fault::Fault;
use crate::fields::{self, called, cell};
use crate::text::{encoded, label, literal};
use crate::value::{self, ago, lasting};
use crate::views::columns;
use crate::visitor::Visitor;

/// Rows of a rail.
const RAIL_ROWS: u64 = 40;

/// Most characters of a message that a list shows.
const PREVIEW_CHARACTERS_MAX: usize = 120;

const SESSION: &str = "MessagingSession";

/// The list as a table.
pub(super) async fn table(
    console: &Console,
    visitor: &Visitor,
    listing: &Listing,
    table: &Table,
) -> Result<Markup, Fault> {
    let object = &listing.object;
    let caller = &visitor.caller;
    let rights = caller.rights.on(object);
    let columns = columns(object);
    let shown: Vec<_> = columns
        .iter()
        .filter_map(|name| object.position(name))
        .filter(|place| rights.reads(*place))
        .map(|place| &object.fields[place])
        .collect();
    let last = last_messages(console, visitor, object, table).await?;
    if table.is_empty() {
        return Ok(html! {
            div .nothing {
                @if listing.search.is_empty() { p { (listing.view.none) } }
                @else { p { "Nothing here matches “" (listing.search) "”." } }
            }
        });
    }
    let first = if &*object.name == SESSION {
        "Who"
    } else {
        &object.label
    };
    Ok(html! {
        table .list data-list {
            caption .unseen { (object.plural) ", " (listing.view.label) }
            thead { tr {
                th scope="col" { (first) }
                @for field in &shown {
                    @let words = label(&caller.rights.catalogue, object, field);
                    th scope="col" aria-sort=[listing.sorted(&field.name)] {
                        @if sorts(caller, object, &field.name) {
                            a .sort href=(listing.url_sorted(&field.name))
                                hx-get=(listing.url_sorted(&field.name)) hx-target="#list" hx-select="#list"
                                hx-swap="morph:outerHTML" hx-push-url="true" { (words) }
                        } @else { (words) }
                    }
                }
            } }
            tbody #rows {
                @for row in table.rows() {
                    @let id = row.id("Id");
                    tr id=[id.map(|id| format!("row-{id}"))] data-href=[id.map(|id| address(listing, id))] {
                        th scope="row" { (title(listing, row, id, &last, visitor)) }
                        @for field in &shown {
                            td data-label=(label(&caller.rights.catalogue, object, field)) {
                                span data-value {
                                    @if field.name == "Status" { (status(row.text("Status"))) }
                                    @else if field.name == "StartTime" { (started(row, visitor)) }
                                    @else { (cell(caller, field, row)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// The list beside a record: a name and a line of text for each row.
pub(crate) async fn rail(
    console: &Console,
    visitor: &Visitor,
    listing: &Listing,
    here: Id,
) -> Result<Markup, Fault> {
    let table = listing.rows(console, &visitor.caller, RAIL_ROWS).await?;
    let last = last_messages(console, visitor, &listing.object, &table).await?;
    let nav_label = format!("{}, {}", listing.object.plural, listing.view.label);
    Ok(html! {
        nav .rail aria-label=(nav_label) data-list {
            p .rail-head {
                a href=(listing.url(listing.after.as_deref())) { (listing.object.plural) ": " (listing.view.label) }
            }
            ul {
                @for row in table.rows() {
                    @if let Some(id) = row.id("Id") {
                        li id={ "rail-" (id) } data-href=(address(listing, id)) {
                            (rail_link(listing, row, id, here, &last, visitor))
                        }
                    }
                }
            }
        }
    })
}

fn rail_link(
    listing: &Listing,
    row: Cells<'_>,
    id: Id,
    here: Id,
    last: &HashMap<Id, String>,
    visitor: &Visitor,
) -> Markup {
    let is_session = &*listing.object.name == SESSION;
    html! {
        a href=(address(listing, id)) aria-current=[(id == here).then_some("true")] {
            span .name { (name_of(listing, row)) }
            @if is_session {
                span .when { (started(row, visitor)) }
                span .line { (status(row.text("Status"))) " " (last.get(&id).map_or("", |text| text)) }
            }
        }
    }
}

/// Where a row leads: to its record, which keeps the list at its side.
fn address(listing: &Listing, id: Id) -> String {
    let from = encoded(&listing.url(listing.after.as_deref()));
    format!("/r/{}/{id}?from={from}", listing.object.name)
}

fn title(
    listing: &Listing,
    row: Cells<'_>,
    id: Option<Id>,
    last: &HashMap<Id, String>,
    _visitor: &Visitor,
) -> Markup {
    let name = name_of(listing, row);
    let Some(id) = id else {
        return html! { (name) };
    };
    html! {
        a .row-link href=(address(listing, id)) { (name) }
        @if &*listing.object.name == SESSION {
            span .soft { " " (row.text("Name")) }
            @if let Some(text) = last.get(&id) { span .preview { (text) } }
        }
    }
}

fn name_of(listing: &Listing, row: Cells<'_>) -> String {
    let named = listing.named_by();
    let name = named.as_deref().and_then(|path| row.get(path).as_text());
    name.map_or_else(|| called(&listing.object, row), str::to_owned)
}

/// A session's status, with its colour.
pub(crate) fn status(status: &str) -> Markup {
    html! { span .status.{ "is-" (status.to_ascii_lowercase()) } { (status) } }
}

/// When a session began; how long its customer has waited, while they wait.
fn started(row: Cells<'_>, visitor: &Visitor) -> Markup {
    let Value::DateTime(at) = row.get("StartTime") else {
        return html! { (value::NONE) };
    };
    let zone = &visitor.caller.zone;
    html! {
        @if matches!(row.text("Status"), "Waiting" | "New") {
            span .waits { "waiting " (lasting(*at, zone)) }
        } @else { (ago(*at, zone)) }
    }
}

/// The last message of each session of a list. Each is one look into an index, whatever the length
/// of the conversation.
async fn last_messages(
    console: &Console,
    visitor: &Visitor,
    object: &Object,
    table: &Table,
) -> Result<HashMap<Id, String>, Fault> {
    let mut last = HashMap::new();
    let entry = visitor.caller.rights.catalogue.object("ConversationEntry");
    let reads = entry.is_some_and(|entry| visitor.caller.rights.on(entry).read);
    if &*object.name != SESSION || !reads {
        return Ok(last);
    }
    for session in table.rows().filter_map(|row| row.id("Id")) {
        let soql = format!(
            "SELECT Message, ActorType FROM ConversationEntry WHERE ConversationId = {} \
             ORDER BY EntryTime DESC, Seq DESC LIMIT 1",
            literal(session.as_str())
        );
        let found = console.org.browse(&visitor.caller, &soql, None, 1).await?;
        if let Some(row) = found.first() {
            let text: String = row
                .text("Message")
                .chars()
                .take(PREVIEW_CHARACTERS_MAX)
                .collect();
            last.insert(
                session,
                match row.text("ActorType") {
                    "EndUser" => text,
                    actor => format!("{actor}: {text}"),
                },
            );
        }
    }
    Ok(last)
}

/// A short table of records of an object, for related lists.
pub(crate) fn brief(visitor: &Visitor, object: &Object, paths: &[&str], table: &Table) -> Markup {
    let caller = &visitor.caller;
    let catalogue = &caller.rights.catalogue;
    let shown: Vec<_> = paths.iter().filter_map(|name| object.field(name)).collect();
    html! {
        table .brief {
            thead .unseen { tr {
                th scope="col" { (object.label) }
                @for field in &shown { th scope="col" { (label(catalogue, object, field)) } }
            } }
            tbody {
                @for row in table.rows() {
                    tr {
                        th scope="row" { (value::record_link(row.id("Id"), &fields::called(object, row))) }
                        @for field in &shown {
                            td data-value {
                                @if field.name == "Status" { (status(row.text("Status"))) }
                                @else { (cell(caller, field, row)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
