//! An agent's desk: taking a session, answering in it, letting it rest and ending it.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;
use headwater_catalogue::Id;
use headwater_messaging::{
    Doing, Error, FILE_BYTES_MAX, Message, Messaging, NewFile, Refusal, Status,
};
use maud::{Markup, html};

use super::asked::{Asked, Unsent};
use super::{Record, SESSION, template, url};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted, PostedFiles};
use crate::presence;
use crate::text::literal;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// Bytes of a message's form around its files.
const AROUND_BYTES_MAX: usize = 64 * 1024;

pub(super) fn routes() -> Router<Console> {
    let upload = DefaultBodyLimit::max(FILE_BYTES_MAX + AROUND_BYTES_MAX);
    Router::new()
        .route("/desk/{id}/send", post(send).layer(upload))
        .route("/desk/{id}/template", post(template::send))
        .route("/desk/{id}/typing", post(typing))
        .route("/desk/{id}/take", post(take))
        .route("/desk/{id}/rest", post(rest))
        .route("/desk/{id}/end", post(end))
        .route("/desk/{id}/end-next", post(end_next))
        .route("/desk/{id}/again", post(again))
}

/// Whether the visitor may do anything in sessions.
pub(super) fn may_work(visitor: &Visitor, record: &Record) -> bool {
    visitor.caller.rights.on(&record.object).edit
}

pub(super) fn status(record: &Record) -> Option<Status> {
    Status::of(record.cells().text("Status"))
}

/// What can be done with a session as it is.
pub(super) fn actions(visitor: &Visitor, record: &Record) -> Markup {
    let is = status(record).filter(|_| may_work(visitor, record));
    let can = |next: Status| is.is_some_and(|is| is.leads_to(next));
    let is_taken = is == Some(Status::Active);
    html! {
        @if can(Status::Active) {
            (action(visitor, record, "take", "Accept", "a", true))
        }
        @if is_taken && can(Status::Inactive) {
            (action(visitor, record, "rest", "Set to inactive", "i", false))
        }
        @if can(Status::Ended) {
            (action(visitor, record, "end", "End session", "x", false))
        }
        @if is_taken {
            (action(visitor, record, "end-next", "End and next", "w", false))
        }
        @if is_taken || is == Some(Status::Waiting) {
            @let to = format!("/desk/{}/transfer", record.id);
            a .button href=(to) hx-get=(to) data-opens-dialog hx-select="#dialog-content"
                hx-target="#dialog-content" hx-swap="outerHTML" data-key="t"
                data-label="Transfer" { "Transfer…" }
        }
    }
}

fn action(
    visitor: &Visitor,
    record: &Record,
    verb: &str,
    label: &str,
    key: &str,
    is_first: bool,
) -> Markup {
    html! {
        form method="post" action={ "/desk/" (record.id) "/" (verb) } {
            (visitor.token_field())
            button .primary[is_first] data-key=(key) data-label=(label) { (label) }
        }
    }
}

/// What people here say to each other about it.
pub(super) async fn aside(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    if !may_work(visitor, record) || status(record).is_none_or(Status::is_over) {
        return Ok(html! {});
    }
    presence::aside(console, visitor, record).await
}

/// The way to send a message again that did not go out.
pub(super) fn retry(visitor: &Visitor, entry: Id) -> Markup {
    html! {
        form .again method="post" action={ "/desk/" (entry) "/again" } {
            (visitor.token_field())
            button .quiet.small { "Try again" }
        }
    }
}

