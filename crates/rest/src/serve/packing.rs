//! Bodies packed by gzip, in and out. Only a request that has one pays for it: a layer around all
//! of them would be paid by every small read.

use std::convert::Infallible;

use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderValue, Request, header};
use axum::response::Response;
use tower::{ServiceExt as _, service_fn};
use tower_http::compression::Compression;
use tower_http::decompression::RequestDecompression;

/// Answers smaller than this are sent as they are: packing them costs more than it saves.
const PACKED_BYTES_MIN: u64 = 8 * 1024;

/// A body, unpacked while it is read. None for an encoding that is not known.
pub(crate) async fn unpacked(body: Body, encoding: &HeaderValue) -> Option<Body> {
    if encoding != "gzip" && encoding != "x-gzip" {
        return None;
    }
    let mut request = Request::new(body);
    let gzip = HeaderValue::from_static("gzip");
    request.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    // The service around gives the request's body on, unpacked, as its answer.
    let give_on = service_fn(|request: Request<_>| async {
        Ok::<_, Infallible>(Response::new(Body::new(request.into_body())))
    });
    let Ok(response) = RequestDecompression::new(give_on).oneshot(request).await;
    Some(Body::new(response.into_body()))
}

/// A large answer, packed for a client that accepts these encodings.
pub(crate) async fn packed(response: Response, accepted: &HeaderValue) -> Response {
    let bytes = response.body().size_hint().exact();
    if bytes.is_none_or(|bytes| bytes < PACKED_BYTES_MIN) {
        return response;
    }
    let mut request = Request::new(Body::empty());
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT_ENCODING, accepted.clone());
    let mut response = Some(response);
    let give = service_fn(move |_: Request<Body>| {
        let response = response.take().unwrap_or_default();
        async { Ok::<_, Infallible>(response) }
    });
    let Ok(response) = Compression::new(give).oneshot(request).await;
    response.map(Body::new)
}
