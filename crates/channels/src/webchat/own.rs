//! Which conversation a web client asks about: one of its visitor's own.

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_messaging::{Arrival, Beside, Inbound, Owned, Session};
use serde_json::json;

use super::error::Refusal;
use super::token::{Visitor, is_identifier};
use crate::door::Channels;

/// A conversation of the visitor's: what asks about one takes this, so that none is somebody else's.
pub(super) struct Own {
    pub(super) visitor: Visitor,
    /// The visitor's channel.
    pub(super) channel: Id,
    /// Its name in the address.
    pub(super) name: String,
    /// Its record.
    pub(super) id: Id,
    /// The visitor's newest session.
    pub(super) session: Session,
}

impl FromRequestParts<Channels> for Own {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, channels: &Channels) -> Result<Self, Refusal> {
        let visitor = Visitor::from_request_parts(parts, channels).await?;
        let named = RawPathParams::from_request_parts(parts, channels).await;
        let named = named.map_err(|_| Refusal::no_conversation())?;
        let name = named.iter().find(|(place, _)| *place == "id");
        let (_, name) = name.ok_or_else(Refusal::no_conversation)?;
        let channel = visitor.channel()?;
        let messaging = &channels.messaging;
        let known = messaging.party(channel, &visitor.sub).await?;
        let (Some(user), Some(session)) = (known.user, known.session) else {
            return Err(Refusal::no_conversation());
        };
        // Nearly always it is the newest session's.
        let newest = session
            .conversation
            .filter(|_| session.conversation_name == name);
        let owned = match newest {
            Some(id) => Owned::Theirs(id),
            None => messaging.conversation_of(user.id, name).await?,
        };
        match owned {
            Owned::Theirs(id) => Ok(Self {
                visitor,
                channel,
                name: name.to_owned(),
                id,
                session,
            }),
            Owned::Free | Owned::Others => Err(Refusal::no_conversation()),
        }
    }
}

impl Own {
    /// Whether a message of this id can be taken: it is one, and the visitor has a session or begins one.
    pub(super) fn may_send(&self, id: &str, is_new_session: bool) -> Result<(), Refusal> {
        if self.session.status.is_over() && !is_new_session {
            let message = "No messaging session exists: send again with isNewMessagingSession";
            return Err(Refusal::new(
                StatusCode::EXPECTATION_FAILED,
                "NO_SESSION",
                message,
            ));
        }
        if !is_identifier(id) {
            return Err(Refusal::bad("message.id must be a UUID in lowercase"));
        }
        Ok(())
    }

    /// Takes a message in, and says so.
    pub(super) async fn send(
        self,
        channels: &Channels,
        (id, text): (String, String),
        beside: &Beside,
    ) -> Result<Response, Refusal> {
        let inbound = Inbound {
            event: id.clone(),
            address: self.visitor.sub,
            phone: None,
            what: Arrival::Message {
                id: id.clone(),
                text,
                name: None,
                conversation: Some(self.name),
            },
        };
        let messaging = &channels.messaging;
        messaging
            .accept_with(self.channel, &inbound, beside)
            .await?;
        let now = messaging.org().now().as_millisecond();
        let answer = json!({ "conversationEntries": [{ "id": id, "clientTimestamp": now }] });
        Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
    }
}
