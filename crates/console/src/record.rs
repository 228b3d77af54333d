//! One record: its page, its forms, its end. The same page for every object, driven by describe,
//! layout and explain; messaging sessions and Messaging Users have a little more.

mod asked;
mod composer;
mod desk;
mod details;
pub(crate) mod edit;
mod erase;
mod export;
mod file;
mod highlights;
mod history;
mod identity;
mod local_time;
pub(crate) mod lock;
mod related;
mod remove;
mod signs;
mod template;
mod transcript;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use headwater_catalogue::{Id, Object};
use headwater_records::explain::Explanation;
use headwater_records::{Caller, Cells, Error, Table};
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::lists::{Listing, nav, rail};
use crate::shell::Page;
use crate::text::literal;
use crate::visitor::Visitor;
use crate::{fields, presence, relink};
use asked::{Asked, Unsent};
use local_time::Clock;

pub(crate) const SESSION: &str = "MessagingSession";
pub(crate) const MESSAGING_USER: &str = "MessagingEndUser";

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/r/{object}/{id}", get(show))
        .route("/r/{object}/{id}/edit", get(edit::show).post(edit::save))
        .route(
            "/r/{object}/{id}/delete",
            get(remove::ask).post(remove::delete),
        )
        .route("/r/{object}/{id}/file/{field}", get(file::download))
        .route("/files/{document}", get(file::of_message))
        .route("/o/{object}/new", get(edit::show_new).post(edit::make))
        .merge(desk::routes())
        .merge(transcript::routes())
        .merge(export::routes())
        .merge(erase::routes())
        .route("/{id}", get(of_id))
}

/// A record that was read for somebody: every field that they see.
pub(crate) struct Record {
    pub(crate) object: Arc<Object>,
    pub(crate) id: Id,
    table: Table,
}

impl Record {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that the caller may see.
    pub(crate) async fn read(
        console: &Console,
        caller: &Caller,
        object: &str,
        id: &str,
    ) -> Result<Self, Error> {
        let unknown = || Error::UnknownObject(object.to_owned());
        let object = caller.rights.catalogue.object(object).ok_or_else(unknown)?;
        let not_found = || Error::NotFound(id.to_owned());
        let id: Id = id.parse().map_err(|_| not_found())?;
        let paths = fields::selected(caller, object, &fields::all(caller, object));
        let soql = format!(
            "SELECT {} FROM {} WHERE Id = {} LIMIT 1",
            paths.join(", "),
            object.name,
            literal(id.as_str())
        );
        let table = console.org.browse(caller, &soql, None, 1).await?;
        if table.is_empty() {
            return Err(not_found());
        }
        Ok(Self {
            object: Arc::clone(object),
            id,
            table,
        })
    }

    /// Its values.
    pub(crate) fn cells(&self) -> Cells<'_> {
        // `read` gives none without a row; an empty one shows nothing.
        self.table.cells(0)
    }

    /// What people call it.
    pub(crate) fn name(&self) -> String {
        if &*self.object.name == SESSION
            && let Some(who) = self.cells().get("MessagingEndUser.Name").as_text()
        {
            return who.to_owned();
        }
        fields::called(&self.object, self.cells())
    }

    /// The address of its page.
    pub(crate) fn url(&self) -> String {
        url(&self.object.name, self.id)
    }
}

/// The address of a record's page.
pub(crate) fn url(object: &str, id: Id) -> String {
    format!("/r/{object}/{id}")
}

/// What a page needs to know of a record beside its values.
pub(crate) struct Known {
    explanations: Vec<Explanation>,
}

impl Known {
    async fn of(console: &Console, caller: &Caller, record: &Record) -> Result<Self, Error> {
        let explained =
            console
                .org
                .explain_object(caller, &record.object.name, Some(record.id.as_str()));
        Ok(Self {
            explanations: explained.await?,
        })
    }

    /// Why a field can or cannot be edited.
    pub(crate) fn explanation(&self, field: &str) -> Option<&Explanation> {
        self.explanations.iter().find(|one| one.field == field)
    }
}

