//! A session's transcript to be taken away: a page made for printing, and the same as files.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use headwater_messaging::{Entry, Error, Transcript};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

use super::{Record, SESSION, url};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::shell;
use crate::value::by_clock;
use crate::visitor::Visitor;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/desk/{id}/transcript", get(show))
        .route("/desk/{id}/transcript/{file}", get(download))
}

/// Where a session's transcript is taken away.
pub(super) fn address(record: &Record) -> String {
    format!("/desk/{}/transcript", record.id)
}

/// The page that is printed.
async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let transcript = read(&console, &visitor, &id, query).await?;
    let title = format!("Transcript of {}", transcript.name);
    Ok(shell::printed(&title, &page(&visitor, &transcript)).into_response())
}

/// `transcript.json` and `transcript.txt`.
async fn download(
    State(console): State<Console>,
    Path((id, file)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let is_json = match file.as_str() {
        "transcript.json" => true,
        "transcript.txt" => false,
        _ => return Err(Fault::no_page()),
    };
    let transcript = read(&console, &visitor, &id, query).await?;
    let (media_type, ending, body) = if is_json {
        let json = transcript.json().to_string();
        ("application/json; charset=utf-8", "json", json)
    } else {
        let text = transcript.text(&visitor.caller.zone);
        ("text/plain; charset=utf-8", "txt", text)
    };
    // The id is of letters and digits alone; a name might be anything.
    let disposition = format!(
        "attachment; filename=\"transcript-{}.{ending}\"",
        transcript.session
    );
    let disposition = HeaderValue::try_from(disposition).map_err(|_| Fault::no_page())?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, body).into_response())
}

async fn read(
    console: &Console,
    visitor: &Visitor,
    id: &str,
    query: Option<String>,
) -> Result<Transcript, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let with_internal = form.filled("internal") == Some("true");
    let read = console
        .messaging
        .whole_transcript(&visitor.caller, id, with_internal);
    read.await.map_err(|error| match error {
        Error::TooLarge { .. } => Fault::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This transcript is too long",
            format!("It cannot be taken away as one: {error}."),
        ),
        error => error.into(),
    })
}

fn page(visitor: &Visitor, transcript: &Transcript) -> Markup {
    let here = format!("/desk/{}/transcript", transcript.session);
    let query = if transcript.with_internal {
        "?internal=true"
    } else {
        ""
    };
    let zone = &visitor.caller.zone;
    let clock = |at: Option<Timestamp>| at.map(|at| by_clock(at, zone));
    html! {
        p .ways {
            a href=(url(SESSION, transcript.session)) { "Back to the session" }
            @if transcript.with_internal {
                a href=(here) { "Without notes" }
            } @else {
                a href={ (here) "?internal=true" } { "With notes of people here" }
            }
            a href={ (here) "/transcript.txt" (query) } download { "Download as text" }
            a href={ (here) "/transcript.json" (query) } download { "Download as JSON" }
            span .soft { "For a PDF, print this page and save it as one." }
        }
        h1 { "Transcript of " (transcript.name) }
        dl {
            dt { "Customer" } dd { (transcript.customer) }
            dt { "Channel" } dd { (transcript.channel) }
            @if let Some(at) = clock(transcript.started) { dt { "Began" } dd { (at) } }
            @if let Some(at) = clock(transcript.ended) { dt { "Ended" } dd { (at) } }
            dt { "Times" } dd { (zone.iana_name().unwrap_or("UTC")) }
        }
        @if transcript.entries.is_empty() { p { "Nothing has been said." } }
        @let days: Vec<_> = transcript.entries.iter().map(|entry| day(visitor, entry)).collect();
        @for (place, entry) in transcript.entries.iter().enumerate() {
            @if let Some(day) = days[place] && (place == 0 || days[place - 1] != Some(day)) {
                h2 { (day.strftime("%A, %-d %B %Y")) }
            }
            (said(visitor, transcript, entry))
        }
    }
}

fn day(visitor: &Visitor, entry: &Entry) -> Option<Date> {
    let at = entry.at?;
    Some(at.to_zoned(visitor.caller.zone.clone()).date())
}

fn said(visitor: &Visitor, transcript: &Transcript, entry: &Entry) -> Markup {
    html! {
        article {
            p .by {
                @if let Some(at) = entry.at {
                    time datetime=(at) { (at.to_zoned(visitor.caller.zone.clone()).strftime("%H:%M:%S")) }
                    " "
                }
                strong { (transcript.said_by(entry)) }
                @if entry.is_internal() { " (only for people here)" }
            }
            @if !entry.words().is_empty() { p .said { (entry.words()) } }
            @for file in &entry.files { p { "File: " (file.name) } }
        }
    }
}
