//! `/sobjects/{object}/{id}/{field}`: the bytes of a file, sent as they are read.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use headwater_records::{Caller, ContentReader, Error, Org};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// What a file is whose record does not say.
const UNKNOWN: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Whether a path names a field of bytes.
pub(super) fn is_content(call: &Call, caller: &Caller) -> bool {
    let object = caller.rights.catalogue.object(call.parameter("object"));
    let field = object.and_then(|object| object.field(call.parameter("value")));
    field.is_some_and(|field| field.kind.as_content().is_some())
}

/// `GET`.
pub(super) async fn read(call: &Call, caller: &Caller) -> Result<Response, Failure> {
    let org = &call.state.org;
    let reader = org
        .content(
            caller,
            call.parameter("object"),
            call.parameter("field"),
            call.parameter("value"),
        )
        .await?;
    let media_type = reader.media_type.as_deref();
    let media_type = media_type.and_then(|text| HeaderValue::from_str(text).ok());
    let size = reader.size;
    let sending = Sending {
        org: org.clone(),
        reader,
        left: size,
    };
    let body = Body::from_stream(stream::unfold(sending, Sending::next));
    let mut response = answer::file(body, media_type.unwrap_or(UNKNOWN));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, size.into());
    Ok(response)
}

/// A file on its way out.
struct Sending {
    org: Org,
    reader: ContentReader,
    /// Bytes that are still to come.
    left: u64,
}

impl Sending {
    /// The next bytes; none after the last.
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        if self.left == 0 {
            return None;
        }
        let piece = match self.org.next_piece(&mut self.reader).await {
            Ok(Some(piece)) => piece,
            // The connection is cut, so that nobody takes a part for the whole.
            Ok(None) => {
                self.left = 0;
                let gone = Error::internal("a file was replaced while it was sent");
                return Some((Err(gone), self));
            }
            Err(error) => {
                self.left = 0;
                return Some((Err(error), self));
            }
        };
        self.left = self.left.saturating_sub(piece.len() as u64);
        Some((Ok(piece.into()), self))
    }
}
