//! Changing the account and contact of a Messaging User on the spot: what it would do, doing it,
//! and taking it back.

pub(crate) mod candidates;
pub(crate) mod effect;
pub(crate) mod history;
mod wish;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use headwater_catalogue::{Id, Value};
use headwater_records::relink::RelinkReport;
use headwater_records::{Caller, Cells, Error};
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted};
use crate::record::{MESSAGING_USER, Record, url};
use crate::shell::Page;
use crate::text::{counted, literal};
use crate::toast::Notice;
use crate::visitor::Visitor;
use wish::{Wish, wish};

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/relink", get(show).post(apply))
        .route("/relink/effect", post(preview))
        .route("/relinks/{id}/undo", post(undo))
}

/// One of the two links.
struct Link {
    /// The field of the Messaging User, and of the form.
    field: &'static str,
    /// The object pointed to.
    object: &'static str,
    label: &'static str,
}

const ACCOUNT: Link = Link {
    field: "AccountId",
    object: "Account",
    label: "Account",
};
const CONTACT: Link = Link {
    field: "ContactId",
    object: "Contact",
    label: "Contact",
};
const LINKS: [&Link; 2] = [&ACCOUNT, &CONTACT];

async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let user = form.get("user").unwrap_or_default().to_owned();
    page(&console, visitor, &user, &form, None, StatusCode::OK).await
}

/// What it would do: before and after, and how many sessions follow.
async fn preview(
    State(console): State<Console>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let user = form.get("user").unwrap_or_default().to_owned();
    page(&console, visitor, &user, &form, None, StatusCode::OK).await
}

async fn apply(
    State(console): State<Console>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let user = form.get("user").unwrap_or_default().to_owned();
    let record = Record::read(&console, &visitor.caller, MESSAGING_USER, &user).await?;
    let wish = wish(&console, &visitor.caller, &record, &form, false).await?;
    if !wish.problems.is_empty() {
        return page(
            &console,
            visitor,
            &user,
            &form,
            None,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    match console.org.relink(&visitor.caller, wish.request).await {
        Ok(report) => {
            let notice = report.relink.map_or(Notice::Unchanged, Notice::Relinked);
            Ok(done(&visitor, &form, notice))
        }
        Err(error @ (Error::Internal(_) | Error::NotFound(_))) => Err(error.into()),
        Err(error) => {
            let status = Fault::from(error);
            let text = status.text.clone();
            page(&console, visitor, &user, &form, Some(&text), status.status).await
        }
    }
}

async fn undo(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted,
) -> Result<Response, Fault> {
    let report = console.org.undo_relink(&visitor.caller, &id).await?;
    let notice = report.relink.map_or(Notice::Unchanged, Notice::Relinked);
    let mut response = Redirect::to(&back(&form)).into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, notice.cookie());
    Ok(response)
}

/// Back to the page that the form was opened from. Script stays on it, and asks for it again.
fn done(visitor: &Visitor, form: &Form, notice: Notice) -> Response {
    if visitor.is_partial {
        let headers = HeaderMap::from_iter([
            (header::SET_COOKIE, notice.cookie()),
            (
                header::HeaderName::from_static("hx-trigger"),
                HeaderValue::from_static("headwater:done"),
            ),
        ]);
        return (StatusCode::NO_CONTENT, headers).into_response();
    }
    (
        [(header::SET_COOKIE, notice.cookie())],
        Redirect::to(&back(form)),
    )
        .into_response()
}

fn back(form: &Form) -> String {
    let from = form
        .filled("from")
        .filter(|from| from.starts_with('/') && !from.starts_with("//"));
    from.map_or_else(
        || match form.get("user").and_then(|user| user.parse::<Id>().ok()) {
            Some(user) => url(MESSAGING_USER, user),
            None => "/".to_owned(),
        },
        str::to_owned,
    )
}

async fn page(
    console: &Console,
    visitor: Visitor,
    user: &str,
    form: &Form,
    problem: Option<&str>,
    status: StatusCode,
) -> Result<Response, Fault> {
    let record = Record::read(console, &visitor.caller, MESSAGING_USER, user).await?;
    let wish = wish(console, &visitor.caller, &record, form, true).await?;
    let sessions = sessions(console, &visitor.caller, &record).await?;
    let mut report = None;
    let mut trouble = problem.map(str::to_owned);
    if wish.is_some() && wish.problems.is_empty() {
        match console
            .org
            .relink(&visitor.caller, wish.request.clone())
            .await
        {
            Ok(found) => report = Some(found),
            Err(error @ Error::Internal(_)) => return Err(error.into()),
            Err(error) => trouble = Some(Fault::from(error).text),
        }
    }
    let proposal = match &report {
        Some(report) => {
            let is_taken = form.filled("use-account-of-contact").is_some();
            proposal(console, &visitor.caller, report, is_taken).await?
        }
        None => None,
    };
    let from = form.filled("from").unwrap_or(&record.url()).to_owned();
    let candidates = match record.cells().id(CONTACT.field) {
        None => candidates::of(console, &visitor.caller, record.id).await?,
        Some(_) => Vec::new(),
    };
    let main = html! {
        div #dialog-content .sheet.form.relink {
            h1 #dialog-title { "Change account or contact" }
            p .soft {
                "For the Messaging User " strong { (record.name()) }
                " (" (record.cells().text("MessagingPlatformKey")) "). "
                (follow(sessions))
            }
            @if !candidates.is_empty() {
                section .may-be aria-label="Who it may be" {
                    h2 { "Who it may be" }
                    (candidates::list(record.id, &candidates, &from))
                }
            }
            form method="post" action="/relink" hx-post="/relink" hx-target="#dialog-content"
                hx-select="#dialog-content" hx-swap="outerHTML" {
                (visitor.token_field())
                input type="hidden" name="user" value=(record.id);
                input type="hidden" name="from" value=(from);
                @if let Some(trouble) = &trouble { p .problem role="alert" { (trouble) } }
                @for link in LINKS { (control(&record, form, &wish, link)) }
                div #relink-effect aria-live="polite" { (effect::show(report.as_ref(), proposal.as_ref())) }
                label for="input-reason" { "Note " span .soft { "(optional, kept with the relink)" } }
                input #input-reason name="reason" maxlength="255" value=(form.get("reason").unwrap_or_default()) autocomplete="off";
                div .ways {
                    button .primary { "Change for " (counted(sessions, "session", "sessions")) }
                    button .plain-only formaction="/relink/effect" { "Show the effect" }
                    a .button.quiet href=(back(form)) data-closes-dialog { "Cancel" }
                }
            }
        }
    };
    let title = format!("Change account or contact of {}", record.name());
    let under = format!("/o/{MESSAGING_USER}");
    let mut response = Page::new(visitor, title, main)
        .under(under)
        .show(console)
        .await?;
    *response.status_mut() = status;
    Ok(response)
}

