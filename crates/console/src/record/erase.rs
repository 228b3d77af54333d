//! Erasing a Messaging User for good: said what goes, asked for the reason, done.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use headwater_messaging::{Erased, ErasureRequest, Error, may_erase};
use headwater_records::Error as RecordsError;
use maud::{Markup, html};

use super::{MESSAGING_USER, Record, url};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted};
use crate::shell::Page;
use crate::text::counted;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// Most characters of a reason.
const REASON_CHARACTERS_MAX: usize = 255;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/messaging-users/{id}/erase", get(ask).post(erase))
}

/// The way there, for whoever may.
pub(super) fn link(visitor: &Visitor, record: &Record) -> Markup {
    html! {
        @if &*record.object.name == MESSAGING_USER && may_erase(&visitor.caller) {
            a .button.quiet href={ "/messaging-users/" (record.id) "/erase" } { "Erase…" }
        }
    }
}

async fn ask(
    State(console): State<Console>,
    Path(id): Path<String>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    page(&console, visitor, &id, &Form::read(b""), None).await
}

async fn erase(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let request = ErasureRequest {
        user: &id,
        reason: form.get("reason").unwrap_or_default(),
        dry_run: false,
        end_sessions: form.filled("end-sessions").is_some(),
    };
    let problem = match console.messaging.erase(&visitor.caller, request).await {
        // Its page says how far it is.
        Ok(Erased {
            erasure: Some(erasure),
            is_done: false,
            ..
        }) => return Ok(Redirect::to(&url("Erasure", erasure)).into_response()),
        Ok(_) => {
            let notice = [(header::SET_COOKIE, Notice::Erased.cookie())];
            let to = format!("/o/{MESSAGING_USER}");
            return Ok((notice, Redirect::to(&to)).into_response());
        }
        Err(Error::WrongStatus { .. }) => {
            "A session is open. Say that it is to be ended, or wait until it is over.".to_owned()
        }
        Err(Error::Records(error @ RecordsError::Invalid(_))) => Fault::from(error).text,
        Err(error) => return Err(error.into()),
    };
    page(&console, visitor, &id, &form, Some(&problem)).await
}

async fn page(
    console: &Console,
    visitor: Visitor,
    id: &str,
    form: &Form,
    problem: Option<&str>,
) -> Result<Response, Fault> {
    let dry = ErasureRequest {
        user: id,
        reason: "",
        dry_run: true,
        end_sessions: false,
    };
    let told = console.messaging.erase(&visitor.caller, dry).await?;
    let record = Record::read(console, &visitor.caller, MESSAGING_USER, id).await?;
    let main = html! {
        div .sheet.form {
            h1 { "Erase " (record.name()) " for good?" }
            (consequences(&told))
            form method="post" action={ "/messaging-users/" (record.id) "/erase" } {
                (visitor.token_field())
                @if let Some(problem) = problem { p .problem role="alert" { (problem) } }
                @if told.is_open {
                    p {
                        label {
                            input type="checkbox" name="end-sessions" value="true"
                                checked[form.filled("end-sessions").is_some()];
                            " End the session that is open"
                        }
                    }
                }
                p {
                    label for="reason" { "Reason" }
                    input #reason name="reason" required maxlength=(REASON_CHARACTERS_MAX)
                        value=[form.get("reason")] aria-describedby="reason-hint";
                    span #reason-hint .soft { "It is kept, so let it name nobody." }
                }
                div .ways {
                    button .primary.danger { "Erase for good" }
                    a .button.quiet href=(record.url()) { "Keep it" }
                }
            }
        }
    };
    let title = format!("Erase {}", record.name());
    let mut response = Page::new(visitor, title, main).show(console).await?;
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What goes and what stays.
fn consequences(told: &Erased) -> Markup {
    html! {
        p {
            "This Messaging User goes, with "
            strong { (counted(told.sessions, "session", "sessions")) " and " (counted(told.entries, "entry", "entries")) }
            ", their files, conversations, addresses and history, and what has come in from them on "
            (told.channel) ". Nothing goes to the recycle bin, and nobody can bring it back."
        }
        p {
            "The account and the contact stay, and so do files that belong to another record too. An "
            "erasure record stays: who, when, on which channel, why, and how much. Set-up’s audit trail "
            "has it as well."
        }
    }
}
