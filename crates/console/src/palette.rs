//! Search over everything: as somebody types in the palette, and as a page of its own.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use headwater_catalogue::{Object, SystemPermission};
use headwater_records::Error;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::icons;
use crate::lookup::{Offer, search};
use crate::shell::Page;
use crate::views;
use crate::visitor::Visitor;

/// The objects searched, in the order shown.
const OBJECTS: [&str; 7] = [
    "MessagingEndUser",
    "Contact",
    "Account",
    "Case",
    "Lead",
    "Opportunity",
    "User",
];

/// Records of one object that the palette offers.
const OFFERED: u64 = 4;

/// Records of one object that the page shows.
const SHOWN: u64 = 20;

/// Characters from which on records are searched for.
const CHARACTERS_MIN: usize = 2;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/palette", get(palette))
        .route("/search", get(page))
}

/// Places that can be gone to, by their names.
fn places(visitor: &Visitor) -> Vec<(String, String)> {
    let catalogue = &visitor.caller.rights.catalogue;
    let sees = |name: &str| {
        let object = catalogue.object(name)?;
        visitor.caller.rights.on(object).read.then_some(object)
    };
    let mut places = Vec::new();
    if sees("MessagingSession").is_some() {
        let sessions = views::of("MessagingSession");
        places.extend(sessions.map(|view| (format!("Sessions: {}", view.label), views::url(view))));
    }
    let lists = OBJECTS.iter().filter_map(|name| sees(name));
    places.extend(lists.map(|object| (object.plural.to_string(), format!("/o/{}", object.name))));
    for (name, url) in [
        ("Dashboard", "/dashboard"),
        ("All objects", "/objects"),
        ("Relinks", "/o/Relink"),
        ("Recycle bin", "/recycle-bin"),
        ("Preferences", "/preferences"),
    ] {
        places.push((name.to_owned(), url.to_owned()));
    }
    if visitor.caller.rights.has(SystemPermission::ViewSetup) {
        places.push(("Setup".to_owned(), "/setup".to_owned()));
        let pages = crate::setup::places();
        places.extend(pages.map(|(name, url)| (format!("Setup: {name}"), url.to_owned())));
    }
    places
}

async fn palette(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Markup, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let typed = form.filled("q").unwrap_or_default();
    let wanted = typed.to_lowercase();
    let places = places(&visitor);
    let fitting = places
        .iter()
        .filter(|(name, _)| name.to_lowercase().contains(&wanted));
    let found = found(&console, &visitor, typed, OFFERED).await?;
    Ok(html! {
        @for offer in found.iter().flat_map(|(_, offers)| offers) {
            li role="option" id={ "go-" (offer.id) } data-href={ "/" (offer.id) } {
                (icons::of_object(&offer.object.name))
                span .name { (offer.name) }
                span .soft { (offer.object.label) @if !offer.hint.is_empty() { " · " (offer.hint) } }
            }
        }
        @for (place, (name, url)) in fitting.enumerate() {
            li role="option" id={ "place-" (place) } data-href=(url) {
                (icons::ARROW) span .name { (name) } span .soft { "Page" }
            }
        }
    })
}

async fn found(
    console: &Console,
    visitor: &Visitor,
    typed: &str,
    most: u64,
) -> Result<Vec<(Arc<Object>, Vec<Offer>)>, Error> {
    let mut found = Vec::new();
    if typed.chars().count() < CHARACTERS_MIN {
        return Ok(found);
    }
    for name in OBJECTS {
        let object = visitor.caller.rights.catalogue.object(name);
        let Some(object) = object.filter(|object| visitor.caller.rights.on(object).read) else {
            continue;
        };
        let offers = search(console, &visitor.caller, object, typed, most).await?;
        if !offers.is_empty() {
            found.push((Arc::clone(object), offers));
        }
    }
    Ok(found)
}

async fn page(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let typed = form.filled("q").unwrap_or_default().to_owned();
    let found = found(&console, &visitor, &typed, SHOWN).await?;
    let main = html! {
        header .page-head { h1 { "Search" } }
        form .controls role="search" action="/search" {
            label .search {
                span .unseen { "Search all records" }
                (icons::SEARCH)
                input type="search" name="q" value=(typed) data-search autofocus[typed.is_empty()];
            }
            button .quiet { "Search" }
        }
        @if found.is_empty() {
            p .nothing {
                @if typed.chars().count() < CHARACTERS_MIN { "Type at least two characters." }
                @else { "Nothing is called “" (typed) "”." }
            }
        }
        @for (object, offers) in &found {
            section .sheet.related {
                h2 { (icons::of_object(&object.name)) (object.plural) }
                ul .found {
                    @for offer in offers {
                        li { a href={ "/" (offer.id) } { (offer.name) } " " span .soft { (offer.hint) } }
                    }
                }
            }
        }
    };
    Page::new(visitor, "Search", main).show(&console).await
}