fn follow(sessions: u64) -> Markup {
    html! {
        @match sessions {
            0 => "It has no sessions yet; all that come will show what you choose.",
            1 => "Its session shows what you choose at once, and so will all that come.",
            many => { "All " (crate::text::grouped(many)) " of its sessions, open and ended, show what you choose at once." }
        }
    }
}

/// The control of one link. A change shows what it would do.
fn control(record: &Record, form: &Form, wish: &Wish, link: &Link) -> Markup {
    let cells = record.cells();
    let current = cells
        .id(link.field)
        .map(|id| id.to_string())
        .unwrap_or_default();
    let name = format!("input-{}", link.field);
    let now = match (form.get(link.field), wish.target(link)) {
        (_, Some(id)) | (Some(id), None) => id.to_owned(),
        (None, None) => current.clone(),
    };
    let shown = linked_name(cells, link);
    let typed = form
        .get(&format!("{}.search", link.field))
        .unwrap_or(&shown);
    let problem = wish.problems.iter().find(|(field, _)| *field == link.field);
    let candidates = wish
        .candidates
        .iter()
        .find(|(field, _)| *field == link.field);
    html! {
        div .control {
            label for=(name) { (link.label) @if !shown.is_empty() { span .soft { " now: " (shown) } } }
            div .lookup data-lookup={ "/lookup?for=MessagingEndUser." (link.field) } {
                input type="hidden" name=(link.field) value=(now)
                    hx-post="/relink/effect" hx-trigger="change" hx-include="closest form"
                    hx-target="#relink-effect" hx-select="#relink-effect" hx-swap="outerHTML";
                input id=(name) name={ (link.field) ".search" } value=(typed) autocomplete="off" spellcheck="false"
                    placeholder={ "No " (link.object.to_lowercase()) } autofocus[link.field == ACCOUNT.field]
                    aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| format!("{name}-problem"))];
                input type="hidden" name={ (link.field) ".shown" } value=(shown);
                input type="hidden" name={ "was." (link.field) } value=(form.get(&format!("was.{}", link.field)).unwrap_or(&current));
            }
            @if let Some((_, text)) = problem { p .problem id={ (name) "-problem" } { (text) } }
            @if let Some((_, all)) = candidates {
                fieldset .candidates {
                    legend { "Which one?" }
                    @for (id, words) in all {
                        label { input type="radio" name={ (link.field) ".chosen" } value=(id); (words) }
                    }
                }
            }
        }
    }
}

fn linked_name(cells: Cells<'_>, link: &Link) -> String {
    cells.text(&format!("{}.Name", link.object)).to_owned()
}

/// How many sessions of the Messaging User the visitor sees.
async fn sessions(console: &Console, caller: &Caller, record: &Record) -> Result<u64, Error> {
    let sees = caller.rights.catalogue.object("MessagingSession");
    if !sees.is_some_and(|object| caller.rights.on(object).read) {
        return Ok(0);
    }
    let soql = format!(
        "SELECT COUNT() FROM MessagingSession WHERE MessagingEndUserId = {}",
        literal(record.id.as_str())
    );
    console.org.count(caller, &soql).await
}

/// The account of the contact that would be linked, when it is another than would be linked, or was
/// until somebody took the proposal.
pub(crate) struct Proposal {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) contact: String,
    pub(crate) is_taken: bool,
}

async fn proposal(
    console: &Console,
    caller: &Caller,
    report: &RelinkReport,
    is_taken: bool,
) -> Result<Option<Proposal>, Error> {
    let Some(user) = report.users.first() else {
        return Ok(None);
    };
    let after = |link: &Option<headwater_records::relink::Link>| {
        link.as_ref().and_then(|link| link.after.clone())
    };
    let (account, contact) = (after(&user.account), after(&user.contact));
    let Some(contact) = contact.filter(|_| user.contact.as_ref().is_some_and(|link| link.changed))
    else {
        return Ok(None);
    };
    let soql = format!(
        "SELECT AccountId, Account.Name FROM Contact WHERE Id = {}",
        literal(contact.id.as_str())
    );
    // Whoever may not see the contact's account is not told of it.
    let Ok(table) = console.org.browse(caller, &soql, None, 1).await else {
        return Ok(None);
    };
    let proposed = table.first().and_then(|row| match row.get("AccountId") {
        Value::Id(id) if is_taken || account.as_ref().map(|account| account.id) != Some(*id) => {
            Some(Proposal {
                id: *id,
                name: row.text("Account.Name").to_owned(),
                contact: contact.name.clone().unwrap_or_default(),
                is_taken,
            })
        }
        _ => None,
    });
    Ok(proposed)
}
