//! The files of a record: where they are downloaded, and the download.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Field;
use headwater_records::{ContentReader, Error};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Record, url};
use crate::console::Console;
use crate::fault::Fault;
use crate::visitor::Visitor;

/// The object whose records have files by their latest versions, and those.
const DOCUMENT: &str = "ContentDocument";
const VERSION: &str = "ContentVersion";

/// A button for each file of a record.
pub(super) fn buttons(visitor: &Visitor, record: &Record) -> Markup {
    let catalogue = &visitor.caller.rights.catalogue;
    let latest = record.cells().id("LatestPublishedVersionId");
    let of_version = catalogue.object(VERSION).zip(latest);
    let (object, id) = match of_version {
        Some(of_version) if &*record.object.name == DOCUMENT => of_version,
        _ => (&record.object, record.id),
    };
    let rights = visitor.caller.rights.on(object);
    let fields = object.fields.iter().enumerate();
    let files = fields.filter(|(place, field)| is_file(field) && rights.reads(*place));
    html! {
        @for (_, field) in files {
            a .button href={ (url(&object.name, id)) "/file/" (field.name) } download { "Download" }
        }
    }
}

/// Whether a field holds a file.
pub(super) fn is_file(field: &Field) -> bool {
    field.kind.as_content().is_some()
}

/// The bytes, to be kept and never to be shown as a page of ours, whatever they are.
pub(super) async fn download(
    State(console): State<Console>,
    Path((object, id, field)): Path<(String, String, String)>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let content = console.org.content(&visitor.caller, &object, &id, &field);
    let reader = content.await.map_err(|error| match error {
        Error::UnknownField { .. } => Fault::no_page(),
        error => error.into(),
    })?;
    let name = reader.name.clone();
    let name = name.as_deref().unwrap_or("file");
    Ok(sent(&console, reader, name, UNKNOWN_TYPE))
}

/// What browsers keep and never run.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file of a message. An image says that it is one, so that it can be shown where it stands.
pub(super) async fn of_message(
    State(console): State<Console>,
    Path(document): Path<String>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let id = document.parse().map_err(|_| Fault::no_page())?;
    let (file, reader) = console.messaging.file(&visitor.caller, id).await?;
    let media_type = if file.is_shown() {
        file.media_type
    } else {
        UNKNOWN_TYPE
    };
    Ok(sent(&console, reader, &file.name, media_type))
}

fn sent(
    console: &Console,
    reader: ContentReader,
    name: &str,
    media_type: &'static str,
) -> Response {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename*=UTF-8''{name}");
    let headers = [
        (
            header::CONTENT_TYPE,
            Some(HeaderValue::from_static(media_type)),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).ok(),
        ),
        (header::CONTENT_LENGTH, Some(reader.size.into())),
    ];
    let mut response = Body::from_stream(console.org.pieces(reader)).into_response();
    for (name, value) in headers {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
