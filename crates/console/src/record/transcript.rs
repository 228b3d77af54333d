//! What was said with a customer, in order: the newest of the session whose page is open, and what came before
//! it as far back as somebody scrolls, through the customer's earlier sessions.

mod entry;
mod reading;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use headwater_catalogue::Value;
use headwater_records::{Cells, Seen};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

use super::asked::Asked;
use super::{Clock, Record, SESSION, composer, export, signs, url};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::shell::Page;
use crate::text::encoded;
use crate::value::by_clock;
use crate::visitor::Visitor;
use reading::{Beginning, Heading, Place, Reader, Stretch};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/desk/{id}/earlier", get(earlier))
}

/// Whether the visitor may read what was said.
pub(super) fn may_read(visitor: &Visitor) -> bool {
    let entries = visitor.caller.rights.catalogue.object("ConversationEntry");
    entries.is_some_and(|entries| visitor.caller.rights.on(entries).read)
}

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
    asked: &Asked,
    clock: Option<&Clock>,
) -> Result<Markup, Fault> {
    if !may_read(visitor) {
        return Ok(html! {
            section .sheet.transcript-frame { h2 { "Transcript" } p .soft { "You may not see what was said." } }
        });
    }
    let reader = Reader {
        console,
        visitor,
        record,
    };
    let begins = asked.begins.as_deref().and_then(Beginning::read);
    let kept = begins.map(|begins| (begins, asked.earlier.as_deref().and_then(Place::read)));
    let (newest, before) = reader.newest(kept).await?;
    look(console, visitor, record, &newest, asked).await;
    let new = new_from(visitor, &newest, asked.seen);
    let before = before.map(|place| place.to_string());
    Ok(html! {
        section .sheet.transcript-frame aria-labelledby="transcript-title" {
            h2 #transcript-title { "Transcript" }
            p .export { a href=(export::address(record)) { "Export" } }
            (kept_for_next(&newest, before.as_deref(), asked))
            div #transcript .transcript role="group" aria-labelledby="transcript-title" tabindex="0" {
                @if let Some(before) = &before {
                    div #earlier data-own=(before) { (way_back(record, before)) }
                }
                div #newest .stretch role="log" aria-labelledby="transcript-title" {
                    @if newest.begins().is_none() { p .nothing { "Nothing has been said yet." } }
                    @let heading = newest.heading.as_ref().filter(|_| before.is_some());
                    (stretch(visitor, record, &newest, heading, new))
                }
            }
            p #newer .newer data-own=(record.id) hidden { button type="button" {} }
            (signs::show(visitor, record))
            (composer::show(console, visitor, record, asked, clock).await?)
        }
    })
}

/// What the page sends when it asks for itself again, so that it stays the same page.
fn kept_for_next(newest: &Stretch, before: Option<&str>, asked: &Asked) -> Markup {
    html! {
        div #reading hidden {
            @if let Some(begins) = newest.begins() {
                input type="hidden" name="begins" value=(begins);
                @if let Some(before) = before { input type="hidden" name="earlier" value=(before); }
            }
            input type="hidden" name="seen" value=(asked.seen.map_or(0, Timestamp::as_microsecond));
        }
    }
}

/// Writes down that the visitor has seen what is new. They have the page whether or not that can be done.
async fn look(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
    newest: &Stretch,
    asked: &Asked,
) {
    if newest.ends() <= asked.last_viewed {
        return;
    }
    let (caller, object, records) = (&visitor.caller, &record.object, [record.id]);
    let org = &console.org;
    let noted = org.note_seen(caller, object, &records, Seen::Viewed);
    if let Err(error) = noted.await {
        tracing::debug!(%error, "that somebody has read a transcript was not noted");
    }
}

