//! A file of a message as an answer, for browsers and for carriers.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use headwater_messaging::File;
use headwater_records::{ContentReader, Org};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Nothing runs in what is fetched, even where it is opened as a page.
const POLICY: &str = "default-src 'none'; sandbox";

/// The bytes of a file, as they are read.
pub(crate) fn of(org: &Org, file: &File, reader: ContentReader) -> Response {
    let (size, pieces) = (reader.size, org.pieces(reader));
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, size.into());
    for (name, value) in headers_of(file) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// What is shown is only ever an image; all else is for keeping.
fn headers_of(file: &File) -> [(header::HeaderName, String); 5] {
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    let kept = if file.is_shown() {
        "inline"
    } else {
        "attachment"
    };
    [
        (header::CONTENT_TYPE, file.media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("{kept}; filename*=UTF-8''{name}"),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ]
}
