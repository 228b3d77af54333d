//! Lists of records: a view of one object, searched, narrowed, sorted, page by page; and the same
//! list as a rail beside a record that was opened from it.

mod listing;
pub(crate) mod rows;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use headwater_catalogue::{Object, SystemPermission};
use headwater_records::Table;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::shell::Page;
use crate::text::{encoded, label};
use crate::visitor::Visitor;
use crate::{icons, views};

pub(crate) use listing::Listing;
pub(crate) use rows::{brief, rail};

/// Rows of a page.
const ROWS: u64 = 50;

/// Most choices that a list is narrowed by one field with.
const CHOICES_MAX: u64 = 100;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/o/MessagingSession") }))
        .route("/o/{object}", get(show))
        .route("/objects", get(objects))
}

async fn show(
    State(console): State<Console>,
    Path(object): Path<String>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let query = query.unwrap_or_default();
    let listing = Listing::read(&visitor.caller, &object, &query)?;
    let table = listing.rows(&console, &visitor.caller, ROWS).await?;
    let body = rows::table(&console, &visitor, &listing, &table).await?;
    let main = html! {
        (head(&visitor, &listing))
        (controls(&console, &visitor, &listing).await?)
        div #list .list-frame {
            (body)
            (pages(&listing, &table))
        }
    };
    let object = &listing.object;
    let nav = nav(&listing);
    let watched: Vec<_> = table
        .rows()
        .flat_map(|row| crate::fields::referred(object, row))
        .collect();
    let newest = visitor.newest;
    let sees_all = console.org.sees_all(&visitor.caller, &object.name);
    let title = format!("{} · {}", object.plural, listing.view.label);
    let name = object.name.clone();
    let mut page = Page::new(visitor, title, main)
        .under(nav)
        .watching(newest, watched);
    if sees_all {
        page = page.watching_all(newest, name);
    }
    page.show(&console).await
}

/// The place of the navigation that a list belongs to.
pub(crate) fn nav(listing: &Listing) -> String {
    if views::of(&listing.object.name).next().is_some()
        && &*listing.object.name == "MessagingSession"
    {
        format!("/o/MessagingSession?view={}", listing.view.key)
    } else {
        format!("/o/{}", listing.object.name)
    }
}

fn head(visitor: &Visitor, listing: &Listing) -> Markup {
    let object = &listing.object;
    let rights = visitor.caller.rights.on(object);
    let may_create =
        object.calls.create && rights.create && crate::record::edit::has_form_for_new(object);
    html! {
        header .page-head {
            div {
                p .kind { (icons::of_object(&object.name)) (object.plural) }
                h1 { (listing.view.label) }
            }
            nav .tabs aria-label="Views" {
                @for view in views::all_of(object) {
                    a href={ "/o/" (object.name) "?view=" (view.key) }
                        aria-current=[(view.key == listing.view.key).then_some("page")] { (view.label) }
                }
                @if &*object.name == "MessagingEndUser" {
                    a href="/shared-addresses" { "Same phone, different contacts" }
                }
            }
            @if may_create {
                a .button href={ "/o/" (object.name) "/new" } data-key="c" data-label={ "New " (object.label) } {
                    (icons::PLUS) "New"
                }
            }
        }
    }
}

