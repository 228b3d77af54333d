//! Addresses by which carriers fetch a file of a message that goes out: whoever has one gets the file, for a
//! day, and nobody can make one but this server.

use std::fmt::Write as _;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_messaging::{Again, File, Undelivered};
use headwater_records::{Error as RecordsError, Org};
use jiff::SignedDuration;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::carriers::Connection;
use crate::door::Channels;
use crate::file_answer;
use crate::refusal::Refusal;

/// What the key that signs them is for, so that nothing else it signs passes for one.
const PURPOSE: &str = "file link";

/// How long one opens its file. Carriers fetch within minutes, and services of one's own when they get to it.
const LASTS: SignedDuration = SignedDuration::from_hours(24);

/// What stands in one beside the file.
#[derive(Debug, Deserialize)]
pub(crate) struct Signed {
    expires: i64,
    signature: String,
}

/// The address of a file that goes out.
///
/// # Errors
/// It is not known where carriers reach this server.
pub(crate) async fn of(connection: &Connection<'_>, file: &File) -> Result<String, Undelivered> {
    let Some(origin) = connection.public_url else {
        let reason = "set server.public_url, the https address that carriers reach this server by: \
                      they fetch files from there";
        return Err(Undelivered::for_good("NO_PUBLIC_URL", reason));
    };
    let org = connection.messaging.org();
    let expires = (org.now() + LASTS).as_second();
    let signature = signature(org, file.id, expires).await.map_err(|error| {
        Undelivered::for_good("DATABASE", error.to_string()).again(Again::Later)
    })?;
    let id = file.id;
    Ok(format!(
        "{origin}/channels/files/{id}?expires={expires}&signature={signature}"
    ))
}

/// `GET /channels/files/{file}`.
pub(crate) async fn fetch(
    State(Channels { messaging, .. }): State<Channels>,
    Path(file): Path<String>,
    Query(given): Query<Signed>,
) -> Result<Response, Refusal> {
    let refused = || {
        let text = "the address is not one of ours any more";
        Refusal(StatusCode::FORBIDDEN, text.to_owned())
    };
    let org = messaging.org();
    let id: Id = file.parse().map_err(|_| refused())?;
    let wanted = signature(org, id, given.expires).await;
    let wanted = wanted.map_err(|error| Refusal::from(headwater_messaging::Error::from(error)))?;
    let is_ours = bool::from(wanted.as_bytes().ct_eq(given.signature.as_bytes()));
    if !is_ours || given.expires <= org.now().as_second() {
        return Err(refused());
    }
    // The address itself says that its file may be seen.
    let found = messaging.file(&org.system(), id).await;
    let (file, reader) = found.map_err(|error| match error {
        headwater_messaging::Error::Records(RecordsError::NotFound(_)) => {
            Refusal(StatusCode::NOT_FOUND, "the file is gone".to_owned())
        }
        error => error.into(),
    })?;
    Ok(file_answer::of(org, &file, reader))
}

async fn signature(org: &Org, file: Id, expires: i64) -> Result<String, RecordsError> {
    let signed = format!("{file}.{expires}");
    let key = org.server_key().await?;
    let mut text = String::new();
    for byte in key.sign(PURPOSE, signed.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
