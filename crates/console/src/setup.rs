//! Setup: who may do what, what there is, how it is laid out, and who changed it.
//!
//! Every page takes the right to view the set-up, which [`Viewer`] and [`Change`] ask for before a
//! handler runs. Whether a change may be made is for the verbs to say; the pages only leave out
//! controls that would be refused.

mod access;
mod access_question;
mod apps;
mod audit;
mod bulk_jobs;
mod channels;
mod controls;
mod custom_field;
mod custom_object;
mod field_matrix;
mod field_page;
mod kinds;
mod layout_editor;
mod layout_form;
mod matrix_rows;
mod new_app;
mod objects;
mod permission_set;
mod permission_sets;
mod person;
mod routing;
mod switches;
mod users;
mod visitors;

use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use headwater_catalogue::SystemPermission;
use headwater_records::Error;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::{Form, Posted};
use crate::shell::Page;
use crate::toast::Notice;
use crate::visitor::Visitor;

pub(crate) use access::link as access_link;

/// Rows of a page of a list.
const ROWS: u64 = 50;

/// A page of Setup, for its navigation and its front page.
struct Place {
    url: &'static str,
    name: &'static str,
    about: &'static str,
}

/// The pages, in the order they are listed.
const PLACES: [Place; 9] = [
    Place {
        url: "/setup/users",
        name: "Users",
        about: "Who can sign in, with which profile and which permission sets.",
    },
    Place {
        url: "/setup/permission-sets",
        name: "Permissions",
        about: "Profiles and permission sets: what they let people do, object by object and field by field.",
    },
    Place {
        url: "/setup/access",
        name: "Access inspector",
        about: "What one person may do with one record, the first rule that says no, and what would lift it.",
    },
    Place {
        url: "/setup/objects",
        name: "Objects",
        about: "Objects and fields, where each value comes from, custom fields, page layouts.",
    },
    Place {
        url: "/setup/channels",
        name: "Messaging channels",
        about: "How customers reach you: the chat for your pages, and accounts with carriers.",
    },
    Place {
        url: "/setup/routing",
        name: "Routing",
        about: "How sessions that wait get to agents, what agents say of themselves, and how much they get.",
    },
    Place {
        url: "/setup/apps",
        name: "Connected apps",
        about: "Programs that sign in, how they prove themselves, and what they may ask for.",
    },
    Place {
        url: "/setup/bulk-jobs",
        name: "Bulk jobs",
        about: "What is loaded or read in great numbers: how far it is, and what went wrong.",
    },
    Place {
        url: "/setup/audit",
        name: "Audit trail",
        about: "Who changed the set-up, when, and what.",
    },
];

/// The names and addresses of all pages, for those who jump to one.
pub(crate) fn places() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLACES.iter().map(|place| (place.name, place.url))
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/setup", get(home))
        .route("/setup/users", get(users::list))
        .route("/setup/users/{id}", get(person::show))
        .route("/setup/users/{id}/active", post(person::set_active))
        .route("/setup/users/{id}/password", post(person::set_password))
        .route("/setup/users/{id}/permission-sets", post(person::assign))
        .route(
            "/setup/users/{id}/permission-sets/remove",
            post(person::take_back),
        )
        .route("/setup/permission-sets", get(permission_sets::list))
        .route(
            "/setup/permission-sets/new",
            get(permission_sets::ask).post(permission_sets::make),
        )
        .route(
            "/setup/permission-sets/{id}",
            get(permission_set::show).post(permission_set::save),
        )
        .route(
            "/setup/permission-sets/{id}/{object}",
            get(field_matrix::show).post(field_matrix::save),
        )
        .route("/setup/access", get(access::show))
        .route("/setup/objects", get(objects::list))
        .route(
            "/setup/objects/new",
            get(custom_object::ask).post(custom_object::make),
        )
        .route("/setup/objects/{object}", get(objects::show))
        .route(
            "/setup/objects/{object}/fields/{field}",
            get(field_page::show),
        )
        .route(
            "/setup/objects/{object}/new-field",
            get(custom_field::ask).post(custom_field::make),
        )
        .route(
            "/setup/objects/{object}/layout",
            get(layout_editor::show).post(layout_editor::act),
        )
        .route("/setup/channels", get(channels::list))
        .route(
            "/setup/channels/{id}",
            get(channels::ask).post(channels::connect),
        )
        .route("/setup/channels/{id}/check", post(channels::check))
        .route(
            "/setup/channels/{id}/retention",
            get(channels::retention).post(channels::set_retention),
        )
        .route(
            "/setup/channels/{id}/retention/remove",
            post(channels::remove),
        )
        .route("/setup/channels/{id}/test", post(channels::send_test))
        .route("/setup/channels/{id}/visitors", get(visitors::show))
        .route(routing::HERE, get(routing::show))
        .route("/setup/routing/queue", post(routing::set_queue))
        .route("/setup/routing/status", post(routing::set_status))
        .route("/setup/routing/skills", post(routing::skills::give))
        .route("/setup/routing/skills/ask", post(routing::skills::ask))
        .route(
            "/setup/routing/skills/remove",
            post(routing::skills::take_back),
        )
        .route("/setup/apps", get(apps::list))
        .route("/setup/apps/new", get(new_app::ask).post(new_app::make))
        .route("/setup/apps/active", post(apps::set_active))
        .route("/setup/bulk-jobs", get(bulk_jobs::list))
        .route("/setup/audit", get(audit::list))
        .route("/setup/audit.csv", get(audit::download))
}

