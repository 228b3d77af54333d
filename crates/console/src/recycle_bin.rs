//! The recycle bin: what was deleted lately, to bring back or to be rid of.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use headwater_catalogue::{Id, SystemPermission};
use headwater_records::recycle::KEPT_DAYS;
use headwater_records::{BinRecord, BinRequest};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted};
use crate::icons;
use crate::record::url;
use crate::shell::Page;
use crate::text::encoded;
use crate::toast::Notice;
use crate::value;
use crate::visitor::Visitor;

/// The page's own address.
const HERE: &str = "/recycle-bin";

/// Records of a page.
const ROWS: u32 = 50;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route(HERE, get(list))
        .route("/recycle-bin/{id}/restore", post(restore))
        .route("/recycle-bin/{id}/erase", get(ask).post(erase))
}

async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let may_all = visitor.caller.rights.has(SystemPermission::ModifyAllData);
    let everybody = may_all && form.get("whose") == Some("everybody");
    let request = BinRequest {
        everybody,
        after: form.filled("after").and_then(place),
        limit: Some(ROWS),
    };
    let page = console.org.recycle_bin(&visitor.caller, request).await?;
    let next = page.next.map(|(at, id)| {
        let whose = if everybody { "everybody" } else { "mine" };
        let after = format!("{}-{id}", at.as_microsecond());
        format!("{HERE}?whose={whose}&after={}", encoded(&after))
    });
    let main = html! {
        header .page-head { h1 { "Recycle bin" } }
        p .soft { "Deleted records lie here for " (KEPT_DAYS) " days. What went with a record comes back with it." }
        @if may_all {
            nav .tabs aria-label="Whose records" {
                a href=(HERE) aria-current=[(!everybody).then_some("page")] { "Mine" }
                a href={ (HERE) "?whose=everybody" } aria-current=[everybody.then_some("page")] { "Everybody’s" }
            }
        }
        div .list-frame {
            @if page.records.is_empty() {
                p .nothing { @if everybody { "Nobody has deleted anything lately." } @else { "You have not deleted anything lately." } }
            } @else {
                table .list {
                    caption .unseen { "Deleted records, those deleted last first" }
                    thead { tr {
                        th scope="col" { "Name" } th scope="col" { "Object" } th scope="col" { "Deleted by" }
                        th scope="col" { "Deleted" } th scope="col" { span .unseen { "Actions" } }
                    } }
                    tbody { @for record in &page.records { (row(&visitor, record)) } }
                }
            }
            @if let Some(next) = next { nav .pages aria-label="Pages" { a .button.quiet href=(next) rel="next" { "Next" } } }
        }
    };
    Page::new(visitor, "Recycle bin", main)
        .under(HERE)
        .show(&console)
        .await
}

fn row(visitor: &Visitor, record: &BinRecord) -> Markup {
    let zone = &visitor.caller.zone;
    let name = record.name.as_deref();
    let name = name.unwrap_or_else(|| record.id.as_str());
    html! {
        tr {
            th scope="row" { (icons::of_object(&record.object.name)) " " (name) }
            td data-label="Object" { span { (record.object.label) } }
            td data-label="Deleted by" { span { (value::record_link(Some(record.by), record.by_name.as_deref().unwrap_or_default())) } }
            td data-label="Deleted" { span { (value::moment(record.at, zone)) } }
            td {
                div .ways {
                    form method="post" action={ (HERE) "/" (record.id) "/restore" } {
                        (visitor.token_field())
                        button .quiet aria-label={ "Restore " (name) } { "Restore" }
                    }
                    a .button.quiet href={ (HERE) "/" (record.id) "/erase" } data-opens-dialog
                        hx-get={ (HERE) "/" (record.id) "/erase" } hx-select="#dialog-content"
                        hx-target="#dialog-content" hx-swap="outerHTML"
                        aria-label={ "Delete " (name) " for good" } { "Delete for good" }
                }
            }
        }
    }
}

/// Brings a record back, and goes to it.
async fn restore(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    let object = console.org.undelete(&visitor.caller, &id).await?;
    let to = id
        .parse::<Id>()
        .map_or_else(|_| HERE.to_owned(), |id| url(&object.name, id));
    Ok(gone_to(&visitor, &to, Notice::Restored))
}

async fn ask(
    State(console): State<Console>,
    Path(id): Path<String>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let main = html! {
        div #dialog-content .sheet.form {
            h1 #dialog-title { "Delete for good?" }
            p { "Nobody can bring the record back after that, nor what went with it." }
            form method="post" action={ (HERE) "/" (id) "/erase" } {
                (visitor.token_field())
                div .ways {
                    button .primary.danger autofocus { "Delete for good" }
                    a .button.quiet href=(HERE) data-closes-dialog { "Keep it" }
                }
            }
        }
    };
    Page::new(visitor, "Delete for good", main)
        .under(HERE)
        .show(&console)
        .await
}

async fn erase(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Fault> {
    console.org.empty_from_bin(&visitor.caller, &id).await?;
    Ok(gone_to(&visitor, HERE, Notice::Erased))
}

/// To another page, where the notice is shown. Script is told to go there as a whole.
fn gone_to(visitor: &Visitor, to: &str, notice: Notice) -> Response {
    let notice = notice.cookie();
    if visitor.is_partial {
        let mut headers = HeaderMap::from_iter([(header::SET_COOKIE, notice)]);
        if let Ok(to) = to.parse() {
            headers.insert("hx-redirect", to);
        }
        return (StatusCode::NO_CONTENT, headers).into_response();
    }
    ([(header::SET_COOKIE, notice)], Redirect::to(to)).into_response()
}

/// The place that an earlier page ended at.
fn place(text: &str) -> Option<(Timestamp, Id)> {
    let (at, id) = text.split_once('-')?;
    let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
    Some((at, id.parse().ok()?))
}
