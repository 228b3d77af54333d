//! Handing a session on: to whom, with a note.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use headwater_messaging::{Colleague, Error, NOTE_CHARACTERS_MAX, Refusal, Target};
use headwater_records::Table;
use maud::{Markup, html};

use super::piece::units;
use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted};
use crate::record::{Record, SESSION};
use crate::shell::Page;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// Most queues to choose from.
const QUEUES_MAX: u64 = 200;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/desk/{id}/transfer", get(ask).post(transfer))
}

async fn ask(
    State(console): State<Console>,
    Path(session): Path<String>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    page(&console, visitor, &session, &Form::default(), None).await
}

async fn transfer(
    State(console): State<Console>,
    Path(session): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let Some(to) = form.filled("to") else {
        let text = "Choose an agent or a queue.";
        return refused(&console, visitor, &session, &form, text).await;
    };
    let handed = match Target::of(to) {
        Ok(to) => {
            let messaging = &console.messaging;
            messaging
                .transfer(&visitor.caller, &session, to, form.filled("note"))
                .await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match handed {
        Ok(()) => Ok(done(&visitor, &session)),
        Err(Error::Routing(refusal)) => {
            let text = first_upper(&refusal);
            refused(&console, visitor, &session, &form, &text).await
        }
        Err(error) => Err(error.into()),
    }
}

fn first_upper(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Back to the session, which waits now. Script stays where it is, and asks for the page again.
fn done(visitor: &Visitor, session: &str) -> Response {
    let cookie = (header::SET_COOKIE, Notice::Transferred.cookie());
    if visitor.is_partial {
        let trigger = (
            HeaderName::from_static("hx-trigger"),
            HeaderValue::from_static("headwater:done"),
        );
        let headers = HeaderMap::from_iter([cookie, trigger]);
        return (StatusCode::NO_CONTENT, headers).into_response();
    }
    let to = Redirect::to(&format!("/r/{SESSION}/{session}"));
    ([cookie], to).into_response()
}

async fn refused(
    console: &Console,
    visitor: Visitor,
    session: &str,
    form: &Form,
    text: &str,
) -> Result<Response, Fault> {
    let mut page = page(console, visitor, session, form, Some(text)).await?;
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(page)
}

async fn page(
    console: &Console,
    visitor: Visitor,
    session: &str,
    form: &Form,
    trouble: Option<&str>,
) -> Result<Response, Fault> {
    let record = Record::read(console, &visitor.caller, SESSION, session).await?;
    let messaging = &console.messaging;
    let mut agents = messaging.colleagues(&visitor.caller).await?;
    agents.retain(|agent| agent.user != visitor.caller.user && !agent.is_away);
    let queues = queues(console, &visitor).await?;
    let to = format!("/desk/{}/transfer", record.id);
    let chosen = form.get("to").unwrap_or_default();
    let main = html! {
        div #dialog-content .sheet.form.transfer {
            h1 #dialog-title { "Transfer " (record.name()) }
            form method="post" action=(to) hx-post=(to) hx-target="#dialog-content"
                hx-select="#dialog-content" hx-swap="outerHTML" {
                (visitor.token_field())
                @if let Some(trouble) = trouble { p .problem role="alert" { (trouble) } }
                fieldset {
                    legend { "Agents" }
                    @if agents.is_empty() { p .soft { "Nobody else is available now." } }
                    @for agent in &agents { (colleague(agent, chosen)) }
                }
                fieldset {
                    legend { "Queues" }
                    @if queues.is_empty() { p .soft { "There are no queues that take sessions." } }
                    @for row in queues.rows() {
                        @if let Some(id) = row.id("Id") {
                            (choice(id.as_str(), row.text("Name"), "", chosen))
                        }
                    }
                }
                label for="input-note" { "Note " span .soft { "(optional, for people here)" } }
                textarea #input-note name="note" rows="2" maxlength=(NOTE_CHARACTERS_MAX) {
                    "\n" (form.get("note").unwrap_or_default())
                }
                div .ways.foot {
                    button .primary data-key="ctrl enter" { "Transfer" }
                    a .button.quiet href=(record.url()) data-closes-dialog { "Cancel" }
                }
            }
        }
    };
    Page::new(visitor, "Transfer", main).show(console).await
}

fn colleague(agent: &Colleague, chosen: &str) -> Markup {
    let free = (agent.capacity * 100 - agent.used).max(0);
    let about = format!(
        "{} · {} of {} free",
        agent.status.as_deref().unwrap_or_default(),
        units(free),
        agent.capacity
    );
    choice(agent.user.as_str(), &agent.name, &about, chosen)
}

fn choice(id: &str, name: &str, about: &str, chosen: &str) -> Markup {
    html! {
        label .tick {
            input type="radio" name="to" value=(id) checked[id == chosen] required;
            span { (name) @if !about.is_empty() { " " span .soft { (about) } } }
        }
    }
}

/// The queues that take sessions.
async fn queues(console: &Console, visitor: &Visitor) -> Result<Table, Fault> {
    let soql = "SELECT Id, Name FROM Group WHERE Type = 'Queue' AND Id IN \
                (SELECT QueueId FROM QueueSobject WHERE SobjectType = 'MessagingSession') \
                ORDER BY Name, Id";
    let browsed = console.org.browse(&visitor.caller, soql, None, QUEUES_MAX);
    Ok(browsed.await?)
}
