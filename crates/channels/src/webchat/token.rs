//! The tokens of web visitors: who they are, on which channel, until when.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use headwater_catalogue::Id;
use headwater_records::{Error as RecordsError, Org};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::Refusal;
use crate::door::Channels;

/// What the key that signs them is for, so that nothing else it signs passes for one.
const PURPOSE: &str = "web chat token";

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Visitor {
    /// The Messaging User's platform key.
    pub(super) sub: String,
    /// The org, in its 15 characters.
    pub(super) org_id: String,
    api_version: String,
    /// The channel's record.
    pub(super) channel: String,
    /// The channel's name.
    pub(super) deployment: String,
    /// The device, or the tab.
    pub(super) client_id: String,
    /// The login that it comes from, the same in all its tabs.
    login: String,
    exp: i64,
}

/// The first 15 characters of an org's id, which are the id as such.
pub(crate) fn short(org: &str) -> &str {
    org.get(..15).unwrap_or(org)
}

impl Visitor {
    /// Somebody who has not been here before.
    pub(super) fn guest(org: &Org, channel: Id, deployment: &str, lasts: Duration) -> Self {
        let subject = format!("v2/iamessage/UNAUTH/NA/uid:{}", identifier(org));
        Self::of_subject(org, channel, deployment, subject, lasts)
    }

    /// Somebody by their platform key, as it was found to be theirs.
    pub(super) fn of_subject(
        org: &Org,
        channel: Id,
        deployment: &str,
        sub: String,
        lasts: Duration,
    ) -> Self {
        Self {
            sub,
            org_id: short(org.organization().as_str()).to_owned(),
            api_version: "v2".to_owned(),
            channel: channel.to_string(),
            deployment: deployment.to_owned(),
            client_id: identifier(org),
            login: identifier(org),
            exp: org.now().as_second() + i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// The same person in another tab: for as long as the first token lasts.
    pub(super) fn continued(&self, org: &Org) -> Self {
        Self {
            client_id: identifier(org),
            ..self.clone()
        }
    }

    /// Whether the organization's own site vouches for them.
    pub(super) fn is_verified(&self) -> bool {
        self.sub.starts_with("v2/iamessage/AUTH/")
    }

    /// The login that the token comes from.
    pub(super) fn login(&self) -> &str {
        &self.login
    }

    /// When the token is over by itself.
    pub(super) fn ends(&self) -> Timestamp {
        Timestamp::from_second(self.exp).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn channel(&self) -> Result<Id, Refusal> {
        self.channel.parse().map_err(|_| Refusal::signed_out())
    }

    pub(super) async fn signed(&self, org: &Org) -> Result<String, RecordsError> {
        let key = EncodingKey::from_secret(&key(org).await?);
        let header = Header::new(Algorithm::HS256);
        jsonwebtoken::encode(&header, self, &key).map_err(RecordsError::internal)
    }

    /// Who asks, by the `Authorization` header.
    async fn of(org: &Org, headers: &HeaderMap) -> Result<Self, Refusal> {
        let given = headers.get(header::AUTHORIZATION);
        let token = given
            .and_then(|given| given.to_str().ok())
            .and_then(|given| given.strip_prefix("Bearer "))
            .ok_or_else(Refusal::signed_out)?;
        let mut validation = Validation::new(Algorithm::HS256);
        // The server's clock is the org's.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let key = DecodingKey::from_secret(&key(org).await?);
        let visitor = jsonwebtoken::decode::<Self>(token, &key, &validation)
            .map_err(|_| Refusal::signed_out())?
            .claims;
        let is_ours = visitor.org_id == short(org.organization().as_str());
        if !is_ours || visitor.exp <= org.now().as_second() {
            return Err(Refusal::signed_out());
        }
        Ok(visitor)
    }
}

impl FromRequestParts<Channels> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, channels: &Channels) -> Result<Self, Refusal> {
        let messaging = &channels.messaging;
        let visitor = Self::of(messaging.org(), &parts.headers).await?;
        channels.rates.of_visitor(channels, &visitor.sub)?;
        channels.logins.check(messaging, &visitor.login).await?;
        Ok(visitor)
    }
}

async fn key(org: &Org) -> Result<[u8; 32], RecordsError> {
    Ok(org.server_key().await?.sign(PURPOSE, b""))
}

fn identifier(org: &Org) -> String {
    let mut bytes = [0; 16];
    org.randomness().fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Whether a text is a UUID as web clients must write it: version 4, in lower case.
pub(super) fn is_identifier(text: &str) -> bool {
    Uuid::try_parse(text)
        .is_ok_and(|uuid| uuid.get_version_num() == 4 && uuid.as_hyphenated().to_string() == text)
}
