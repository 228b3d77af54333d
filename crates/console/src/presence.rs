//! An agent's presence and the work that is offered to them: a piece of every page's head, which asks for
//! itself, and a page of its own for browsers without script.
//!
//! An agent who is not offline has a stream of their own, in one of their pages: it says when their work
//! has changed, whatever the page shows, and asks for a sign of life every so often. A page that is gone
//! gives none.

mod lacking;
mod live;
mod piece;
mod supervisor;
mod transfer;

pub(crate) use lacking::note;
pub(crate) use supervisor::aside;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use headwater_messaging::{Error, Refusal};
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::Posted;
use crate::record::{SESSION, url};
use crate::shell::Page;
use crate::visitor::Visitor;

const HERE: &str = "/presence";

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route(HERE, get(show))
        .route("/presence/status", post(set_presence))
        .route("/presence/beat", post(beat))
        .route("/offers/{work}/accept", post(accept))
        .route("/offers/{work}/decline", post(decline))
        .merge(transfer::routes())
        .merge(supervisor::routes())
}

/// The stream, which no page's time ends.
pub(crate) fn streams() -> Router<Console> {
    Router::new().route("/presence/live", get(live::live))
}

/// The place of the piece in a page's head; script fills it, and without script it is a link.
pub(crate) fn place(visitor: &Visitor) -> Markup {
    html! {
        @if headwater_messaging::is_agent(&visitor.caller) {
            div #work .work hx-get=(HERE) hx-trigger="load, headwater:work" hx-swap="innerHTML"
                hx-target="this" hx-sync="this:queue last" {
                a .button.quiet href=(HERE) { "Presence" }
            }
        }
    }
}

async fn show(State(console): State<Console>, visitor: Visitor) -> Result<Response, Fault> {
    let piece = piece::show(&console, &visitor).await?;
    if visitor.is_partial {
        return Ok(piece.into_response());
    }
    let main = html! {
        header .page-head { h1 { "Presence and work" } }
        section .sheet.work-page { (piece) }
        p .soft { "Without script this page does not follow by itself: load it again to see what is offered." }
    };
    Page::new(visitor, "Presence and work", main)
        .show(&console)
        .await
}

async fn set_presence(
    State(console): State<Console>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let set = console
        .messaging
        .set_presence(&visitor.caller, form.filled("status"));
    set.await?;
    again(&console, &visitor).await
}

/// A sign of life; 410 when the visitor is offline, so that the page stops.
async fn beat(
    State(console): State<Console>,
    Posted { visitor, .. }: Posted,
) -> Result<StatusCode, Fault> {
    let is_present = console.messaging.sign_of_life(&visitor.caller).await?;
    Ok(if is_present {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::GONE
    })
}

async fn accept(
    State(console): State<Console>,
    Path(work): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    let session = console.messaging.accept_offer(&visitor.caller, &work);
    Ok(Redirect::to(&url(SESSION, session.await?)).into_response())
}

async fn decline(
    State(console): State<Console>,
    Path(work): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let messaging = &console.messaging;
    let declined = messaging.decline_offer(&visitor.caller, &work, form.filled("reason"));
    match declined.await {
        // It went to somebody else meanwhile, which is what was wanted.
        Ok(()) | Err(Error::Routing(Refusal::NotOffered)) => {}
        Err(error) => return Err(error.into()),
    }
    again(&console, &visitor).await
}

/// The piece as it is now, or its page.
async fn again(console: &Console, visitor: &Visitor) -> Result<Response, Fault> {
    if visitor.is_partial {
        return Ok(piece::show(console, visitor).await?.into_response());
    }
    Ok(Redirect::to(HERE).into_response())
}
