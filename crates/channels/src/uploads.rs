//! Files that go out, as carriers take them: parts of a form.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use headwater_messaging::{Again, File, Undelivered};
use reqwest::multipart::Part;

use crate::carriers::Connection;

/// How long a file may be on its way.
pub(crate) const TIME_MAX: Duration = Duration::from_secs(50);

/// Media types and the word by which a carrier knows them; the first that fits counts.
pub(crate) type Kinds = &'static [(&'static str, &'static str)];

/// The word for a file; `other` for what has none of its own.
pub(crate) fn kind(file: &File, kinds: Kinds, other: &'static str) -> &'static str {
    let mut kinds = kinds.iter();
    let known = kinds.find(|(start, _)| file.media_type.starts_with(start));
    known.map_or(other, |(_, word)| word)
}

/// A file as a part of a form, with its name and its type.
pub(crate) async fn part(connection: &Connection<'_>, file: &File) -> Result<Part, Undelivered> {
    let not_read = |error: &dyn std::fmt::Display| {
        let reason = format!("the file {} cannot be read: {error}", file.name);
        Undelivered::for_good("FILE", reason).again(Again::Later)
    };
    let reader = connection.messaging.bytes_to_send(file).await;
    let reader = reader.map_err(|error| not_read(&error))?;
    let mut pieces = Box::pin(connection.messaging.org().pieces(reader));
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.try_next().await.map_err(|error| not_read(&error))? {
        bytes.extend_from_slice(&piece);
    }
    let part = Part::bytes(bytes).file_name(file.name.clone());
    part.mime_str(file.media_type)
        .map_err(|error| not_read(&error))
}

/// A failure to bring a file to where the message then names it: to bring it again does no harm.
pub(crate) fn brought(failure: Undelivered) -> Undelivered {
    match failure.code.as_str() {
        "NO_ANSWER" => failure.again(Again::Later),
        _ => failure,
    }
}