async fn send(
    State(console): State<Console>,
    Path(session): Path<String>,
    PostedFiles {
        visitor,
        form,
        files,
    }: PostedFiles,
) -> Result<Response, Fault> {
    let messaging = &console.messaging;
    if form.filled("as") == Some("note") {
        let text = text_of(&form);
        messaging.note(&visitor.caller, &session, &text).await?;
        return Ok(back(&session, None));
    }
    let had_files = !files.is_empty();
    let files: Result<_, Error> = files
        .iter()
        .map(|file| NewFile::new(&file.name, &file.media_type, &*file.bytes))
        .collect();
    let message = Message {
        text: text_of(&form),
        files: files?,
        id: form.filled("message").map(str::to_owned),
        choices: form.filled("answers").map_or_else(Vec::new, |answers| {
            answers.split('|').map(str::to_owned).collect()
        }),
        template: None,
        answers_known: form
            .filled("answers-known")
            .and_then(|count| count.parse().ok()),
    };
    match messaging.send(&visitor.caller, &session, &message).await {
        Ok(_) => Ok(back_to_page(&session, &visitor, &form)),
        Err(Error::Answered(answer)) => {
            let unsent = Unsent {
                text: message.text,
                had_files,
                answer,
            };
            super::again(&console, visitor, &session, &form, unsent).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Somebody writes, or has stopped: told by script alone.
async fn typing(
    State(Console { messaging, .. }): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<StatusCode, Fault> {
    let does = match form.filled("on") {
        Some(_) => Doing::Writes,
        None => Doing::Stops,
    };
    messaging
        .agent_does(&visitor.caller, &session, does)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// As people typed it: browsers end lines with a carriage return as well.
fn text_of(form: &Form) -> String {
    form.get("text").unwrap_or_default().replace("\r\n", "\n")
}

async fn take(
    State(Console { messaging, .. }): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    messaging.take(&visitor.caller, &session).await?;
    Ok(back(&session, None))
}

async fn rest(
    State(Console { messaging, .. }): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    messaging.let_rest(&visitor.caller, &session).await?;
    Ok(back(&session, Some(Notice::Saved)))
}

async fn end(
    State(Console { messaging, .. }): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    messaging.end(&visitor.caller, &session).await?;
    Ok(back(&session, Some(Notice::Saved)))
}

/// Ends the session, and goes on with what there is to do: another of the agent's own, else whoever has
/// waited longest, else the list.
async fn end_next(
    State(console): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    console.messaging.end(&visitor.caller, &session).await?;
    for soql in [
        format!(
            "SELECT Id FROM MessagingSession WHERE Status = 'Active' AND OwnerId = {} \
             ORDER BY StartTime, Id",
            literal(visitor.caller.user.as_str())
        ),
        "SELECT Id FROM MessagingSession WHERE Status = 'Waiting' ORDER BY StartTime, Id"
            .to_owned(),
    ] {
        let table = console.org.browse(&visitor.caller, &soql, None, 1).await?;
        if let Some(next) = table.first().and_then(|row| row.id("Id")) {
            return Ok(back(next.as_str(), Some(Notice::Saved)));
        }
    }
    let notice = (header::SET_COOKIE, Notice::Saved.cookie());
    Ok(([notice], Redirect::to("/o/MessagingSession")).into_response())
}

async fn again(
    State(Console { messaging, .. }): State<Console>,
    Path(entry): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    let session = again_in(&messaging, &visitor, &entry).await?;
    Ok(back(&session, None))
}

async fn again_in(messaging: &Messaging, visitor: &Visitor, entry: &str) -> Result<String, Fault> {
    let id: Id = entry.parse().map_err(|_| Fault::no_page())?;
    let known = messaging.entry(&visitor.caller, id).await?;
    let session = known
        .and_then(|entry| entry.session)
        .ok_or_else(Fault::no_page)?;
    messaging.send_again(&visitor.caller, id).await?;
    Ok(session.to_string())
}

/// Back to the session's page; where script has sent, with what it shows already.
fn back_to_page(session: &str, visitor: &Visitor, form: &Form) -> Response {
    let carried = Asked::carried(form);
    let here = Asked::stripped(visitor.page());
    let path = here.split('?').next().unwrap_or_default();
    let is_here = session.parse().is_ok_and(|id| url(SESSION, id) == path);
    if !visitor.is_partial || !is_here || carried.is_empty() {
        return back(session, None);
    }
    let joint = if here.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{here}{joint}{carried}")).into_response()
}

/// Back to the session's page.
pub(super) fn back(session: &str, notice: Option<Notice>) -> Response {
    let Ok(id) = session.parse() else {
        return Fault::no_page().into_response();
    };
    let to = Redirect::to(&url(SESSION, id));
    match notice {
        Some(notice) => ([(header::SET_COOKIE, notice.cookie())], to).into_response(),
        None => to.into_response(),
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        match error {
            Error::Records(error) => error.into(),
            Error::WrongStatus { .. }
            | Error::NotFailed
            | Error::OtherCase
            | Error::Answered(_)
            | Error::Busy => Self::new(StatusCode::CONFLICT, "The session has moved on", said),
            Error::OptedOut { .. }
            | Error::NotOptedIn { .. }
            | Error::Empty
            | Error::FileType(_)
            | Error::Parameter { .. }
            | Error::EmptyFile
            | Error::NoFiles
            | Error::FileNotTaken { .. }
            | Error::Infected { .. }
            | Error::Choices(_)
            | Error::TooLong { .. }
            | Error::Template(_)
            | Error::Account { .. }
            | Error::Carrier(_)
            | Error::TooLarge { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Nothing was sent", said)
            }
            Error::Routing(refusal) => refused(&refusal, said),
            Error::NoSuchChannel(_) => Self::new(StatusCode::NOT_FOUND, "Nothing was sent", said),
        }
    }
}

/// Why routing did nothing, as a page.
fn refused(refusal: &Refusal, said: String) -> Fault {
    let (status, title) = match refusal {
        Refusal::NotOffered
        | Refusal::There
        | Refusal::NotTransferable(_)
        | Refusal::Asked
        | Refusal::Offered { .. }
        | Refusal::WorkStands(_) => (StatusCode::CONFLICT, "The session has moved on"),
        Refusal::MayNotDecline | Refusal::NoAgent | Refusal::NotSupervisor => {
            (StatusCode::FORBIDDEN, "Not for you")
        }
        Refusal::NoSuchStatus(_)
        | Refusal::NotAvailable(_)
        | Refusal::NoTarget(_)
        | Refusal::NoteTooLong(_)
        | Refusal::RoutedHere
        | Refusal::NoSuchAgent(_)
        | Refusal::NoRoom(_)
        | Refusal::NoCapacity => (StatusCode::UNPROCESSABLE_ENTITY, "Nothing was changed"),
    };
    Fault::new(status, title, said)
}
