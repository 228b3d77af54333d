//! Why something that a carrier brought is not taken.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use headwater_catalogue::Id;
use headwater_messaging::{Account, Beside, Error, Inbound, Media, Messaging};
use jiff::SignedDuration;

/// Why a request is not taken. Carriers show the text to whoever set the channel up.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) String);

impl Refusal {
    pub(crate) fn unread(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, text) = self;
        let headers = [(header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
        (status, headers, text).into_response()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchChannel(_) => Self(StatusCode::NOT_FOUND, error.to_string()),
            Error::TooLarge { .. } => Self(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()),
            // Carriers try again, or another address, when they are told that it failed.
            other => {
                tracing::error!(error = %other, "what a carrier brought could not be kept");
                let text = "it could not be kept; try again";
                Self(StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
            }
        }
    }
}

/// The account of the active channel of this name with this carrier.
pub(crate) async fn account(
    messaging: &Messaging,
    channel: &str,
    carriers: &[&str],
) -> Result<Account, Refusal> {
    let channel = messaging.channel_named(channel).await?;
    let account = messaging.account(channel).await?;
    let account = account.filter(|account| carriers.contains(&account.carrier.as_str()));
    account.ok_or_else(|| {
        let text = format!("the channel is not connected to {}", carriers.join(" or "));
        Refusal(StatusCode::NOT_FOUND, text)
    })
}

/// How long ago the carrier must have been heard last for a refused request to count as its own.
const HEARD_BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// Says that a request is not from whom it should be. Where the carrier itself has not been heard for a
/// while it is put down at the channel: it may be the carrier, and the secret a wrong one. Else it is
/// somebody who has found the address.
pub(crate) async fn not_genuine(messaging: &Messaging, channel: Id, why: &str) -> Refusal {
    let heard = messaging.health(channel).await.ok();
    let heard = heard.and_then(|health| health.received);
    let now = messaging.org().now();
    if heard.is_none_or(|heard| now.duration_since(heard) >= HEARD_BEFORE) {
        let noted = format!("A request to the webhook was refused: {why}");
        messaging.note_failure(channel, &noted).await;
    }
    Refusal(StatusCode::FORBIDDEN, why.to_owned())
}

/// Takes in what came together with other things. What is too large to be kept holds nothing else up:
/// to have it sent again would bring the same.
pub(crate) async fn take(
    messaging: &Messaging,
    channel: Id,
    inbound: &Inbound,
    media: Vec<Media>,
) -> Result<(), Refusal> {
    let beside = Beside {
        media,
        ..Beside::default()
    };
    match messaging.accept_with(channel, inbound, &beside).await {
        Ok(_) => Ok(()),
        Err(error @ Error::TooLarge { .. }) => {
            tracing::warn!(%channel, %error, "a message that came in was too large to be kept");
            let noted = format!("A message was not kept: {error}");
            messaging.note_failure(channel, &noted).await;
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
