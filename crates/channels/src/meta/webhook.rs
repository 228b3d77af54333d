//! What Meta calls: to see that the address is ours, and with what happened.
//!
//! An app of Meta's calls one address, whatever numbers and pages it has. So what comes to the address of
//! one channel is handed to the channel whose number or page it is about, if that one's app is the same.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use headwater_catalogue::Id;
use headwater_messaging::{Account, Inbound, Media, Messaging};
use headwater_records::login::Secret;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::{messenger, signature, whatsapp};
use crate::door::Channels;
use crate::refusal::{self, Refusal};

const SIGNATURE: &str = "x-hub-signature-256";

/// Bytes of one request, as Meta has it.
pub(crate) const BODY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Most characters of what Meta wants to hear back.
const CHALLENGE_CHARACTERS_MAX: usize = 256;

const CARRIERS: [&str; 2] = ["WhatsApp", "Messenger"];

/// What happened at one number or page.
pub(super) struct News {
    /// Whose number or page it is.
    pub(super) carrier: &'static str,
    /// The number's or page's id.
    pub(super) key: String,
    /// What happened, in the order told.
    pub(super) inbounds: Vec<(Inbound, Vec<Media>)>,
    /// What Meta itself has to complain of.
    pub(super) complaints: Vec<String>,
}

/// `GET`: Meta asks whether the address is that of somebody who knows the token.
pub(crate) async fn verify(
    State(Channels { messaging, .. }): State<Channels>,
    Path(channel): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let account = refusal::account(&messaging, &channel, &CARRIERS).await?;
    let asked = |name: &str| query.get(name).map_or("", String::as_str);
    let token = account.verify_token.as_ref();
    let is_ours = token.is_some_and(|token| is_same(token, asked("hub.verify_token")));
    if asked("hub.mode") != "subscribe" || !is_ours {
        let text = "the verify token is not this channel's: copy it from its page in Setup";
        return Err(refusal::not_genuine(&messaging, account.channel, text).await);
    }
    let challenge = asked("hub.challenge");
    if challenge.is_empty() || challenge.chars().count() > CHALLENGE_CHARACTERS_MAX {
        return Err(Refusal::unread("hub.challenge is missing or too long"));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, challenge.to_owned()).into_response())
}

/// `POST`: what happened.
pub(crate) async fn receive(
    State(Channels { messaging, .. }): State<Channels>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let account = refusal::account(&messaging, &channel, &CARRIERS).await?;
    let given = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let secret = account.signing_secret.as_ref().map_or("", Secret::expose);
    let is_genuine = !secret.is_empty()
        && given.is_some_and(|given| signature::is_genuine(secret, &body, given));
    if !is_genuine {
        let text = "the signature does not fit: check the channel's app secret";
        return Err(refusal::not_genuine(&messaging, account.channel, text).await);
    }
    let body: Value = serde_json::from_slice(&body)
        .map_err(|error| Refusal::unread(format!("the body is no JSON: {error}")))?;
    for news in news(&body) {
        take(&messaging, &account, news).await?;
    }
    Ok(StatusCode::OK)
}

fn news(body: &Value) -> Vec<News> {
    let entries = body["entry"].as_array().map_or(&[][..], Vec::as_slice);
    match body["object"].as_str() {
        Some("whatsapp_business_account") => entries.iter().flat_map(whatsapp::news).collect(),
        Some("page") => entries.iter().filter_map(messenger::news).collect(),
        other => {
            tracing::info!(object = ?other, "Meta tells of what no channel is for");
            Vec::new()
        }
    }
}

async fn take(messaging: &Messaging, signed_for: &Account, news: News) -> Result<(), Refusal> {
    let Some(channel) = channel_of(messaging, signed_for, &news).await? else {
        // An answer of failure would bring the same again for a week.
        tracing::warn!(
            carrier = news.carrier,
            key = news.key,
            "Meta tells of a number or page that no channel of this app is connected to"
        );
        return Ok(());
    };
    for complaint in &news.complaints {
        tracing::warn!(%channel, complaint, "Meta complains");
        messaging.note_failure(channel, complaint).await;
    }
    for (inbound, media) in news.inbounds {
        refusal::take(messaging, channel, &inbound, media).await?;
    }
    Ok(())
}

/// The channel that news are for: one with that number or page whose app signs with the same secret.
async fn channel_of(
    messaging: &Messaging,
    signed_for: &Account,
    news: &News,
) -> Result<Option<Id>, Refusal> {
    let is_it = |account: &Account| account.carrier == news.carrier && account.key == news.key;
    if is_it(signed_for) {
        return Ok(Some(signed_for.channel));
    }
    let known = messaging.accounts_keyed(news.carrier, &news.key).await?;
    let signs_alike = |account: &Account| {
        let secrets = (&account.signing_secret, &signed_for.signing_secret);
        matches!(secrets, (Some(one), Some(other)) if is_same(one, other.expose()))
    };
    let fitting = known.into_iter().find(signs_alike);
    Ok(fitting.map(|account| account.channel))
}

/// In a time that does not tell where they differ.
fn is_same(secret: &Secret, given: &str) -> bool {
    let secret = secret.expose();
    !secret.is_empty() && bool::from(secret.as_bytes().ct_eq(given.as_bytes()))
}
