//! What those see who look after others: lines, agents, sessions in progress; and what they and the agents
//! say to each other in a session.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use headwater_messaging::{Colleague, InProgress, Line, NOTE_CHARACTERS_MAX};
use maud::{Markup, html};

use super::lacking::words;
use super::piece::units;
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Posted;
use crate::record::{Record, SESSION, url};
use crate::shell::Page;
use crate::value::ago;
use crate::visitor::Visitor;

pub(crate) const HERE: &str = "/supervisor";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(HERE, get(show))
        .route("/desk/{id}/whisper", post(whisper))
        .route("/desk/{id}/flag", post(flag))
        .route("/desk/{id}/unflag", post(unflag))
}

async fn show(State(console): State<Console>, visitor: Visitor) -> Result<Response, Fault> {
    let messaging = &console.messaging;
    let lines = messaging.lines(&visitor.caller).await?;
    let staff = messaging.staff(&visitor.caller).await?;
    let sessions = messaging.in_progress(&visitor.caller).await?;
    let main = html! {
        header .page-head { h1 { "Supervisor" } }
        div .supervisor {
            section .sheet aria-labelledby="lines-title" {
                h2 #lines-title { "Queues" }
                (of_lines(&visitor, &lines))
            }
            section .sheet aria-labelledby="staff-title" {
                h2 #staff-title { "Agents" }
                (of_staff(&visitor, &staff))
            }
            section .sheet.wide-sheet aria-labelledby="sessions-title" {
                h2 #sessions-title { "Sessions in progress" }
                (of_sessions(&visitor, &sessions))
            }
        }
    };
    let newest = visitor.newest;
    let objects = [
        "AgentWork",
        "UserServicePresence",
        "PendingServiceRouting",
        SESSION,
    ];
    let mut page = Page::new(visitor, "Supervisor", main);
    for object in objects {
        page = page.watching_all(newest, object.into());
    }
    page.show(&console).await
}

fn of_lines(visitor: &Visitor, lines: &[Line]) -> Markup {
    html! {
        @if lines.is_empty() {
            p .nothing { "No queue is routed, and nobody waits. Setup › Routing says how queues get to agents." }
        } @else {
            table .plain-table {
                thead { tr { th scope="col" { "Queue" } th scope="col" { "Waiting" } th scope="col" { "Longest" } } }
                tbody { @for line in lines { tr {
                    th scope="row" { (line.name) @if !line.is_routed { " " span .soft { "(not routed)" } } }
                    td {
                        (line.waiting)
                        @if line.unmatched > 0 {
                            br; span .status.is-unattended { (line.unmatched) " unmatched" } " "
                            span .soft { "for want of " (words(&line.lacking)) }
                        }
                    }
                    td { @if let Some(at) = line.oldest { (ago(at, &visitor.caller.zone)) } @else { "—" } }
                } } }
            }
        }
    }
}

fn of_staff(visitor: &Visitor, staff: &[Colleague]) -> Markup {
    html! {
        @if staff.is_empty() {
            p .nothing { "Nobody is here." }
        } @else {
            table .plain-table {
                thead { tr { th scope="col" { "Agent" } th scope="col" { "Status" } th scope="col" { "Capacity" } th scope="col" { "Sessions" } } }
                tbody { @for agent in staff { tr {
                    th scope="row" { a href={ "/" (agent.user) } { (agent.name) } }
                    td { @match &agent.status {
                        Some(status) => {
                            (status)
                            @if let Some(since) = agent.since { " " span .soft { (ago(since, &visitor.caller.zone)) } }
                        }
                        None => { "Offline" }
                    } }
                    td { @if agent.status.is_some() { (units(agent.used)) "/" (agent.capacity) } @else { "—" } }
                    td { (agent.sessions) }
                } } }
            }
        }
    }
}

fn of_sessions(visitor: &Visitor, sessions: &[InProgress]) -> Markup {
    html! {
        @if sessions.is_empty() {
            p .nothing { "No session is in progress." }
        } @else {
            table .plain-table {
                thead { tr { th scope="col" { "Customer" } th scope="col" { "Agent" } th scope="col" { "Accepted" } th scope="col" { "Notes" } } }
                tbody { @for one in sessions { tr {
                    th scope="row" { a href=(url(SESSION, one.session)) { (one.customer) } " " span .soft { (one.name) } }
                    td { (one.agent_name) }
                    td { @if let Some(at) = one.since { (ago(at, &visitor.caller.zone)) } @else { "—" } }
                    td {
                        @if let Some(flag) = &one.flag {
                            span .status.is-flagged { "Flag" } " " (flag)
                        }
                        @if one.is_unattended { span .status.is-unattended { "Unattended" } }
                    }
                } } }
            }
        }
    }
}

/// What an agent asks and a supervisor answers, beside the transcript.
pub(crate) async fn aside(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    let is_flagged = console
        .messaging
        .is_flagged(&visitor.caller, record.id)
        .await?;
    let to = |verb: &str| format!("/desk/{}/{verb}", record.id);
    Ok(html! {
        details .sheet.aside open[is_flagged] {
            summary { @if is_flagged { "The flag is raised" } @else { "Ask or tell a colleague" } }
            p .soft { "The customer sees nothing of this." }
            @if is_flagged {
                form method="post" action=(to("unflag")) {
                    (visitor.token_field())
                    button { "Lower the flag" }
                }
            } @else {
                form .form method="post" action=(to("flag")) {
                    (visitor.token_field())
                    label for="flag-text" { "What do you need?" }
                    input #flag-text name="text" maxlength=(NOTE_CHARACTERS_MAX) autocomplete="off";
                    button { "Raise the flag" }
                }
            }
            @if headwater_messaging::is_supervisor(&visitor.caller) {
                form .form method="post" action=(to("whisper")) {
                    (visitor.token_field())
                    label for="whisper-text" { "Whisper to the agent" }
                    input #whisper-text name="text" maxlength=(NOTE_CHARACTERS_MAX) required autocomplete="off";
                    button { "Whisper" }
                }
            }
        }
    })
}

async fn whisper(
    State(console): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let text = form.get("text").unwrap_or_default();
    let said = console.messaging.whisper(&visitor.caller, &session, text);
    said.await?;
    Ok(back(&session))
}

async fn flag(
    State(console): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let text = form.get("text").unwrap_or_default();
    let messaging = &console.messaging;
    let raised = messaging.raise_flag(&visitor.caller, &session, text);
    raised.await?;
    Ok(back(&session))
}

async fn unflag(
    State(console): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    let lowered = console.messaging.lower_flag(&visitor.caller, &session);
    lowered.await?;
    Ok(back(&session))
}

fn back(session: &str) -> Response {
    match session.parse() {
        Ok(id) => Redirect::to(&url(SESSION, id)).into_response(),
        Err(_) => Fault::no_page().into_response(),
    }
}
