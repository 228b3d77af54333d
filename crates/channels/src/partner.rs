//! A channel of the organization's own: Salesforce's Interaction Service API ("Bring Your Own Channel"), as
//! clients of it expect it.
//!
//! Paths, bodies and error codes are those of Salesforce's published schema of that API. Services call it
//! with an access token of the scope `interaction_api`; what agents write is taken to them by a callback, in
//! the shape of Salesforce's outbound event and signed as Standard Webhooks has it.

mod acknowledgement;
mod agent_work;
mod answers;
mod caller;
mod capabilities;
mod conversation;
mod entries;
mod error;
mod happenings;
mod history;
mod identifier;
mod interactions;
mod outbound;
mod requests;
mod routing;
mod signature;
mod typing;
mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, patch, post};
use headwater_messaging::FILE_BYTES_MAX;

use crate::door::Channels;

pub(crate) use happenings::tell;
pub(crate) use outbound::{introduce, send};
pub(crate) use typing::tell_typing;

/// Where the API is.
const API: &str = "/api/v1";

/// Bytes of a body beside its file's: the interaction, and what is around both.
const AROUND_BYTES_MAX: usize = 128 * 1024;

/// All addresses.
pub(crate) fn routes() -> Router<Channels> {
    let size = DefaultBodyLimit::max(FILE_BYTES_MAX + AROUND_BYTES_MAX);
    let at = |path: &str| format!("{API}{path}");
    Router::new()
        .route(
            &at("/interactions"),
            post(interactions::interact).layer(size),
        )
        .route(&at("/conversation"), post(requests::converse))
        .route(&at("/consent"), patch(requests::consent))
        .route(&at("/messagingSession"), post(requests::end))
        .route(&at("/acknowledgement"), post(acknowledgement::acknowledge))
        .route(
            &at("/conversationEntry"),
            get(entries::read).post(entries::say),
        )
        .route(&at("/conversationHistory"), post(history::bring))
        .route(&at("/route"), post(routing::route).delete(routing::clear))
        .route(&at("/routingResult"), post(routing::result))
        .route(
            &at("/agentWork"),
            post(agent_work::assign).patch(agent_work::change),
        )
        .route(&at("/capabilities"), patch(capabilities::register))
        .route(&at("/participant"), post(agent_work::remove))
        .route(&at("/{*other}"), axum::routing::any(error::no_such))
}
