//! Letting callers in: OAuth, SOAP login, identity.

use axum::http::{HeaderMap, Uri};
use headwater_records::Caller;

use crate::error::Failure;
use crate::route::Route;
use crate::state::RestState;

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}

/// Who calls, by the access token of the request.
#[expect(
    clippy::unused_async,
    reason = "looking up a token may read the database"
)]
pub(crate) async fn authorized(
    _state: &RestState,
    _headers: &HeaderMap,
    _uri: &Uri,
) -> Result<Caller, Failure> {
    Err(Failure::invalid_session())
}