/// The place of the first entry that somebody else has added since the visitor last looked. Whoever has written
/// something themselves has seen what stands before it.
fn new_from(visitor: &Visitor, newest: &Stretch, seen: Option<Timestamp>) -> Option<usize> {
    let seen = seen?;
    let is_own = |row: Cells<'_>| row.get("ActorId") == &Value::Id(visitor.caller.user);
    let mut new = None;
    for (place, row) in newest.rows().enumerate() {
        if is_own(row) {
            new = None;
        } else if row.get("EntryTime").as_datetime() > Some(seen) {
            new = new.or(Some(place));
        }
    }
    new
}

/// Where what came before a place is had.
fn earlier_url(record: &Record, before: &str) -> String {
    format!("/desk/{}/earlier?at={}", record.id, encoded(before))
}

/// The link to what came before. Script follows it when somebody scrolls near, and puts what comes in its place.
fn way_back(record: &Record, before: &str) -> Markup {
    let to = earlier_url(record, before);
    html! {
        a .way-back href=(to) hx-get=(to) hx-target="this" hx-select="#piece > *" hx-swap="outerHTML" { "What was said before" }
    }
}

fn stretch(
    visitor: &Visitor,
    record: &Record,
    stretch: &Stretch,
    heading: Option<&Heading>,
    new: Option<usize>,
) -> Markup {
    let who = record.cells().text("MessagingEndUser.Name");
    let days: Vec<_> = stretch.rows().map(|row| day(visitor, row)).collect();
    html! {
        @if let Some(heading) = heading { (divider(visitor, record, heading)) }
        @for (place, row) in stretch.rows().enumerate() {
            @if let Some(day) = days[place] && (place == 0 || days[place - 1] != Some(day)) {
                p .day data-day=(day) { span { (day.strftime("%A, %-d %B %Y")) } }
            }
            @if new == Some(place) {
                p #new-since .new-since { span { "New since you last looked" } }
            }
            (entry::show(visitor, row, who, row.id("Id").and_then(|id| stretch.files.get(&id))))
        }
    }
}

/// Where a session begins.
fn divider(visitor: &Visitor, record: &Record, heading: &Heading) -> Markup {
    let zone = &visitor.caller.zone;
    html! {
        p .session-divider {
            span {
                @if heading.id == record.id { "This session, " (heading.name) }
                @else { a href=(url(SESSION, heading.id)) { (heading.name) } }
                " · " (heading.status)
                @if let Some(began) = heading.began { " · " (by_clock(began, zone)) }
                @if let Some(ended) = heading.ended { " – " (by_clock(ended, zone)) }
            }
        }
    }
}

fn day(visitor: &Visitor, row: Cells<'_>) -> Option<Date> {
    let at = row.get("EntryTime").as_datetime()?;
    Some(at.to_zoned(visitor.caller.zone.clone()).date())
}

/// What came before: a piece for the transcript, or a page of its own without script.
async fn earlier(
    State(console): State<Console>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let record = Record::read(&console, &visitor.caller, SESSION, &id).await?;
    let place = form.filled("at").and_then(Place::read);
    let place = place.filter(|_| may_read(&visitor));
    let place = place.ok_or_else(Fault::no_page)?;
    let reader = Reader {
        console: &console,
        visitor: &visitor,
        record: &record,
    };
    let (stretches, before) = reader.earlier(&place).await?;
    let before = before.map(|place| place.to_string());
    let said = html! {
        @if let Some(before) = &before { (way_back(&record, before)) }
        // Script takes it away when it is far from what is seen, and fetches it again.
        div .piece data-from=(earlier_url(&record, &place.to_string())) {
            @for one in &stretches {
                div .stretch { (stretch(&visitor, &record, one, one.heading.as_ref(), None)) }
            }
        }
    };
    if visitor.is_partial {
        return Ok(html! { div #piece { (said) } }.into_response());
    }
    let title = format!("Earlier with {}", record.name());
    let main = html! {
        header .page-head { h1 { (title) } p { a href=(record.url()) { "Back to the session" } } }
        section .sheet.transcript-frame aria-label="Transcript" { div .transcript { (said) } }
    };
    Page::new(visitor, title, main).show(&console).await
}