async fn show(
    State(console): State<Console>,
    Path((object, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let record = Record::read(&console, &visitor.caller, &object, &id).await?;
    let asked = Asked::of(&console, &visitor, &record, &form).await?;
    // Whoever reads the page has it whether or not that can be written down.
    let noted = console
        .org
        .note_viewed(&visitor.caller, &record.object, record.id);
    if let Err(error) = noted.await {
        tracing::debug!(%error, "a view of a record was not noted");
    }
    page(&console, visitor, &record, &form, &asked).await
}

/// A session's page once more, with an answer in it that was not sent.
async fn again(
    console: &Console,
    mut visitor: Visitor,
    session: &str,
    form: &Form,
    unsent: Unsent,
) -> Result<Response, Fault> {
    let record = Record::read(console, &visitor.caller, SESSION, session).await?;
    let mut asked = Asked::of(console, &visitor, &record, form).await?;
    asked.unsent = Some(unsent);
    visitor.here = if visitor.is_partial {
        visitor.page().to_owned()
    } else {
        record.url()
    };
    let query = visitor.here.split_once('?').map_or("", |(_, query)| query);
    let listed = Form::read(query.as_bytes());
    let page = page(console, visitor, &record, &listed, &asked).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

async fn page(
    console: &Console,
    mut visitor: Visitor,
    record: &Record,
    form: &Form,
    asked: &Asked,
) -> Result<Response, Fault> {
    visitor.here = Asked::stripped(&visitor.here);
    let known = Known::of(console, &visitor.caller, record).await?;
    let from = form
        .filled("from")
        .and_then(|from| Listing::at(&visitor.caller, from));
    let beside = match &from {
        Some(listing) => Some(rail(console, &visitor, listing, record.id).await?),
        None => None,
    };
    let main = html! {
        @if let Some(beside) = &beside { (beside) }
        article .record {
            (highlights::show(&visitor, record, &known))
            (body(console, &visitor, record, &known, asked).await?)
        }
    };
    let watched = fields::referred(&record.object, record.cells());
    let under = from
        .as_ref()
        .map_or_else(|| format!("/o/{}", record.object.name), nav);
    let title = format!("{} · {}", record.name(), record.object.label);
    let newest = visitor.newest;
    let has_transcript = &*record.object.name == SESSION && transcript::may_read(&visitor);
    let page = Page::new(visitor, title, main)
        .class(if beside.is_some() { "with-rail" } else { "" })
        .under(under)
        .watching(newest, watched);
    if has_transcript {
        return page.including("#reading").show(console).await;
    }
    page.show(console).await
}

async fn body(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
    known: &Known,
    asked: &Asked,
) -> Result<Markup, Fault> {
    let is_session = &*record.object.name == SESSION;
    let details = details::show(console, visitor, record, known).await?;
    let related = related::show(console, visitor, record).await?;
    let history = history::show(console, visitor, record).await?;
    let relinks = relink::history::show(console, visitor, record).await?;
    let clock = if is_session {
        Clock::of(console, visitor, record).await?
    } else {
        None
    };
    let clock = clock.as_ref();
    Ok(html! {
        div .columns {
            @if is_session {
                div .wide { (transcript::show(console, visitor, record, asked, clock).await?) (related) }
                div .narrow-column {
                    (identity::card(console, visitor, record, known, clock).await?)
                    (presence::note(console, visitor, record).await?)
                    (desk::aside(console, visitor, record).await?)
                    (details)
                    (history)
                }
            } @else {
                div .wide { (details) (related) }
                div .narrow-column { (relinks) (history) }
            }
        }
    })
}

/// `/0Mw…`: to the page of the record, whatever its object, as Salesforce's own addresses do. What is
/// no id is no page, whoever asks.
async fn of_id(Path(id): Path<String>, visitor: Result<Visitor, Fault>) -> Result<Response, Fault> {
    let id: Id = id.parse().map_err(|_| Fault::no_page())?;
    let object = visitor?
        .caller
        .rights
        .catalogue
        .object_of(id.prefix())
        .cloned();
    let object = object.ok_or_else(Fault::no_page)?;
    Ok(Redirect::to(&url(&object.name, id)).into_response())
}