/// Search and what the list is narrowed by. Without script, they take effect by a button.
async fn controls(
    console: &Console,
    visitor: &Visitor,
    listing: &Listing,
) -> Result<Markup, Fault> {
    let object = &listing.object;
    let catalogue = &visitor.caller.rights.catalogue;
    let mut narrowing = Vec::new();
    for field in listing.narrowable(&visitor.caller) {
        let choices = choices(console, visitor, object, field).await?;
        narrowing.push((label(catalogue, object, field), field, choices));
    }
    let searched = object.is_searched() || !views::searched(object).is_empty();
    Ok(html! {
        form .controls role="search" action={ "/o/" (object.name) }
            hx-get={ "/o/" (object.name) } hx-trigger="input changed delay:150ms from:find [name=q], change, submit"
            hx-target="#list" hx-select="#list" hx-swap="morph:outerHTML" hx-replace-url="true" hx-sync="this:queue last" {
            input type="hidden" name="view" value=(listing.view.key);
            @if let Some(sort) = &listing.sort { input type="hidden" name="sort" value=(sort); }
            @if searched {
                label .search {
                    span .unseen { "Search " (object.plural) }
                    (icons::SEARCH)
                    input type="search" name="q" value=(listing.search) placeholder={ "Search " (object.plural.to_lowercase()) "…" }
                        data-search autocomplete="off" spellcheck="false";
                }
            }
            @for (label, field, choices) in &narrowing {
                label .narrow {
                    span { (label) }
                    select name=(field.name) {
                        option value="" { "All" }
                        @for (value, words) in choices {
                            option value=(value) selected[listing.is_narrowed_to(&field.name, value)] { (words) }
                        }
                    }
                }
            }
            button .quiet.plain-only { "Apply" }
        }
    })
}

/// The choices of a field that a list is narrowed by: a picklist's, or the records referred to.
async fn choices(
    console: &Console,
    visitor: &Visitor,
    object: &Object,
    field: &headwater_catalogue::Field,
) -> Result<Vec<(String, String)>, Fault> {
    if let Some(list) = field.kind.as_picklist() {
        let choices = list.choices.iter();
        return Ok(choices
            .map(|choice| (choice.value.to_string(), choice.label.to_string()))
            .collect());
    }
    let catalogue = &visitor.caller.rights.catalogue;
    let target = field.kind.as_reference().and_then(|reference| {
        let target = catalogue.object(reference.targets.names().first()?)?;
        Some((target, target.name_field()?))
    });
    let Some((target, name)) = target else {
        tracing::warn!(object = %object.name, field = %field.name, "a list cannot be narrowed by this");
        return Ok(Vec::new());
    };
    let soql = format!(
        "SELECT Id, {0} FROM {1} ORDER BY {0}",
        name.name, target.name
    );
    let table = console
        .org
        .browse(&visitor.caller, &soql, None, CHOICES_MAX)
        .await?;
    let rows = table.rows().filter_map(|row| {
        let id = row.id("Id")?;
        Some((id.to_string(), row.text(&name.name).to_owned()))
    });
    Ok(rows.collect())
}

fn pages(listing: &Listing, table: &Table) -> Markup {
    html! {
        nav .pages aria-label="Pages" {
            @if listing.after.is_some() {
                a href=(listing.url(None)) { (icons::BACK) "First page" }
            }
            @if let Some(next) = &table.next {
                a .next href=(listing.url(Some(next))) rel="next" data-key="n" data-label="Next page" {
                    "Next " (ROWS) (icons::ARROW)
                }
            }
        }
    }
}

/// Every object that the visitor sees.
async fn objects(
    State(console): State<Console>,
    visitor: Visitor,
) -> Result<impl IntoResponse, Fault> {
    let sees_setup = visitor.caller.rights.has(SystemPermission::ViewSetup);
    let all = console.org.describe_global(&visitor.caller);
    let shown = all.iter().filter(|view| {
        let is_setup = matches!(view.object.access, headwater_catalogue::Access::SetUp(_));
        // Some are only asked about for one record, and are listed on that record's page.
        let has_list = view.object.filtered_by.is_empty();
        view.queryable && has_list && (sees_setup || !is_setup)
    });
    let main = html! {
        header .page-head { h1 { "All objects" } }
        ul .cards {
            @for view in shown {
                li { a .sheet.card href={ "/o/" (encoded(&view.object.name)) } {
                    (icons::of_object(&view.object.name))
                    span { strong { (view.object.plural) } br; span .soft { (view.object.name) } }
                } }
            }
        }
    };
    Page::new(visitor, "All objects", main).show(&console).await
}