/// Somebody who may look at Setup.
struct Viewer(Visitor);

impl FromRequestParts<Console> for Viewer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Fault> {
        let visitor = Visitor::from_request_parts(parts, console).await?;
        may_view(&visitor)?;
        Ok(Self(visitor))
    }
}

/// A form from somebody who may look at Setup. What it asks for is for a verb to let or refuse.
struct Change {
    visitor: Visitor,
    form: Form,
}

impl FromRequest<Console> for Change {
    type Rejection = Fault;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Fault> {
        let Posted { visitor, form } = Posted::from_request(request, console).await?;
        may_view(&visitor)?;
        Ok(Self { visitor, form })
    }
}

fn may_view(visitor: &Visitor) -> Result<(), Error> {
    may(visitor, SystemPermission::ViewSetup)
}

fn may(visitor: &Visitor, permission: SystemPermission) -> Result<(), Error> {
    if visitor.caller.rights.has(permission) {
        return Ok(());
    }
    Err(Error::NotPermitted(permission.field()))
}

impl Visitor {
    /// Whether they may change users, profiles and permission sets.
    fn manages_users(&self) -> bool {
        self.caller.rights.has(SystemPermission::ManageUsers)
    }

    /// Whether they may change objects, fields, layouts and apps.
    fn customizes(&self) -> bool {
        self.caller
            .rights
            .has(SystemPermission::CustomizeApplication)
    }
}

async fn home(State(console): State<Console>, Viewer(visitor): Viewer) -> Result<Response, Fault> {
    let main = html! {
        header .page-head { h1 { "Setup" } }
        ul .cards.setup-cards {
            @for place in &PLACES {
                li { a .sheet.card href=(place.url) {
                    span { strong { (place.name) } br; span .soft { (place.about) } }
                } }
            }
        }
    };
    framed(&console, visitor, "/setup", "Setup", &main).await
}

/// A page of Setup: its own navigation, and this beside it.
async fn framed(
    console: &Console,
    visitor: Visitor,
    here: &str,
    title: &str,
    main: &Markup,
) -> Result<Response, Fault> {
    let title = if here == "/setup" {
        title.to_owned()
    } else {
        format!("{title} · Setup")
    };
    Page::new(visitor, title, around(here, main))
        .class("setup")
        .under("/setup")
        .show(console)
        .await
}

fn around(here: &str, main: &Markup) -> Markup {
    html! {
        nav .setup-places aria-label="Setup" {
            ul {
                @for place in &PLACES {
                    li { a href=(place.url) aria-current=[(place.url == here).then_some("page")] { (place.name) } }
                }
            }
        }
        div .setup-main { (main) }
    }
}

/// The way to where a page belongs, above its title.
fn crumbs(steps: &[(&str, &str)]) -> Markup {
    html! {
        nav .crumbs aria-label="Where this is" {
            @for (url, name) in steps { a href=(url) { (name) } span aria-hidden="true" { "›" } }
        }
    }
}

/// A change is made: on to a page that says so.
fn done(to: &str, notice: Notice) -> Response {
    ([(header::SET_COOKIE, notice.cookie())], Redirect::to(to)).into_response()
}

/// Marks a page that is shown again because its form was not taken.
fn refused(mut page: Response, status: StatusCode) -> Response {
    *page.status_mut() = status;
    page
}

/// The links to the pages of a list.
fn pages(first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        nav .pages aria-label="Pages" {
            @if let Some(first) = first { a href=(first) { (crate::icons::BACK) "First page" } }
            @if let Some(next) = next {
                a .next href=(next) rel="next" data-key="n" data-label="Next page" { "Next " (ROWS) (crate::icons::ARROW) }
            }
        }
    }
}
