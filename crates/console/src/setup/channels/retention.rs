//! How long what was said on a channel is kept: the rule, what it would remove, and the way to do it now.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use headwater_catalogue::SystemPermission;
use headwater_messaging::{Retention, may_erase};
use headwater_records::{Draft, Input, Precondition};
use maud::{Markup, html};

use super::HERE;
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::record::url;
use crate::setup::controls::{Line, Trouble};
use crate::setup::{Change, Viewer, crumbs, done, framed, may, refused};
use crate::text::counted;
use crate::toast::Notice;
use crate::visitor::Visitor;

const CHANNEL: &str = "MessagingChannel";

pub(in crate::setup) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    may(&visitor, SystemPermission::CustomizeApplication)?;
    let form = Form::read(query.unwrap_or_default().as_bytes());
    page(&console, visitor, &id, &form, &Trouble::default()).await
}

/// Saves the rule, or says what it would remove.
pub(in crate::setup) async fn write(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    may(&visitor, SystemPermission::CustomizeApplication)?;
    let trouble = if form.filled("try").is_some() {
        match form.filled("RetentionDays").map(str::parse::<i64>) {
            Some(Ok(days)) if days > 0 => {
                return page(&console, visitor, &id, &form, &Trouble::default()).await;
            }
            _ => Trouble::of_one(
                "RetentionDays",
                "Days: enter a number to see what would go.",
            ),
        }
    } else {
        let days = form.filled("RetentionDays");
        let days = days.map_or(Input::Null, |days| Input::Number(days.to_owned()));
        let mut draft = Draft::new().with("IsSessionRemoved", form.filled("sessions").is_some());
        draft.fields.push(("RetentionDays".to_owned(), days));
        let before = Precondition::default();
        let caller = &visitor.caller;
        match console
            .org
            .update(caller, CHANNEL, &id, draft, before)
            .await
        {
            Ok(_) => return Ok(done(&format!("{HERE}/{id}/retention"), Notice::Saved)),
            Err(error) => Trouble::of(error)?,
        }
    };
    let page = page(&console, visitor, &id, &form, &trouble).await?;
    Ok(refused(page, StatusCode::UNPROCESSABLE_ENTITY))
}

/// Begins to remove what the rule says.
pub(in crate::setup) async fn remove(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { visitor, .. }: Change,
) -> Result<Response, Fault> {
    let begun = console.messaging.remove_transcripts(&visitor.caller, &id);
    let to = match begun.await? {
        // Its page says how far it is.
        Some(run) => url("RetentionRun", run),
        None => format!("{HERE}/{id}/retention"),
    };
    Ok(Redirect::to(&to).into_response())
}

async fn page(
    console: &Console,
    visitor: Visitor,
    id: &str,
    form: &Form,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let typed = form.get("RetentionDays");
    let days = typed.and_then(|typed| typed.trim().parse().ok());
    let days = days.filter(|_| trouble.is_none());
    let found = console
        .messaging
        .retention(&visitor.caller, id, days)
        .await?;
    let own = if found.is_inherited { None } else { found.days };
    let own = own.map(|days| days.to_string()).unwrap_or_default();
    let removes = match typed {
        Some(_) => form.filled("sessions").is_some(),
        None => found.removes_sessions,
    };
    let here = format!("{HERE}/{}/retention", found.channel);
    let main = html! {
        (crumbs(&[(HERE, "Messaging channels")]))
        header .page-head { h1 { "How long " (found.label) " keeps what was said" } }
        form .sheet.form.whole method="post" action=(here) {
            (visitor.token_field())
            (trouble.show())
            (Line {
                name: "RetentionDays",
                label: "Days after a session’s end",
                value: typed.unwrap_or(&own),
                hint: "Empty: as the organization has it. 0: for good.",
                required: false,
            }.show(trouble))
            p { label {
                input type="checkbox" name="sessions" value="true" checked[removes];
                " Remove the sessions themselves too"
            } }
            (consequences(&found, days.is_some()))
            div .ways.foot {
                button .primary data-key="ctrl enter" { "Save" }
                button .quiet name="try" value="true" { "See what would go" }
                a .button.quiet href=(HERE) { "Cancel" }
            }
        }
        @if days.is_none() && found.sessions > 0 && may_erase(&visitor.caller) {
            form .sheet.form.whole method="post" action={ (here) "/remove" } {
                (visitor.token_field())
                p { "The server looks every hour. Whoever does not want to wait begins now." }
                div .ways { button .danger { "Remove now" } }
            }
        }
    };
    let title = format!("Retention of {}", found.label);
    framed(console, visitor, HERE, &title, &main).await
}

/// What would go by this rule.
fn consequences(found: &Retention, is_tried: bool) -> Markup {
    html! {
        p role="status" {
            @if let Some(days) = found.days {
                @if is_tried { "With these days it" } @else { "Now it" }
                " would remove "
                strong {
                    (counted(found.entries, "message", "messages")) " and "
                    (counted(found.files, "file", "files")) " of "
                    (counted(found.sessions, "session", "sessions"))
                }
                ", which ended more than " (counted(days.unsigned_abs(), "day", "days")) " ago. Open sessions are never touched."
                @if found.is_inherited { " The days are the organization’s." }
            } @else {
                "What was said is kept for good."
            }
        }
        p .soft { "What is removed does not go to the recycle bin, and nobody can bring it back. Its counts stand in the audit trail." }
    }
}
