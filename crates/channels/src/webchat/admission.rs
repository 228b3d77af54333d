//! Letting web visitors in: a token for somebody new, and another for their next tab.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use super::error::Refusal;
use super::token::{Visitor, short};
use crate::door::Channels;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRequest {
    org_id: String,
    es_developer_name: String,
}

/// A token for somebody who is not known.
pub(super) async fn visitor_token(
    State(channels): State<Channels>,
    body: Result<Json<TokenRequest>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(request) = body.map_err(|rejection| Refusal::unread(&rejection))?;
    let org = channels.messaging.org();
    if short(&request.org_id) != short(org.organization().as_str()) {
        return Err(Refusal::bad("orgId is not the id of this org"));
    }
    let name = &request.es_developer_name;
    let channel = channels.messaging.web_channel(name).await?;
    let lasts = channels.settings.visitor_token_time;
    let visitor = Visitor::new(org, channel, name, lasts);
    token_answer(&channels, &visitor, true).await
}

/// Another token for the same person, for another tab.
pub(super) async fn continuation_token(
    State(channels): State<Channels>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let visitor = visitor.continued(channels.messaging.org());
    token_answer(&channels, &visitor, false).await
}

async fn token_answer(
    channels: &Channels,
    visitor: &Visitor,
    is_first: bool,
) -> Result<Response, Refusal> {
    let org = channels.messaging.org();
    let mut answer = json!({
        "accessToken": visitor.signed(org).await?,
        "lastEventId": channels.streams.newest().to_string(),
    });
    if is_first {
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
                        "authMode": "UnAuth",
                    },
                    "forms": [],
                    "choiceListConfig": { "choiceList": [] },
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
