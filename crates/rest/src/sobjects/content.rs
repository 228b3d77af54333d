//! `/sobjects/{object}/{id}/{field}`: the bytes of a file, sent as they are read.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use headwater_records::Caller;

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
    let body = Body::from_stream(org.pieces(reader));
    let mut response = answer::file(body, media_type.unwrap_or(UNKNOWN));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, size.into());
    Ok(response)
}
