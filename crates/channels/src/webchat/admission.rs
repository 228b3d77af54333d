//! Letting web visitors in: a token for a guest or for a customer who is known, and another for their next tab.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use headwater_catalogue::Id;
use headwater_messaging::Deployment;
use serde::Deserialize;
use serde_json::json;

use super::error::Refusal;
use super::forms;
use super::token::{Visitor, short};
use super::verification::{self, Trouble};
use crate::door::Channels;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRequest {
    org_id: String,
    es_developer_name: String,
    authorization_type: Option<String>,
    customer_identity_token: Option<String>,
}

type Asked = Result<Json<TokenRequest>, JsonRejection>;

/// Where a token is asked for.
struct Place {
    channel: Id,
    deployment: Deployment,
}

/// A token for somebody who is not known.
pub(super) async fn visitor_token(
    State(channels): State<Channels>,
    body: Asked,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let place = place(&channels, &request).await?;
    let visitor = guest(&channels, &place, &request)?;
    token_answer(&channels, &visitor, Some(place.channel)).await
}

/// A token for a customer whom the organization's own site vouches for.
pub(super) async fn customer_token(
    State(channels): State<Channels>,
    body: Asked,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let place = place(&channels, &request).await?;
    if request.authorization_type.as_deref() != Some("JWT") {
        return Err(Refusal::bad("authorizationType must be JWT"));
    }
    let token = request.customer_identity_token.as_deref();
    let token = token.ok_or_else(|| Refusal::bad("customerIdentityToken is missing"))?;
    let visitor = match verification::subject_of(&channels, place.channel, token).await {
        Ok(subject) => {
            // Whoever differs from somebody by capitals alone is not let in as them.
            channels.messaging.party(place.channel, &subject).await?;
            let lasts = place.deployment.verified_time;
            let org = channels.messaging.org();
            let name = &request.es_developer_name;
            Visitor::of_subject(org, place.channel, name, subject, lasts)
        }
        Err(Trouble::Refused(refusal)) => return Err(refusal),
        Err(Trouble::Bad(why)) if place.deployment.lets_bad_tokens_in => {
            tracing::info!(%why, "a customer's token is bad, and they come in as a guest");
            guest(&channels, &place, &request)?
        }
        Err(Trouble::Bad(why)) => return Err(Refusal::bad_token(&why)),
    };
    token_answer(&channels, &visitor, Some(place.channel)).await
}

/// Another token for the same person, for another tab.
pub(super) async fn continuation_token(
    State(channels): State<Channels>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let visitor = visitor.continued(channels.messaging.org());
    token_answer(&channels, &visitor, None).await
}

/// Ends the login: its tokens open nothing any more, in no tab.
pub(super) async fn revoke(
    State(channels): State<Channels>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let (login, until) = (visitor.login(), visitor.ends());
    channels.messaging.revoke_login(login, until).await?;
    channels.logins.forget(login);
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn place(channels: &Channels, request: &TokenRequest) -> Result<Place, Refusal> {
    let org = channels.messaging.org();
    if short(&request.org_id) != short(org.organization().as_str()) {
        return Err(Refusal::bad("orgId is not the id of this org"));
    }
    let name = &request.es_developer_name;
    let channel = channels.messaging.web_channel(name).await?;
    Ok(Place {
        channel,
        deployment: channels.messaging.deployment(channel).await?,
    })
}

fn guest(channels: &Channels, place: &Place, request: &TokenRequest) -> Result<Visitor, Refusal> {
    if place.deployment.is_for_verified_only {
        let message = "This chat is for customers who have signed in on the site";
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "VERIFICATION_REQUIRED",
            message,
        ));
    }
    let lasts = place.deployment.guest_time;
    let lasts = lasts.unwrap_or(channels.settings.visitor_token_time);
    let org = channels.messaging.org();
    let name = &request.es_developer_name;
    Ok(Visitor::guest(org, place.channel, name, lasts))
}

/// The token; with all that a client must know of its channel when it is the first.
async fn token_answer(
    channels: &Channels,
    visitor: &Visitor,
    first_on: Option<Id>,
) -> Result<Response, Refusal> {
    let org = channels.messaging.org();
    let mut answer = json!({
        "accessToken": visitor.signed(org).await?,
        "lastEventId": channels.streams.newest().to_string(),
    });
    if let Some(channel) = first_on {
        let asked = channels.messaging.parameters(channel).await?;
        answer["context"] = json!({
            "deviceId": visitor.client_id,
            "endUser": { "appType": "iamessage", "role": "EndUser", "subject": visitor.sub },
            "configuration": {
                "timestamp": org.now().as_millisecond(),
                "embeddedServiceConfig": {
                    "name": visitor.deployment,
                    "deploymentType": "Api",
                    "embeddedServiceMessagingChannel": {
                        "channelAddressIdentifier": visitor.deployment,
                        "authMode": if visitor.is_verified() { "Auth" } else { "UnAuth" },
                    },
                    "forms": forms::told(&asked),
                    "choiceListConfig": { "choiceList": forms::choices(&asked) },
                    "attachments": {
                        "endUserToAgent": true,
                        "maxFileSize": channels.settings.visitor_file_bytes_max,
                    },
                    "transcript": { "allowTranscriptDownload": false },
                },
            },
        });
    }
    Ok(Json(answer).into_response())
}
